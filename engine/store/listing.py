"""Lists for the callers of the API, each by an index, and whose each thing is."""

from __future__ import annotations

import sqlite3

from engine.calls import SUBJECTS, DocumentQuery, ListedDocument, LoggedEvent, Owner, Subject
from engine.exchange import OrderState
from engine.records import DocumentRow, OrderRow
from engine.store import rows
from engine.store.queries import SQL

_END = 2**63 - 1
_OWNERS = ("structure_of_document", "structure_of_order", "structure_of_message")


def owner(connection: sqlite3.Connection, subject_id: str) -> Owner | None:
    """Of a document, an order or a message; None when there is none of this id."""
    for name in _OWNERS:
        row = connection.execute(SQL[name], {"id": subject_id}).fetchone()
        if row is not None:
            return Owner(row["structure"] or "")
    return None


def documents(connection: sqlite3.Connection, query: DocumentQuery) -> tuple[ListedDocument, ...]:
    bounds = _bounds(connection, query)
    if query.set_id is not None:
        found = connection.execute(SQL["documents_of_set"], {"set_id": rows.key(query.set_id)}).fetchall()
        kept = [row for row in found if _wanted(row, query, bounds)][: max(query.limit, 0)]
    else:
        name = "documents_listed" + ("_of_structure" if query.structure else "_in_state" if query.state else "")
        kept = connection.execute(SQL[name], bounds).fetchall()
    return tuple(ListedDocument(_document(connection, row), row["structure"] or "") for row in kept)


def orders(
    connection: sqlite3.Connection, structure: str, state: OrderState | None, destination: str | None, limit: int
) -> tuple[OrderRow, ...]:
    given = {"structure": structure, "state": state, "destination": destination, "limit": max(limit, 0)}
    return tuple(rows.order_row(row) for row in connection.execute(SQL["orders_of_structure"], given))


def events(connection: sqlite3.Connection, after: int, limit: int) -> tuple[LoggedEvent, ...]:
    found = connection.execute(SQL["events_since"], {"after": after, "limit": max(limit, 0)})
    return tuple(LoggedEvent(row["seq"], rows.event(row), _subject(row), row["structure"]) for row in found)


def last_event(connection: sqlite3.Connection) -> int:
    return int(connection.execute(SQL["last_event"]).fetchone()[0] or 0)


def _bounds(connection: sqlite3.Connection, query: DocumentQuery) -> dict[str, object]:
    below: object = _END
    if query.before:
        row = connection.execute(SQL["place_of_document"], {"id": query.before}).fetchone()
        below = 0 if row is None else row["seq"]
    above: object = 0
    if query.since is not None:
        first = connection.execute(SQL["first_document_since"], {"since": rows.micros(query.since)}).fetchone()
        above = _END if first is None else first["seq"]
    return {
        "structure": query.structure,
        "state": query.state,
        "since": -_END if query.since is None else rows.micros(query.since),
        "until": _END if query.until is None else rows.micros(query.until),
        "below": below,
        "above": above,
        "limit": max(query.limit, 0),
    }


def _wanted(row: sqlite3.Row, query: DocumentQuery, bounds: dict[str, object]) -> bool:
    return (
        query.structure in ("", row["structure"])
        and query.state in (None, row["state"])
        and int(str(bounds["since"])) <= row["created_at"] < int(str(bounds["until"]))
        and row["seq"] < int(str(bounds["below"]))
    )


def _document(connection: sqlite3.Connection, row: sqlite3.Row) -> DocumentRow:
    found = connection.execute(SQL["orders_of_document"], {"document_id": row["id"]})
    return rows.document_row(row, tuple(rows.order_row(one) for one in found))


def _subject(row: sqlite3.Row) -> Subject:
    for name in SUBJECTS:
        if name != "lane" and row[f"{name}_id"] is not None:
            return name
    return "lane"
