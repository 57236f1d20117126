"""What travels along the line: the message that came in, the order that goes out, the receipt that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.document import DocumentVersion
from engine.model.instructions import AS_ROUTED, Instructions
from engine.model.parties import Patient, Professional


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message as received, never altered."""

    content: bytes
    source: str
    """Name of the source in routes.yaml."""
    name: str
    """File name, or what the source calls it."""
    received_at: datetime
    sender: str = ""
    """Who sent it, when the source knows without reading it (laboratory of a folder, owner of an API key)."""
    media_type: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """Files that came beside it (a PDF of the same base name)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The store's answer to a message: it is kept, durably."""

    message_id: str
    duplicate: bool
    """True when the same bytes came before from the same sender: nothing new will be made of them."""
    answer: bytes | None = None
    """What to tell the sender in its own syntax (HL7v2 ACK), where the route's format has one."""


class OrderKind(StrEnum):
    """What a destination is asked to do."""

    SEND = "send"
    """Take the document; in place of the one before when it replaces one."""
    DELETE = "delete"
    """Take back, or ask the recipient to destroy, a document sent earlier. The order bears that document itself."""
    REPORT = "report"
    """Tell the sender what became of another order (business acknowledgement)."""


class OrderState(StrEnum):
    """Life of an order: `deferred → ready → sending → delivered`, and beside it."""

    DEFERRED = "deferred"
    """Its deferral window is open."""
    READY = "ready"
    SENDING = "sending"
    """A worker holds it; past this point it can no longer be cancelled."""
    DELIVERED = "delivered"
    WAITING = "waiting"
    """Cause named: link, credential, identity, no_dmp… It resumes by itself once the cause is gone."""
    HELD = "held"
    """A person holds it back."""
    BLOCKED = "blocked"
    """The patient opposes it."""
    UNCERTAIN = "uncertain"
    """No answer came after sending: the peer is asked before anything is sent again."""
    REJECTED = "rejected"
    """The peer said no, or its maximum age is past."""
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """A newer version of the document left, or will leave, in its place."""


FINAL_STATES = frozenset({OrderState.DELIVERED, OrderState.REJECTED, OrderState.CANCELLED, OrderState.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Package:
    """A document ready to leave: the exact bytes, and what a destination must know of them."""

    document_id: str
    """Ours, in the store."""
    version: DocumentVersion
    type: str
    title: str
    cda: bytes
    """Never re-serialised: its hash is its identity."""
    pdf: bytes | None
    """The readable copy sent beside it by mail (PDF/A-1)."""
    patient: Patient
    recipients: tuple[Professional, ...]
    file_name: str
    """Base name for the readable copy, without extension, by the rule ECO.2.1.6."""
    instructions: Instructions = AS_ROUTED
    """What the sender asked of the sending."""


@dataclass(frozen=True, slots=True)
class Order:
    """One document version × one destination × one recipient. Its id is the idempotency key: all a peer sees derives
    from it."""

    id: str
    destination: str
    recipient: str
    """As DestinationDeclaration.recipients named it; empty where the peer itself is the recipient."""
    package: Package
    created_at: datetime
    attempt: int
    """From 1."""
    replaced: PriorDelivery | None = None
    """Where this destination took the version before, or the document to delete, when we delivered it."""
    kind: OrderKind = OrderKind.SEND
    about: OrderOutcome | None = None
    """What a REPORT tells."""


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """How an order ended, for who asked to be told."""

    destination: str
    """Name in routes.yaml."""
    recipient: str
    state: OrderState
    cause: str
    """Code of the failure, empty when delivered."""
    detail: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PriorDelivery:
    """The version before, as this destination took it for the same recipient."""

    unique_id: str
    """ClinicalDocument/id root of the version before."""
    reference: str
    """The reference of its receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The destination's own reference for what it took."""

    reference: str
    detail: str = ""
    """The peer's own words or codes, without patient data."""
    already_there: bool = False
    """True when the peer had it from an earlier try."""
