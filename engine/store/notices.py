"""What mail systems said of our mails, and the orders that tell a sender how its own ended."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime

from engine.consents import OPPOSITION
from engine.exchange import FINAL_STATES, OrderOutcome, OrderState, Receipt
from engine.model.codec import from_json, to_json
from engine.model.consent import MailNotice
from engine.records import DocumentState, NewOrder, OrderRow, OrderToReport
from engine.store import filing, outbox
from engine.store.history import note
from engine.store.queries import SQL
from engine.store.rows import instant, instructions_of, micros, order_row, order_to_report, text

PATIENT = "patient"
"""How an order names a patient's own mailbox."""
_LOCAL_PART = re.compile(r"<?([^<>@\s]+)@[^<>@\s]+>?")
_EVENTS = {
    ("dsn", True): "mail.arrived",
    ("dsn", False): "mail.not_arrived",
    ("mdn", True): "mail.read",
    ("mdn", False): "mail.not_integrated",
}


@dataclass(frozen=True, slots=True)
class NoticeToTell:
    """What a mail system said of one of our mails, not looked at yet."""

    seq: int
    notice: MailNotice
    of: OrderToReport
    """The order of that mail."""


def file(connection: sqlite3.Connection, message_id: str, notices: tuple[MailNotice, ...], now: datetime) -> None:
    """Keep the notices of one message, each with the order of the mail it is about, when that is known. A mail that
    arrived, or was read, is no longer uncertain."""
    at = micros(now)
    for notice in notices:
        mail, what = text(notice.message_id), "mdn" if notice.read else "dsn"
        order = connection.execute(SQL["order_of_mail"], {"mail": mail, "order_id": _order_id(mail)}).fetchone()
        row = {
            "message_id": message_id,
            "order_id": None if order is None else order["id"],
            "mail": mail,
            "what": what,
            "positive": int(notice.positive),
            "code": text(notice.code),
            "mailbox": _mailbox(notice, order),
            "at": micros(notice.at),
            "now": at,
        }
        connection.execute(SQL["insert_mail_notice"], row)
        if order is None:
            note(connection, at, message_id, "mail.unknown")
        else:
            note(connection, at, order["id"], _EVENTS[what, notice.positive], notice.code)
            if notice.positive and order["state"] == OrderState.UNCERTAIN:
                outbox.deliver(connection, order["id"], Receipt(mail, "remise confirmée par un accusé"), now)


def report(connection: sqlite3.Connection, order_id: str, reports: tuple[NewOrder, ...], now: datetime) -> bool:
    """Keep the orders that will tell of one that ended; once for each of its ends."""
    told = [(one, _outcome(connection, one)) for one in reports]
    if any(outcome is None for _, outcome in told):  # sent again meanwhile: its new end is told
        return False
    if connection.execute(SQL["mark_reported"], {"id": order_id}).rowcount == 0:
        return False
    for order, outcome in told:
        if outcome is not None:
            _file(connection, order_id, order, outcome, now)
    return True


def tell(connection: sqlite3.Connection, seq: int, reports: tuple[NewOrder, ...], now: datetime) -> bool:
    """Keep the orders that will tell of a notice (none: nobody asked); False when it was done before."""
    if connection.execute(SQL["mark_notice_told"], {"seq": seq}).rowcount == 0:
        return False
    row = connection.execute(SQL["mail_notice"], {"seq": seq}).fetchone()
    about = connection.execute(SQL["order"], {"id": row["order_id"]}).fetchone()
    outcome = OrderOutcome(
        destination=about["destination"],
        recipient=(row["mailbox"] if row["what"] == "mdn" else "") or about["recipient"],
        state=OrderState.DELIVERED if row["positive"] else OrderState.REJECTED,
        cause=f"{row['what']}.{row['code']}" if row["code"] else "",
        detail="",
        reference=row["mail"],
        at=instant(row["at"]),
    )
    for order in reports:
        _file(connection, row["order_id"], order, outcome, now)
    return True


