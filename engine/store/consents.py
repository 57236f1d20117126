"""Consents of patients, and the orders they block or let go."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from engine.model.consent import Consent
from engine.store.queries import SQL
from engine.store.rows import micros, micros_or_none, text


def file(connection: sqlite3.Connection, message_id: str, consents: tuple[Consent, ...], now: datetime) -> None:
    """Keep the answers of one message."""
    for consent in consents:
        row = {
            "message_id": message_id,
            "subject": consent.subject,
            "answer": consent.answer,
            "episode": text(consent.episode),
            "collected_at": micros_or_none(consent.collected_at),
            "now": micros(now),
        }
        seq = connection.execute(SQL["insert_consent"], row).lastrowid
        for identifier in {f"{one.root}^{one.extension or ''}" for one in consent.patient_ids}:
            connection.execute(SQL["insert_consent_patient"], {"seq": seq, "identifier": text(identifier)})
