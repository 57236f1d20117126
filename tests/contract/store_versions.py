"""Versions of one report leave in order, and never twice the same place."""

from __future__ import annotations

import pytest

from engine.exchange import OrderState, PriorDelivery, Receipt
from engine.ports import OrderAction, Store
from engine.records import DocumentState, MessageState
from tests.contract.store_bench import OWNER, StoreBench, delivered, kept, settled, state, take, taken
from tests.contract.store_values import NOON, after, document, order, ready, version


class VersionBehaviours(StoreBench):
    async def test_a_version_waits_until_the_one_before_is_done_with(self, store: Store) -> None:
        await kept(store, ready("o1"), number=1)
        await kept(store, ready("o2"), number=2)
        await kept(store, ready("x1"), report="R2")
        assert await taken(store) == ["o1", "x1"]
        await store.postpone_order("o1", OWNER, OrderState.WAITING, now=NOON, next_at=after(50), cause="link")
        assert await taken(store, at=10) == []
        await delivered(store, "o1", at=50)
        assert await taken(store, at=50) == ["o2"]

    @pytest.mark.parametrize("end", [OrderState.REJECTED, OrderState.CANCELLED])
    async def test_a_version_leaves_once_the_one_before_will_not(self, store: Store, end: OrderState) -> None:
        await kept(store, ready("o1"), number=1)
        await kept(store, ready("o2"), number=2)
        if end is OrderState.CANCELLED:
            assert await store.change_order("o1", OrderAction.CANCEL, now=NOON) is end
        else:
            assert await taken(store) == ["o1"]
            await store.postpone_order("o1", OWNER, end, now=NOON, next_at=None, cause="x")
        assert await taken(store) == ["o2"]

    async def test_other_recipients_and_destinations_do_not_wait(self, store: Store) -> None:
        await kept(store, order("o1", recipient="a", state=OrderState.WAITING), number=1)
        await kept(store, ready("o2", recipient="b"), ready("m2", "mss"), number=2)
        assert await taken(store) == ["o2"]
        assert [claimed.id for claimed in await take(store, destination="mss")] == ["m2"]

    async def test_a_version_says_where_the_one_before_was_taken(self, store: Store) -> None:
        await kept(store, ready("o1", recipient="a"), ready("p1", recipient="b"), number=1)
        await delivered(store, "o1", reference="first")
        await kept(store, ready("o2", recipient="a"), number=2)
        assert "o2" in await taken(store)
        await store.postpone_order("o2", OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="x")
        await kept(store, ready("o3", recipient="a"), ready("m3", "mss", recipient="a"), number=3)
        (claimed,) = [one for one in await take(store) if one.id == "o3"]
        assert claimed.replaced == PriorDelivery(version("R1", 1).id.root, "first")
        (elsewhere,) = await take(store, destination="mss")
        assert elsewhere.replaced is None

    async def test_of_two_versions_taken_the_latest_is_the_one_replaced(self, store: Store) -> None:
        for number in (1, 2):
            await kept(store, ready(f"o{number}"), number=number)
            await delivered(store, f"o{number}", reference=f"ref{number}")
        await kept(store, ready("o3"), number=3)
        (claimed,) = await take(store)
        assert claimed.replaced == PriorDelivery(version("R1", 2).id.root, "ref2")

    async def test_a_held_version_gives_its_place_to_the_next(self, store: Store) -> None:
        await kept(
            store,
            order("o1", recipient="a", state=OrderState.HELD),
            order("p1", recipient="b", state=OrderState.HELD),
            number=1,
        )
        await kept(store, ready("o2", recipient="a"), number=2)
        assert await state(store, "o1") is OrderState.SUPERSEDED
        assert await state(store, "p1") is OrderState.HELD
        assert await taken(store) == ["o2"]
        assert await store.change_order("o1", OrderAction.RELEASE, now=NOON) is None

    async def test_a_version_that_will_not_leave_takes_no_place(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.HELD), number=1)
        await kept(store, order("o2", state=OrderState.REJECTED, cause="mapping.no_recipient"), number=2)
        assert await state(store, "o1") is OrderState.HELD

    async def test_a_version_put_on_hold_after_the_next_came_gives_its_place(self, store: Store) -> None:
        await kept(store, ready("o1"), number=1)
        await kept(store, ready("o2"), number=2)
        assert await store.change_order("o1", OrderAction.HOLD, now=NOON) is OrderState.SUPERSEDED
        assert await taken(store) == ["o2"]

    async def test_a_held_document_released_late_never_follows_the_next_version(self, store: Store) -> None:
        await settled(store, document("R1", 1, state=DocumentState.HELD), state=MessageState.HELD)
        await kept(store, ready("o2"), number=2)
        await delivered(store, "o2")
        assert await store.release_document("doc-R1-1", (ready("o1"),), now=NOON)
        assert await state(store, "o1") is OrderState.SUPERSEDED
        assert await taken(store, at=1e6) == []

    async def test_a_held_document_released_in_time_leaves_first(self, store: Store) -> None:
        await settled(store, document("R1", 1, state=DocumentState.HELD), state=MessageState.HELD)
        await kept(store, ready("o2"), number=2)
        assert await store.release_document("doc-R1-1", (ready("o1"),), now=NOON)
        assert await taken(store) == ["o1"]

    async def test_a_rejected_version_is_never_sent_again_after_the_next(self, store: Store) -> None:
        await kept(store, ready("o1"), number=1)
        await taken(store)
        await store.postpone_order("o1", OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="x")
        await kept(store, ready("o2"), number=2)
        assert await taken(store) == ["o2"]
        assert await store.change_order("o1", OrderAction.RESEND, now=NOON) is None
        await store.postpone_order("o2", OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="x")
        assert await store.change_order("o1", OrderAction.RESEND, now=NOON) is OrderState.READY
        assert await store.change_order("o2", OrderAction.RESEND, now=NOON) is OrderState.READY
        assert await taken(store) == ["o1"]
        assert await store.deliver_order("o1", OWNER, Receipt("r1"), now=NOON)
        (second,) = await take(store)
        assert second.replaced == PriorDelivery(version("R1", 1).id.root, "r1")
