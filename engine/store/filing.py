"""Filing documents with their orders, inside the transaction that settles a message or releases a document."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from engine.consents import links
from engine.exchange import OrderKind, OrderState
from engine.model.codec import to_json
from engine.model.document import Encounter
from engine.model.parties import Patient
from engine.model.values import Identifier
from engine.records import DocumentState, NewDocument, NewOrder
from engine.store import consents
from engine.store.history import note
from engine.store.queries import SQL
from engine.store.rows import instructions_of, instructions_text, key, micros, micros_or_none, text

_FIRST_STATES = frozenset(
    {
        OrderState.DEFERRED,
        OrderState.READY,
        OrderState.HELD,
        OrderState.WAITING,
        OrderState.BLOCKED,
        OrderState.REJECTED,
    }
)
NOTHING_LEFT = "nothing_left"
"""Cause of a deletion cancelled because the document had not left yet."""
_LEAVING = frozenset({OrderState.DEFERRED, OrderState.READY, OrderState.HELD, OrderState.WAITING})


def check(document: NewDocument) -> None:
    """Raises ValueError on what must never be kept: orders of a document that may not leave, or nothing to send."""
    if document.state is not DocumentState.READY and document.orders:
        raise ValueError("only a READY document has orders; release_document gives them to a held one")
    if document.state is DocumentState.READY and document.cda is None:
        raise ValueError("a READY document has its CDA")
    check_orders(document.orders)


def check_orders(orders: tuple[NewOrder, ...]) -> None:
    for order in orders:
        if order.state not in _FIRST_STATES:
            raise ValueError(f"an order cannot begin as {order.state}")


def taken_by_another(connection: sqlite3.Connection, message_id: str, document: NewDocument) -> bool:
    """Whether another message holds the document's id or its place in the report."""
    return any(row["message_id"] != message_id for row in _in_place(connection, document))


def file(connection: sqlite3.Connection, message_id: str, document: NewDocument, now: datetime) -> None:
    """Keep a document; one of the same message that may leave already stays as it is, another is made anew."""
    before = _in_place(connection, document)
    if any(row["state"] == DocumentState.READY for row in before):
        return
    if before:  # a report of its refusal refers to it
        connection.execute("PRAGMA defer_foreign_keys = ON")
    for row in before:
        connection.execute(SQL["move_reports"], {"old": row["id"], "id": document.id})
        connection.execute(SQL["delete_document"], {"seq": row["seq"]})
    seq = connection.execute(SQL["insert_document"], _document(message_id, document, micros(now))).lastrowid
    body = {"seq": seq, "document": to_json(document.document), "cda": document.cda, "pdf": document.pdf}
    connection.execute(SQL["insert_document_body"], body)
    note(connection, micros(now), document.id, f"document.{document.state}")
    for identifier in patient_identifiers(document.document.patient):
        connection.execute(SQL["insert_document_patient"], {"seq": seq, "identifier": text(identifier)})
    place = _place(document)
    told = document.instructions.receipts is not None
    for order in document.orders:
        file_order(connection, document.id, place, order, now, told=told)


def add(connection: sqlite3.Connection, message_id: str, document: NewDocument, now: datetime) -> bool:
    """Keep a document beside those of a message; False when its place is taken."""
    if _in_place(connection, document):
        return False
    file(connection, message_id, document, now)
    return True


def patient_identifiers(patient: Patient) -> tuple[str, ...]:
    """Every identifier of a patient as one text each, the INS included."""
    ins = () if patient.ins is None else (Identifier(patient.ins.oid, patient.ins.matricule),)
    return links((*patient.ids, *ins))


def release(connection: sqlite3.Connection, document_id: str, orders: tuple[NewOrder, ...], now: datetime) -> bool:
    row = connection.execute(SQL["document"], {"id": document_id}).fetchone()
    files = connection.execute(SQL["document_files"], {"id": document_id}).fetchone()
    if row is None or row["state"] != DocumentState.HELD or files["cda"] is None:
        return False
    connection.execute(SQL["release_document"], {"id": document_id})
    note(connection, micros(now), document_id, "document.released")
    told = instructions_of(row["instructions"]).receipts is not None
    for order in orders:
        place: dict[str, object] = {"set_id": row["set_id"], "number": row["number"]}
        file_order(connection, document_id, place, order, now, told=told)
    if connection.execute(SQL["message_no_longer_held"], {"id": row["message_id"]}).rowcount:
        note(connection, micros(now), row["message_id"], "converted")
    return True


