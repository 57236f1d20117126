"""A catch-up as values: what it takes, how fast, how far it is (SC.DMP/HISTO.05, .06 and .08, Ségur vague 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.consents import NOT_COLLECTED, OPPOSITION
from engine.exchange import OrderState, Package
from engine.history_runs.window import NightWindow
from engine.model.consent import RecordedConsent
from engine.model.document import ReportStatus
from engine.records import DocumentState, NewOrder, OrderRow

FASTEST_PER_MINUTE = 6_000
LONGEST_QUEUE = 100
EXPIRED = "expired"
"""Cause of an order rejected for its age."""


class RunState(StrEnum):
    PLANNING = "planning"
    """It looks at what is kept, a little at a time."""
    RUNNING = "running"
    """It makes orders, the oldest document first."""
    PAUSED = "paused"
    DONE = "done"
    """Every order is made, or, when dry, every document was looked at."""
    CANCELLED = "cancelled"
    """No more orders are made; those made already leave."""


ACTIVE = frozenset({RunState.PLANNING, RunState.RUNNING})


class RunAction(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class Exclusion(StrEnum):
    """Why a document does not leave."""

    DATE = "date"
    """Its act lies outside the period asked for."""
    SENDER = "sender"
    TYPE = "type"
    STATUS = "status"
    NOT_READY = "not_ready"
    """Held, refused or not built."""
    DELETED = "deleted"
    """Its deletion was asked for, or it is one."""
    REPLACED = "replaced"
    """A newer version may leave."""
    NEWER_NOT_READY = "newer_not_ready"
    """A newer version waits for a person or was refused: this one is in doubt."""
    ALREADY_SENT = "already_sent"
    UNDER_WAY = "under_way"
    ENDED = "ended"
    """An order of it was cancelled, superseded, or rejected for another cause than its age: that is not undone."""
    NOT_ASKED = "not_asked"
    """Its sender asked that it not go there."""
    PARTIAL = "partial"
    NO_RECIPIENT = "no_recipient"
    IDENTITY = "identity"
    """No qualified INS, where the destination needs one."""
    OPPOSITION = OPPOSITION
    NOT_COLLECTED = NOT_COLLECTED
    UNREADABLE = "unreadable"
    """What was kept of it can no longer be read."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a run takes; an empty tuple takes all."""

    destination: str
    """Name in routes.yaml."""
    since: date | None = None
    """First day of the act, included."""
    until: date | None = None
    """Last day of the act, included."""
    senders: tuple[str, ...] = ()
    """Structures, or sender codes read in the messages."""
    types: tuple[str, ...] = ()
    """Document types (`cr_bio`) or names of the catalogue (`cr-consultation`)."""
    statuses: tuple[ReportStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """How a run feeds its destination's lane."""

    per_minute: int
    """Documents, 1 to 6000."""
    queue: int = 10
    """It adds nothing while the lane has so many orders to send: fresh ones never wait behind more than that."""
    window: NightWindow | None = None
    """When it may feed; None: at any hour."""

    def __post_init__(self) -> None:
        if not 1 <= self.per_minute <= FASTEST_PER_MINUTE:
            raise ValueError("per_minute must lie between 1 and 6000")
        if not 1 <= self.queue <= LONGEST_QUEUE:
            raise ValueError("queue must lie between 1 and 100")


@dataclass(frozen=True, slots=True)
class HistoryRun:
    """A run as kept."""

    id: str
    state: RunState
    dry: bool
    """It only counts."""
    criteria: Criteria
    speed: Speed
    created_at: datetime
    updated_at: datetime
    reason: str
    """Why it is paused, when nobody asked: a code."""
    examined: int
    """Documents looked at."""
    eligible: int
    """Documents that would leave, or are still to leave."""
    ordered: int
    """Documents for which orders were made."""
    excluded: dict[Exclusion, int]
    orders: dict[OrderState, int]
    """Orders it made, by state."""
    cursor: int = 0
    """Place of the last document looked at; the store's own number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kept document, and what is needed to decide of it."""

    place: int
    """The store's own number."""
    package: Package
    """Without its files."""
    state: DocumentState
    status: ReportStatus
    built: bool
    deletion: bool
    """It is a deletion, not a document."""
    catalogue: str | None
    sender: str
    structure: str
    episode: str
    act_date: date
    act_at: datetime
    newer: tuple[NewerVersion, ...]
    orders: tuple[OrderRow, ...]
    """Those it has for the run's destination, deletions and reports apart."""
    answers: tuple[RecordedConsent, ...]
    """Of its patient, on any subject."""


@dataclass(frozen=True, slots=True)
class NewerVersion:
    state: DocumentState
    deletion: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A kept document that can no longer be read."""

    place: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one document: orders, or why there are none."""

    place: int
    exclusion: Exclusion | None
    act_at: datetime | None = None
    orders: tuple[NewOrder, ...] = ()


def too_old(order: OrderRow) -> bool:
    """It ended for its age alone: nothing was taken, nobody decided anything."""
    return order.state is OrderState.REJECTED and order.cause == EXPIRED
