"""A lane as a whole: how many at once, how fast, what it does when the link, the disk or the engine goes down."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.errors import PermanentError, TransientError
from engine.exchange import Order, OrderState, Receipt
from engine.lane import Breaker
from engine.ports import Sending
from engine.store.sqlite import SqliteStore
from tests.unit.engine.lane_bench import Act, Lane, fails_after, fails_before, finds, lane, running, takes

DOWN = TransientError("peer.unreachable", "le pair ne répond pas")
BREAKER = Breaker(failures_to_open=2, first_pause_seconds=0.4, max_pause_seconds=0.4)


class FullDisk(SqliteStore):
    """A store whose disk is full while `full` is set: real until then, and again after."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.full = False
        self.refused = 0

    async def _write(self, work: Any, weight: int = 0) -> Any:
        if self.full:
            self.refused += 1
            raise TransientError("store.full", "le disque du dépôt est plein")
        return await super()._write(work, weight)


async def delivered(one: Lane, orders: list[str]) -> None:
    for order_id in orders:
        await one.until(order_id, OrderState.DELIVERED)


async def test_never_more_at_once_than_configured(tmp_path: Path) -> None:
    async def slow(order: Order, sending: Sending) -> Receipt:
        await sending()
        await asyncio.sleep(0.05)
        return Receipt("r")

    async with lane(tmp_path, *[slow] * 8, concurrency=3) as one:
        orders = [await one.keep() for _ in range(8)]
        async with running(one):
            await delivered(one, orders)
        assert one.peer.busiest == 3


async def test_the_limit_per_second_is_never_exceeded_not_even_by_orders_that_are_tried_again(tmp_path: Path) -> None:
    async with lane(tmp_path, *[fails_before(DOWN)] * 4, concurrency=4, max_per_second=10) as one:
        orders = [await one.keep() for _ in range(12)]
        async with running(one):
            await delivered(one, orders)
        assert len(one.peer.tried) == 16
        assert _spread([at for _, at in one.peer.tried], 10)


async def test_orders_that_take_more_or_less_time_to_prepare_do_not_leave_together(tmp_path: Path) -> None:
    left: list[datetime] = []

    def prepares(seconds: float) -> Act:
        async def act(order: Order, sending: Sending) -> Receipt:
            await asyncio.sleep(seconds)
            await sending()
            left.append(datetime.now(UTC))
            return Receipt("r")

        return act

    acts = [prepares(seconds) for seconds in (0.4, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0.0) * 2]
    async with lane(tmp_path, *acts, concurrency=8, max_per_second=10) as one:
        orders = [await one.keep() for _ in acts]
        async with running(one):
            await delivered(one, orders)
    assert _spread(left, 10)


def _spread(instants: list[datetime], limit: int) -> bool:
    """No second holds more than the limit."""
    ordered = sorted(instants)
    return all(later - first >= timedelta(seconds=1) for first, later in zip(ordered, ordered[limit:], strict=False))


async def test_with_the_link_down_one_order_at_a_time_looks_whether_it_is_back(tmp_path: Path) -> None:
    async with lane(tmp_path, *[fails_before(DOWN)] * 5, concurrency=2, breaker=BREAKER) as one:
        orders = [await one.keep() for _ in range(6)]
        async with running(one):
            await delivered(one, orders)
        instants = [at for _, at in one.peer.tried]
        assert len(instants) == 11, "two that opened it, three probes in vain, then one for each"
        for before, probe in pairwise(instants[1:5]):
            assert probe - before >= timedelta(seconds=0.35)


async def test_a_refused_document_says_nothing_against_the_link(tmp_path: Path) -> None:
    refused = PermanentError("peer.no", "refus")
    async with lane(tmp_path, *[fails_after(refused)] * 6, concurrency=1, breaker=BREAKER) as one:
        orders = [await one.keep() for _ in range(7)]
        async with running(one):
            await one.until(orders[-1], OrderState.DELIVERED)
        assert len(one.peer.tried) == 7


async def test_a_failure_seen_while_the_store_is_asked_for_more_still_opens_the_breaker(tmp_path: Path) -> None:
    class Slow(SqliteStore):
        async def claim_orders(self, *given: Any, **named: Any) -> Any:
            claimed = await super().claim_orders(*given, **named)
            await asyncio.sleep(0.03)
            return claimed

    wide = Breaker(failures_to_open=3, first_pause_seconds=30, max_pause_seconds=30)

    def fails_in(seconds: float) -> Act:
        async def act(order: Order, sending: Sending) -> Receipt:
            await asyncio.sleep(seconds)
            raise DOWN

        return act

    acts = (fails_in(0.01), *[fails_in(0.02)] * 50)
    async with lane(tmp_path, *acts, concurrency=2, breaker=wide, store=Slow) as one:
        for _ in range(12):
            await one.keep()
        async with running(one):
            await one.met(lambda: len(one.peer.tried) >= 3)
            await asyncio.sleep(0.5)
        assert len(one.peer.tried) <= 5, "three failures, and what was already out"


async def test_stopping_lets_a_delivery_end(tmp_path: Path) -> None:
    async with lane(tmp_path, concurrency=1) as one:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def long(order: Order, sending: Sending) -> Receipt:
            await sending()
            begun.set()
            await may_end.wait()
            return Receipt("at last")

        one.peer.script.append(long)
        order_id, waiting = await one.keep(), await one.keep()
        task = asyncio.create_task(one.worker.run())
        await begun.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        may_end.set()
        await asyncio.wait({task})
        assert (await one.order(order_id)).reference == "at last"
        assert (await one.order(waiting)).state is OrderState.READY


async def test_a_delivery_that_does_not_end_is_left_uncertain_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.worker._STOP_SECONDS", 0.05)
    async with lane(tmp_path, answer=finds) as one:
        begun = asyncio.Event()

        async def endless(order: Order, sending: Sending) -> Receipt:
            await sending()
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        one.peer.script.append(endless)
        order_id = await one.keep()
        task = asyncio.create_task(one.worker.run())
        await begun.wait()
        task.cancel()
        await asyncio.wait({task})
        assert (await one.order(order_id)).state is OrderState.SENDING
        later = datetime.now(UTC) + timedelta(hours=1)
        (again,) = await one.store.claim_orders("peer", "next", now=later, lease_seconds=60, limit=5)
        assert (again.id, again.uncertain) == (order_id, True)


async def test_a_receipt_is_kept_although_the_disk_was_full_when_it_came(tmp_path: Path) -> None:
    """A mail cannot be found again: to forget that it left would send it twice."""
    async with lane(tmp_path, store=FullDisk) as one:
        assert isinstance(one.store, FullDisk)
        full = one.store

        async def fills_the_disk(order: Order, sending: Sending) -> Receipt:
            receipt = await takes(order, sending)
            full.full = True
            return receipt

        one.peer.script.append(fills_the_disk)
        order_id = await one.keep()
        async with running(one):
            await one.met(lambda: full.refused >= 3)
            full.full = False
            order = await one.until(order_id, OrderState.DELIVERED)
        assert order.reference == f"ref-{order_id}"
        assert (len(one.peer.tried), one.peer.asked) == (1, [])


async def test_a_lane_outlives_a_store_that_does_not_answer_for_a_while(tmp_path: Path) -> None:
    async with lane(tmp_path, store=FullDisk) as one:
        assert isinstance(one.store, FullDisk)
        full = one.store
        async with running(one) as task:
            full.full = True
            await one.met(lambda: full.refused >= 3)
            full.full = False
            await one.until(await one.keep(), OrderState.DELIVERED)
            assert not task.done()