def file_order(
    connection: sqlite3.Connection,
    document_id: str,
    place: dict[str, object],
    order: NewOrder,
    now: datetime,
    *,
    told: bool = False,
) -> None:
    """Keep an order. An older version never follows a newer one that left; a newer one takes the place of held ones, a
    deletion that of all that have not left; one that its patient opposes is blocked at once, a deletion never is.
    `told`: the sender asked to know how it ends."""
    at = micros(now)
    lane = {**place, "destination": order.destination, "recipient": order.recipient}
    state, cause = order.state, order.cause
    ordered = order.kind is not OrderKind.REPORT
    if order.kind is OrderKind.DELETE and _nothing_left(connection, lane, at):
        state, cause = OrderState.CANCELLED, NOTHING_LEFT
    if ordered and state in _LEAVING and connection.execute(SQL["later_version_sent"], lane).fetchone():
        state = OrderState.SUPERSEDED
    row = {
        **lane,
        "id": order.id,
        "document_id": document_id,
        "state": state,
        "cause": text(cause),
        "awaits": text(cause) if state is OrderState.WAITING else None,
        "now": at,
        "not_before": micros_or_none(order.not_before),
        "expires_at": micros_or_none(order.expires_at),
        "due_at": first_due(state, order.not_before),
        "kind": order.kind,
        "about": order.about,
        "report": int(told and ordered),
        "obeys": order.obeys_opposition if order.kind is OrderKind.SEND else None,
        "needs_answer": int(order.needs_answer),
    }
    connection.execute(SQL["insert_order"], row)
    note(connection, at, order.id, f"order.{state}", cause)
    if ordered and state in _LEAVING:
        _supersede(connection, lane, at)
    if order.obeys_opposition is not None:
        consents.obey(connection, order.id, at)


def first_due(state: OrderState, not_before: datetime | None) -> int | None:
    """When an order that was never tried enters its lane's queue: 0 for at once, None for never by itself."""
    if state is OrderState.READY:
        return 0
    if state is OrderState.DEFERRED:
        return max(micros_or_none(not_before) or 0, 0)
    return None


def _supersede(connection: sqlite3.Connection, lane: dict[str, object], at: int) -> None:
    for held in connection.execute(SQL["earlier_unsent_orders"], lane).fetchall():
        connection.execute(SQL["supersede_order"], {"seq": held["seq"], "now": at})
        note(connection, at, held["id"], f"order.{OrderState.SUPERSEDED}")


def _nothing_left(connection: sqlite3.Connection, lane: dict[str, object], at: int) -> bool:
    """Whether all there was to delete had not left yet: it never will."""
    for row in connection.execute(SQL["earlier_orders_not_left"], lane).fetchall():
        connection.execute(SQL["supersede_order"], {"seq": row["seq"], "now": at})
        note(connection, at, row["id"], f"order.{OrderState.SUPERSEDED}")
    earlier = connection.execute(SQL["earlier_orders"], lane).fetchone()
    return bool(earlier["n"]) and not earlier["gone"]


def _place(document: NewDocument) -> dict[str, object]:
    return {"set_id": key(document.version.set_id), "number": document.place}


def _in_place(connection: sqlite3.Connection, document: NewDocument) -> list[sqlite3.Row]:
    return connection.execute(SQL["documents_in_place"], {"id": document.id, **_place(document)}).fetchall()


def _document(message_id: str, document: NewDocument, at: int) -> dict[str, object]:
    return {
        "id": document.id,
        "message_id": message_id,
        "set_id": key(document.version.set_id),
        "number": document.place,
        "version": to_json(document.version),
        "type": document.type,
        "title": text(document.title),
        "status": document.status,
        "state": document.state,
        "patient_key": text(document.patient_key),
        "content_hash": document.content_hash,
        "findings": to_json(document.findings),
        "file_name": text(document.file_name),
        "pack": document.pack,
        "created_at": at,
        "kind": document.kind,
        "instructions": instructions_text(document.instructions),
        "episode": _episode(document.document.encounter),
    }


def _episode(encounter: Encounter) -> str:
    """The number of the stay, as answers of patients name it (PV1-19)."""
    return text((encounter.id.extension or "").strip()) if encounter.id is not None else ""
