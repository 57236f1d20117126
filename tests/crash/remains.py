"""What the store's file says, read from outside and without the engine's own code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ORDERS = (
    "SELECT id, document_id, set_id, destination, recipient, number, state, attempts, handed, uncertain FROM orders"
)
_MESSAGES = "SELECT id, name, source, sha256, state, attempts FROM messages ORDER BY seq"
_MOVING = """
SELECT (SELECT count(*) FROM messages WHERE state IN ('received', 'converting', 'postponed'))
     + (SELECT count(*) FROM orders o
        WHERE (o.state IN ('deferred', 'ready', 'waiting', 'sending') OR (o.state = 'uncertain' AND o.due_at NOT NULL))
          AND NOT EXISTS (
            SELECT 1 FROM orders e
            WHERE e.set_id = o.set_id AND e.destination = o.destination AND e.recipient = o.recipient
              AND e.number < o.number AND e.state = 'uncertain' AND e.due_at IS NULL))
"""


@dataclass(frozen=True, slots=True)
class KeptMessage:
    id: str
    name: str
    source: str
    sha256: str
    state: str
    attempts: int


@dataclass(frozen=True, slots=True)
class KeptOrder:
    id: str
    document_id: str
    set_id: str
    destination: str
    recipient: str
    number: int
    """Of the version."""
    state: str
    attempts: int
    handed: bool
    """Its present try has passed the mark beyond which the peer may have it."""
    uncertain: bool
    """An earlier one has."""

    @property
    def never_claimed(self) -> bool:
        return self.state == "ready" and not self.attempts

    @property
    def at_work(self) -> bool:
        """A worker held it."""
        return self.state == "sending"

    @property
    def by_mail(self) -> bool:
        return self.destination != "dmp"

    @property
    def doubtful(self) -> bool:
        return self.handed or self.uncertain

    @property
    def lane(self) -> tuple[str, str, str]:
        """Where versions of one report follow each other."""
        return self.set_id, self.destination, self.recipient


class StoreFile:
    """Looks at the file while the engine runs, or after it died; changes nothing in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def messages(self) -> tuple[KeptMessage, ...]:
        return tuple(KeptMessage(*row) for row in self._rows(_MESSAGES))

    def orders(self, wanted: Callable[[KeptOrder], bool] = lambda _: True) -> tuple[KeptOrder, ...]:
        rows: list[tuple[Any, ...]] = [(*row[:8], bool(row[8]), bool(row[9])) for row in self._rows(_ORDERS)]
        found = (KeptOrder(*row) for row in rows)
        return tuple(one for one in found if wanted(one))

    def count(self, state: str) -> int:
        """Messages in a state."""
        return self._number("SELECT count(*) FROM messages WHERE state = ?", state)

    def state_of(self, sha256: str) -> str | None:
        """Of the message of these bytes; None before it is kept."""
        rows = self._rows("SELECT state FROM messages WHERE sha256 = ?", sha256)
        return rows[0][0] if rows else None

    def moving(self) -> int:
        """Messages and orders of which something will still become without anybody's help.

        What an uncertain order keeps back waits for a person, as that order does.
        """
        return self._number(_MOVING)

    def unique_ids(self) -> dict[str, str]:
        """Document → its ClinicalDocument/id."""
        found = self._rows("SELECT id, json_extract(version, '$.id.root') FROM documents")
        return {row[0]: row[1] for row in found}

    def _number(self, query: str, *values: str) -> int:
        rows = self._rows(query, *values)
        return int(rows[0][0]) if rows else 0

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """None where the engine died before it had made its tables."""
        if not self._path.exists():
            return []
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone() is None:
                return []
            return connection.execute(query, values).fetchall()
