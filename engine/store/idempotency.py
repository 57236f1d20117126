"""Calls that bear an Idempotency-Key: begun once, answered once, forgotten when they are old."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from engine.calls import KeptCall
from engine.store.queries import SQL
from engine.store.rows import micros, text

KEPT = timedelta(days=7)
"""How long the answer of a call stands for it."""


def begin(connection: sqlite3.Connection, caller: str, call_key: str, digest: bytes, now: datetime) -> KeptCall | None:
    """None when this is the first call of this key; else what is known of the one before, which stays as it is."""
    connection.execute(SQL["forget_old_calls"], {"before": micros(now - KEPT)})
    row = {"caller": text(caller), "call_key": text(call_key), "digest": digest, "now": micros(now)}
    if connection.execute(SQL["begin_call"], row).rowcount:
        return None
    known = connection.execute(SQL["call"], row).fetchone()
    return KeptCall(known["digest"], known["status"], known["answer"])


def end(connection: sqlite3.Connection, caller: str, call_key: str, status: int, answer: str) -> None:
    row = {"caller": text(caller), "call_key": text(call_key), "status": status, "answer": answer}
    connection.execute(SQL["end_call"], row)


def forget(connection: sqlite3.Connection, caller: str, call_key: str) -> None:
    """Of a call that was refused: mended, it may bear the same key."""
    connection.execute(SQL["forget_call"], {"caller": text(caller), "call_key": text(call_key)})
