"""Lanes: stopped, started, woken, counted; and when their next order is due."""

from __future__ import annotations

from engine.exchange import OrderState
from engine.ports import OrderAction, Store
from tests.contract.store_bench import (
    LEASE,
    OWNER,
    StoreBench,
    delivered,
    history,
    kept,
    settled,
    state,
    take,
    taken,
)
from tests.contract.store_values import NOON, after, document, order, ready


async def parked(store: Store, order_id: str, cause: str, *, report: str, seconds: float | None = None) -> None:
    """An order that was tried and waits."""
    await kept(store, ready(order_id), report=report)
    assert order_id in await taken(store)
    next_at = None if seconds is None else after(seconds)
    assert await store.postpone_order(order_id, OWNER, OrderState.WAITING, now=NOON, next_at=next_at, cause=cause)


class LaneBehaviours(StoreBench):
    async def test_waiting_orders_of_a_cause_wake_when_it_is_gone(self, store: Store) -> None:
        await parked(store, "o1", "link", report="R1", seconds=900)
        await parked(store, "o2", "credential", report="R2")
        await parked(store, "o3", "no_dmp", report="R3")
        await kept(store, ready("m1", "mss"), report="R4")
        assert await store.wake_orders("dmp", causes=("link", "credential"), now=after(5)) == 2
        assert await taken(store, at=5) == ["o1", "o2"]
        assert await store.wake_orders("mss", causes=("link",), now=after(5)) == 0
        assert await store.wake_orders("dmp", causes=(), now=after(5)) == 0
        assert await state(store, "o3") is OrderState.WAITING
        assert "order.woken" in await history(store, "o1")

    async def test_an_uncertain_order_wakes_with_its_cause_and_stays_uncertain(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await store.postpone_order("o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=after(900), cause="link")
        assert await store.wake_orders("dmp", causes=("link",), now=after(5)) == 1
        (claimed,) = await take(store, at=5)
        assert claimed.uncertain

    async def test_waking_does_not_shorten_a_deferral_window(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity", not_before=after(600)))
        assert await store.wake_orders("dmp", causes=("identity",), now=after(5)) == 1
        assert await taken(store, at=599) == []
        assert await taken(store, at=600) == ["o1"]

    async def test_a_stopped_lane_lets_nothing_out_until_it_is_started(self, store: Store) -> None:
        await parked(store, "o1", "lane", report="R1")
        await kept(store, ready("o2"), ready("m1", "mss"), report="R2")
        await store.stop_lane("dmp", "certificat expiré", now=after(1))
        assert await taken(store, at=1e5) == []
        assert [claimed.id for claimed in await take(store, destination="mss")] == ["m1"]
        await store.start_lane("dmp", now=after(2))
        assert await taken(store, at=2) == ["o1", "o2"]
        assert await history(store, "dmp") == ["lane.stopped", "lane.started"]

    async def test_starting_a_lane_does_not_do_without_an_identity(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity"))
        await store.stop_lane("dmp", "arrêt", now=NOON)
        await store.start_lane("dmp", now=NOON)
        assert await taken(store, at=1e6) == []

    async def test_orders_of_a_stopped_lane_still_expire(self, store: Store) -> None:
        await kept(store, order("o1", expires_at=after(100)))
        await store.stop_lane("dmp", "arrêt", now=NOON)
        assert await store.next_due("dmp") == after(100)
        assert await taken(store, at=100) == []
        assert await state(store, "o1") is OrderState.REJECTED

    async def test_lanes_are_listed_with_their_counts(self, store: Store) -> None:
        assert await store.lanes() == ()
        await kept(store, ready("o1"), ready("m1", "mss"), report="R1")
        await kept(store, ready("o2"), report="R2")
        await delivered(store, "o1")
        await store.stop_lane("pmi", "arrêt", now=after(1))
        await store.stop_lane("pmi", "certificat", now=after(2))
        dmp, mss, pmi = await store.lanes()
        assert (dmp.destination, dmp.stopped, dmp.reason, dmp.since) == ("dmp", False, "", None)
        assert dmp.counts == {OrderState.DELIVERED: 1, OrderState.SENDING: 1}
        assert mss.counts == {OrderState.READY: 1}
        assert (pmi.destination, pmi.stopped, pmi.reason, pmi.since) == ("pmi", True, "certificat", after(1))
        assert pmi.counts == {}
        await store.start_lane("pmi", now=after(3))
        assert not (await store.lanes())[2].stopped

    async def test_next_due_is_none_when_nothing_will_be(self, store: Store) -> None:
        assert await store.next_due("dmp") is None
        await kept(store, order("o1", state=OrderState.HELD), order("o2", state=OrderState.WAITING, recipient="a"))
        assert await store.next_due("dmp") is None

    async def test_next_due_is_past_when_an_order_may_leave(self, store: Store) -> None:
        await kept(store, ready("o1"))
        due = await store.next_due("dmp")
        assert due is not None
        assert due <= NOON

    async def test_next_due_is_the_end_of_the_window_the_pause_or_the_lease(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.DEFERRED, not_before=after(600)), report="R1")
        assert await store.next_due("dmp") == after(600)
        await kept(store, ready("o2"), report="R2")
        await taken(store)
        assert await store.next_due("dmp") == after(LEASE)
        await store.postpone_order("o2", OWNER, OrderState.WAITING, now=NOON, next_at=after(30), cause="link")
        assert await store.next_due("dmp") == after(30)

    async def test_next_due_of_a_version_kept_back_is_that_of_the_one_before(self, store: Store) -> None:
        await parked(store, "o1", "link", report="R1", seconds=300)
        await settled(store, document("R1", 2, orders=(ready("o2"),)))
        assert await store.next_due("dmp") == after(300)
        assert await store.change_order("o1", OrderAction.CANCEL, now=NOON) is OrderState.CANCELLED
        due = await store.next_due("dmp")
        assert due is not None
        assert due <= NOON

    async def test_a_stopped_lane_has_nothing_due(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await store.stop_lane("dmp", "arrêt", now=NOON)
        assert await store.next_due("dmp") is None
