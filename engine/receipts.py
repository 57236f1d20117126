"""Tells senders how their documents ended (ZAM): each end an order has, and what mail systems say of it afterwards,
becomes one more order, for the route's `receipts` destination. It is kept, sent again and shown like any other.

- Z01 (DMP): one for all the documents of a message, once the last of them has ended, for the acknowledgement names the
  message and not the document; positive when all were taken, negative as well while another document of the message is
  held or when it was refused (told again once it has left).
- Z02 (mail): one per recipient. A refusal is told at once; an acceptance by the operator is told as received, or, with
  `mail_received_on: dsn`, only the delivery notice (DSN) is. A mail that comes back after that is told as well.
- Z03 (reading): one per reading notice (MDN).

Only a delivered document is told as taken. One that expired, was cancelled or replaced before it left, or that its
patient opposes, was not: the acknowledgement is negative, and its code says why; so is that of a document refused after
its message was acknowledged. An order sent again is told again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from engine.context import stable_uuid
from engine.errors import TransientError
from engine.exchange import OrderKind, OrderState
from engine.hl7v2_out.business_answer import PATIENT, Event, report_name
from engine.log import log, unexpected
from engine.model.consent import MailNotice
from engine.records import DocumentState, NewOrder, OrderRow, OrderToReport
from engine.route import ConfiguredDestination, Installation, Route
from engine.store.notices import NoticeToTell, ended
from engine.store.refusals import RefusedDocument

_TICK_SECONDS = 1.0
_AT_ONCE = 100
EVENTS = {"dmp": Event.DMP_RECEPTION, "mssante": Event.MAIL_RECEPTION}
"""By kind of destination; what others take is not acknowledged to the sender."""


class Told(Protocol):
    """What the reporter asks of the store; each method is one durable transaction."""

    async def orders_to_report(self, limit: int) -> tuple[OrderToReport, ...]: ...

    async def orders_told_together(self, order_id: str) -> tuple[OrderRow, ...]: ...

    async def documents_not_leaving(self, order_id: str) -> tuple[DocumentState, ...]: ...

    async def report_order(self, order_id: str, reports: tuple[NewOrder, ...], *, now: datetime) -> bool: ...

    async def refused_to_tell(self, limit: int) -> tuple[RefusedDocument, ...]: ...

    async def tell_refusal(
        self, document_id: str, reports: tuple[tuple[NewOrder, str], ...], *, now: datetime
    ) -> bool: ...

    async def notices_to_tell(self, limit: int) -> tuple[NoticeToTell, ...]: ...

    async def tell_notice(self, seq: int, reports: tuple[NewOrder, ...], *, now: datetime) -> bool: ...


class Reporter:
    """Looks at what ended and at the notices that came, and makes the orders that tell of them."""

    def __init__(self, store: Told, installation: Installation, orders_made: asyncio.Event) -> None:
        self._store = store
        self._installation = installation
        self._orders_made = orders_made
        self._without: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                busy = await self.look()
            except TransientError as error:  # the store will be back: wait a tick
                log.error("receipts.wait_for_store", code=error.code)
                busy = False
            if not busy:
                await asyncio.sleep(_TICK_SECONDS)

    async def look(self) -> bool:
        """One look; True when something was arranged, and there may be more."""
        arranged = 0
        for one in await self._store.orders_to_report(_AT_ONCE):
            arranged += await self._guarded(one.order.id, self._end(one))
        for refused in await self._store.refused_to_tell(_AT_ONCE):
            arranged += await self._guarded(refused.id, self._refusal(refused))
        for told in await self._store.notices_to_tell(_AT_ONCE):
            arranged += await self._guarded(told.of.order.id, self._notice(told))
        if arranged:
            self._orders_made.set()
        return arranged > 0

    async def _guarded(self, order_id: str, work: Coroutine[None, None, bool]) -> bool:
        try:
            return await work
        except TransientError:
            raise
        except Exception as error:  # our bug: the others are told, this one is looked at again
            unexpected("receipts.not_arranged", error, order=order_id)
            return False

    async def _end(self, one: OrderToReport) -> bool:
        now = datetime.now(UTC)
        made: tuple[NewOrder, ...] = ()
        event, receipts = EVENTS.get(self._kind(one.order.destination)), one.instructions.receipts
        if event is not None and receipts is not None and receipts.reception:
            destination = self._to(one.source)
            together = await self._store.orders_told_together(one.order.id)
            about = outcome_of(event, one.order, together)
            if destination is not None and about is not None and not self._awaits_dsn(one, event):
                cause = await self._beside(event, about)
                made = (report(event, about.id, f"{about.updated_at.isoformat()}{cause}", destination, now, cause),)
        return await self._store.report_order(one.order.id, made, now=now)

    async def _refusal(self, refused: RefusedDocument) -> bool:
        """A document that was refused after its message was acknowledged: no order will ever tell of it."""
        now = datetime.now(UTC)
        receipts = refused.instructions.receipts
        destination = self._to(refused.source) if receipts is not None and receipts.reception else None
        made: tuple[tuple[NewOrder, str], ...] = ()
        if destination is not None:
            wanted = self._wanted(refused)
            made = tuple((report(event, refused.id, box.lower(), destination, now), box) for event, box in wanted)
        return await self._store.tell_refusal(refused.id, made, now=now)

    def _wanted(self, refused: RefusedDocument) -> list[tuple[Event, str]]:
        """Where its sender wanted it, of what the route has: the DMP, then each mailbox it named."""
        route, asked = self._installation.route(refused.source), refused.instructions
        kinds = {self._kind(name) for name in route.destinations} if route is not None else set()
        wanted = [(Event.DMP_RECEPTION, "")] if "dmp" in kinds and asked.dmp is not False else []
        if "mssante" in kinds:
            boxes = (asked.mailboxes or ()) if asked.professionals is not False else ()
            patient = (PATIENT,) if asked.patient else ()
            wanted += [(Event.MAIL_RECEPTION, box) for box in (*boxes, *patient)]
        return wanted

    async def _notice(self, told: NoticeToTell) -> bool:
        now = datetime.now(UTC)
        if not told.notice.positive:
            kind = "mail.not_integrated" if told.notice.read else "mail.not_arrived"
            log.warning(kind, order=told.of.order.id, destination=told.of.order.destination, code=told.notice.code)
        route = self._installation.route(told.of.source)
        event = event_of(told.notice, told.of, awaits_dsn=route is not None and route.awaits_dsn)
        destination = self._to(told.of.source) if event is not None else None
        made: tuple[NewOrder, ...] = ()
        if event is not None and destination is not None:
            made = (report(event, told.of.order.id, _said(told.notice), destination, now),)
        return await self._store.tell_notice(told.seq, made, now=now)

    async def _beside(self, event: Event, about: OrderRow) -> str:
        """Why a taken document does not make its whole message taken: another one of it is held, or was refused."""
        if event is not Event.DMP_RECEPTION or about.state is not OrderState.DELIVERED:
            return ""
        states = await self._store.documents_not_leaving(about.id)
        return f"document.{max(states, key=list(DocumentState).index).value}" if states else ""

    def _awaits_dsn(self, one: OrderToReport, event: Event) -> bool:
        """The operator has accepted a mail, and only a notice will say that it arrived."""
        route = self._installation.route(one.source)
        accepted = event is Event.MAIL_RECEPTION and one.order.state is OrderState.DELIVERED
        return accepted and route is not None and route.awaits_dsn

    def _kind(self, name: str) -> str:
        """`type:` of a destination; empty for one that is no longer configured."""
        return next((one.declaration.name for one in self._installation.destinations if one.name == name), "")

    def _to(self, source: str) -> ConfiguredDestination | None:
        """Where the acknowledgements of a source go; None, said once, when the route names nothing that takes them."""
        route = self._installation.route(source)
        if route is not None and route.receipts is not None:
            destination = self._installation.destination(route.receipts)
            if OrderKind.REPORT in destination.declaration.kinds:
                return destination
        self._say_once(route, source)
        return None

    def _say_once(self, route: Route | None, source: str) -> None:
        if source in self._without:
            return
        self._without.add(source)
        named = route.receipts if route is not None else None
        event = "receipts.no_destination" if named is None else "receipts.destination_takes_none"
        log.warning(event, source=source, route=route.name if route else "", destination=named or "")


def outcome_of(event: Event, order: OrderRow, together: Sequence[OrderRow]) -> OrderRow | None:
    """The order whose end is told; None when another one will tell it.

    The DMP is told of once for a message: by what went wrong first, else by the last document that was taken.
    """
    if event is not Event.DMP_RECEPTION:
        return order
    rows = together or (order,)
    if not all(ended(one) for one in rows):
        return None
    failed = [one for one in rows if one.state is not OrderState.DELIVERED]
    return failed[0] if failed else max(rows, key=lambda one: (one.updated_at, one.id))


def event_of(notice: MailNotice, of: OrderToReport, *, awaits_dsn: bool) -> Event | None:
    """What a notice tells the sender; None when it asked for no such news, or has them already."""
    receipts = of.instructions.receipts
    if receipts is None:
        return None
    if notice.read:
        return Event.MAIL_READING if receipts.reading else None
    return Event.MAIL_RECEPTION if receipts.reception and (awaits_dsn or not notice.positive) else None


def report(
    event: Event, about: str, end: str, destination: ConfiguredDestination, now: datetime, cause: str = ""
) -> NewOrder:
    """The order that tells of one end of another one: the same end, the same id. A `cause` makes it a failure."""
    report_id = stable_uuid("receipt", event.value, about, end)
    return NewOrder(
        id=report_id,
        destination=destination.name,
        recipient=report_name(event, report_id),
        state=OrderState.READY,
        cause=cause,
        expires_at=now + timedelta(hours=destination.delivery.retry.max_age_hours),
        kind=OrderKind.REPORT,
        about=about,
    )


def _said(notice: MailNotice) -> str:
    """What makes one notice unlike another; the same one received twice says nothing new."""
    parts = (notice.mailbox.lower(), "read" if notice.read else "arrived", str(notice.positive), notice.code)
    return "\x1f".join((*parts, notice.at.isoformat()))
