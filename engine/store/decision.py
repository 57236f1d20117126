"""What a person may decide of an order, and what that makes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from engine.exchange import OrderState
from engine.ports import OrderAction
from engine.store import consents
from engine.store.history import note
from engine.store.order import Standing, change
from engine.store.queries import SQL
from engine.store.rows import micros

_NOT_YET_SENT = frozenset({OrderState.DEFERRED, OrderState.READY, OrderState.WAITING, OrderState.HELD})
_QUEUED = Standing(OrderState.READY, due_at=0)


def decide(connection: sqlite3.Connection, order_id: str, action: OrderAction, now: datetime) -> OrderState | None:
    """The new state; None when the state of the order, or a newer version that left, does not allow it.

    An order that would leave again although its patient opposes it since is blocked instead.
    """
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    if row is None:
        return None
    at = micros(now)
    standing = _DECISIONS[action](connection, row, at)
    if standing is None:
        return None
    person_lets_go = action in (OrderAction.RELEASE, OrderAction.SEND_NOW, OrderAction.RESEND)
    keep_window = action is not OrderAction.SEND_NOW
    change(connection, row, standing, at, keep_window=keep_window, renew_age=person_lets_go)
    note(connection, at, order_id, f"order.{standing.state}", action)
    return consents.obey(connection, order_id, at)


def _hold(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    """A held order never keeps a newer version back: where there is one, it takes the place at once."""
    state = OrderState(row["state"])
    if state not in _NOT_YET_SENT:
        return None
    if connection.execute(SQL["later_version"], dict(row)).fetchone():
        return Standing(OrderState.SUPERSEDED)
    held_from = row["held_from"] if state is OrderState.HELD else state
    return Standing(
        OrderState.HELD,
        cause=row["cause"],
        detail=row["detail"],
        next_at=row["next_at"],
        held_from=held_from,
    )


def _release(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    """Back to what it was: a deferral window still open stays open, what was waited for is still waited for."""
    if row["state"] != OrderState.HELD:
        return None
    if row["held_from"] == OrderState.WAITING:
        return _waiting(row, row["next_at"])
    if row["not_before"] is not None and row["not_before"] > at:
        return Standing(OrderState.DEFERRED, due_at=row["not_before"])
    return _QUEUED


def _send_now(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    """Neither window nor pause holds any longer; nobody can do without what is missing (an identity)."""
    state = OrderState(row["state"])
    if state not in _NOT_YET_SENT or row["awaits"] is not None:
        return None
    return _waiting(row, at) if OrderState.WAITING in (state, row["held_from"]) else _QUEUED


def _cancel(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    if OrderState(row["state"]) not in _NOT_YET_SENT | {OrderState.BLOCKED}:
        return None
    return Standing(OrderState.CANCELLED)


def _resend(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    """Never an older version after a newer one; what was missing when it became too old is waited for again."""
    if row["state"] not in (OrderState.REJECTED, OrderState.UNCERTAIN):
        return None
    if connection.execute(SQL["later_version_sent"], dict(row)).fetchone():
        return None
    return _QUEUED if row["awaits"] is None else Standing(OrderState.WAITING, cause=row["awaits"])


def _confirm(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> Standing | None:
    """Delivered, on the word of who asked the recipient."""
    if row["state"] != OrderState.UNCERTAIN:
        return None
    return Standing(OrderState.DELIVERED, detail="remise confirmée par une personne")


def _waiting(row: sqlite3.Row, next_at: int | None) -> Standing:
    return Standing(OrderState.WAITING, cause=row["cause"], detail=row["detail"], next_at=next_at, due_at=next_at)


_Decision = Callable[[sqlite3.Connection, sqlite3.Row, int], Standing | None]
_DECISIONS: dict[OrderAction, _Decision] = {
    OrderAction.HOLD: _hold,
    OrderAction.RELEASE: _release,
    OrderAction.SEND_NOW: _send_now,
    OrderAction.CANCEL: _cancel,
    OrderAction.RESEND: _resend,
    OrderAction.CONFIRM: _confirm,
}
