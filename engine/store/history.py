"""The history: one line for each change of state, in the same transaction as the change."""

from __future__ import annotations

import sqlite3

from engine.store.queries import SQL
from engine.store.rows import text


def note(connection: sqlite3.Connection, at: int, subject_id: str, what: str, detail: str = "") -> None:
    """`at` in microseconds."""
    line = {"at": at, "subject_id": subject_id, "what": what, "detail": text(detail)}
    connection.execute(SQL["insert_event"], line)