def told(connection: sqlite3.Connection, row: sqlite3.Row) -> OrderRow | None:
    """The order a report tells of, as it was when the report was made; None for an order that is no report. Of a
    document that was refused there was none: its number stands for it."""
    if not row["about"]:
        return None
    kept = connection.execute(SQL["report_outcome"], {"order_id": row["id"]}).fetchone()
    if kept is None:
        return None
    then: OrderOutcome = from_json(OrderOutcome, kept["outcome"])
    about = connection.execute(SQL["order"], {"id": row["about"]}).fetchone()
    return replace(
        order_row(row if about is None else about),
        id=row["about"],
        destination=then.destination,
        recipient=then.recipient,
        state=then.state,
        cause=then.cause,
        detail=then.detail,
        reference=then.reference,
        updated_at=then.at,
    )


def ended(order: OrderRow) -> bool:
    """Whether a sender is told of it now: it has come to an end, or its patient opposes it. One that only waits for an
    answer of the patient may still leave."""
    if order.state is OrderState.BLOCKED:
        return order.cause == OPPOSITION
    return order.state in FINAL_STATES


def together(connection: sqlite3.Connection, order_id: str) -> tuple[OrderRow, ...]:
    """The orders of the same message and destination of which news were asked, itself included; in order."""
    return tuple(order_row(row) for row in connection.execute(SQL["orders_told_together"], {"id": order_id}))


def not_leaving(connection: sqlite3.Connection, order_id: str) -> tuple[DocumentState, ...]:
    """States of the documents of the same message that may not leave, and of which news of reception were asked."""
    found = connection.execute(SQL["documents_not_leaving"], {"id": order_id}).fetchall()
    asked = ((row["state"], instructions_of(row["instructions"]).receipts) for row in found)
    return tuple(DocumentState(state) for state, receipts in asked if receipts is not None and receipts.reception)


def to_tell(connection: sqlite3.Connection, limit: int) -> tuple[NoticeToTell, ...]:
    """Notices nobody looked at yet, oldest first."""
    found = connection.execute(SQL["notices_to_tell"], {"limit": max(limit, 0)})
    return tuple(_notice(row) for row in found)


def _notice(row: sqlite3.Row) -> NoticeToTell:
    read, positive = row["what"] == "mdn", bool(row["positive"])
    notice = MailNotice(row["mail"], read, positive, row["code"], row["mailbox"], instant(row["at"]))
    return NoticeToTell(row["notice_seq"], notice, order_to_report(row))


def _mailbox(notice: MailNotice, order: sqlite3.Row | None) -> str:
    """A patient's mailbox holds the matricule and is never written out."""
    return PATIENT if order is not None and order["recipient"] == PATIENT else text(notice.mailbox)


def _order_id(mail: str) -> str:
    """What may be the id of an order in a Message-ID or an ENVID."""
    found = _LOCAL_PART.fullmatch(mail.strip())
    return found[1] if found else mail.strip()


def _outcome(connection: sqlite3.Connection, report: NewOrder) -> OrderOutcome | None:
    """The end a report tells, which a cause of its own makes a failure; None when its order has not ended."""
    outcome = _ended(connection, report.about)
    if outcome is None or not report.cause:
        return outcome
    return replace(outcome, state=OrderState.REJECTED, cause=report.cause, detail="")


def _ended(connection: sqlite3.Connection, order_id: str) -> OrderOutcome | None:
    row = connection.execute(SQL["order"], {"id": order_id}).fetchone()
    if row is None or not ended(order := order_row(row)):
        return None
    return OrderOutcome(
        destination=order.destination,
        recipient=order.recipient,
        state=order.state,
        cause=order.cause,
        detail=order.detail,
        reference=order.reference,
        at=order.updated_at,
    )


def _file(connection: sqlite3.Connection, beside: str, order: NewOrder, outcome: OrderOutcome, now: datetime) -> None:
    """Keep a report beside the order it tells of."""
    row = connection.execute(SQL["order"], {"id": beside}).fetchone()
    place: dict[str, object] = {"set_id": row["set_id"], "number": row["number"]}
    keep(connection, row["document_id"], place, order, outcome, now)


def keep(
    connection: sqlite3.Connection,
    document_id: str,
    place: dict[str, object],
    order: NewOrder,
    outcome: OrderOutcome,
    now: datetime,
) -> None:
    """Keep a report and what it tells; once."""
    if connection.execute(SQL["order"], {"id": order.id}).fetchone() is None:
        connection.execute(SQL["insert_report_outcome"], {"order_id": order.id, "outcome": to_json(outcome)})
        filing.file_order(connection, document_id, place, order, now)
