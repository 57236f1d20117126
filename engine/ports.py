"""What the engine asks of a connector and of a store. The comments are the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.calls import DocumentQuery, KeptCall, ListedDocument, LoggedEvent, Owner
from engine.exchange import Accepted, InboundMessage, Order, OrderState, Receipt
from engine.findings import Finding
from engine.model.consent import Consent, MailNotice, RecordedConsent
from engine.model.values import Identifier
from engine.records import (
    ClaimedMessage,
    ClaimedOrder,
    DocumentRow,
    Event,
    History,
    Lane,
    MessageRow,
    MessageState,
    NewDocument,
    NewOrder,
    OrderRow,
    OrderToReport,
)

Accept = Callable[[InboundMessage], Awaitable[Accepted]]
"""Returns once the message is durably kept. A source tells its sender "received" only after that."""


class Source(Protocol):
    """Brings messages in."""

    async def check(self) -> None:
        """Prove that it can work (directory readable, port free); raise ConfigError or TransientError otherwise."""

    async def serve(self, accept: Accept) -> None:
        """Run until cancelled. A bad message harms nothing else; a full disk or a busy store slows the sender down."""

    async def answer(self, message: InboundMessage, content: bytes) -> None:
        """Give the sender its syntax's own refusal (HPRIM ERR), where this source has a way back; else do nothing."""


class Destination(Protocol):
    """Takes documents to a peer. The same order delivered twice is one document at the peer."""

    async def check(self) -> None:
        """Prove that the peer can be reached and would take a document; raise as `deliver` would otherwise."""

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        """Do what the order's kind says, once. Await `sending()` right before the first byte that could make the peer
        take it: a death before that point proves nothing was taken, after it the order is uncertain.

        Raises TransientError, UncertainError, PermanentError, LaneError or ParkedError, never anything else on purpose.
        Cancelling it leaves nothing half done at our side.
        """

    async def find(self, order: Order) -> Receipt | None:
        """Ask the peer whether it took an uncertain order: its receipt, or None when it surely did not.

        Raises UncertainError when this peer cannot tell; then a person decides.
        """

    async def close(self) -> None:
        """Give connections back."""


Sending = Callable[[], Awaitable[None]]
"""Durably records that the document is about to be handed over."""


class OrderAction(StrEnum):
    """What a person may do to an order that is not yet being sent."""

    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    SEND_NOW = "send_now"
    RESEND = "resend"
    """After a rejection or an uncertain end that a person has cleared up: try again, same ids and same bytes."""
    CONFIRM = "confirm"
    """After an uncertain end: a person has seen that the recipient has it. Later versions may then leave."""


