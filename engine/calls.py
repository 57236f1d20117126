"""What the API asks of the store on behalf of a caller: calls answered once, lists, what happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from engine.model.values import Identifier
from engine.records import DocumentRow, DocumentState, Event

Subject = Literal["document", "order", "message", "lane"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call that bore this key before."""

    digest: bytes
    """SHA-256 of what was asked."""
    status: int | None
    """None: not answered, because it is under way or because the engine died."""
    answer: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a document, an order or a message is."""

    structure: str
    """Empty: of no structure's software."""


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """Which documents, latest first; what is left out restricts nothing."""

    structure: str = ""
    set_id: Identifier | None = None
    """Every version of one report, and its deletions; the other restrictions hold too."""
    state: DocumentState | None = None
    since: datetime | None = None
    """Made at that instant or after."""
    until: datetime | None = None
    """Made before."""
    before: str = ""
    """Id of the last row of the page before."""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ListedDocument:
    row: DocumentRow
    structure: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One line of the history of everything."""

    cursor: int
    """Grows with time; the next page begins after it."""
    event: Event
    subject: Subject
    structure: str
    """Whose document it is about; empty: of no structure's software."""
