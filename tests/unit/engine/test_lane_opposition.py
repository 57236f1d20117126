"""An opposition that comes while an order is on its way out: what has not begun to leave does not leave."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.errors import UncertainError
from engine.exchange import InboundMessage, Order, OrderState, Receipt
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, OppositionScope
from engine.model.parties import Ins
from engine.model.values import Identifier
from engine.ports import Sending
from engine.records import MessageState, NewOrder
from tests.unit.documents_fixture import DOCUMENT
from tests.unit.engine.lane_bench import NAME, OWNER, Lane, fails_after, lane, new_document, running

SILENT = UncertainError("peer.silent", "aucune réponse")
PATIENT = DOCUMENT.patient


def identifiers() -> tuple[Identifier, ...]:
    ins = PATIENT.ins
    return PATIENT.ids if not isinstance(ins, Ins) else (*PATIENT.ids, Identifier(ins.oid, ins.matricule))


async def keep(one: Lane) -> str:
    """A document with one order due now, that obeys; the id of the order."""
    now = datetime.now(UTC)
    await one.store.receive(InboundMessage(b"report", "test", "m.hpr", now))
    (claimed,) = await one.store.claim_messages(OWNER, now=now, lease_seconds=60, limit=1)
    order = NewOrder("order", NAME, "", OrderState.READY, obeys_opposition=OppositionScope.PATIENT)
    document = new_document("R1", 1, None, order)
    assert await one.store.settle_message(claimed.id, OWNER, MessageState.CONVERTED, now=now, documents=(document,))
    one.worker.due.set()
    return order.id


async def answers(one: Lane, said: ConsentAnswer) -> None:
    now = datetime.now(UTC)
    await one.store.record_consent(Consent(ConsentSubject.FEEDING, said, now, identifiers()), now=now)
    one.worker.due.set()


async def test_an_order_opposed_while_it_is_prepared_is_not_handed_over(tmp_path: Path) -> None:
    async def is_opposed_meanwhile(order: Order, sending: Sending) -> Receipt:
        await answers(one, ConsentAnswer.NO)
        await sending()
        raise AssertionError("handed over")

    async with lane(tmp_path, is_opposed_meanwhile) as one, running(one):
        order = await one.until(await keep(one), OrderState.BLOCKED)
        assert (order.cause, one.peer.taken) == ("opposition", [])
        await answers(one, ConsentAnswer.YES)
        await one.until(order.id, OrderState.DELIVERED)
        assert (one.peer.taken, one.peer.asked) == ([order.id], [])


async def test_an_order_opposed_while_its_peer_is_asked_about_it_is_not_sent_again(tmp_path: Path) -> None:
    async def did_not_take_it(order: Order) -> Receipt | None:
        await answers(one, ConsentAnswer.NO)
        return None

    async with lane(tmp_path, fails_after(SILENT), answer=did_not_take_it) as one, running(one):
        order = await one.until(await keep(one), OrderState.BLOCKED)
        assert (one.peer.taken, one.peer.asked) == ([], [order.id])
        await answers(one, ConsentAnswer.YES)
        await one.until(order.id, OrderState.DELIVERED)
        assert one.peer.taken == [order.id]


async def test_what_its_peer_had_taken_before_the_opposition_is_told_as_delivered(tmp_path: Path) -> None:
    async def took_it(order: Order) -> Receipt | None:
        await answers(one, ConsentAnswer.NO)
        return Receipt("found", already_there=True)

    async with lane(tmp_path, fails_after(SILENT), answer=took_it) as one, running(one):
        order = await one.until(await keep(one), OrderState.DELIVERED)
        assert order.reference == "found"
