"""What is answered of a document asked for: itself, its orders, what is worth telling."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from engine.api.words import Language, said
from engine.exchange import OrderState
from engine.findings import Finding
from engine.records import DocumentState, NewOrder, OrderRow


class PlannedOrder(BaseModel):
    """An order, as made or, while the document is being made, as it will be."""

    id: str
    destination: str
    recipient: str
    state: OrderState
    cause: str
    not_before: datetime | None
    """End of the window in which it can be held or cancelled."""
    href: str

    @classmethod
    def of(cls, order: NewOrder | OrderRow) -> Self:
        return cls(
            id=order.id,
            destination=order.destination,
            recipient=order.recipient,
            state=order.state,
            cause=order.cause,
            not_before=order.not_before,
            href=f"/v1/orders/{order.id}",
        )


class Remark(BaseModel):
    """What is worth telling the caller, at its own field."""

    code: str
    field: str
    message: str
    remedy: str


class AcceptedDocument(BaseModel):
    """The request is durably kept; the document and its orders go on by themselves."""

    id: str
    """Of the document."""
    number: int
    """Version, from 1: 2 and more replace the version before."""
    state: DocumentState | None
    """None while it is being made."""
    duplicate: bool
    """True when this very request was here already: nothing new is made of it."""
    message: str
    href: str
    orders: list[PlannedOrder]
    remarks: list[Remark]


class DryRun(BaseModel):
    """What would be sent, to whom, and why; nothing was kept."""

    may_leave: bool
    document: str
    type: str
    title: str
    file_name: str
    orders: list[PlannedOrder]
    remarks: list[Remark]


def remarks(findings: Iterable[Finding], tongue: Language) -> list[Remark]:
    made = []
    for one in findings:
        message, remedy = said(tongue, one.code, one.message, one.remedy)
        made.append(Remark(code=one.code, field=one.source or one.where, message=message, remedy=remedy))
    return made
