"""A sender that asked is told how each of its documents ended, once, at its own port: counted there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.simulators import Behaviour, Kind
from connectors.simulators.consumer import ConsumerSimulator, Taken
from engine import app
from engine.exchange import FINAL_STATES, OrderState
from engine.findings import Disposition
from engine.model.consent import ConsentAnswer, MailNotice
from engine.model.instructions import Instructions
from engine.ports import OrderAction
from engine.records import DocumentState, MessageState, OrderRow
from engine.route import Installation
from tests.routes.installation import running
from tests.routes.receipts_bench import ADDRESS, ASKED, DOCUMENT, answered, noticed, scene, sent
from tests.unit.mssante import orders

_MOVING = {MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED}


async def until(met: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.02)


def told(sender: ConsumerSimulator, kind: str) -> list[Taken]:
    return [one for one in sender.taken if one.kind == kind]


def verdicts(sender: ConsumerSimulator, kind: str) -> list[str]:
    return [one.value("OBX", 5).split("^")[0] for one in told(sender, kind)]


def mailboxes(sender: ConsumerSimulator, kind: str = "ZAM^Z02") -> set[str]:
    return {one.value("OBX", 5, 2).split("^")[3] for one in told(sender, kind)}


async def all_sent(engine: app.Engine) -> tuple[OrderRow, ...]:
    """Every order, once all are in a state that does not change by itself."""
    async with asyncio.timeout(60):
        while True:
            rows = await engine.store.orders(limit=1000)
            ended = all(row.state in FINAL_STATES for row in rows)
            if rows and ended and not await engine.store.orders_to_report(1):
                return rows
            await asyncio.sleep(0.05)


async def test_a_taken_document_is_told_once_for_the_dmp_and_once_for_each_mailbox(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path) as engine:
            await all_sent(engine)
        assert at.mail.refusals == []
        (answer,) = told(at.sender, "ZAM^Z01")
        assert verdicts(at.sender, "ZAM^Z01") == ["Y"]
        assert (answer.value("OBX", 4), answer.value("MSH", 5), answer.value("MSH", 11)) == (
            ADDRESS.control_id,
            ADDRESS.application,
            "T",
        )
        assert verdicts(at.sender, "ZAM^Z02") == ["Y", "Y"]
        ins = DOCUMENT.patient.ins
        assert ins is not None
        assert mailboxes(at.sender) == {
            f"{ins.matricule}@patient.mssante.fr",
            *(mail.recipients[0] for mail in at.mail.mails if not mail.to_patient),
        }
        assert len(at.sender.received) == 3
        assert at.sender.refusals == []


async def test_nothing_is_told_to_who_did_not_ask(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1, instructions=Instructions())
        await sent(at.installation, 2, instructions=Instructions(receipts=replace(ADDRESS, reception=False)))
        async with running(at.installation, tmp_path) as engine:
            rows = await all_sent(engine)
        assert {row.state for row in rows} == {OrderState.DELIVERED}
        assert at.sender.received == []


async def test_a_refusal_is_told_with_the_code_of_who_refused(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.dmp.script.add(Behaviour(Kind.REFUSE, code="XDSUnknownPatientId"))
        at.mail.script.add(Behaviour(Kind.REFUSE, code="550", at="rcpt"), times=2)
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(at.sender.taken) == 3)
            await all_sent(engine)
        (answer,) = told(at.sender, "ZAM^Z01")
        assert verdicts(at.sender, "ZAM^Z01") == ["N"]
        code, label, system = answer.value("ERR", 5).split("^")
        assert (code, system) == ("XDSUnknownPatientId", "DMP_ERROR_CODE")
        assert "ne connaît pas ce patient" in label
        assert [one.value("ERR", 5).split("^")[0] for one in told(at.sender, "ZAM^Z02")] == ["550", "550"]


async def test_one_document_of_a_message_that_failed_makes_one_negative_answer(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.dmp.script.add(Behaviour(Kind.REFUSE, code="XDSUnknownPatientId"))
        await sent(at.installation, 1, 2)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(at.sender.taken) == 5)
            rows = await all_sent(engine)
        assert sorted(row.state.value for row in rows if row.destination == "dmp") == ["delivered", "rejected"]
        assert verdicts(at.sender, "ZAM^Z01") == ["N"]
        assert verdicts(at.sender, "ZAM^Z02") == ["Y"] * 4


async def test_a_document_held_back_makes_its_message_not_taken_until_it_has_left(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        message_id = await sent(at.installation, 1, 2, odd=2)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N"])
            await all_sent(engine)
            (answer,) = told(at.sender, "ZAM^Z01")
            assert answer.value("ERR", 5).startswith("document.held^")
            (held,) = [one for one in await engine.store.documents(message_id) if one.state is DocumentState.HELD]
            await engine.operations.release(held.id)
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N", "Y"])
            await all_sent(engine)
        assert verdicts(at.sender, "ZAM^Z02") == ["Y"] * 4


async def test_a_document_refused_after_its_message_was_acknowledged_is_told(tmp_path: Path) -> None:
    wanted = replace(ASKED, dmp=True, mailboxes=(orders.PRESCRIBER,), patient=True)
    async with scene(tmp_path) as at:
        message_id = await sent(at.installation, 1, instructions=wanted, odd=1, otherwise=Disposition.REFUSE)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(at.sender.taken) == 3)
            await all_sent(engine)
            await engine.operations.replay(message_id)
            async with asyncio.timeout(60):
                while (await engine.store.message_counts()).keys() & _MOVING:
                    await asyncio.sleep(0.05)
            await all_sent(engine)
        assert verdicts(at.sender, "ZAM^Z01") == ["N"]
        assert verdicts(at.sender, "ZAM^Z02") == ["N", "N"]
        ins = DOCUMENT.patient.ins
        assert ins is not None
        assert mailboxes(at.sender) == {orders.PRESCRIBER, f"{ins.matricule}@patient.mssante.fr"}
        assert all(one.value("ERR", 5).endswith("^99PASSEUR") for one in at.sender.taken)
        assert list(at.dmp.entries) == []
        assert len(at.sender.received) == 3


async def test_a_replacement_that_took_the_place_of_a_version_is_told_apart(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1)
        await at.dmp.down()
        installation = _with_age(at.installation, "dmp", hours=24)
        async with running(installation, tmp_path) as engine:
            await until(lambda: len(told(at.sender, "ZAM^Z02")) == 2)
            await until_held(engine)
        again = Instructions(receipts=replace(ADDRESS, control_id="MDM-82"))
        await sent(installation, 2, instructions=again, replaces=1)
        await at.dmp.up()
        async with running(installation, tmp_path) as engine:
            await until(lambda: len(told(at.sender, "ZAM^Z01")) == 2)
            await all_sent(engine)
        assert sorted(one.value("OBX", 4) for one in told(at.sender, "ZAM^Z01")) == ["MDM-81", "MDM-82"]
        (first,) = [one for one in told(at.sender, "ZAM^Z01") if one.value("OBX", 4) == "MDM-81"]
        assert first.value("ERR", 5).startswith("superseded^")


async def until_held(engine: app.Engine) -> None:
    """A person holds the order of the DMP back, between two tries."""
    async with asyncio.timeout(30):
        while True:
            (order,) = await engine.store.orders(destination="dmp")
            if await engine.store.change_order(order.id, OrderAction.HOLD, now=datetime.now(UTC)) is not None:
                return
            await asyncio.sleep(0.02)


async def test_an_order_sent_again_by_a_person_is_told_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.dmp.script.add(Behaviour(Kind.REFUSE, code="XDSUnknownPatientId"))
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N"])
            (refused,) = await engine.store.orders(destination="dmp")
            await engine.operations.act(refused.id, OrderAction.RESEND)
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N", "Y"])
            await all_sent(engine)
        first, second = (one.control_id for one in told(at.sender, "ZAM^Z01"))
        assert first != second


@pytest.mark.parametrize(
    ("action", "code"), [(OrderAction.CANCEL, "cancelled^"), (None, "expired^")], ids=["cancelled", "expired"]
)
async def test_a_document_that_never_left_is_told_as_not_taken(
    tmp_path: Path, action: OrderAction | None, code: str
) -> None:
    async with scene(tmp_path) as at:
        await at.dmp.down()
        installation = _with_age(at.installation, "dmp", hours=24 if action else 0.0005)
        await sent(installation, 1)
        async with running(installation, tmp_path) as engine:
            await until(lambda: len(told(at.sender, "ZAM^Z02")) == 2)
            while action is not None and verdicts(at.sender, "ZAM^Z01") == []:
                (order,) = await engine.store.orders(destination="dmp")
                with suppress(Exception):  # being tried just now
                    await engine.operations.act(order.id, action)
                await asyncio.sleep(0.05)
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N"])
        (answer,) = told(at.sender, "ZAM^Z01")
        assert answer.value("ERR", 5).startswith(code)
        assert answer.value("ERR", 5).endswith("^99PASSEUR")


async def test_an_opposition_is_told_and_so_is_what_becomes_of_the_document_once_it_is_lifted(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await answered(at.installation, ConsentAnswer.NO)
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path):
            await until(lambda: len(at.sender.taken) == 3)
        assert verdicts(at.sender, "ZAM^Z01") == ["N"]
        (answer,) = told(at.sender, "ZAM^Z01")
        assert answer.value("ERR", 5).startswith("opposition^Opposition du patient")
        assert list(at.dmp.entries) == []
        await answered(at.installation, ConsentAnswer.YES)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: verdicts(at.sender, "ZAM^Z01") == ["N", "Y"])
            await all_sent(engine)


async def test_a_sender_that_was_down_is_told_when_it_is_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.sender.down()
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path) as engine:
            async with asyncio.timeout(60):
                while len(await engine.store.orders(destination="emetteur")) < 3:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.3)  # some tries in vain
            assert at.sender.received == []
            await at.sender.up()
            await until(lambda: len(at.sender.taken) == 3)
            await all_sent(engine)
        assert len(at.sender.received) == 3


async def test_a_sender_that_answered_nothing_gets_the_same_message_again_and_takes_it_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        for kind in (Kind.CUT_AFTER_BODY, Kind.CUT_AFTER_BODY_NOT_TAKEN, Kind.HTML_502, Kind.BUSY, Kind.PARTIAL_ANSWER):
            at.sender.script.add(Behaviour(kind))
        await sent(at.installation, 1)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(at.sender.taken) == 3)
            rows = await all_sent(engine)
        assert {row.state for row in rows} == {OrderState.DELIVERED}
        assert len(at.sender.received) > len(set(at.sender.received)) == len(at.sender.taken) == 3


async def test_an_engine_stopped_at_any_moment_tells_each_end_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1, 2)
        at.sender.script.add(Behaviour(Kind.LATE, seconds=0.2), times=3)
        for pause in (0.05, 0.3, 0.7, 1.2):
            async with running(at.installation, tmp_path):
                await asyncio.sleep(pause)
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(at.sender.taken) == 5)
            rows = await all_sent(engine)
        assert {row.state for row in rows} == {OrderState.DELIVERED}
        assert sum(row.destination == "emetteur" for row in rows) == 5
        assert verdicts(at.sender, "ZAM^Z01") == ["Y"]


async def test_a_route_without_a_place_for_answers_tells_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with scene(tmp_path, receipts=False) as at:
        await sent(at.installation, 1, 2)
        async with running(at.installation, tmp_path) as engine:
            rows = await all_sent(engine)
        assert {row.destination for row in rows} == {"dmp", "medecins", "patient"}
        assert at.sender.received == []
    assert capsys.readouterr().out.count("receipts.no_destination") == 1


# -- what mail systems say ------------------------------------------------------------------------------------------


def notice(order_id: str, mailbox: str, *, read: bool = False, code: str = "") -> MailNotice:
    return MailNotice(f"<{order_id}@labo.mssante.example>", read, not code, code, mailbox, datetime.now(UTC))


async def delivered(at_installation: Installation, directory: Path) -> dict[str, OrderRow]:
    """Orders of a first run of the engine, by destination."""
    async with running(at_installation, directory) as engine:
        return {row.destination: row for row in await all_sent(engine)}


async def test_a_mail_that_comes_back_is_told_after_it_was_told_as_accepted(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1)
        rows = await delivered(at.installation, tmp_path)
        assert verdicts(at.sender, "ZAM^Z02") == ["Y", "Y"]
        mailbox = rows["medecins"].recipient
        await noticed(at.installation, notice(rows["medecins"].id, mailbox, code="550"))
        await noticed(at.installation, notice(rows["patient"].id, "x@patient.mssante.fr"))
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(told(at.sender, "ZAM^Z02")) == 3)
            await all_sent(engine)
        last = told(at.sender, "ZAM^Z02")[-1]
        assert (last.value("OBX", 5)[0], last.value("ERR", 5).split("^")[0]) == ("N", "550")
        assert last.value("OBX", 5, 2) == f"^^X.400^{mailbox}"


async def test_where_a_delivery_notice_is_awaited_only_it_tells_that_a_mail_arrived(tmp_path: Path) -> None:
    async with scene(tmp_path, awaits_dsn=True) as at:
        await sent(at.installation, 1)
        rows = await delivered(at.installation, tmp_path)
        assert verdicts(at.sender, "ZAM^Z02") == []
        assert verdicts(at.sender, "ZAM^Z01") == ["Y"]
        await noticed(at.installation, notice(rows["medecins"].id, rows["medecins"].recipient))
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: verdicts(at.sender, "ZAM^Z02") == ["Y"])
            await all_sent(engine)
        assert mailboxes(at.sender) == {rows["medecins"].recipient}


async def test_a_reading_notice_is_told_once_even_when_it_comes_twice(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1)
        rows = await delivered(at.installation, tmp_path)
        read = notice(rows["medecins"].id, orders.PRESCRIBER, read=True)
        await noticed(at.installation, read)
        await noticed(at.installation, replace(read, mailbox=orders.PRESCRIBER.upper()))
        await noticed(at.installation, notice(rows["medecins"].id, orders.PRESCRIBER, read=True, code="902"))
        async with running(at.installation, tmp_path) as engine:
            await until(lambda: len(told(at.sender, "ZAM^Z03")) == 2)
            await all_sent(engine)
        assert sorted(verdicts(at.sender, "ZAM^Z03")) == ["N", "Y"]
        (refused,) = [one for one in told(at.sender, "ZAM^Z03") if one.value("ERR", 5)]
        assert refused.value("ERR", 5) == "902^Patient inconnu^applicationErrorCondition"


async def test_who_asked_for_no_reading_notice_gets_none(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await sent(at.installation, 1, instructions=replace(ASKED, receipts=replace(ADDRESS, reading=False)))
        rows = await delivered(at.installation, tmp_path)
        await noticed(at.installation, notice(rows["medecins"].id, orders.PRESCRIBER, read=True))
        async with running(at.installation, tmp_path) as engine:
            async with asyncio.timeout(30):
                while await engine.reporter.look() or told(at.sender, "ZAM^Z03"):
                    await asyncio.sleep(0.05)
            await all_sent(engine)
        assert told(at.sender, "ZAM^Z03") == []


def _with_age(installation: Installation, name: str, *, hours: float) -> Installation:
    def aged(delivery: object) -> object:
        retry = replace(delivery.retry, max_age_hours=hours)  # type: ignore[attr-defined]
        return replace(delivery, retry=retry)  # type: ignore[type-var]

    destinations = tuple(
        replace(one, delivery=aged(one.delivery)) if one.name == name else one  # type: ignore[arg-type]
        for one in installation.destinations
    )
    return replace(installation, destinations=destinations)
