"""Rows of the store, as values: what the line and an operator read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.exchange import InboundMessage, OrderKind, OrderState, PriorDelivery
from engine.findings import Finding
from engine.model.consent import OppositionScope
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus
from engine.model.instructions import AS_ROUTED, Instructions


class MessageState(StrEnum):
    RECEIVED = "received"
    """Kept, not yet understood."""
    CONVERTING = "converting"
    """A worker holds it."""
    CONVERTED = "converted"
    """Every document it holds was made and may leave."""
    HELD = "held"
    """At least one document, or the whole, waits for a person."""
    REFUSED = "refused"
    """Nothing of it may leave; the sender must send again."""
    IGNORED = "ignored"
    """Understood, and nothing to publish in it (an order, an admission)."""
    POSTPONED = "postponed"
    """An unexpected fault; it will be tried again, and is never dropped."""


class DocumentState(StrEnum):
    READY = "ready"
    """Valid: its orders may leave."""
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: str
    source: str
    name: str
    sender: str
    """Sender code read in the message, empty until understood."""
    kind: str
    state: MessageState
    received_at: datetime
    size_bytes: int
    sha256: str
    attempts: int
    findings: tuple[Finding, ...] = ()
    next_at: datetime | None = None
    """When a postponed message is tried again."""
    error: str = ""
    """Code of the fault that postponed it."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message under lease."""

    id: str
    message: InboundMessage
    attempts: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be made with its document."""

    id: str
    destination: str
    recipient: str
    state: OrderState
    """DEFERRED, READY, HELD, WAITING or REJECTED."""
    cause: str = ""
    """Why it waits or was rejected: a code, `identity`, `mapping.no_recipient`…"""
    not_before: datetime | None = None
    """End of the deferral window."""
    expires_at: datetime | None = None
    """Maximum age: past it, an undelivered order is rejected and shown."""
    kind: OrderKind = OrderKind.SEND
    about: str = ""
    """Id of the order a REPORT tells of."""
    obeys_opposition: OppositionScope | None = None
    """How far the opposition of its patient keeps it from leaving; None: it obeys none."""
    needs_answer: bool = False
    """It leaves only once its patient is known not to oppose it."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document version to be kept with its orders; one transaction with the message's new state."""

    id: str
    version: DocumentVersion
    type: str
    title: str
    status: ReportStatus
    state: DocumentState
    patient_key: str
    content_hash: str
    """Of the canonical document as sent; the same content again makes no new version."""
    document: ClinicalDocument
    """After merge: the source of the next correction."""
    findings: tuple[Finding, ...]
    file_name: str
    cda: bytes | None
    """None when it could not be built."""
    pdf: bytes | None
    pack: str = ""
    """Version of the official pack that judged it, empty for our own rules alone."""
    orders: tuple[NewOrder, ...] = ()
    kind: OrderKind = OrderKind.SEND
    """DELETE: its orders take the document back."""
    position: int = 0
    """Place among all that was asked for one report, from 1, in which orders leave; 0: the version's own number."""
    instructions: Instructions = AS_ROUTED

    @property
    def place(self) -> int:
        return self.position or self.version.number


@dataclass(frozen=True, slots=True)
class PriorVersion:
    """A version kept of a report."""

    document_id: str
    message_id: str
    """The message that made it."""
    version: DocumentVersion
    state: DocumentState
    status: ReportStatus
    patient_key: str
    content_hash: str
    document: ClinicalDocument
    position: int = 0
    kind: OrderKind = OrderKind.SEND
    instructions: Instructions = AS_ROUTED


@dataclass(frozen=True, slots=True)
class History:
    """What is kept of a report."""

    latest: PriorVersion | None = None
    """The highest number, whatever its state."""
    ready: PriorVersion | None = None
    """The highest number that may leave, or has left: what a correction completes and replaces."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: str
    message_id: str
    version: DocumentVersion
    type: str
    title: str
    status: ReportStatus
    state: DocumentState
    created_at: datetime
    findings: tuple[Finding, ...]
    file_name: str
    pack: str
    orders: tuple[OrderRow, ...] = ()
    kind: OrderKind = OrderKind.SEND


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: str
    document_id: str
    destination: str
    recipient: str
    state: OrderState
    cause: str
    attempts: int
    created_at: datetime
    updated_at: datetime
    next_at: datetime | None
    not_before: datetime | None
    expires_at: datetime | None
    reference: str
    """Of the receipt, when delivered."""
    detail: str
    """The peer's last words, or the last error, without patient data."""
    kind: OrderKind = OrderKind.SEND
    about: str = ""
    """Id of the order a REPORT tells of."""


@dataclass(frozen=True, slots=True)
class OrderToReport:
    """An order that ended, of which the sender asked to be told, and has not been yet."""

    order: OrderRow
    source: str
    """Source of the message, in routes.yaml."""
    instructions: Instructions


@dataclass(frozen=True, slots=True)
class ClaimedOrder:
    """An order under lease, with what a destination needs to send it."""

    id: str
    destination: str
    recipient: str
    document_id: str
    attempt: int
    created_at: datetime
    expires_at: datetime | None
    uncertain: bool
    """True when an earlier try ended without an answer, or its worker died after `sending`: ask before sending."""
    version: DocumentVersion
    type: str
    title: str
    cda: bytes
    pdf: bytes | None
    document: ClinicalDocument
    file_name: str
    replaced: PriorDelivery | None = None
    kind: OrderKind = OrderKind.SEND
    instructions: Instructions = AS_ROUTED
    about: OrderRow | None = None
    """The order a REPORT tells of."""


@dataclass(frozen=True, slots=True)
class Lane:
    """All orders of one destination."""

    destination: str
    stopped: bool
    reason: str = ""
    since: datetime | None = None
    counts: dict[OrderState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history of a message, a document or an order."""

    at: datetime
    subject_id: str
    what: str
    """`received`, `converted`, `order.sending`, `order.delivered`…"""
    detail: str = ""
