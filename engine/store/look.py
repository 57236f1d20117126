"""Reads, as functions of a reader's connection."""

from __future__ import annotations

import sqlite3

from engine.consents import links
from engine.exchange import InboundMessage, OrderState
from engine.model.values import Identifier
from engine.records import (
    ClaimedMessage,
    ClaimedOrder,
    DocumentRow,
    DocumentState,
    Event,
    History,
    MessageRow,
    MessageState,
    OrderRow,
    OrderToReport,
)
from engine.store import consents, inbox, notices, outbox, rows
from engine.store.queries import SQL


def claimed_messages(connection: sqlite3.Connection, leased: tuple[inbox.Leased, ...]) -> tuple[ClaimedMessage, ...]:
    taken = [(lease, message_body(connection, lease.id)) for lease in leased]
    return tuple(ClaimedMessage(lease.id, body, lease.attempts) for lease, body in taken if body is not None)


def claimed_orders(
    connection: sqlite3.Connection, leased: tuple[outbox.Leased, ...]
) -> tuple[tuple[ClaimedOrder, ...], tuple[str, ...]]:
    """The orders, and the ids of those of which the document can no longer be read: they must not hold up the rest."""
    orders, unreadable = [], []
    for lease in leased:
        try:
            orders.append(_claimed_order(connection, lease))
        except ValueError:
            unreadable.append(lease.id)
    return tuple(orders), tuple(unreadable)


def _claimed_order(connection: sqlite3.Connection, lease: outbox.Leased) -> ClaimedOrder:
    row = connection.execute(SQL["claimed_order"], {"seq": lease.seq}).fetchone()
    before = connection.execute(SQL["prior_delivery"], _lane(row)).fetchone()
    replaced = None if before is None else rows.prior_delivery(before)
    return rows.claimed_order(row, lease.attempt, lease.uncertain, replaced, notices.told(connection, row))


def _lane(row: sqlite3.Row) -> dict[str, object]:
    return {name: row[name] for name in ("set_id", "destination", "recipient", "number")}


def history(connection: sqlite3.Connection, set_id: Identifier, excluding: str) -> History:
    given = {"set_id": rows.key(set_id), "excluding": excluding}
    latest = connection.execute(SQL["latest_version"], given).fetchone()
    if latest is None:
        return History()
    version = rows.prior_version(latest)
    if version.state is DocumentState.READY:
        return History(version, version)
    ready = connection.execute(SQL["latest_ready_version"], given).fetchone()
    return History(version, None if ready is None else rows.prior_version(ready))


def messages(
    connection: sqlite3.Connection, state: MessageState | None, limit: int, before: str | None
) -> tuple[MessageRow, ...]:
    name = "messages" + ("_in_state" if state else "") + ("_before" if before else "")
    found = connection.execute(SQL[name], {"state": state, "limit": max(limit, 0), "before": before})
    return tuple(rows.message_row(row) for row in found)


def message(connection: sqlite3.Connection, message_id: str) -> MessageRow | None:
    row = connection.execute(SQL["message"], {"id": message_id}).fetchone()
    return None if row is None else rows.message_row(row)


def message_body(connection: sqlite3.Connection, message_id: str) -> InboundMessage | None:
    row = connection.execute(SQL["message_body"], {"id": message_id}).fetchone()
    if row is None:
        return None
    beside = connection.execute(SQL["message_attachments"], {"seq": row["seq"]}).fetchall()
    return rows.inbound_message(row, beside)


def documents(connection: sqlite3.Connection, message_id: str) -> tuple[DocumentRow, ...]:
    found = connection.execute(SQL["documents_of_message"], {"message_id": message_id}).fetchall()
    return tuple(rows.document_row(row, _orders_of(connection, row["id"])) for row in found)


def document(connection: sqlite3.Connection, document_id: str) -> DocumentRow | None:
    row = connection.execute(SQL["document"], {"id": document_id}).fetchone()
    return None if row is None else rows.document_row(row, _orders_of(connection, document_id))


def _orders_of(connection: sqlite3.Connection, document_id: str) -> tuple[OrderRow, ...]:
    found = connection.execute(SQL["orders_of_document"], {"document_id": document_id})
    return tuple(rows.order_row(row) for row in found)


def document_files(connection: sqlite3.Connection, document_id: str) -> tuple[bytes | None, bytes | None] | None:
    row = connection.execute(SQL["document_files"], {"id": document_id}).fetchone()
    return None if row is None else (row["cda"], row["pdf"])


def orders(
    connection: sqlite3.Connection, state: OrderState | None, destination: str | None, limit: int
) -> tuple[OrderRow, ...]:
    name = "orders" + ("_of_destination" if destination else "") + ("_in_state" if state else "")
    found = connection.execute(SQL[name], {"state": state, "destination": destination, "limit": max(limit, 0)})
    return tuple(rows.order_row(row) for row in found)


def order(connection: sqlite3.Connection, order_id: str) -> OrderRow | None:
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    return None if row is None else rows.order_row(row)


def orders_to_report(connection: sqlite3.Connection, limit: int) -> tuple[OrderToReport, ...]:
    found = connection.execute(SQL["orders_to_report"], {"limit": max(limit, 0)})
    return tuple(rows.order_to_report(row) for row in found)


def obeying_orders(connection: sqlite3.Connection, patient_ids: tuple[Identifier, ...]) -> tuple[OrderRow, ...]:
    found = consents.obeying_orders(connection, links(patient_ids))
    return tuple(rows.order_row(row) for row in found)


def events(connection: sqlite3.Connection, subject_id: str) -> tuple[Event, ...]:
    return tuple(rows.event(row) for row in connection.execute(SQL["events"], {"subject_id": subject_id}))


def message_counts(connection: sqlite3.Connection) -> dict[MessageState, int]:
    return {MessageState(row["state"]): row["n"] for row in connection.execute(SQL["message_counts"])}
