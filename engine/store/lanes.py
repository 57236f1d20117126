"""Transactions on whole lanes: stop, start, wake; and what a lane's worker asks of its clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from engine.exchange import OrderState
from engine.records import Lane
from engine.store.history import note
from engine.store.queries import SQL
from engine.store.rows import instant, instant_or_none, micros, text

_WAITING = (OrderState.WAITING, OrderState.UNCERTAIN)
_HELD = (OrderState.HELD,)
_BLOCKED = (OrderState.BLOCKED,)


def stop(connection: sqlite3.Connection, destination: str, reason: str, now: datetime) -> None:
    at = micros(now)
    connection.execute(SQL["stop_lane"], {"destination": destination, "reason": text(reason), "now": at})
    note(connection, at, destination, "lane.stopped", reason)


def start(connection: sqlite3.Connection, destination: str, now: datetime) -> None:
    """Waiting orders become due, but those made while something was missing (an identity) still wait for that."""
    at = micros(now)
    if connection.execute(SQL["start_lane"], {"destination": destination}).rowcount:
        note(connection, at, destination, "lane.started")
    _wake(connection, (row for row in _in(connection, destination, _WAITING) if row["awaits"] is None), at)


def wake(connection: sqlite3.Connection, destination: str, causes: tuple[str, ...], now: datetime) -> int:
    """How many become due; those held or blocked meanwhile no longer wait either, once they are let go."""
    held = (row for row in _in(connection, destination, _HELD) if row["held_from"] and row["cause"] in causes)
    _wake(connection, held, micros(now), held=True)
    blocked = (
        row for row in _in(connection, destination, _BLOCKED) if _awaited(row) and row["blocked_cause"] in causes
    )
    _wake(connection, blocked, micros(now), held=True)
    rows = (row for row in _in(connection, destination, _WAITING) if row["cause"] in causes)
    return _wake(connection, rows, micros(now))


def _in(connection: sqlite3.Connection, destination: str, states: tuple[OrderState, ...]) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = []
    for state in states:
        rows += connection.execute(SQL["waiting_orders"], {"destination": destination, "state": state}).fetchall()
    return rows


def _wake(connection: sqlite3.Connection, rows: Iterable[sqlite3.Row], at: int, *, held: bool = False) -> int:
    """Due at once, or at the end of a deferral window that is still open."""
    woken = 0
    for row in rows:
        opens = max(at, row["not_before"] or 0)
        due_at = None if held else 0 if opens == at else opens
        due = {"seq": row["seq"], "next_at": opens, "due_at": due_at, "now": at}
        connection.execute(SQL["wake_order"], due)
        note(connection, at, row["id"], "order.woken", row["cause"])
        woken += 1
    return woken


def _awaited(row: sqlite3.Row) -> bool:
    """Whether a blocked order was waiting, or was held from waiting."""
    return row["blocked_from"] == OrderState.WAITING or row["held_from"] is not None


def next_due(connection: sqlite3.Connection, destination: str) -> datetime | None:
    """The earliest of: an order that may leave, one whose pause will be over, one that will be too old."""
    names = ["next_expiring_order"]
    if connection.execute(SQL["stopped_lane"], {"destination": destination}).fetchone() is None:
        names += ["first_queued_order", "next_timed_order"]
    found = [connection.execute(SQL[name], {"destination": destination}).fetchone() for name in names]
    return min((instant(row["due"]) for row in found if row is not None), default=None)


def lanes(connection: sqlite3.Connection) -> tuple[Lane, ...]:
    marks = {row["destination"]: row for row in connection.execute(SQL["lanes"])}
    counts: dict[str, dict[OrderState, int]] = {name: {} for name in marks}
    for row in connection.execute(SQL["order_counts"]):
        by_state = counts.setdefault(row["destination"], {})
        if row["n"]:
            by_state[OrderState(row["state"])] = row["n"]
    return tuple(_lane(name, marks.get(name), counts[name]) for name in sorted(counts))


def _lane(destination: str, mark: sqlite3.Row | None, counts: dict[OrderState, int]) -> Lane:
    if mark is None:
        return Lane(destination, stopped=False, counts=counts)
    return Lane(destination, bool(mark["stopped"]), mark["reason"], instant_or_none(mark["since"]), counts)
