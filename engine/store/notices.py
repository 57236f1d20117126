"""What mail systems said of our mails, and the orders that tell a sender how its own ended."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from engine.model.consent import MailNotice
from engine.records import NewOrder
from engine.store import filing
from engine.store.queries import SQL
from engine.store.rows import micros, text


def file(connection: sqlite3.Connection, message_id: str, notices: tuple[MailNotice, ...], now: datetime) -> None:
    """Keep the notices of one message, each with the order of the mail it is about, when that is known."""
    for notice in notices:
        order = connection.execute(SQL["order_of_mail"], {"mail": text(notice.message_id)}).fetchone()
        row = {
            "message_id": message_id,
            "order_id": None if order is None else order["id"],
            "mail": text(notice.message_id),
            "what": "mdn" if notice.read else "dsn",
            "positive": int(notice.positive),
            "code": text(notice.code),
            "mailbox": text(notice.mailbox),
            "at": micros(notice.at),
            "now": micros(now),
        }
        connection.execute(SQL["insert_mail_notice"], row)


def report(connection: sqlite3.Connection, order_id: str, reports: tuple[NewOrder, ...], now: datetime) -> bool:
    """Keep the orders that will tell of one that ended; once."""
    if connection.execute(SQL["mark_reported"], {"id": order_id}).rowcount == 0:
        return False
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    place: dict[str, object] = {"set_id": row["set_id"], "number": row["number"]}
    for order in reports:
        filing.file_order(connection, row["document_id"], place, order, now)
    return True