class Store(Protocol):
    """Keeps messages, documents and orders. Each method is one durable transaction: it happened or it did not.

    Instants are aware and given by the caller. Ids are text, sortable by creation for messages.
    """

    async def open(self) -> None:
        """Create or migrate, and take back what a dead engine held. Raises ConfigError when another one holds it."""

    async def close(self) -> None:
        """Finish what was asked, then release."""

    # -- in -----------------------------------------------------------------------------------------------------

    async def receive(self, message: InboundMessage) -> Accepted:
        """Keep a message, or find that (sender, content, attachments) is already kept."""

    async def claim_messages(
        self, owner: str, *, now: datetime, lease_seconds: float, limit: int
    ) -> tuple[ClaimedMessage, ...]:
        """Take messages to convert, oldest first: received, postponed and due, or whose lease is over."""

    async def history(self, set_id: Identifier, *, excluding: str = "") -> History:
        """The versions kept of a report, those made by the message `excluding` left aside."""

    async def settle_message(
        self,
        message_id: str,
        owner: str,
        state: MessageState,
        *,
        now: datetime,
        kind: str = "",
        sender: str = "",
        findings: tuple[Finding, ...] = (),
        documents: tuple[NewDocument, ...] = (),
        consents: tuple[Consent, ...] = (),
        notices: tuple[MailNotice, ...] = (),
    ) -> bool:
        """Record what became of a claimed message, with its documents and orders, consents and mail notices.

        Orders of an earlier version still HELD, or waiting for an identity, become SUPERSEDED by one that may leave.
        False, and nothing done, when the lease was lost or when (set_id, number) of a document is already taken by
        another message: claim again later. A replayed message's READY documents that exist already (same id) are kept
        as they are, with their orders; HELD or REFUSED ones are rebuilt.

        Orders that obey opposition and are not yet being sent become BLOCKED, those just made included, when the
        answer that holds for their patient is an opposition to feeding (or, where they need one, when there is none);
        blocked ones go back to what they were when it no longer is. A replayed message's answers take the place of
        those it gave before.
        """

    async def record_consent(self, consent: Consent, *, now: datetime) -> RecordedConsent:
        """Keep an answer that no message brought, with the same effect on orders."""

    async def postpone_message(
        self, message_id: str, owner: str, *, now: datetime, next_at: datetime, error: str
    ) -> None:
        """An unexpected fault: try again at `next_at`."""

    async def replay_message(self, message_id: str, *, now: datetime) -> bool:
        """Convert again a kept message (a table was completed, a hold lifted). False when there is no such message."""

    async def release_document(self, document_id: str, orders: tuple[NewOrder, ...], *, now: datetime) -> bool:
        """A person lets a HELD document leave: READY, with its orders. False when it is not held."""

    async def add_document(self, document: NewDocument, *, message_id: str, now: datetime) -> bool:
        """Keep a document that a person asked for (a deletion), beside those of a kept message. False when its id or
        its place in the report is taken."""

    # -- out ----------------------------------------------------------------------------------------------------

    async def claim_orders(
        self, destination: str, owner: str, *, now: datetime, lease_seconds: float, limit: int
    ) -> tuple[ClaimedOrder, ...]:
        """Take orders due for a destination: deferred past their window, ready, waiting and due, uncertain and due, or
        whose lease is over (those past `mark_sending` come back uncertain). Oldest first; never an order of which an
        earlier version of the same report is not in a final state for that destination and recipient; none when the
        lane is stopped. Orders past `expires_at` become REJECTED with cause `expired`, unless uncertain."""

    async def mark_sending(self, order_id: str, owner: str, *, now: datetime) -> bool:
        """Record that the document is about to be handed over. False when the lease was lost, or when the patient has
        opposed it since (it is BLOCKED then): do not send."""

    async def extend_lease(
        self, order_ids: tuple[str, ...], owner: str, *, now: datetime, lease_seconds: float
    ) -> None:
        """Heartbeat of a slow delivery."""

    async def deliver_order(self, order_id: str, owner: str, receipt: Receipt, *, now: datetime) -> bool:
        """DELIVERED, with its receipt. Accepted even when the lease was lost, unless already final."""

    async def postpone_order(
        self,
        order_id: str,
        owner: str,
        state: OrderState,
        *,
        now: datetime,
        next_at: datetime | None,
        cause: str,
        detail: str = "",
    ) -> bool:
        """WAITING or UNCERTAIN until `next_at` (None: until a person or an event wakes it), or REJECTED."""

    async def change_order(self, order_id: str, action: OrderAction, *, now: datetime) -> OrderState | None:
        """Hold, release, cancel, send now. The new state, or None when the order's state does not allow it."""

    async def orders_to_report(self, limit: int) -> tuple[OrderToReport, ...]:
        """Orders in a final state of which the sender asked to be told and has not been; oldest first."""

    async def report_order(self, order_id: str, reports: tuple[NewOrder, ...], *, now: datetime) -> bool:
        """Keep the orders that will tell of this one (none: there is nobody to tell); False when it was done before."""

    async def wake_orders(self, destination: str, *, causes: tuple[str, ...], now: datetime) -> int:
        """Make waiting orders of these causes due at once (the link is back, an identity was qualified)."""

    async def stop_lane(self, destination: str, reason: str, *, now: datetime) -> None:
        """No order of this destination is claimed until `start_lane`."""

    async def start_lane(self, destination: str, *, now: datetime) -> None:
        """Open it again and make its waiting orders due."""

    async def next_due(self, destination: str) -> datetime | None:
        """When the next order of this destination will be due, for a worker to sleep until then."""

    # -- to look at ---------------------------------------------------------------------------------------------

    async def messages(
        self, *, state: MessageState | None = None, limit: int = 100, before: str | None = None
    ) -> tuple[MessageRow, ...]:
        """Latest first; `before` is the id of the last row of the page before."""

    async def message(self, message_id: str) -> MessageRow | None: ...

    async def message_body(self, message_id: str) -> InboundMessage | None: ...

    async def documents(self, message_id: str) -> tuple[DocumentRow, ...]:
        """Documents of a message, with their orders."""

    async def document(self, document_id: str) -> DocumentRow | None: ...

    async def document_files(self, document_id: str) -> tuple[bytes | None, bytes | None] | None:
        """(CDA, PDF) as they leave."""

    async def orders(
        self, *, state: OrderState | None = None, destination: str | None = None, limit: int = 100
    ) -> tuple[OrderRow, ...]: ...

    async def order(self, order_id: str) -> OrderRow | None: ...

    async def consents(self, *, limit: int = 100) -> tuple[RecordedConsent, ...]:
        """Answers of patients, latest recorded first."""

    async def consent(self, consent_id: int) -> RecordedConsent | None: ...

    async def patient_consents(self, patient_ids: tuple[Identifier, ...]) -> tuple[RecordedConsent, ...]:
        """Answers of who bears any of these identifiers, oldest recorded first."""

    async def obeying_orders(self, patient_ids: tuple[Identifier, ...]) -> tuple[OrderRow, ...]:
        """Orders that obey the opposition of who bears any of these identifiers, in whatever state."""

    async def events(self, subject_id: str) -> tuple[Event, ...]:
        """History of a message, a document or an order, oldest first."""

    async def lanes(self) -> tuple[Lane, ...]:
        """Every destination that has had an order or was stopped, with its counts by state."""

    async def message_counts(self) -> dict[MessageState, int]: ...

    # -- for the callers of the API -----------------------------------------------------------------------------

    async def begin_call(self, caller: str, call_key: str, digest: bytes, *, now: datetime) -> KeptCall | None:
        """Remember a call by its key for seven days. None the first time; else the one before, left as it is."""

    async def end_call(self, caller: str, call_key: str, status: int, answer: str) -> None:
        """What a call was answered: the same key is answered the same from now on."""

    async def forget_call(self, caller: str, call_key: str) -> None:
        """Of a call that was refused: its key is free again. An answered one stays."""

    async def owner(self, subject_id: str) -> Owner | None:
        """Whose a document, an order or a message is; None when nothing of this id is kept."""

    async def listed_documents(self, query: DocumentQuery) -> tuple[ListedDocument, ...]:
        """Latest first, with their orders."""

    async def orders_of_structure(
        self, structure: str, *, state: OrderState | None = None, destination: str | None = None, limit: int = 100
    ) -> tuple[OrderRow, ...]:
        """Orders of the documents that a structure's software asked for, those of the latest documents first."""

    async def events_since(self, after: int, limit: int) -> tuple[LoggedEvent, ...]:
        """What happened after a cursor (0: since ever), oldest first."""

    async def last_event(self) -> int:
        """The cursor of the last thing that happened; 0 when nothing did."""
