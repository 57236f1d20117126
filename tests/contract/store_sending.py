"""Claiming orders, sending them, and what becomes of them."""

from __future__ import annotations

import asyncio

import pytest

from engine.exchange import OrderState, Receipt
from engine.ports import Store
from tests.contract.store_bench import LEASE, OTHER, OWNER, StoreBench, delivered, history, kept, state, take, taken
from tests.contract.store_values import DOCUMENT, NOON, after, document, order, ready


class SendingBehaviours(StoreBench):
    async def test_an_order_is_taken_with_all_it_needs_to_leave(self, store: Store) -> None:
        await kept(store, order("o1", recipient="a@mssante.fr", expires_at=after(900)))
        (claimed,) = await take(store, at=5)
        made = document("R1")
        assert (claimed.id, claimed.destination, claimed.recipient) == ("o1", "dmp", "a@mssante.fr")
        assert (claimed.document_id, claimed.version, claimed.document) == (made.id, made.version, DOCUMENT)
        assert (claimed.cda, claimed.pdf, claimed.file_name) == (made.cda, made.pdf, made.file_name)
        assert (claimed.type, claimed.title) == (made.type, made.title)
        assert (claimed.attempt, claimed.created_at, claimed.expires_at) == (1, NOON, after(900))
        assert not claimed.uncertain
        assert claimed.replaced is None

    async def test_orders_are_taken_oldest_first_each_lane_its_own(self, store: Store) -> None:
        for index in range(4):
            await kept(store, ready(f"o{index}"), ready(f"m{index}", "mss"), report=f"R{index}")
        assert await taken(store, limit=3) == ["o0", "o1", "o2"]
        assert await taken(store, limit=3) == ["o3"]
        assert [claimed.id for claimed in await take(store, destination="mss")] == ["m0", "m1", "m2", "m3"]

    async def test_two_workers_at_once_never_hold_the_same_order(self, store: Store) -> None:
        for index in range(60):
            await kept(store, ready(f"o{index}"), report=f"R{index}")
        claims = await asyncio.gather(*(take(store, f"w{index}", limit=7) for index in range(10)))
        held = [claimed.id for claim in claims for claimed in claim]
        assert len(held) == len(set(held)) == 60

    async def test_a_deferred_order_waits_for_the_end_of_its_window(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.DEFERRED, not_before=after(600)))
        assert await taken(store, at=599) == []
        assert await taken(store, at=600) == ["o1"]

    async def test_held_blocked_rejected_and_parked_orders_are_never_taken(self, store: Store) -> None:
        states = (OrderState.HELD, OrderState.BLOCKED, OrderState.REJECTED, OrderState.WAITING)
        for first in states:
            await kept(store, order(f"o-{first}", state=first, cause="identity"), report=first)
        assert await taken(store, at=1e6) == []
        assert [await state(store, f"o-{first}") for first in states] == list(states)

    async def test_a_delivered_order_keeps_its_receipt_and_is_done_with(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        assert await store.mark_sending("o1", OWNER, now=after(1))
        receipt = Receipt("urn:oid:1.2.3", "Success", already_there=True)
        assert await store.deliver_order("o1", OWNER, receipt, now=after(2))
        row = await store.order("o1")
        assert row is not None
        assert (row.state, row.reference, row.detail) == (OrderState.DELIVERED, "urn:oid:1.2.3", "Success")
        assert (row.attempts, row.updated_at, row.next_at, row.cause) == (1, after(2), None, "")
        assert await taken(store, at=1e6) == []
        assert await history(store, "o1") == [
            "order.ready",
            "order.claimed",
            "order.sending",
            "order.delivered",
            "order.already_there",
        ]
        assert not await store.deliver_order("o1", OWNER, Receipt("again"), now=after(3))

    async def test_a_lost_lease_forbids_to_send(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        assert not await store.mark_sending("o1", OTHER, now=after(1))
        assert not await store.mark_sending("o1", OWNER, now=after(LEASE))
        assert await taken(store, OTHER, at=LEASE) == ["o1"]
        assert not await store.mark_sending("o1", OWNER, now=after(LEASE))
        assert await store.mark_sending("o1", OTHER, now=after(LEASE + 1))
        assert not await store.mark_sending("none", OTHER, now=NOON)

    async def test_a_heartbeat_keeps_an_order(self, store: Store) -> None:
        await kept(store, ready("o1"), ready("m1", "mss"))
        await taken(store)
        await store.extend_lease(("o1", "m1", "none"), OWNER, now=after(50), lease_seconds=LEASE)
        await store.extend_lease(("o1",), OTHER, now=after(50), lease_seconds=1e6)
        assert await taken(store, OTHER, at=LEASE) == []
        assert await store.mark_sending("o1", OWNER, now=after(LEASE + 1))
        assert await taken(store, OTHER, at=50 + LEASE) == ["o1"]

    async def test_a_worker_that_died_before_sending_leaves_nothing_uncertain(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        (again,) = await take(store, OTHER, at=LEASE)
        assert (again.attempt, again.uncertain) == (2, False)

    async def test_a_worker_that_died_after_sending_leaves_the_order_uncertain(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        assert await store.mark_sending("o1", OWNER, now=after(1))
        (again,) = await take(store, OTHER, at=LEASE)
        assert (again.attempt, again.uncertain) == (2, True)
        (still,) = await take(store, at=2 * LEASE)
        assert still.uncertain

    async def test_a_late_receipt_is_accepted_unless_all_is_over(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await taken(store, OTHER, at=LEASE)
        assert await store.deliver_order("o1", OWNER, Receipt("late"), now=after(LEASE))
        assert not await store.mark_sending("o1", OTHER, now=after(LEASE))
        assert not await store.deliver_order("o1", OTHER, Receipt("twice"), now=after(LEASE))
        assert not await store.deliver_order("none", OTHER, Receipt("twice"), now=after(LEASE))
        row = await store.order("o1")
        assert row is not None
        assert row.reference == "late"

    async def test_a_waiting_order_comes_back_at_its_time(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        assert await store.postpone_order(
            "o1", OWNER, OrderState.WAITING, now=after(1), next_at=after(30), cause="link", detail="HTTP 503"
        )
        row = await store.order("o1")
        assert row is not None
        assert (row.state, row.cause, row.detail, row.next_at) == (OrderState.WAITING, "link", "HTTP 503", after(30))
        assert await taken(store, at=29) == []
        (again,) = await take(store, at=30)
        assert (again.attempt, again.uncertain) == (2, False)

    async def test_an_order_waiting_for_a_person_or_an_event_does_not_come_back_by_itself(self, store: Store) -> None:
        for index, parked in enumerate((OrderState.WAITING, OrderState.UNCERTAIN)):
            await kept(store, ready(f"o{index}"), report=f"R{index}")
            await taken(store)
            assert await store.postpone_order(f"o{index}", OWNER, parked, now=NOON, next_at=None, cause="identity")
        assert await taken(store, at=1e6) == []

    async def test_an_uncertain_order_comes_back_to_be_asked_about(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        assert await store.postpone_order(
            "o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=after(10), cause="no_answer"
        )
        assert await state(store, "o1") is OrderState.UNCERTAIN
        (again,) = await take(store, at=10)
        assert again.uncertain

    async def test_an_uncertain_order_that_could_not_be_asked_about_is_still_uncertain(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await take(store, at=LEASE)
        assert await store.postpone_order(
            "o1", OWNER, OrderState.WAITING, now=after(LEASE), next_at=after(100), cause="link"
        )
        assert await state(store, "o1") is OrderState.UNCERTAIN
        (again,) = await take(store, at=100)
        assert again.uncertain
        assert await store.mark_sending("o1", OWNER, now=after(100))
        assert await store.postpone_order(
            "o1", OWNER, OrderState.WAITING, now=after(101), next_at=after(200), cause="link"
        )
        (sent,) = await take(store, at=200)
        assert not sent.uncertain

    async def test_a_rejected_order_is_over_and_says_why(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        assert await store.postpone_order(
            "o1", OWNER, OrderState.REJECTED, now=NOON, next_at=after(5), cause="dmp.closed", detail="DMPClosed"
        )
        row = await store.order("o1")
        assert row is not None
        assert (row.state, row.cause, row.detail, row.next_at) == (OrderState.REJECTED, "dmp.closed", "DMPClosed", None)
        assert await taken(store, at=1e6) == []

    async def test_only_who_holds_an_order_postpones_it(self, store: Store) -> None:
        await kept(store, ready("o1"))

        async def postponed(owner: str, order_id: str = "o1") -> bool:
            return await store.postpone_order(order_id, owner, OrderState.WAITING, now=NOON, next_at=NOON, cause="link")

        assert not await postponed(OWNER)
        await taken(store)
        assert not await postponed(OTHER)
        assert not await postponed(OWNER, "none")
        assert await postponed(OWNER)
        assert not await postponed(OWNER)
        with pytest.raises(ValueError):
            await store.postpone_order("o1", OWNER, OrderState.READY, now=NOON, next_at=NOON, cause="")

    async def test_an_order_past_its_age_is_rejected_and_shown(self, store: Store) -> None:
        await kept(store, order("o1", expires_at=after(100)), report="R1")
        await kept(store, order("o2", state=OrderState.WAITING, cause="identity", expires_at=after(100)), report="R2")
        await kept(store, order("o3", expires_at=after(101)), report="R3")
        assert await taken(store, at=100) == ["o3"]
        for order_id in ("o1", "o2"):
            row = await store.order(order_id)
            assert row is not None
            assert (row.state, row.cause, row.updated_at) == (OrderState.REJECTED, "expired", after(100))
            assert (await history(store, order_id))[-1] == "order.rejected"

    async def test_an_uncertain_order_is_never_rejected_for_its_age(self, store: Store) -> None:
        for index in range(2):
            await kept(store, order(f"o{index}", expires_at=after(100)), report=f"R{index}")
            await taken(store)
            await store.mark_sending(f"o{index}", OWNER, now=NOON)
        await store.postpone_order("o0", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=after(5), cause="no_answer")
        claimed = await take(store, OTHER, at=200)
        assert [(one.id, one.uncertain) for one in claimed] == [("o0", True), ("o1", True)]

    async def test_an_order_under_lease_is_not_rejected_for_its_age(self, store: Store) -> None:
        await kept(store, order("o1", expires_at=after(10)))
        await taken(store)
        assert await taken(store, OTHER, at=20) == []
        await delivered_late(store, "o1")
        assert await state(store, "o1") is OrderState.DELIVERED

    async def test_a_claim_lost_before_sending_expires_at_its_age(self, store: Store) -> None:
        await kept(store, order("o1", expires_at=after(10)))
        await taken(store)
        assert await taken(store, OTHER, at=LEASE) == []
        assert await state(store, "o1") is OrderState.REJECTED
        assert not await store.mark_sending("o1", OWNER, now=after(LEASE))

    async def test_orders_are_listed_latest_first_by_state_and_destination(self, store: Store) -> None:
        for index in range(3):
            await kept(store, ready(f"o{index}"), ready(f"m{index}", "mss"), report=f"R{index}")
        await delivered(store, "o0")
        every = await store.orders()
        assert [row.id for row in every] == ["m2", "o2", "m1", "o1", "m0", "o0"]
        assert [row.id for row in await store.orders(limit=1)] == ["m2"]
        assert [row.id for row in await store.orders(destination="dmp")] == ["o2", "o1", "o0"]
        assert [row.id for row in await store.orders(state=OrderState.READY)] == ["m2", "m1", "m0"]
        assert [row.id for row in await store.orders(state=OrderState.DELIVERED, destination="dmp")] == ["o0"]
        assert await store.orders(state=OrderState.DELIVERED, destination="mss") == ()


async def delivered_late(store: Store, order_id: str) -> None:
    assert await store.mark_sending(order_id, OWNER, now=after(30))
    assert await store.deliver_order(order_id, OWNER, Receipt("ok"), now=after(31))
