"""The standing of an order: its state and all that goes with it, changed together."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from engine.exchange import OrderState
from engine.store.queries import SQL
from engine.store.rows import text


@dataclass(frozen=True, slots=True)
class Standing:
    """What changes together; instants in microseconds."""

    state: OrderState
    cause: str = ""
    detail: str = ""
    reference: str = ""
    next_at: int | None = None
    due_at: int | None = None
    uncertain: bool = False
    held_from: OrderState | None = None
    blocked_from: OrderState | None = None
    blocked_cause: str = ""


def change(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    standing: Standing,
    at: int,
    *,
    keep_window: bool = True,
    renew_age: bool = False,
) -> None:
    """Give an order a new standing, and take it from whoever held it.

    `keep_window` False ends its deferral; `renew_age` gives an order past its age the whole of it again.
    """
    values = {
        "seq": row["seq"],
        "state": standing.state,
        "held_from": standing.held_from,
        "blocked_from": standing.blocked_from,
        "blocked_cause": text(standing.blocked_cause),
        "cause": text(standing.cause),
        "detail": text(standing.detail),
        "reference": text(standing.reference),
        "next_at": standing.next_at,
        "due_at": standing.due_at,
        "uncertain": int(standing.uncertain),
        "not_before": row["not_before"] if keep_window else None,
        "expires_at": _expires_at(row, at) if renew_age else row["expires_at"],
        "now": at,
    }
    connection.execute(SQL["change_order"], values)


def _expires_at(row: sqlite3.Row, at: int) -> int | None:
    if row["expires_at"] is None or row["expires_at"] > at:
        return row["expires_at"]  # type: ignore[no-any-return]
    return at + max(int(row["expires_at"]) - int(row["created_at"]), 0)
