"""Troubles with real peers, counted on their side: nothing lost, nothing twice, nothing faster than agreed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from connectors.simulators import Behaviour, Kind
from engine.exchange import OrderState
from engine.ports import OrderAction
from engine.records import OrderRow
from engine.route import Installation
from tests.routes.installation import Line, configured, line, peers, running, sample

REQUEST = b"25031000001"


def numbered(number: int) -> bytes:
    """The first sample under another request number: another report."""
    return sample(1).replace(REQUEST, f"2503100{number:04}".encode())


def changed(installation: Installation, name: str, **delivery: object) -> Installation:
    """The same installation, one destination sent to otherwise."""
    destinations = tuple(
        replace(one, delivery=replace(one.delivery, **delivery)) if one.name == name else one  # type: ignore[arg-type]
        for one in installation.destinations
    )
    return replace(installation, destinations=destinations)


@asynccontextmanager
async def line_with(directory: Path, name: str, **delivery: object) -> AsyncIterator[Line]:
    async with peers(directory) as (dmp, mail):
        installation = changed(configured(directory, dmp, mail), name, **delivery)
        async with running(installation, directory) as engine:
            yield Line(engine, dmp, mail)


async def orders(one: Line, message_id: str) -> dict[str, OrderRow]:
    rows = await one.engine.store.documents(message_id)
    return {order.destination: order for row in rows for order in row.orders}


async def until(one: Line, message_id: str, destination: str, state: OrderState) -> OrderRow:
    async with asyncio.timeout(60):
        while True:
            order = (await orders(one, message_id)).get(destination)
            if order is not None and order.state is state:
                return order
            await asyncio.sleep(0.02)


async def test_a_feeding_taken_without_an_answer_is_found_and_not_sent_again(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        one.dmp.script.add(Behaviour(Kind.CUT_AFTER_BODY))
        one.dmp.script.add(Behaviour(Kind.CUT_AFTER_BODY_NOT_TAKEN))
        first, second = await one.send(numbered(1)), await one.send(numbered(2))
        for accepted in (first, second):
            order = await until(one, accepted.message_id, "dmp", OrderState.DELIVERED)
            assert "order.uncertain" in [event.what for event in await one.engine.store.events(order.id)]
        assert len(one.dmp.entries) == 2
        assert {one.dmp.submissions_count(entry.unique_id) for entry in one.dmp.entries} == {1}


async def test_a_mail_without_an_answer_waits_for_a_person_and_is_not_doubled(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        one.mail.script.add(Behaviour(Kind.CUT_AFTER_BODY), times=2)
        accepted = await one.send(sample(1))
        for destination in ("medecins", "patient"):
            await until(one, accepted.message_id, destination, OrderState.UNCERTAIN)
        await until(one, accepted.message_id, "dmp", OrderState.DELIVERED)
        assert len(one.mail.mails) == 2
        uncertain = (await orders(one, accepted.message_id))["medecins"]
        async with asyncio.timeout(30):
            while (await one.engine.store.next_due("medecins")) is not None:
                await asyncio.sleep(0.05)
        assert len(one.mail.mails) == 2, "nobody sends again before a person decided"
        await one.engine.operations.act(uncertain.id, OrderAction.RESEND)
        await until(one, accepted.message_id, "medecins", OrderState.DELIVERED)
        assert len(one.mail.mails) == 3


async def test_a_certificate_that_is_refused_stops_its_lane_alone_until_it_is_mended(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        one.dmp.script.add(Behaviour(Kind.CERTIFICATE_EXPIRED), times=4)
        first = await one.send(numbered(1))
        await until(one, first.message_id, "medecins", OrderState.DELIVERED)
        async with asyncio.timeout(30):
            while not any(lane.stopped for lane in await one.engine.store.lanes()):
                await asyncio.sleep(0.02)
        one.dmp.script.clear()
        second = await one.send(numbered(2))
        await until(one, second.message_id, "patient", OrderState.DELIVERED)
        (stopped,) = [lane for lane in await one.engine.store.lanes() if lane.stopped]
        assert stopped.destination == "dmp"
        assert stopped.reason
        assert list(one.dmp.entries) == []
        await one.engine.operations.start_lane("dmp")
        for accepted in (first, second):
            await until(one, accepted.message_id, "dmp", OrderState.DELIVERED)
        assert len(one.dmp.entries) == 2


async def test_a_released_document_arrives_at_every_peer(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        accepted = await one.send(sample(1).replace(b"|139|mmol/L|136-145|N|", b"||mmol/L|136-145|N|"))
        await one.quiet()
        (held,) = await one.engine.store.documents(accepted.message_id)
        assert held.orders == ()
        assert list(one.mail.mails) == []
        await one.engine.operations.release(held.id)
        for destination in ("dmp", "medecins", "patient"):
            await until(one, accepted.message_id, destination, OrderState.DELIVERED)
        assert one.dmp.submissions_count(held.version.id.root) == 1
        assert one.mail.documents_count(held.version.id.root) == 2


async def test_an_order_cancelled_in_its_window_never_reaches_its_peer(tmp_path: Path) -> None:
    async with line_with(tmp_path, "medecins", deferral_seconds=600.0) as one:
        accepted = await one.send(sample(1))
        await until(one, accepted.message_id, "patient", OrderState.DELIVERED)
        order = await until(one, accepted.message_id, "medecins", OrderState.DEFERRED)
        await one.engine.operations.act(order.id, OrderAction.CANCEL)
        await one.quiet()
        assert [mail.to_patient for mail in one.mail.mails] == [True]


async def test_an_order_held_back_leaves_when_it_is_released(tmp_path: Path) -> None:
    async with line_with(tmp_path, "medecins", deferral_seconds=600.0) as one:
        accepted = await one.send(sample(1))
        order = await until(one, accepted.message_id, "medecins", OrderState.DEFERRED)
        await one.engine.operations.act(order.id, OrderAction.HOLD)
        await one.engine.operations.act(order.id, OrderAction.RELEASE)
        await one.engine.operations.act(order.id, OrderAction.SEND_NOW)
        await until(one, accepted.message_id, "medecins", OrderState.DELIVERED)


async def test_an_engine_stopped_in_mid_delivery_starts_again_without_loss_or_double(tmp_path: Path) -> None:
    async with peers(tmp_path) as (dmp, mail):
        installation = configured(tmp_path, dmp, mail)
        dmp.script.add(Behaviour(Kind.LATE, seconds=1.0), times=2)
        async with running(installation, tmp_path) as engine:
            one = Line(engine, dmp, mail)
            sent = [await one.send(numbered(number)) for number in range(4)]
            await one.until(lambda: len(dmp.entries) >= 1)
        async with running(installation, tmp_path) as engine:
            one = Line(engine, dmp, mail)
            for accepted in sent:
                for destination in ("dmp", "medecins", "patient"):
                    await until(one, accepted.message_id, destination, OrderState.DELIVERED)
        assert len(dmp.entries) == 4
        assert len(mail.mails) == 8
