"""A lane on a real store, with a peer that does as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from engine import registry
from engine.context import Software
from engine.declarations import DestinationDeclaration, Settings
from engine.exchange import InboundMessage, Order, OrderState, Receipt
from engine.lane import Breaker
from engine.model.codec import content_hash
from engine.model.document import DocumentVersion, ReportStatus
from engine.model.values import Identifier
from engine.ports import Sending, Store
from engine.records import DocumentState, MessageState, NewDocument, NewOrder, OrderRow
from engine.retry import RetryPolicy
from engine.route import ConfiguredDestination, Delivery
from engine.store.sqlite import SqliteStore
from engine.worker import LaneWorker
from tests.unit.documents_fixture import DOCUMENT

NAME = "peer"
OWNER = "this-engine"
OTHER = "another-engine"
RETRY = RetryPolicy(first_delay_seconds=0.02, max_delay_seconds=0.05)
WEEK = timedelta(hours=RETRY.max_age_hours)

Act = Callable[[Order, Sending], Awaitable[Receipt]]
Answer = Callable[[Order], Awaitable[Receipt | None]]


async def takes(order: Order, sending: Sending) -> Receipt:
    await sending()
    return Receipt(f"ref-{order.id}")


def fails_before(error: Exception) -> Act:
    """Nothing was handed over."""

    async def act(order: Order, sending: Sending) -> Receipt:
        raise error

    return act


def fails_after(error: Exception) -> Act:
    """The document was being handed over."""

    async def act(order: Order, sending: Sending) -> Receipt:
        await sending()
        raise error

    return act


async def cannot_find(order: Order) -> Receipt | None:
    return None


async def finds(order: Order) -> Receipt | None:
    return Receipt(f"found-{order.id}", already_there=True)


def refuses_to_say(error: Exception) -> Answer:
    async def answer(order: Order) -> Receipt | None:
        raise error

    return answer


@dataclass
class Peer:
    """Acts as scripted, then takes everything; counts what it was given."""

    script: deque[Act] = field(default_factory=deque)
    answer: Answer = cannot_find
    tried: list[tuple[str, datetime]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def check(self) -> None: ...

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        self.tried.append((order.id, datetime.now(UTC)))
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            receipt = await (self.script.popleft() if self.script else takes)(order, sending)
        finally:
            self.busy -= 1
        self.taken.append(order.id)
        return receipt

    async def find(self, order: Order) -> Receipt | None:
        self.asked.append(order.id)
        return await self.answer(order)

    async def close(self) -> None: ...


@dataclass
class Lane:
    store: Store
    peer: Peer
    worker: LaneWorker
    made: int = 0

    async def keep(self, *, cda: bytes | None = None, at: datetime | None = None, number: int = 1) -> str:
        """A document with one order due now; the id of the order."""
        self.made += 1
        order_id, now = f"order-{self.made}", at or datetime.now(UTC)
        message = InboundMessage(order_id.encode(), "test", "m.hpr", now)
        accepted = await self.store.receive(message)
        (claimed,) = await self.store.claim_messages(OWNER, now=now, lease_seconds=60, limit=1)
        assert claimed.id == accepted.message_id
        order = NewOrder(order_id, NAME, "", OrderState.READY, expires_at=now + WEEK)
        document = new_document(f"R{self.made}", number, cda, order)
        assert await self.store.settle_message(
            claimed.id, OWNER, MessageState.CONVERTED, now=now, documents=(document,)
        )
        self.worker.due.set()
        return order_id

    async def order(self, order_id: str) -> OrderRow:
        row = await self.store.order(order_id)
        assert row is not None
        return row

    async def until(self, order_id: str, *states: OrderState, cause: str | None = None) -> OrderRow:
        """The order, once it is in one of these states."""
        async with asyncio.timeout(20):
            while True:
                row = await self.order(order_id)
                if row.state in states and cause in (None, row.cause):
                    return row
                await asyncio.sleep(0.01)

    async def met(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)

    async def history(self, order_id: str) -> list[str]:
        return [event.what for event in await self.store.events(order_id)]


@asynccontextmanager
async def lane(
    folder: Path,
    *acts: Act,
    answer: Answer = cannot_find,
    concurrency: int = 2,
    max_per_second: float | None = None,
    breaker: Breaker = Breaker(),  # noqa: B008 - a value
    retry: RetryPolicy = RETRY,
    store: Callable[[Path], Store] = SqliteStore,
) -> AsyncIterator[Lane]:
    """A lane that is not running yet."""
    opened = store(folder / "store.db")
    await opened.open()
    peer = Peer(deque(acts), answer)
    declaration = DestinationDeclaration(
        NAME, Settings, lambda *_: peer, needs_ins=lambda _: False, recipients=lambda *_: ("",)
    )
    delivery = Delivery(concurrency, max_per_second, 0, True, retry)
    configured = ConfiguredDestination(NAME, declaration, Settings(), delivery)
    worker = LaneWorker(opened, configured, peer, OWNER, production=False, breaker=breaker)
    try:
        yield Lane(opened, peer, worker)
    finally:
        await opened.close()


@asynccontextmanager
async def running(one: Lane) -> AsyncIterator[asyncio.Task[None]]:
    """The lane runs."""
    task = asyncio.create_task(one.worker.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


def new_document(report: str, number: int, cda: bytes | None, *orders: NewOrder) -> NewDocument:
    version, rendered = rendered_document(report, number)
    return NewDocument(
        id=f"document-{report}-{number}",
        version=version,
        type=DOCUMENT.type,
        title=DOCUMENT.title,
        status=ReportStatus.FINAL,
        state=DocumentState.READY,
        patient_key="p",
        content_hash=content_hash(DOCUMENT),
        document=DOCUMENT,
        findings=(),
        file_name="document",
        cda=rendered if cda is None else cda,
        pdf=None,
        orders=orders,
    )


def rendered_document(report: str, number: int = 1) -> tuple[DocumentVersion, bytes]:
    """The invented document as CDA, under numbers of its own."""
    root = f"2.25.{number}{int.from_bytes(report.encode(), 'big')}"
    version = DocumentVersion(Identifier(root), Identifier("2.25.1", report), number)
    return version, _rendered(replace(version))


@cache
def _rendered(version: DocumentVersion) -> bytes:
    return registry.document_types()[DOCUMENT.type].render(DOCUMENT, version, Software()).cda
