"""Transactions on messages, as functions of the writer's connection."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.exchange import Accepted, InboundMessage
from engine.findings import Finding
from engine.model.codec import to_json
from engine.model.consent import Consent, MailNotice
from engine.records import MessageState, NewDocument
from engine.store import consents, filing, notices
from engine.store.history import note
from engine.store.ids import MessageIds
from engine.store.queries import SQL
from engine.store.rows import later, micros, text

_SETTLED = (MessageState.CONVERTED, MessageState.HELD, MessageState.REFUSED, MessageState.IGNORED)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message just taken, its bytes not yet read."""

    id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a message."""

    state: MessageState
    kind: str
    sender: str
    findings: tuple[Finding, ...]
    documents: tuple[NewDocument, ...]
    consents: tuple[Consent, ...] = ()
    notices: tuple[MailNotice, ...] = ()

    def __post_init__(self) -> None:
        if self.state not in _SETTLED:
            raise ValueError(f"a message cannot be settled as {self.state}")
        for document in self.documents:
            filing.check(document)


def digest(message: InboundMessage) -> bytes:
    """SHA-256 of sender, content and attachments, each with its length so that none can pass for another."""
    total = hashlib.sha256()
    for part in _parts(message):
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.digest()


def _parts(message: InboundMessage) -> Iterable[bytes]:
    yield message.sender.encode("utf-8", "backslashreplace")
    yield message.content
    for beside in message.attachments:
        yield beside.name.encode("utf-8", "backslashreplace")
        yield beside.content


def receive(connection: sqlite3.Connection, ids: MessageIds, message: InboundMessage) -> Accepted:
    message_id, at = ids.next(message.received_at), micros(message.received_at)
    row = {
        "id": message_id,
        "digest": digest(message),
        "source": text(message.source),
        "name": text(message.name),
        "sent_by": text(message.sender),
        "media_type": None if message.media_type is None else text(message.media_type),
        "received_at": at,
        "size_bytes": len(message.content),
        "sha256": hashlib.sha256(message.content).hexdigest(),
    }
    kept = connection.execute(SQL["insert_message"], row)
    if kept.rowcount == 0:
        return Accepted(connection.execute(SQL["message_of_digest"], row).fetchone()["id"], duplicate=True)
    seq = kept.lastrowid
    connection.execute(SQL["insert_message_body"], {"seq": seq, "content": message.content})
    for position, beside in enumerate(message.attachments):
        file = {"seq": seq, "position": position, "name": text(beside.name), "content": beside.content}
        connection.execute(SQL["insert_attachment"], file)
    note(connection, at, message_id, "received")
    return Accepted(message_id, duplicate=False)


def claim(
    connection: sqlite3.Connection, owner: str, now: datetime, lease_seconds: float, limit: int
) -> tuple[Leased, ...]:
    at = micros(now)
    connection.execute(SQL["queue_messages"], {"now": at})
    rows = connection.execute(SQL["queued_messages"], {"limit": max(limit, 0)}).fetchall()
    for row in rows:
        lease = {"seq": row["seq"], "owner": owner, "lease_until": later(now, lease_seconds)}
        connection.execute(SQL["lease_message"], lease)
        note(connection, at, row["id"], "converting")
    return tuple(Leased(row["id"], row["attempts"] + 1) for row in rows)


def settle(connection: sqlite3.Connection, message_id: str, owner: str, settlement: Settlement, now: datetime) -> bool:
    held = connection.execute(SQL["leased_message"], {"id": message_id, "owner": owner}).fetchone()
    if held is None:
        return False
    if any(filing.taken_by_another(connection, message_id, document) for document in settlement.documents):
        return False
    for document in settlement.documents:
        filing.file(connection, message_id, document, now)
    consents.file(connection, message_id, settlement.consents, micros(now))
    notices.file(connection, message_id, settlement.notices, now)
    change = {
        "seq": held["seq"],
        "state": settlement.state,
        "kind": text(settlement.kind),
        "sender": text(settlement.sender),
        "findings": to_json(settlement.findings),
    }
    connection.execute(SQL["settle_message"], change)
    note(connection, micros(now), message_id, settlement.state)
    return True


def postpone(
    connection: sqlite3.Connection, message_id: str, owner: str, now: datetime, next_at: datetime, error: str
) -> None:
    held = connection.execute(SQL["leased_message"], {"id": message_id, "owner": owner}).fetchone()
    if held is not None:
        change = {"seq": held["seq"], "next_at": micros(next_at), "error": text(error)}
        connection.execute(SQL["postpone_message"], change)
        note(connection, micros(now), message_id, MessageState.POSTPONED, error)


def replay(connection: sqlite3.Connection, message_id: str, now: datetime) -> bool:
    if connection.execute(SQL["replay_message"], {"id": message_id}).rowcount == 0:
        return False
    note(connection, micros(now), message_id, "replayed")
    return True
