"""Documents that may never leave, of which a sender awaits news: it was acknowledged before they were judged."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from engine.exchange import OrderOutcome, OrderState
from engine.findings import Disposition, Finding
from engine.model.instructions import Instructions
from engine.records import NewOrder
from engine.store import notices
from engine.store.queries import SQL
from engine.store.rows import findings, instant, instructions_of

_REFUSED = "document.refused"
"""Cause of a document refused without a finding that says why."""


@dataclass(frozen=True, slots=True)
class RefusedDocument:
    """A document refused after its message was acknowledged, its sender not told yet."""

    id: str
    message_id: str
    source: str
    """Source of the message, in routes.yaml."""
    instructions: Instructions


def to_tell(connection: sqlite3.Connection, limit: int) -> tuple[RefusedDocument, ...]:
    """Refused documents nobody looked at yet, oldest first."""
    found = connection.execute(SQL["refused_to_tell"], {"limit": max(limit, 0)})
    return tuple(
        RefusedDocument(row["id"], row["message_id"], row["source"], instructions_of(row["instructions"]))
        for row in found
    )


def tell(
    connection: sqlite3.Connection, document_id: str, reports: tuple[tuple[NewOrder, str], ...], now: datetime
) -> bool:
    """Keep the reports of a refused document, each with the mailbox it is about (empty: the DMP); False when it was
    done before, or when the document is no longer refused."""
    if connection.execute(SQL["mark_refusal_told"], {"id": document_id}).rowcount == 0:
        return False
    row = connection.execute(SQL["document"], {"id": document_id}).fetchone()
    why = _why(findings(row["findings"]))
    place: dict[str, object] = {"set_id": row["set_id"], "number": row["number"]}
    for order, mailbox in reports:
        outcome = OrderOutcome(
            destination="",
            recipient=mailbox,
            state=OrderState.REJECTED,
            cause=why.code if why else _REFUSED,
            detail=why.message if why else "",
            reference="",
            at=instant(row["created_at"]),
        )
        notices.keep(connection, document_id, place, order, outcome, now)
    return True


def _why(found: tuple[Finding, ...]) -> Finding | None:
    return next((one for one in found if one.disposition is Disposition.REFUSE), None)
