"""Transactions on orders under lease, as functions of the writer's connection."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from engine.exchange import FINAL_STATES, OrderState, Receipt
from engine.store import consents
from engine.store.history import note
from engine.store.order import Standing, change
from engine.store.queries import SQL
from engine.store.rows import later, micros, micros_or_none

EXPIRED = "expired"
"""Cause of an order rejected for its age."""
UNREADABLE = "store.unreadable"
"""Cause of an order whose document cannot be read back."""
_EXPIRED_AT_ONCE = 1_000
_POSTPONED = (OrderState.WAITING, OrderState.UNCERTAIN, OrderState.REJECTED)


@dataclass(frozen=True, slots=True)
class Leased:
    """An order just taken, its document not yet read."""

    seq: int
    id: str
    attempt: int
    uncertain: bool


def claim(
    connection: sqlite3.Connection, destination: str, owner: str, now: datetime, lease_seconds: float, limit: int
) -> tuple[Leased, ...]:
    at = micros(now)
    connection.execute(SQL["queue_orders"], {"destination": destination, "now": at})
    _expire(connection, destination, at)
    if connection.execute(SQL["stopped_lane"], {"destination": destination}).fetchone():
        return ()
    wanted = {"destination": destination, "now": at, "limit": max(limit, 0)}
    rows = connection.execute(SQL["queued_orders"], wanted).fetchall()
    for row in rows:
        lease = {"seq": row["seq"], "owner": owner, "now": at, "lease_until": later(now, lease_seconds)}
        connection.execute(SQL["lease_order"], lease)
        note(connection, at, row["id"], "order.claimed", "uncertain" if row["uncertain"] else "")
    return tuple(Leased(row["seq"], row["id"], row["attempts"] + 1, bool(row["uncertain"])) for row in rows)


def _expire(connection: sqlite3.Connection, destination: str, at: int) -> None:
    too_old = {"destination": destination, "now": at, "limit": _EXPIRED_AT_ONCE}
    for row in connection.execute(SQL["expired_orders"], too_old).fetchall():
        connection.execute(SQL["expire_order"], {"seq": row["seq"], "cause": EXPIRED, "now": at})
        note(connection, at, row["id"], f"order.{OrderState.REJECTED}", EXPIRED)


def set_aside(connection: sqlite3.Connection, order_ids: tuple[str, ...], owner: str, now: datetime) -> None:
    """Orders just taken of which the document cannot be read wait for a person."""
    for order_id in order_ids:
        postpone(connection, order_id, owner, OrderState.WAITING, now, None, UNREADABLE, "")


def mark_sending(connection: sqlite3.Connection, order_id: str, owner: str, now: datetime) -> bool:
    """The last look at what the patient wants: an answer that came since the order was taken still counts."""
    at = micros(now)
    if consents.stop(connection, order_id, owner, at):
        return False
    marked = connection.execute(SQL["mark_sending"], {"id": order_id, "owner": owner, "now": at}).rowcount > 0
    if marked:
        note(connection, at, order_id, f"order.{OrderState.SENDING}")
    return marked


def extend_lease(
    connection: sqlite3.Connection, order_ids: tuple[str, ...], owner: str, now: datetime, lease_seconds: float
) -> None:
    until = later(now, lease_seconds)
    leases = [{"id": order_id, "owner": owner, "lease_until": until} for order_id in order_ids]
    connection.executemany(SQL["extend_lease"], leases)


def deliver(connection: sqlite3.Connection, order_id: str, receipt: Receipt, now: datetime) -> bool:
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    if row is None or OrderState(row["state"]) in FINAL_STATES:
        return False
    at = micros(now)
    delivered = Standing(OrderState.DELIVERED, reference=receipt.reference, detail=receipt.detail)
    change(connection, row, delivered, at)
    note(connection, at, order_id, f"order.{OrderState.DELIVERED}", receipt.reference)
    if receipt.already_there:
        note(connection, at, order_id, "order.already_there")
    return True


def postpone(
    connection: sqlite3.Connection,
    order_id: str,
    owner: str,
    state: OrderState,
    now: datetime,
    next_at: datetime | None,
    cause: str,
    detail: str,
) -> bool:
    """An uncertain order that this try never handed over is still uncertain, whatever it waits for."""
    if state not in _POSTPONED:
        raise ValueError(f"an order cannot be postponed as {state}")
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    if row is None or row["state"] != OrderState.SENDING or row["owner"] != owner:
        return False
    if state is OrderState.WAITING and row["uncertain"] and not row["handed"]:
        state = OrderState.UNCERTAIN
    at = micros(now)
    next_try = None if state is OrderState.REJECTED else micros_or_none(next_at)
    standing = Standing(
        state,
        cause=cause,
        detail=detail,
        next_at=next_try,
        due_at=None if next_try is None else max(next_try, 0),
        uncertain=state is OrderState.UNCERTAIN,
    )
    change(connection, row, standing, at)
    note(connection, at, order_id, f"order.{state}", cause)
    consents.obey(connection, order_id, at)
    return True
