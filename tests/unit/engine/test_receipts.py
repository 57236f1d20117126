"""What is told, of which order, under which id: decided without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import connectors.destinations
from connectors.destinations.mllp import DESTINATION as MLLP
from connectors.destinations.mllp import MllpSettings
from engine.exchange import OrderKind, OrderState
from engine.hl7v2_out.business_answer import Event
from engine.model.consent import MailNotice
from engine.model.instructions import Instructions, ReturnAddress
from engine.receipts import EVENTS, event_of, outcome_of, report
from engine.records import OrderRow, OrderToReport
from engine.registry import declared
from engine.retry import RetryPolicy
from engine.route import ConfiguredDestination, Delivery
from tests.contract.store_values import NOON, after

ASKED = ReturnAddress("MDM-81", "RIS", "HOPITAL", "PFI", "HOPITAL", reception=True, reading=True)
SENDER = ConfiguredDestination(
    "emetteur", MLLP, MllpSettings(host="127.0.0.1", port=1), Delivery(1, None, 0, True, RetryPolicy(max_age_hours=5))
)


def row(order_id: str, state: OrderState, *, at: float = 0, cause: str = "") -> OrderRow:
    return OrderRow(
        order_id, f"doc-{order_id}", "dmp", "", state, cause, 1, NOON, after(at), None, None, None, "ref", ""
    )


TAKEN, LATER = row("o1", OrderState.DELIVERED, at=1), row("o2", OrderState.DELIVERED, at=9)
REFUSED = row("o3", OrderState.REJECTED, at=2)
OPPOSED = row("o4", OrderState.BLOCKED, cause="opposition")
UNANSWERED = row("o5", OrderState.BLOCKED, cause="not_collected")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((TAKEN,), "o1"),
        ((TAKEN, LATER), "o2"),
        ((LATER, TAKEN), "o2"),
        ((TAKEN, REFUSED, LATER), "o3"),
        ((TAKEN, OPPOSED), "o4"),
        ((TAKEN, UNANSWERED), None),
        ((TAKEN, row("o6", OrderState.UNCERTAIN)), None),
        ((REFUSED, row("o6", OrderState.WAITING)), None),
        ((), "o1"),
    ],
)
def test_the_dmp_is_told_of_once_all_have_ended_and_by_what_went_wrong(
    rows: tuple[OrderRow, ...], told: str | None
) -> None:
    found = outcome_of(Event.DMP_RECEPTION, TAKEN, rows)
    assert (found.id if found else None) == told


def test_each_mailbox_is_told_of_by_itself() -> None:
    assert outcome_of(Event.MAIL_RECEPTION, TAKEN, (TAKEN, REFUSED, UNANSWERED)) is TAKEN


@pytest.mark.parametrize(
    ("read", "positive", "awaits_dsn", "asked", "expected"),
    [
        (False, True, True, ASKED, Event.MAIL_RECEPTION),
        (False, True, False, ASKED, None),
        (False, False, False, ASKED, Event.MAIL_RECEPTION),
        (False, False, True, ASKED, Event.MAIL_RECEPTION),
        (True, True, False, ASKED, Event.MAIL_READING),
        (True, False, False, ASKED, Event.MAIL_READING),
        (True, True, False, replace(ASKED, reading=False), None),
        (False, False, True, replace(ASKED, reception=False), None),
        (True, False, True, None, None),
    ],
)
def test_a_notice_is_told_to_who_asked_and_has_not_heard_of_it(
    read: bool, positive: bool, awaits_dsn: bool, asked: ReturnAddress | None, expected: Event | None
) -> None:
    notice = MailNotice("<m@x>", read, positive, "" if positive else "550", "a@b.fr", NOON)
    of = OrderToReport(TAKEN, "ris", Instructions(receipts=asked))
    assert event_of(notice, of, awaits_dsn=awaits_dsn) is expected


def test_the_same_end_is_the_same_report_and_another_end_is_another() -> None:
    made = [report(Event.DMP_RECEPTION, "o1", end, SENDER, NOON) for end in ("a", "a", "b")]
    assert made[0] == made[1]
    assert made[0].id != made[2].id
    assert made[0].recipient != made[2].recipient
    assert (made[0].kind, made[0].about, made[0].state) == (OrderKind.REPORT, "o1", OrderState.READY)
    assert made[0].expires_at == NOON + timedelta(hours=5)


def test_every_kind_of_destination_that_is_told_of_exists() -> None:
    assert set(EVENTS) <= set(declared(connectors.destinations, "DESTINATION"))
