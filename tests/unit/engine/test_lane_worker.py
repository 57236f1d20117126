"""What becomes of an order, whatever its peer does: delivered once, or in a state that names the cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import (
    ConfigError,
    DocumentError,
    LaneError,
    ParkedError,
    PermanentError,
    TransientError,
    UncertainError,
)
from engine.exchange import OrderState
from engine.lane import Breaker
from engine.ports import OrderAction
from engine.retry import RetryPolicy
from tests.unit.engine.lane_bench import (
    NAME,
    OTHER,
    Lane,
    fails_after,
    fails_before,
    finds,
    lane,
    refuses_to_say,
    rendered_document,
    running,
)

SLOW = RetryPolicy(first_delay_seconds=60, max_delay_seconds=600, jitter=0)
BUSY = TransientError("peer.busy", "le pair est occupé")
SILENT = UncertainError("peer.silent", "aucune réponse")
NO = PermanentError("peer.no", "le pair refuse ce document")


async def test_an_order_is_delivered_with_the_reference_of_its_receipt(tmp_path: Path) -> None:
    async with lane(tmp_path) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert (order.reference, order.attempts, order.cause) == (f"ref-{order.id}", 1, "")
        assert await one.history(order.id) == ["order.ready", "order.claimed", "order.sending", "order.delivered"]


async def test_what_time_will_mend_waits_and_is_tried_again(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_before(BUSY), fails_after(BUSY)) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert order.attempts == 3
        assert one.peer.asked == [], "the peer said it took nothing: there is nothing to ask"
        assert (await one.history(order.id)).count("order.waiting") == 2


async def test_pauses_double(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_before(BUSY), fails_before(BUSY), retry=SLOW) as one, running(one):
        order_id = await one.keep()
        first = await one.until(order_id, OrderState.WAITING, cause="peer.busy")
        assert first.next_at is not None
        assert first.next_at - first.updated_at == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=5))
        assert await one.store.change_order(order_id, OrderAction.SEND_NOW, now=datetime.now(UTC))
        await one.met(lambda: len(one.peer.tried) == 2)
        again = await one.until(order_id, OrderState.WAITING, cause="peer.busy")
        assert again.next_at is not None
        assert again.next_at - again.updated_at == pytest.approx(timedelta(seconds=120), abs=timedelta(seconds=5))


async def test_what_the_peer_asks_to_wait_is_respected(tmp_path: Path) -> None:
    later = TransientError("peer.busy", "plus tard", retry_after_seconds=1800)
    async with lane(tmp_path, fails_before(later)) as one, running(one):
        order = await one.until(await one.keep(), OrderState.WAITING)
        assert order.next_at is not None
        assert order.next_at - order.updated_at == pytest.approx(timedelta(seconds=1800), abs=timedelta(seconds=5))


async def test_an_order_past_its_age_is_given_up_and_shown(tmp_path: Path) -> None:
    patient = Breaker(failures_to_open=10_000)
    async with lane(tmp_path, *[fails_before(BUSY)] * 500, breaker=patient) as one, running(one):
        order_id = await one.keep(at=datetime.now(UTC) - timedelta(days=7, seconds=-1))
        order = await one.until(order_id, OrderState.REJECTED)
        assert order.cause in ("expired", "peer.busy")
        assert one.peer.taken == []


async def test_without_an_answer_the_peer_is_asked_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_after(SILENT), answer=finds) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert order.reference == f"found-{order.id}"
        assert len(one.peer.tried) == 1
        assert "order.uncertain" in await one.history(order.id)


async def test_what_the_peer_surely_did_not_take_is_sent_again(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_after(SILENT)) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert (one.peer.asked, len(one.peer.tried)) == ([order.id], 2)


@pytest.mark.parametrize("answer", [SILENT, NO], ids=["cannot tell", "refuses the question"])
async def test_where_the_peer_will_not_say_a_person_decides(tmp_path: Path, answer: Exception) -> None:
    async with lane(tmp_path, fails_after(SILENT), answer=refuses_to_say(answer)) as one, running(one):
        order_id = await one.keep()
        await one.met(lambda: len(one.peer.asked) == 1)
        order = await one.until(order_id, OrderState.UNCERTAIN)
        await one.met(lambda: one.peer.busy == 0)
        order = await one.until(order_id, OrderState.UNCERTAIN)
        assert len(one.peer.tried) == 1
        assert await one.store.next_due(NAME) is None, "nobody asks again before a person decided"
        assert await one.store.change_order(order_id, OrderAction.RESEND, now=datetime.now(UTC)) is OrderState.READY
        assert (await one.until(order_id, OrderState.DELIVERED)).attempts > order.attempts


async def test_an_uncertain_order_stays_so_while_the_peer_cannot_be_reached(tmp_path: Path) -> None:
    unreachable = refuses_to_say(BUSY)
    async with lane(tmp_path, fails_after(SILENT), answer=unreachable) as one, running(one):
        order_id = await one.keep()
        await one.met(lambda: len(one.peer.asked) >= 3)
        order = await one.until(order_id, OrderState.UNCERTAIN, cause="peer.busy")
        assert order.next_at is not None, "it asks again by itself"
        assert len(one.peer.tried) == 1


@pytest.mark.parametrize(
    "error", [NO, DocumentError("peer.unfit", "document refusé par ses propres règles")], ids=["permanent", "document"]
)
async def test_a_refused_document_is_rejected_and_the_next_one_leaves(tmp_path: Path, error: Exception) -> None:
    async with lane(tmp_path, fails_after(error), concurrency=1) as one, running(one):
        refused, next_one = await one.keep(), await one.keep()
        order = await one.until(refused, OrderState.REJECTED)
        assert (order.cause, order.detail) == (error.code, error.message)  # type: ignore[attr-defined]
        await one.until(next_one, OrderState.DELIVERED)
        assert len(one.peer.tried) == 2


async def test_an_order_that_waits_for_something_else_than_time_names_it(tmp_path: Path) -> None:
    parked = ParkedError("dmp.no_dmp", "le patient n'a pas de DMP", cause="no_dmp")
    async with lane(tmp_path, fails_before(parked)) as one, running(one):
        order_id = await one.keep()
        order = await one.until(order_id, OrderState.WAITING, cause="no_dmp")
        assert order.next_at is not None
        assert order.next_at - order.updated_at == pytest.approx(timedelta(hours=24), abs=timedelta(minutes=1))
        assert await one.store.wake_orders(NAME, causes=("no_dmp",), now=datetime.now(UTC)) == 1
        await one.until(order_id, OrderState.DELIVERED)


@pytest.mark.parametrize(
    "error", [LaneError("peer.account", "compte fermé"), ConfigError("peer.key", "clé illisible")], ids=["lane", "key"]
)
async def test_what_would_refuse_every_document_stops_the_lane_until_it_is_started(
    tmp_path: Path, error: Exception
) -> None:
    async with lane(tmp_path, fails_before(error), concurrency=1) as one, running(one):
        orders = [await one.keep() for _ in range(3)]
        await one.until(orders[0], OrderState.WAITING)
        (state,) = await one.store.lanes()
        assert state.stopped
        assert state.reason == f"{error.code}: {error.message}"  # type: ignore[attr-defined]
        assert len(one.peer.tried) == 1
        assert [(await one.order(other)).state for other in orders[1:]] == [OrderState.READY] * 2
        await one.store.start_lane(NAME, now=datetime.now(UTC))
        for order_id in orders:
            await one.until(order_id, OrderState.DELIVERED)


async def test_a_fault_of_ours_before_the_hand_over_proves_that_nothing_left(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_before(KeyError("FICTIVE"))) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert "order.waiting" in await one.history(order.id)
        assert one.peer.asked == []


async def test_a_fault_of_ours_after_the_hand_over_asks_the_peer_first(tmp_path: Path) -> None:
    async with lane(tmp_path, fails_after(KeyError("FICTIVE")), answer=finds) as one, running(one):
        order = await one.until(await one.keep(), OrderState.DELIVERED)
        assert "order.uncertain" in await one.history(order.id)
        assert order.reference == f"found-{order.id}"
        assert len(one.peer.tried) == 1


async def test_an_order_whose_lease_was_lost_is_not_handed_over(tmp_path: Path) -> None:
    async with lane(tmp_path) as one:
        order_id = await one.keep()

        async def loses(order, sending):  # type: ignore[no-untyped-def]
            await _taken_by_another(one)
            await sending()
            raise AssertionError("it must not be sent")

        one.peer.script.append(loses)
        async with running(one):
            await one.met(lambda: bool(one.peer.tried) and not one.peer.busy)
            order = await one.order(order_id)
            assert order.state is OrderState.SENDING, "the other engine holds it still"
            assert one.peer.taken == []


async def test_a_delivery_that_outlived_its_lease_is_still_a_delivery(tmp_path: Path) -> None:
    async with lane(tmp_path) as one:
        order_id = await one.keep()

        async def slow(order, sending):  # type: ignore[no-untyped-def]
            await sending()
            await _taken_by_another(one)
            return await finds(order)

        one.peer.script.append(slow)
        async with running(one):
            order = await one.until(order_id, OrderState.DELIVERED)
            assert order.reference == f"found-{order_id}"


async def _taken_by_another(one: Lane) -> None:
    """Its lease is over: another engine takes it."""
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await one.store.claim_orders(NAME, OTHER, now=later, lease_seconds=3600, limit=1)


async def test_a_document_altered_in_the_store_never_leaves(tmp_path: Path) -> None:
    async with lane(tmp_path) as one, running(one):
        _, cda = rendered_document("R1")
        assert b"TESTNAISSANCE" in cda
        altered = await one.keep(cda=cda.replace(b"TESTNAISSANCE", b"AUTRENOM"))
        sound = await one.keep()
        order = await one.until(altered, OrderState.REJECTED)
        assert order.cause == "identity.traits_differ"
        assert "AUTRENOM" not in order.detail
        await one.until(sound, OrderState.DELIVERED)
        assert one.peer.taken == [sound]


async def test_the_document_of_another_report_never_leaves(tmp_path: Path) -> None:
    async with lane(tmp_path) as one, running(one):
        _, another = rendered_document("R9")
        order = await one.until(await one.keep(cda=another), OrderState.REJECTED)
        assert order.cause == "identity.document_id"
        assert one.peer.tried == []


async def test_a_document_that_is_no_longer_xml_never_leaves(tmp_path: Path) -> None:
    async with lane(tmp_path) as one, running(one):
        _, cda = rendered_document("R1")
        torn = await one.keep(cda=cda[: len(cda) // 2])
        order = await one.until(torn, OrderState.REJECTED, OrderState.WAITING)
        assert order.cause
        assert one.peer.tried == []


async def test_a_cancelled_order_is_never_sent(tmp_path: Path) -> None:
    async with lane(tmp_path) as one:
        cancelled, other = await one.keep(), await one.keep()
        now = datetime.now(UTC)
        assert await one.store.change_order(cancelled, OrderAction.CANCEL, now=now) is OrderState.CANCELLED
        async with running(one):
            await one.until(other, OrderState.DELIVERED)
        assert one.peer.taken == [other]


async def test_an_order_being_sent_can_no_longer_be_cancelled(tmp_path: Path) -> None:
    async with lane(tmp_path) as one:
        order_id = await one.keep()
        answers: list[OrderState | None] = []

        async def act(order, sending):  # type: ignore[no-untyped-def]
            await sending()
            answers.append(await one.store.change_order(order.id, OrderAction.CANCEL, now=datetime.now(UTC)))
            return await finds(order)

        one.peer.script.append(act)
        async with running(one):
            await one.until(order_id, OrderState.DELIVERED)
        assert answers == [None]
