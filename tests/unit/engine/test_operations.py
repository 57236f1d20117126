"""What a person may do to what is kept, and what is refused to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import PasseurError
from engine.exchange import OrderState
from engine.operations import RefusedOperation, UnknownSubject
from engine.ports import OrderAction
from engine.records import DocumentState, MessageState
from tests.routes.installation import sample
from tests.unit.engine.conversion_bench import Conversions, conversions, converting, installation

VALUE_LOST = (b"|139|mmol/L|136-145|N|", b"||mmol/L|136-145|N|")


def held_sample() -> bytes:
    """A result is empty: a person must look."""
    content = sample(1).replace(*VALUE_LOST)
    assert content != sample(1)
    return content


async def held_document(one: Conversions) -> str:
    accepted = await one.send(held_sample())
    assert (await one.settled(accepted)).state is MessageState.HELD
    (document,) = await one.documents(accepted)
    assert (document.state, document.orders) == (DocumentState.HELD, ())
    return document.id


async def test_a_released_document_gets_its_orders_and_its_message_is_no_longer_held(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        document_id = await held_document(one)
        await one.operations.release(document_id)
        released = await one.store.document(document_id)
        assert released is not None
        assert released.state is DocumentState.READY
        assert {order.destination for order in released.orders} == {"dmp", "medecins", "patient"}
        row = await one.store.message(released.message_id)
        assert row is not None
        assert row.state is MessageState.CONVERTED
        assert "document.released" in [event.what for event in await one.store.events(document_id)]


async def test_a_document_is_released_once(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        document_id = await held_document(one)
        await one.operations.release(document_id)
        with pytest.raises(RefusedOperation, match=r"operations\.not_held"):
            await one.operations.release(document_id)


async def test_a_document_that_a_newer_version_replaces_is_not_released(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        document_id = await held_document(one)
        await one.settled(await one.send(sample(1)))
        with pytest.raises(RefusedOperation, match=r"operations\.not_latest"):
            await one.operations.release(document_id)


async def test_a_refused_document_is_never_released(tmp_path: Path) -> None:
    production = replace(installation(tmp_path), production=True)
    async with conversions(production, tmp_path) as one, converting(one):
        accepted = await one.send(sample(1))
        assert (await one.settled(accepted)).state is MessageState.REFUSED
        (document,) = await one.documents(accepted)
        assert "identity.environment" in [finding.code for finding in document.findings]
        with pytest.raises(RefusedOperation, match=r"operations\.not_held"):
            await one.operations.release(document.id)


async def test_a_release_that_would_send_nothing_anywhere_is_refused_with_the_reason(tmp_path: Path) -> None:
    configured = installation(tmp_path)
    async with conversions(configured, tmp_path) as one, converting(one):
        document_id = await held_document(one)
    unreachable = replace(configured, routes=())
    async with conversions(unreachable, tmp_path) as one:
        with pytest.raises(RefusedOperation, match=r"operations\.no_order.*nulle part"):
            await one.operations.release(document_id)
        document = await one.store.document(document_id)
        assert document is not None
        assert document.state is DocumentState.HELD


@pytest.mark.parametrize("action", list(OrderAction))
async def test_nothing_is_done_to_what_is_not_there(tmp_path: Path, action: OrderAction) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        with pytest.raises(UnknownSubject):
            await one.operations.act("nowhere", action)
        with pytest.raises(UnknownSubject):
            await one.operations.replay("nowhere")
        with pytest.raises(UnknownSubject):
            await one.operations.release("nowhere")
        with pytest.raises(UnknownSubject):
            await one.operations.start_lane("nowhere")


async def test_an_order_goes_through_every_decision_of_a_person(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        accepted = await one.send(sample(1))
        await one.settled(accepted)
        (document,) = await one.documents(accepted)
        order = next(order for order in document.orders if order.destination == "medecins")
        steps = (
            (OrderAction.HOLD, OrderState.HELD),
            (OrderAction.RELEASE, OrderState.READY),
            (OrderAction.SEND_NOW, OrderState.READY),
            (OrderAction.CANCEL, OrderState.CANCELLED),
        )
        for action, state in steps:
            assert await one.operations.act(order.id, action) is state
        for action in OrderAction:
            with pytest.raises(PasseurError, match=r"operations\.wrong_state"):
                await one.operations.act(order.id, action)
