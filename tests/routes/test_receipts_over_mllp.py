"""The whole round: a document comes over MLLP, goes to a DMP and mailboxes; its sender is told of each over MLLP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.simulators.consumer import ConsumerSimulator, Taken
from engine import app
from engine.exchange import InboundMessage
from tests.routes.document_line import DocumentLine
from tests.routes.installation import free_port, peers, routes_text, running
from tests.unit.formats.hl7v2.transmission.messages import DOCTOR, cda, doctor, flags, message, patient, sender

ASKED = flags(DESTMSSANTEPAT="Y", ACK_RECEPTION="Y", ACK_LECTURE_MSS="Y")
PEOPLE = [sender(), doctor(), patient()]


@dataclass(frozen=True, slots=True)
class Round:
    line: DocumentLine
    sender: ConsumerSimulator

    async def told(self, kind: str, count: int) -> list[Taken]:
        """Acknowledgements of a kind, once there are so many."""
        async with asyncio.timeout(60):
            while True:
                found = [one for one in self.sender.taken if one.kind == kind]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.02)

    async def mail_system_says(self, content: str) -> None:
        mail = InboundMessage(content.replace("\n", "\r\n").encode(), "retours", "retour.eml", datetime.now(UTC))
        await self.line.engine.accept(mail)


@asynccontextmanager
async def whole_round(directory: Path) -> AsyncIterator[Round]:
    async with peers(directory) as (dmp, mail):
        consumer, port = ConsumerSimulator(directory / "sender"), free_port()
        await consumer.start()
        try:
            routes = directory / "routes.yaml"
            routes.write_text(_routes(directory, dmp.url, mail.port, port, consumer.port), encoding="utf-8")
            installation, problems = app.configured(routes)
            assert installation is not None, [str(problem) for problem in problems]
            async with running(installation, directory / "home") as engine:
                async with asyncio.timeout(10):
                    await engine.sources["ris"].listening.wait()  # type: ignore[attr-defined]
                yield Round(DocumentLine(engine, dmp, mail, port), consumer)
        finally:
            await consumer.stop()


def _routes(directory: Path, dmp_url: str, smtp_port: int, port: int, told_port: int) -> str:
    (directory / "retours").mkdir()
    sources = f"""
  ris:
    type: mllp
    port: {port}
  retours:
    type: folder
    directory: {directory}/retours

destinations:
  emetteur:
    type: mllp
    host: 127.0.0.1
    port: {told_port}
    delivery: {{deferral_minutes: 0, retry: {{first_delay_seconds: 0.1, max_delay_seconds: 0.5}}}}
"""
    routes = """
  - name: documents
    from: [ris]
    format: hl7v2
    to: [dmp, medecins, patient]
    receipts: emetteur
  - name: retours
    from: [retours]
    format: mail_report
    to: [dmp]
"""
    return routes_text(directory, dmp_url, smtp_port).replace("\ndestinations:\n", sources, 1) + routes


async def test_a_sender_hears_of_the_dmp_of_each_mailbox_and_of_each_reader(tmp_path: Path) -> None:
    async with whole_round(tmp_path) as one:
        answer = await one.line.exchange(message(cda(), flags=ASKED, participants=PEOPLE))
        assert answer is not None
        assert answer.text("MSA-1") == "AA"
        (dmp,) = await one.told("ZAM^Z01", 1)
        mails = await one.told("ZAM^Z02", 2)
        for told in (dmp, *mails):
            assert told.value("OBX", 4) == "MDM-1"
            assert told.value("OBX", 5).startswith("Y^")
        assert {told.value("OBX", 5, 2).split("^")[3].partition("@")[0] for told in mails} >= {DOCTOR.partition("@")[0]}
        (sent,) = [mail for mail in one.line.mail.mails if DOCTOR in mail.recipients]
        await one.mail_system_says(_mdn(sent.message_id, "processed/Error: 902^Patient inconnu"))
        (read,) = await one.told("ZAM^Z03", 1)
        assert read.value("OBX", 4) == "MDM-1"
        assert read.value("ERR", 5).startswith("902^")
        assert read.value("OBX", 5, 2) == f"^^X.400^{DOCTOR}"
        assert one.sender.refusals == []


async def test_a_mail_that_comes_back_days_later_is_told_under_the_number_it_was_sent_with(tmp_path: Path) -> None:
    async with whole_round(tmp_path) as one:
        await one.line.exchange(message(cda(), flags=ASKED, participants=PEOPLE))
        await one.told("ZAM^Z02", 2)
        (sent,) = [mail for mail in one.line.mail.mails if DOCTOR in mail.recipients]
        await one.mail_system_says(_dsn(sent.envelope_id))
        last = (await one.told("ZAM^Z02", 3))[-1]
        assert (last.value("OBX", 4), last.value("OBX", 5)[0]) == ("MDM-1", "N")
        assert last.value("ERR", 5).startswith("552^")
        (order,) = await one.line.engine.store.orders(destination="medecins")
        assert "mail.not_arrived" in [event.what for event in await one.line.engine.store.events(order.id)]


def _mdn(message_id: str, disposition: str) -> str:
    return f"""From: {DOCTOR}
Date: Mon, 05 Jan 2026 11:00:00 +0100
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;{DOCTOR}
Original-Message-ID: {message_id}
Disposition: automatic-action/MDN-sent-automatically; {disposition}

--b--
"""


def _dsn(envelope_id: str) -> str:
    return f"""From: MAILER-DAEMON@mss.example
Date: Mon, 05 Jan 2026 11:00:00 +0100
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mss.example
Original-Envelope-Id: {envelope_id}

Final-Recipient: rfc822;{DOCTOR}
Action: failed
Status: 5.2.2

--b--
"""
