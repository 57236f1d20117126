"""A line whose senders ask for news of their documents: an engine, its peers, and the software that is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.destinations.mllp import DESTINATION as MLLP
from connectors.destinations.mllp import MllpSettings
from connectors.simulators import DmpSimulator, MailSimulator
from connectors.simulators.consumer import ConsumerSimulator
from engine.context import document_id
from engine.conversion import Built
from engine.declarations import Draft
from engine.exchange import InboundMessage, OrderKind
from engine.findings import Disposition
from engine.model.codec import content_hash
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, MailNotice
from engine.model.document import DocumentVersion, ReportStatus
from engine.model.instructions import Instructions, ReturnAddress
from engine.model.values import Identifier, Telecom
from engine.outcome import new_document
from engine.records import MessageState, NewDocument
from engine.rendering.file_name import file_name
from engine.retry import RetryPolicy
from engine.route import ConfiguredDestination, Delivery, Installation
from engine.store.sqlite import SqliteStore
from engine.versions import Plan
from tests.routes.installation import configured, peers
from tests.unit.mssante import orders

ADDRESS = ReturnAddress("MDM-81", "RIS-ESSAI", "Hopital-E", "PFI", "Hopital-E", "T", reception=True, reading=True)
ASKED = Instructions(receipts=ADDRESS)
_PRESCRIBER = replace(orders.LEVEL_3.recipients[0], telecoms=(Telecom(f"mailto:{orders.PRESCRIBER}"),))
DOCUMENT = replace(orders.LEVEL_3, recipients=(_PRESCRIBER,))


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything but the engine, which a test starts, stops and starts again."""

    installation: Installation
    dmp: DmpSimulator
    mail: MailSimulator
    sender: ConsumerSimulator


@asynccontextmanager
async def scene(directory: Path, *, receipts: bool = True, awaits_dsn: bool = False) -> AsyncIterator[Scene]:
    async with peers(directory) as (dmp, mail):
        sender = ConsumerSimulator(directory / "sender")
        await sender.start()
        try:
            known = configured(directory, dmp, mail)
            routes = tuple(
                replace(route, receipts="emetteur" if receipts else None, awaits_dsn=awaits_dsn)
                for route in known.routes
            )
            told = _told(sender.port)
            yield Scene(
                replace(known, api=None, destinations=(*known.destinations, told), routes=routes), dmp, mail, sender
            )
        finally:
            await sender.stop()


def _told(port: int) -> ConfiguredDestination:
    settings = MllpSettings(host="127.0.0.1", port=port, answer_timeout_seconds=5)
    retry = RetryPolicy(first_delay_seconds=0.1, max_delay_seconds=0.5)
    return ConfiguredDestination("emetteur", MLLP, settings, Delivery(2, None, 0, True, retry))


async def sent(
    installation: Installation,
    *numbers: int,
    instructions: Instructions = ASKED,
    replaces: int | None = None,
    odd: int | None = None,
    otherwise: Disposition = Disposition.HOLD,
) -> str:
    """A message of these documents, converted, kept with its orders while no engine runs; its id."""
    store, now = SqliteStore(installation.store), datetime.now(UTC)
    await store.open()
    try:
        name = f"{numbers}{replaces}{instructions}"
        message = InboundMessage(name.encode(), "api", name[:20], now)
        accepted = await store.receive(message)
        await store.claim_messages("test", now=now, lease_seconds=60, limit=1)
        made = tuple(_document(installation, number, instructions, replaces, now, odd, otherwise) for number in numbers)
        assert await store.settle_message(accepted.message_id, "test", MessageState.CONVERTED, now=now, documents=made)
        return accepted.message_id
    finally:
        await store.close()


def _document(
    installation: Installation,
    number: int,
    instructions: Instructions,
    replaces: int | None,
    now: datetime,
    odd: int | None,
    otherwise: Disposition,
) -> NewDocument:
    before = None if replaces is None else Identifier(f"2.25.80{replaces}")
    report = number if replaces is None else replaces
    own, of_set = Identifier(f"2.25.80{number}"), Identifier(f"2.25.90{report}")
    version = DocumentVersion(own, of_set, 1 if before is None else 2, before)
    rendered = orders.rendered(DOCUMENT, version)
    draft = Draft(version.set_id, ReportStatus.FINAL, DOCUMENT, instructions=instructions, kind=OrderKind.SEND)
    built = Built(DOCUMENT, (), file_name(DOCUMENT), rendered.cda, rendered.pdf, "")
    planned = Plan(version, None, content_hash(DOCUMENT))
    document = new_document(
        draft,
        planned,
        built,
        source="api",
        whole=otherwise if number == odd else Disposition.PUBLISH,
        installation=installation,
        now=now,
    )
    assert document.id == document_id(version.id)
    return document


async def answered(installation: Installation, answer: ConsentAnswer) -> None:
    """What the patient says of the feeding of their DMP, recorded while no engine runs."""
    store, now = SqliteStore(installation.store), datetime.now(UTC)
    ins = DOCUMENT.patient.ins
    assert ins is not None
    await store.open()
    try:
        patient = (Identifier(ins.oid, ins.matricule),)
        await store.record_consent(Consent(ConsentSubject.FEEDING, answer, now, patient), now=now)
    finally:
        await store.close()


async def noticed(installation: Installation, notice: MailNotice) -> None:
    """A notice of a mail system, read while no engine runs."""
    store, now = SqliteStore(installation.store), datetime.now(UTC)
    await store.open()
    try:
        accepted = await store.receive(InboundMessage(repr(notice).encode(), "api", "notice", now))
        await store.claim_messages("test", now=now, lease_seconds=60, limit=1)
        settled = await store.settle_message(
            accepted.message_id, "test", MessageState.CONVERTED, now=now, notices=(notice,)
        )
        assert settled
    finally:
        await store.close()
