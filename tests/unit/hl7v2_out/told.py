"""Orders that tell of others, as the engine hands them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from engine.exchange import Order, OrderKind, OrderOutcome, OrderState
from engine.hl7v2_out.business_answer import Event, report_name
from engine.model.instructions import Instructions, ReturnAddress
from tests.unit.mssante import orders

ADDRESS = ReturnAddress(
    control_id="MDM-81",
    application="RIS-ESSAI^1.2.250.1.999.5^ISO",
    facility="Hopital-E",
    our_application="PFI",
    our_facility="Hopital-E",
    processing_id="T",
    reception=True,
    reading=True,
)
AT = datetime(2026, 1, 5, 9, 31, 40, tzinfo=UTC)


def outcome(state: OrderState = OrderState.DELIVERED, **given: str) -> OrderOutcome:
    values = {"destination": "dmp", "recipient": "", "cause": "", "detail": "", "reference": "ref", **given}
    return OrderOutcome(state=state, at=AT, **values)


def report(event: Event, told: OrderOutcome, order_id: str = "0b9f2f0e-0000-5000-8000-000000000001") -> Order:
    base = orders.order(order_id=order_id, recipient=report_name(event, order_id))
    package = replace(base.package, instructions=Instructions(receipts=ADDRESS))
    return replace(base, destination="emetteur", package=package, kind=OrderKind.REPORT, about=told)
