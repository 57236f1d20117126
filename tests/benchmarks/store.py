"""Durable receives and conversions a second: `python -m tests.benchmarks.store [folder]`.

The folder says which disk is measured; a temporary one by default.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.exchange import InboundMessage, Receipt
from engine.records import MessageState
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import document, ready

_SECONDS = 3.0
_CONTENT_BYTES = 5_000


def now() -> datetime:
    return datetime.now(UTC)


def message() -> InboundMessage:
    return InboundMessage(secrets.token_bytes(_CONTENT_BYTES), "bench", "ORU.hpr", now(), sender="LABO")


async def receives(store: SqliteStore, clients: int) -> list[float]:
    """How long each receive took, in seconds."""
    took: list[float] = []
    end = time.perf_counter() + _SECONDS

    async def client() -> None:
        while (begin := time.perf_counter()) < end:
            await store.receive(message())
            took.append(time.perf_counter() - begin)

    await asyncio.gather(*(client() for _ in range(clients)))
    return took


async def conversions(store: SqliteStore, workers: int) -> int:
    """How many messages were claimed and settled with one document and one order."""
    done = 0
    end = time.perf_counter() + _SECONDS

    async def worker(name: str) -> None:
        nonlocal done
        while time.perf_counter() < end:
            for claimed in await store.claim_messages(name, now=now(), lease_seconds=60, limit=8):
                made = document(claimed.id, cda=claimed.message.content, orders=(ready(f"{claimed.id}-dmp", "dmp"),))
                settled = await store.settle_message(
                    claimed.id, name, MessageState.CONVERTED, now=now(), documents=(made,)
                )
                done += settled

    await asyncio.gather(*(worker(f"w{index}") for index in range(workers)))
    return done


async def deliveries(store: SqliteStore, workers: int) -> float:
    """How many orders were claimed, marked and delivered, a second; at most those that were made."""
    done = 0
    begin = time.perf_counter()
    end = begin + _SECONDS

    async def deliver(name: str, order_id: str) -> None:
        nonlocal done
        if await store.mark_sending(order_id, name, now=now()):
            delivered = await store.deliver_order(order_id, name, Receipt("ok"), now=now())
            done += delivered

    async def worker(name: str) -> None:
        while time.perf_counter() < end:
            claimed = await store.claim_orders("dmp", name, now=now(), lease_seconds=60, limit=8)
            if not claimed:
                return
            await asyncio.gather(*(deliver(name, order.id) for order in claimed))

    await asyncio.gather(*(worker(f"w{index}") for index in range(workers)))
    return done / (time.perf_counter() - begin)


async def measure(folder: Path) -> None:
    store = SqliteStore(folder / "bench.db")
    await store.open()
    for clients in (1, 8, 32, 64):
        took = sorted(await receives(store, clients))
        p50, p99 = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
        print(f"receive  {clients:3d} clients  {len(took) / _SECONDS:8.0f}/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")
    for workers in (1, 4, 16):
        print(f"convert  {workers:3d} workers  {await conversions(store, workers) / _SECONDS:8.0f}/s")
        print(f"deliver  {workers:3d} workers  {await deliveries(store, workers):8.0f}/s")
    await store.close()


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
