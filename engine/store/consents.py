"""Consents of patients, and the orders they block or let go.

An order that obeys opposition is BLOCKED as soon as its patient opposes it, whatever it was before, and goes back to
that once they no longer do. What a worker already sends, or may have sent, is left to end by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine import consents
from engine.exchange import OrderState
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, OppositionScope, RecordedConsent
from engine.model.values import Identifier
from engine.store.history import note
from engine.store.order import Standing, change
from engine.store.queries import SQL
from engine.store.rows import instant, instant_or_none, micros_or_none, text

_NOT_YET_SENT = frozenset({OrderState.DEFERRED, OrderState.READY, OrderState.WAITING, OrderState.HELD})
_LIFTED = "lifted"
"""What history says of an order that its patient no longer keeps from leaving."""


def file(connection: sqlite3.Connection, message_id: str, given: tuple[Consent, ...], at: int) -> None:
    """Keep the answers of one message; where it was read before, in place of those. Each counts from the reception of
    its message, for an old message read late says nothing new."""
    if not given:
        return
    message = connection.execute(SQL["reception_of_message"], {"id": message_id}).fetchone()
    concerned: list[str] = []
    for subject in dict.fromkeys(one.subject for one in given):
        before = {"message_id": message_id, "subject": subject}
        for row in connection.execute(SQL["consents_of_message"], before).fetchall():
            connection.execute(SQL["replace_consent"], {"seq": row["seq"]})
            concerned += _identifiers(connection, row["seq"])
    for one in given:
        _insert(connection, message_id, one, message["received_at"])
        note(connection, at, message_id, "consent.recorded", one.subject)
        concerned += consents.links(one.patient_ids)
    _review(connection, concerned, at)


def record(connection: sqlite3.Connection, given: Consent, at: int) -> RecordedConsent:
    """Keep an answer that no message brought."""
    seq = _insert(connection, "", given, at)
    _review(connection, consents.links(given.patient_ids), at)
    return _recorded(connection, connection.execute(SQL["consent"], {"seq": seq}).fetchone())


def obey(connection: sqlite3.Connection, order_id: str, at: int) -> OrderState:
    """Block an order that must not leave, let go of one that may again; its state afterwards."""
    return _obey(connection, connection.execute(SQL["order"], {"id": order_id}).fetchone(), at)


def stop(connection: sqlite3.Connection, order_id: str, owner: str, at: int) -> bool:
    """Take an order that must not leave from the worker that is about to hand it over; nothing of this try has left."""
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    if row is None or row["state"] != OrderState.SENDING or row["owner"] != owner or row["handed"]:
        return False
    cause = _obstacle(connection, row)
    if cause is not None:
        _block(connection, row, OrderState.READY, "", cause, at)
    return cause is not None


def consent(connection: sqlite3.Connection, consent_id: int) -> RecordedConsent | None:
    row = connection.execute(SQL["consent"], {"seq": consent_id}).fetchone()
    return None if row is None else _recorded(connection, row)


def latest(connection: sqlite3.Connection, limit: int) -> tuple[RecordedConsent, ...]:
    found = connection.execute(SQL["consents"], {"limit": max(limit, 0)}).fetchall()
    return tuple(_recorded(connection, row) for row in found)


def of_patient(connection: sqlite3.Connection, patient_ids: tuple[Identifier, ...]) -> tuple[RecordedConsent, ...]:
    """Answers of the patient who bears any of these identifiers, oldest recorded first."""
    found: dict[int, sqlite3.Row] = {}
    for identifier in consents.links(patient_ids):
        for row in connection.execute(SQL["answers_of_patient"], {"identifier": text(identifier)}):
            found[row["seq"]] = row
    return tuple(_recorded(connection, found[seq]) for seq in sorted(found))


def obeying_orders(connection: sqlite3.Connection, links: Iterable[str]) -> tuple[sqlite3.Row, ...]:
    """Orders that obey the answers of who bears any of these identifiers, in the order they were made."""
    found: dict[int, sqlite3.Row] = {}
    for identifier in dict.fromkeys(links):
        for row in connection.execute(SQL["obeying_orders"], {"identifier": text(identifier)}):
            found[row["seq"]] = row
    return tuple(found[seq] for seq in sorted(found))


def _insert(connection: sqlite3.Connection, message_id: str, given: Consent, recorded_at: int) -> int:
    row = {
        "message_id": message_id,
        "subject": given.subject,
        "answer": given.answer,
        "episode": text(given.episode),
        "collected_at": micros_or_none(given.collected_at),
        "collected_until": micros_or_none(given.collected_until),
        "recorded_at": recorded_at,
        "author": text(given.author),
        "channel": text(given.channel),
    }
    seq = connection.execute(SQL["insert_consent"], row).lastrowid
    for identifier in consents.links(given.patient_ids):
        connection.execute(SQL["insert_consent_patient"], {"seq": seq, "identifier": text(identifier)})
    return int(seq or 0)


def _review(connection: sqlite3.Connection, links: Iterable[str], at: int) -> None:
    for row in obeying_orders(connection, links):
        _obey(connection, row, at)


def _obey(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> OrderState:
    state = OrderState(row["state"])
    if row["obeys"] is None or state not in _NOT_YET_SENT | {OrderState.BLOCKED}:
        return state
    cause = _obstacle(connection, row)
    if cause is None:
        return _let_go(connection, row, at) if state is OrderState.BLOCKED else state
    if state is not OrderState.BLOCKED:
        _block(connection, row, state, row["cause"], cause, at)
    elif row["cause"] != cause:
        _block(connection, row, OrderState(row["blocked_from"]), row["blocked_cause"], cause, at)
    return OrderState.BLOCKED


def _obstacle(connection: sqlite3.Connection, row: sqlite3.Row) -> str | None:
    if row["obeys"] is None:
        return None
    document = {"document_id": row["document_id"]}
    found = connection.execute(SQL["answers_for_document"], document).fetchall()
    episode = connection.execute(SQL["episode_of_document"], document).fetchone()["episode"]
    return consents.obstacle(
        (_answer(answer, ()) for answer in found),
        episode=episode,
        scope=OppositionScope(row["obeys"]),
        needs_answer=bool(row["needs_answer"]),
    )


def _block(
    connection: sqlite3.Connection, row: sqlite3.Row, before: OrderState, cause_before: str, cause: str, at: int
) -> None:
    blocked = Standing(
        OrderState.BLOCKED,
        cause=cause,
        detail=row["detail"],
        next_at=row["next_at"],
        held_from=row["held_from"],
        blocked_from=before,
        blocked_cause=cause_before,
    )
    change(connection, row, blocked, at)
    note(connection, at, row["id"], f"order.{OrderState.BLOCKED}", cause)


def _let_go(connection: sqlite3.Connection, row: sqlite3.Row, at: int) -> OrderState:
    """Back to what it was, as when a hold is lifted: an open window stays open, its age is not counted against it."""
    standing = _before(row, at)
    change(connection, row, standing, at, renew_age=True)
    note(connection, at, row["id"], f"order.{standing.state}", _LIFTED)
    return standing.state


def _before(row: sqlite3.Row, at: int) -> Standing:
    before, cause, detail, next_at = row["blocked_from"], row["blocked_cause"], row["detail"], row["next_at"]
    if before == OrderState.HELD:
        return Standing(OrderState.HELD, cause=cause, detail=detail, next_at=next_at, held_from=row["held_from"])
    if before == OrderState.WAITING:
        return Standing(OrderState.WAITING, cause=cause, detail=detail, next_at=next_at, due_at=next_at)
    if row["not_before"] is not None and row["not_before"] > at:
        return Standing(OrderState.DEFERRED, due_at=row["not_before"])
    return Standing(OrderState.READY, due_at=0)


def _identifiers(connection: sqlite3.Connection, seq: int) -> tuple[str, ...]:
    return tuple(row["identifier"] for row in connection.execute(SQL["consent_patients"], {"seq": seq}))


def _recorded(connection: sqlite3.Connection, row: sqlite3.Row) -> RecordedConsent:
    links = (one.partition("^") for one in _identifiers(connection, row["seq"]))
    return _answer(row, tuple(Identifier(root, number) for root, _, number in links))


def _answer(row: sqlite3.Row, patient_ids: tuple[Identifier, ...]) -> RecordedConsent:
    given = Consent(
        subject=ConsentSubject(row["subject"]),
        answer=ConsentAnswer(row["answer"]),
        collected_at=instant_or_none(row["collected_at"]),
        patient_ids=patient_ids,
        episode=row["episode"],
        collected_until=instant_or_none(row["collected_until"]),
        author=row["author"],
        channel=row["channel"],
    )
    return RecordedConsent(row["seq"], given, instant(row["recorded_at"]), row["message_id"])
