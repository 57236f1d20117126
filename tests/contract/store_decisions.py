"""What a person may do to an order."""

from __future__ import annotations

import pytest

from engine.exchange import OrderState, Receipt
from engine.ports import OrderAction, Store
from tests.contract.store_bench import LEASE, OWNER, StoreBench, delivered, history, kept, state, take, taken
from tests.contract.store_values import NOON, after, order, ready

WINDOW = {"state": OrderState.DEFERRED, "not_before": after(600)}


class DecisionBehaviours(StoreBench):
    async def test_a_held_order_leaves_once_released(self, store: Store) -> None:
        await kept(store, ready("o1"))
        assert await store.change_order("o1", OrderAction.HOLD, now=NOON) is OrderState.HELD
        assert await taken(store, at=1e6) == []
        assert await store.change_order("o1", OrderAction.RELEASE, now=NOON) is OrderState.READY
        assert await taken(store) == ["o1"]
        assert (await history(store, "o1"))[:3] == ["order.ready", "order.held", "order.ready"]

    async def test_a_hold_does_not_shorten_the_window(self, store: Store) -> None:
        await kept(store, order("o1", **WINDOW))
        await store.change_order("o1", OrderAction.HOLD, now=NOON)
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(10)) is OrderState.DEFERRED
        assert await taken(store, at=599) == []
        assert await taken(store, at=600) == ["o1"]

    async def test_a_hold_does_not_make_forget_what_is_waited_for(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity"))
        assert await store.change_order("o1", OrderAction.HOLD, now=NOON) is OrderState.HELD
        assert await store.change_order("o1", OrderAction.HOLD, now=NOON) is OrderState.HELD
        assert await store.change_order("o1", OrderAction.RELEASE, now=NOON) is OrderState.WAITING
        assert await taken(store, at=1e6) == []
        assert await store.wake_orders("dmp", causes=("identity",), now=NOON) == 1
        assert await taken(store) == ["o1"]

    async def test_a_cancelled_order_never_leaves(self, store: Store) -> None:
        await kept(store, order("o1", **WINDOW))
        assert await store.change_order("o1", OrderAction.CANCEL, now=after(599)) is OrderState.CANCELLED
        assert await taken(store, at=1e6) == []
        for action in OrderAction:
            assert await store.change_order("o1", action, now=NOON) is None
        assert not await store.deliver_order("o1", OWNER, Receipt("x"), now=NOON)

    @pytest.mark.parametrize("action", list(OrderAction))
    async def test_nothing_changes_an_order_being_sent(self, store: Store, action: OrderAction) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        assert await store.change_order("o1", action, now=NOON) is None
        assert await state(store, "o1") is OrderState.SENDING
        await store.mark_sending("o1", OWNER, now=NOON)
        await store.deliver_order("o1", OWNER, Receipt("x"), now=NOON)
        assert await store.change_order("o1", action, now=NOON) is None
        assert await store.change_order("none", action, now=NOON) is None

    async def test_send_now_ends_the_window(self, store: Store) -> None:
        await kept(store, order("o1", **WINDOW))
        assert await store.change_order("o1", OrderAction.SEND_NOW, now=NOON) is OrderState.READY
        assert await taken(store) == ["o1"]

    async def test_send_now_ends_a_pause(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.postpone_order("o1", OWNER, OrderState.WAITING, now=NOON, next_at=after(500), cause="link")
        assert await store.change_order("o1", OrderAction.SEND_NOW, now=after(1)) is OrderState.WAITING
        assert await taken(store, at=1) == ["o1"]

    async def test_send_now_does_not_do_without_an_identity(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity"))
        assert await store.change_order("o1", OrderAction.SEND_NOW, now=NOON) is None
        await store.change_order("o1", OrderAction.HOLD, now=NOON)
        assert await store.change_order("o1", OrderAction.SEND_NOW, now=NOON) is None
        assert await taken(store, at=1e6) == []

    async def test_a_blocked_order_may_only_be_cancelled(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.BLOCKED))
        for action in set(OrderAction) - {OrderAction.CANCEL}:
            assert await store.change_order("o1", action, now=NOON) is None
        assert await store.change_order("o1", OrderAction.CANCEL, now=NOON) is OrderState.CANCELLED

    async def test_an_uncertain_order_is_neither_held_nor_cancelled(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await store.postpone_order("o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=None, cause="no_answer")
        for action in set(OrderAction) - {OrderAction.RESEND, OrderAction.CONFIRM}:
            assert await store.change_order("o1", action, now=NOON) is None
        assert await store.change_order("o1", OrderAction.RESEND, now=NOON) is OrderState.READY
        (again,) = await take(store)
        assert (again.attempt, again.uncertain) == (2, False)

    async def test_a_person_clears_up_an_uncertain_order_that_was_taken(self, store: Store) -> None:
        await kept(store, ready("o1"))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await store.postpone_order("o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=None, cause="no_answer")
        assert await store.deliver_order("o1", "person", Receipt("seen there"), now=NOON)
        assert await state(store, "o1") is OrderState.DELIVERED

    async def test_a_rejected_order_is_sent_again_as_the_same_order(self, store: Store) -> None:
        await kept(store, ready("o1"))
        (first,) = await take(store)
        await store.postpone_order("o1", OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="dmp.closed")
        assert await store.change_order("o1", OrderAction.RESEND, now=after(5)) is OrderState.READY
        (again,) = await take(store, at=5)
        assert (again.id, again.cda, again.version) == (first.id, first.cda, first.version)
        assert again.attempt == 2

    async def test_an_expired_order_sent_again_has_its_whole_age_before_it(self, store: Store) -> None:
        await kept(store, order("o1", expires_at=after(100)))
        assert await taken(store, at=100) == []
        assert await store.change_order("o1", OrderAction.RESEND, now=after(1000)) is OrderState.READY
        (again,) = await take(store, at=1001)
        assert again.expires_at == after(1100)

    async def test_an_order_too_old_before_its_identity_came_waits_for_it_again(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity", expires_at=after(100)))
        assert await taken(store, at=100) == []
        assert await state(store, "o1") is OrderState.REJECTED
        assert await store.change_order("o1", OrderAction.RESEND, now=after(200)) is OrderState.WAITING
        assert await taken(store, at=250) == []
        assert await store.wake_orders("dmp", causes=("identity",), now=after(260)) == 1
        assert await taken(store, at=260) == ["o1"]

    async def test_an_identity_that_comes_during_a_hold_is_not_missed(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.WAITING, cause="identity"))
        await store.change_order("o1", OrderAction.HOLD, now=NOON)
        assert await store.wake_orders("dmp", causes=("identity",), now=after(5)) == 0
        assert await taken(store, at=6) == []
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(7)) is OrderState.WAITING
        assert await taken(store, at=8) == ["o1"]

    async def test_a_held_order_does_not_expire_and_leaves_when_released_late(self, store: Store) -> None:
        await kept(store, order("o1", state=OrderState.HELD, expires_at=after(100)))
        assert await taken(store, at=200) == []
        assert await state(store, "o1") is OrderState.HELD
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(200)) is OrderState.READY
        await delivered(store, "o1", at=200 + LEASE / 2)
