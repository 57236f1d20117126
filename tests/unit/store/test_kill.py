"""kill -9 under load: whatever was acknowledged is there when the store opens again."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

from engine.exchange import OrderState
from engine.records import MessageState
from engine.store import file
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import message

CHECKOUT = Path(__file__).resolve().parents[3]
ROUNDS = 5
LINES = 400
"""Acknowledgements after which the child is killed, at whatever it is doing then."""

_LOAD = """
import asyncio, os, sys
from pathlib import Path
from engine.exchange import Receipt
from engine.records import MessageState
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import NOON, document, message, ready

def said(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

async def sender(store, name):
    for number in range(1_000_000):
        content = f"{name}.{number}"
        accepted = await store.receive(message(content.encode() * 100))
        said("R", content, accepted.message_id)

async def converter(store):
    while True:
        for claimed in await store.claim_messages("c", now=NOON, lease_seconds=60, limit=8):
            made = document(claimed.id, orders=(ready(f"o-{claimed.id}"),))
            if await store.settle_message(claimed.id, "c", MessageState.CONVERTED, now=NOON, documents=(made,)):
                said("C", claimed.id)

async def worker(store):
    while True:
        for claimed in await store.claim_orders("dmp", "w", now=NOON, lease_seconds=60, limit=8):
            if await store.mark_sending(claimed.id, "w", now=NOON):
                said("S", claimed.id)
                if await store.deliver_order(claimed.id, "w", Receipt(claimed.id), now=NOON):
                    said("D", claimed.id)

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    names = [f"{sys.argv[2]}.{index}" for index in range(16)]
    await asyncio.gather(converter(store), worker(store), *(sender(store, name) for name in names))

asyncio.run(main())
"""


async def killed_under_load(path: Path, round_name: str) -> list[list[str]]:
    """What the child acknowledged before it was killed."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _LOAD, str(path), round_name, stdout=pipe, cwd=CHECKOUT
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(LINES)]
    child.kill()
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    return [line.decode().split() for line in lines if line.endswith(b"\n")]


async def check(path: Path, said: list[list[str]]) -> None:
    store = SqliteStore(path)
    await store.open()
    for word, name, *rest in said:
        if word == "R":
            again = await store.receive(message(name.encode() * 100))
            assert (again.duplicate, again.message_id) == (True, rest[0])
        elif word == "C":
            row = await store.message(name)
            assert row is not None
            assert row.state is MessageState.CONVERTED
            (made,) = await store.documents(name)
            assert [order.id for order in made.orders] == [f"o-{name}"]
        else:
            order = await store.order(name)
            assert order is not None
            assert order.state is OrderState.DELIVERED or (word == "S" and order.state is OrderState.SENDING)
            assert "order.sending" in [event.what for event in await store.events(name)]
    await store._write(file.check)
    await store.close()
    whole = sqlite3.connect(path)
    assert whole.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert whole.execute("PRAGMA foreign_key_check").fetchall() == []
    whole.close()


async def test_nothing_acknowledged_is_lost_when_the_engine_is_killed_under_load(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    everything: list[list[str]] = []
    for index in range(ROUNDS):
        said = await killed_under_load(path, f"round{index}")
        assert {line[0] for line in said} >= {"R", "C"}
        everything += said
        await check(path, said)
    await check(path, everything)
