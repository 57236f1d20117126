"""Admissions come over MLLP, reports beside them: what a patient opposes does not reach their DMP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.sources.mllp import MllpSource
from engine import app
from engine.exchange import OrderState
from engine.ports import OrderAction
from engine.records import MessageState, OrderRow
from tests.routes.installation import Line, free_port, peers, routes_text, running, sample
from tests.unit.connectors.mllp.peer import sender

ADMISSIONS = Path(__file__).resolve().parents[1] / "samples" / "hl7v2"
FIRST, SECOND = b"285039900000193", b"162079900000272"
"""INS of two patients of the demonstration."""
REPORT = sample(1)
ANOTHER = (
    REPORT.replace(
        "FICTIVE~Hélène~Zoé~~Mme|TESTNAISSANCE|19850312|F".encode("latin-1"),
        b"FICTIF~Jean-No\xebl~~~M|FICTIF|19620714|M",
    )
    .replace(b"0001|", b"0002|")
    .replace(b"25031000001", b"25031000055")
)
"""A report of the first, and one of the second."""
_MOVING = {MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED}


@dataclass(frozen=True, slots=True)
class Hospital:
    """An engine, its peers, and an admission desk that speaks MLLP."""

    line: Line

    async def admits(self, name: str, ins: bytes, minute: int, number: str) -> str:
        """Send a choice of the patient, made at that minute; the id of its message."""
        content = (ADMISSIONS / f"{name}.er7").read_bytes()
        content = content.replace(b"280017599912359", ins).replace(b"20250310085600", b"202503100%d00" % (800 + minute))
        content = content.replace(b"|ADT-", b"|" + number.encode() + b"-")
        source = self.line.engine.sources["gam"]
        assert isinstance(source, MllpSource)
        before = {row.id for row in await self.line.engine.store.messages(limit=1000)}
        async with sender(source) as desk:
            answer, _ = await desk.exchange(content)
            assert answer == "AA"
        (new,) = {row.id for row in await self.line.engine.store.messages(limit=1000)} - before
        await self.converted()
        return new

    async def reports(self, content: bytes = REPORT) -> str:
        """Take a report in; the id of its order for the DMP."""
        accepted = await self.line.send(content)
        await self.converted()
        (document,) = await self.line.engine.store.documents(accepted.message_id)
        return next(order.id for order in document.orders if order.destination == "dmp")

    async def converted(self) -> None:
        async with asyncio.timeout(30):
            while set(await self.line.engine.store.message_counts()) & _MOVING:
                await asyncio.sleep(0.02)

    async def order(self, order_id: str) -> OrderRow:
        row = await self.line.engine.store.order(order_id)
        assert row is not None
        return row

    async def reaches(self, order_id: str, state: OrderState) -> None:
        async with asyncio.timeout(30):
            while (await self.order(order_id)).state is not state:
                await asyncio.sleep(0.02)

    @property
    def received(self) -> int:
        """Documents in the DMP."""
        return len(self.line.dmp.entries)


@asynccontextmanager
async def hospital(folder: Path, *, deferral_minutes: int = 0) -> AsyncIterator[Hospital]:
    async with peers(folder) as (dmp, mail):
        text = routes_text(folder, dmp.url, mail.port)
        text = text.replace("sources:\n", f"sources:\n  gam:\n    type: mllp\n    port: {free_port()}\n")
        text = text.replace("deferral_minutes: 0", f"deferral_minutes: {deferral_minutes}")
        text += "  - name: admissions\n    from: [gam]\n    format: hl7v2\n    to: [dmp]\n"
        routes = folder / "routes.yaml"
        routes.write_text(text, encoding="utf-8")
        installation, problems = app.configured(routes)
        assert installation is not None, [str(problem) for problem in problems]
        async with running(installation, folder) as engine:
            source = engine.sources["gam"]
            assert isinstance(source, MllpSource)
            await asyncio.wait_for(source.listening.wait(), 30)
            yield Hospital(Line(engine, dmp, mail))


async def test_an_opposition_after_the_report_blocks_it_in_its_window_and_its_end_lets_it_go(tmp_path: Path) -> None:
    async with hospital(tmp_path, deferral_minutes=10) as one:
        order = await one.reports()
        assert (await one.order(order)).state is OrderState.DEFERRED
        message = await one.admits("adt_opposition", FIRST, 1, "A")
        row = await one.order(order)
        assert (row.state, row.cause) == (OrderState.BLOCKED, "opposition")
        kept = await one.line.engine.store.message(message)
        assert kept is not None
        assert (kept.state, kept.kind) == (MessageState.CONVERTED, "HL7v2 ADT^A01 2.5")
        await one.admits("adt_consentement", FIRST, 2, "B")
        assert (await one.order(order)).state is OrderState.DEFERRED
        assert await one.line.engine.operations.act(order, OrderAction.SEND_NOW) is OrderState.READY
        one.line.engine.pipeline.orders_made.set()
        await one.reaches(order, OrderState.DELIVERED)
        assert one.received == 1


async def test_an_opposition_before_the_report_keeps_it_from_the_dmp_and_not_from_mail(tmp_path: Path) -> None:
    async with hospital(tmp_path) as one:
        await one.admits("adt_opposition", FIRST, 1, "A")
        order = await one.reports()
        await one.line.quiet()
        assert (await one.order(order)).state is OrderState.BLOCKED
        assert (one.received, len(one.line.mail.mails)) == (0, 2)
        await one.admits("adt_consentement", FIRST, 2, "B")
        await one.reaches(order, OrderState.DELIVERED)
        assert one.received == 1
        await one.line.quiet()
        assert len(one.line.mail.mails) == 2


async def test_answers_that_come_out_of_order_are_taken_by_their_dates(tmp_path: Path) -> None:
    async with hospital(tmp_path) as one:
        await one.admits("adt_opposition", FIRST, 5, "A")
        await one.admits("adt_consentement", FIRST, 3, "B")
        order = await one.reports()
        assert (await one.order(order)).state is OrderState.BLOCKED
        await one.admits("adt_consentement", FIRST, 9, "C")
        await one.admits("adt_opposition", FIRST, 7, "D")
        await one.reaches(order, OrderState.DELIVERED)


async def test_two_patients_are_never_mixed(tmp_path: Path) -> None:
    async with hospital(tmp_path) as one:
        await one.admits("adt_opposition", FIRST, 1, "A")
        opposed, other = await one.reports(), await one.reports(ANOTHER)
        await one.reaches(other, OrderState.DELIVERED)
        assert (await one.order(opposed)).state is OrderState.BLOCKED
        await one.admits("adt_consentement", SECOND, 2, "B")
        assert (await one.order(opposed)).state is OrderState.BLOCKED
        assert one.received == 1
        await one.admits("adt_opposition", SECOND, 3, "C")
        await one.admits("adt_consentement", FIRST, 4, "D")
        await one.reaches(opposed, OrderState.DELIVERED)


async def test_an_admission_sent_again_or_read_again_changes_nothing(tmp_path: Path) -> None:
    async with hospital(tmp_path) as one:
        early = await one.admits("adt_consentement", FIRST, 1, "A")
        await one.admits("adt_opposition", FIRST, 2, "B")
        order = await one.reports()
        await one.line.engine.operations.replay(early)
        one.line.engine.pipeline.arrived.set()
        await one.converted()
        assert (await one.order(order)).state is OrderState.BLOCKED
        assert len(await one.line.engine.store.consents()) == 4


async def test_the_choice_and_the_patient_are_not_in_the_log(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    async with hospital(tmp_path) as one:
        await one.admits("adt_opposition", FIRST, 1, "A")
        order = await one.reports()
        events = [f"{event.what} {event.detail}" for event in await one.line.engine.store.events(order)]
        assert "order.blocked opposition" in events
    said = "".join(capsys.readouterr())
    assert "message.settled" in said
    for secret in (FIRST.decode(), "IPP-7", "ESSAI-DURAND", "CAMILLE", "V-1", "DOS-41", "opposition"):
        assert secret not in said
        assert secret == "opposition" or secret not in " ".join(events)
