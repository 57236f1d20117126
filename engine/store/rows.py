"""From rows to records and back: instants, identifiers, findings."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from engine.exchange import Attachment, InboundMessage, OrderKind, OrderState, PriorDelivery
from engine.findings import Finding
from engine.model.codec import from_json, to_json
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus
from engine.model.instructions import AS_ROUTED, Instructions
from engine.model.values import Identifier
from engine.records import (
    ClaimedOrder,
    DocumentRow,
    DocumentState,
    Event,
    MessageRow,
    MessageState,
    OrderRow,
    OrderToReport,
    PriorVersion,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An aware instant as whole microseconds since 1970; raises ValueError on a naive one."""
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return (at - _EPOCH) // _MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def later(now: datetime, seconds: float) -> int:
    return micros(now + timedelta(seconds=seconds))


def instant(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def instant_or_none(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def text(value: str) -> str:
    """Text that can be stored: a name of undecodable bytes keeps them as escapes rather than being refused."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def key(identifier: Identifier) -> str:
    """Text of an identifier; one that is absent and one that is empty differ."""
    return to_json(identifier)


def findings(value: str) -> tuple[Finding, ...]:
    found: tuple[Finding, ...] = from_json(tuple[Finding, ...], value)
    return found


def instructions_text(value: Instructions) -> str:
    return "" if value == AS_ROUTED else to_json(value)


def instructions_of(value: str) -> Instructions:
    return from_json(Instructions, value) if value else AS_ROUTED


def message_row(row: sqlite3.Row) -> MessageRow:
    return MessageRow(
        id=row["id"],
        source=row["source"],
        name=row["name"],
        sender=row["sender"],
        kind=row["kind"],
        state=MessageState(row["state"]),
        received_at=instant(row["received_at"]),
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
        attempts=row["attempts"],
        findings=findings(row["findings"]),
        next_at=instant_or_none(row["next_at"]),
        error=row["error"],
    )


def inbound_message(row: sqlite3.Row, attachments: list[sqlite3.Row]) -> InboundMessage:
    return InboundMessage(
        content=row["content"],
        source=row["source"],
        name=row["name"],
        received_at=instant(row["received_at"]),
        sender=row["sent_by"],
        media_type=row["media_type"],
        attachments=tuple(Attachment(beside["name"], beside["content"]) for beside in attachments),
    )


def document_row(row: sqlite3.Row, orders: tuple[OrderRow, ...]) -> DocumentRow:
    return DocumentRow(
        id=row["id"],
        message_id=row["message_id"],
        version=from_json(DocumentVersion, row["version"]),
        type=row["type"],
        title=row["title"],
        status=ReportStatus(row["status"]),
        state=DocumentState(row["state"]),
        created_at=instant(row["created_at"]),
        findings=findings(row["findings"]),
        file_name=row["file_name"],
        pack=row["pack"],
        orders=orders,
        kind=OrderKind(row["kind"]),
    )


def prior_version(row: sqlite3.Row) -> PriorVersion:
    return PriorVersion(
        document_id=row["id"],
        message_id=row["message_id"],
        version=from_json(DocumentVersion, row["version"]),
        state=DocumentState(row["state"]),
        status=ReportStatus(row["status"]),
        patient_key=row["patient_key"],
        content_hash=row["content_hash"],
        document=from_json(ClinicalDocument, row["document"]),
        position=row["number"],
        kind=OrderKind(row["kind"]),
        instructions=instructions_of(row["instructions"]),
    )


def prior_delivery(row: sqlite3.Row) -> PriorDelivery:
    return PriorDelivery(from_json(DocumentVersion, row["version"]).id.root, row["reference"])


def order_row(row: sqlite3.Row) -> OrderRow:
    return OrderRow(
        id=row["id"],
        document_id=row["document_id"],
        destination=row["destination"],
        recipient=row["recipient"],
        state=OrderState(row["state"]),
        cause=row["cause"],
        attempts=row["attempts"],
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        next_at=instant_or_none(row["next_at"]),
        not_before=instant_or_none(row["not_before"]),
        expires_at=instant_or_none(row["expires_at"]),
        reference=row["reference"],
        detail=row["detail"],
        kind=OrderKind(row["kind"]),
        about=row["about"],
    )


def order_to_report(row: sqlite3.Row) -> OrderToReport:
    return OrderToReport(order_row(row), row["source"], instructions_of(row["instructions"]))


def claimed_order(
    row: sqlite3.Row, attempt: int, uncertain: bool, replaced: PriorDelivery | None, about: OrderRow | None
) -> ClaimedOrder:
    return ClaimedOrder(
        id=row["id"],
        destination=row["destination"],
        recipient=row["recipient"],
        document_id=row["document_id"],
        attempt=attempt,
        created_at=instant(row["created_at"]),
        expires_at=instant_or_none(row["expires_at"]),
        uncertain=uncertain,
        version=from_json(DocumentVersion, row["version"]),
        type=row["type"],
        title=row["title"],
        cda=row["cda"],
        pdf=row["pdf"],
        document=from_json(ClinicalDocument, row["document"]),
        file_name=row["file_name"],
        replaced=replaced,
        kind=OrderKind(row["kind"]),
        instructions=instructions_of(row["instructions"]),
        about=about,
    )


def event(row: sqlite3.Row) -> Event:
    return Event(instant(row["at"]), row["subject_id"], row["what"], row["detail"])
