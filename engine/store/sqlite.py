"""The store on one SQLite file: one writer, a few readers, nothing acknowledged before it is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.calls import DocumentQuery, KeptCall, ListedDocument, LoggedEvent, Owner
from engine.exchange import Accepted, InboundMessage, OrderState, Receipt
from engine.findings import Finding
from engine.model.consent import Consent, MailNotice, RecordedConsent
from engine.model.values import Identifier
from engine.ports import OrderAction
from engine.records import (
    ClaimedMessage,
    ClaimedOrder,
    DocumentRow,
    DocumentState,
    Event,
    History,
    Lane,
    MessageRow,
    MessageState,
    NewDocument,
    NewOrder,
    OrderRow,
    OrderToReport,
)
from engine.store import (
    consents,
    decision,
    file,
    filing,
    idempotency,
    inbox,
    lanes,
    listing,
    look,
    notices,
    outbox,
    refusals,
)
from engine.store.ids import MessageIds
from engine.store.lock import FileLock
from engine.store.queries import SQL
from engine.store.readers import Readers
from engine.store.rows import micros
from engine.store.writer import Writer

T = TypeVar("T")
_READERS = 2


class SqliteStore:
    """`engine.ports.Store` on the file `path`; a folder that does not exist is made for the engine's account alone.

    Every method raises TransientError when the disk is full or does not answer: nothing was done then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        self._connection: sqlite3.Connection | None = None
        self._writing: Writer | None = None
        self._reading: Readers | None = None
        self._ids = MessageIds(None)

    async def open(self) -> None:
        """Raises ConfigError when another engine holds the file, or when it is damaged, not ours or too recent."""
        if self._connection is not None:
            raise RuntimeError("the store is open")
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        file.prepare(self._path)
        self._lock.take()
        try:
            connection = file.connect(self._path)
        except BaseException:
            self._lock.release()
            raise
        _take_back(connection)
        self._ids = MessageIds(connection.execute(SQL["last_message_id"]).fetchone()[0])
        self._connection, self._writing, self._reading = connection, Writer(connection), Readers(self._path, _READERS)
        self._writing.start()

    async def close(self) -> None:
        if self._connection is None or self._writing is None or self._reading is None:
            return
        await self._reading.close()
        await self._writing.stop()
        await asyncio.to_thread(self._connection.close)
        self._connection = None
        self._lock.release()

    # -- in -----------------------------------------------------------------------------------------------------

    async def receive(self, message: InboundMessage) -> Accepted:
        weight = len(message.content) + sum(len(beside.content) for beside in message.attachments)
        return await self._write(partial(inbox.receive, ids=self._ids, message=message), weight)

    async def claim_messages(
        self, owner: str, *, now: datetime, lease_seconds: float, limit: int
    ) -> tuple[ClaimedMessage, ...]:
        take = partial(inbox.claim, owner=owner, now=now, lease_seconds=lease_seconds, limit=limit)
        leased = await self._write(take)
        return await self._read(partial(look.claimed_messages, leased=leased)) if leased else ()

    async def history(self, set_id: Identifier, *, excluding: str = "") -> History:
        return await self._read(partial(look.history, set_id=set_id, excluding=excluding))

    async def settle_message(
        self,
        message_id: str,
        owner: str,
        state: MessageState,
        *,
        now: datetime,
        kind: str = "",
        sender: str = "",
        findings: tuple[Finding, ...] = (),
        documents: tuple[NewDocument, ...] = (),
        consents: tuple[Consent, ...] = (),
        notices: tuple[MailNotice, ...] = (),
    ) -> bool:
        settlement = inbox.Settlement(state, kind, sender, findings, documents, consents, notices)
        weight = sum(len(document.cda or b"") + len(document.pdf or b"") for document in documents)
        settle = partial(inbox.settle, message_id=message_id, owner=owner, settlement=settlement, now=now)
        return await self._write(settle, weight)

    async def record_consent(self, consent: Consent, *, now: datetime) -> RecordedConsent:
        return await self._write(partial(consents.record, given=consent, at=micros(now)))

    async def postpone_message(
        self, message_id: str, owner: str, *, now: datetime, next_at: datetime, error: str
    ) -> None:
        await self._write(
            partial(inbox.postpone, message_id=message_id, owner=owner, now=now, next_at=next_at, error=error)
        )

    async def replay_message(self, message_id: str, *, now: datetime) -> bool:
        return await self._write(partial(inbox.replay, message_id=message_id, now=now))

    async def release_document(self, document_id: str, orders: tuple[NewOrder, ...], *, now: datetime) -> bool:
        """False too when the document could not be built: it has nothing to send, its message must be replayed."""
        filing.check_orders(orders)
        return await self._write(partial(filing.release, document_id=document_id, orders=orders, now=now))

    async def add_document(self, document: NewDocument, *, message_id: str, now: datetime) -> bool:
        filing.check(document)
        return await self._write(partial(filing.add, message_id=message_id, document=document, now=now))

    # -- out ----------------------------------------------------------------------------------------------------

    async def claim_orders(
        self, destination: str, owner: str, *, now: datetime, lease_seconds: float, limit: int
    ) -> tuple[ClaimedOrder, ...]:
        take = partial(
            outbox.claim, destination=destination, owner=owner, now=now, lease_seconds=lease_seconds, limit=limit
        )
        leased = await self._write(take)
        if not leased:
            return ()
        orders, unreadable = await self._read(partial(look.claimed_orders, leased=leased))
        if unreadable:
            await self._write(partial(outbox.set_aside, order_ids=unreadable, owner=owner, now=now))
        return orders

    async def mark_sending(self, order_id: str, owner: str, *, now: datetime) -> bool:
        return await self._write(partial(outbox.mark_sending, order_id=order_id, owner=owner, now=now))

    async def extend_lease(
        self, order_ids: tuple[str, ...], owner: str, *, now: datetime, lease_seconds: float
    ) -> None:
        await self._write(
            partial(outbox.extend_lease, order_ids=order_ids, owner=owner, now=now, lease_seconds=lease_seconds)
        )

    async def deliver_order(self, order_id: str, owner: str, receipt: Receipt, *, now: datetime) -> bool:
        return await self._write(partial(outbox.deliver, order_id=order_id, receipt=receipt, now=now))

    async def postpone_order(
        self,
        order_id: str,
        owner: str,
        state: OrderState,
        *,
        now: datetime,
        next_at: datetime | None,
        cause: str,
        detail: str = "",
    ) -> bool:
        """An order claimed as uncertain and never handed over since stays UNCERTAIN where WAITING is asked for."""
        postpone = partial(
            outbox.postpone,
            order_id=order_id,
            owner=owner,
            state=state,
            now=now,
            next_at=next_at,
            cause=cause,
            detail=detail,
        )
        return await self._write(postpone)

    async def change_order(self, order_id: str, action: OrderAction, *, now: datetime) -> OrderState | None:
        return await self._write(partial(decision.decide, order_id=order_id, action=action, now=now))

    async def orders_to_report(self, limit: int) -> tuple[OrderToReport, ...]:
        return await self._read(partial(look.orders_to_report, limit=limit))

    async def report_order(self, order_id: str, reports: tuple[NewOrder, ...], *, now: datetime) -> bool:
        filing.check_orders(reports)
        return await self._write(partial(notices.report, order_id=order_id, reports=reports, now=now))

    async def orders_told_together(self, order_id: str) -> tuple[OrderRow, ...]:
        """Orders of the same message and destination of which the sender asked for news; itself included."""
        return await self._read(partial(notices.together, order_id=order_id))

    async def documents_not_leaving(self, order_id: str) -> tuple[DocumentState, ...]:
        """States of the documents of the same message that may not leave, and of which news of reception were asked."""
        return await self._read(partial(notices.not_leaving, order_id=order_id))

    async def refused_to_tell(self, limit: int) -> tuple[refusals.RefusedDocument, ...]:
        """Refused documents of which the sender may await news, and nobody looked at yet; oldest first."""
        return await self._read(partial(refusals.to_tell, limit=limit))

    async def tell_refusal(self, document_id: str, reports: tuple[tuple[NewOrder, str], ...], *, now: datetime) -> bool:
        """Keep the reports of a refused document, each with the mailbox it is about (empty: the DMP); False when it was
        done before, or when the document is no longer refused."""
        filing.check_orders(tuple(order for order, _ in reports))
        return await self._write(partial(refusals.tell, document_id=document_id, reports=reports, now=now))

    async def notices_to_tell(self, limit: int) -> tuple[notices.NoticeToTell, ...]:
        """What mail systems said of our mails and nobody looked at yet, oldest first."""
        return await self._read(partial(notices.to_tell, limit=limit))

    async def tell_notice(self, seq: int, reports: tuple[NewOrder, ...], *, now: datetime) -> bool:
        """Keep the orders that will tell of a notice (none: nobody asked); False when it was done before."""
        filing.check_orders(reports)
        return await self._write(partial(notices.tell, seq=seq, reports=reports, now=now))

    async def wake_orders(self, destination: str, *, causes: tuple[str, ...], now: datetime) -> int:
        return await self._write(partial(lanes.wake, destination=destination, causes=causes, now=now))

    async def stop_lane(self, destination: str, reason: str, *, now: datetime) -> None:
        await self._write(partial(lanes.stop, destination=destination, reason=reason, now=now))

    async def start_lane(self, destination: str, *, now: datetime) -> None:
        await self._write(partial(lanes.start, destination=destination, now=now))

    async def next_due(self, destination: str) -> datetime | None:
        return await self._read(partial(lanes.next_due, destination=destination))

    # -- to look at ---------------------------------------------------------------------------------------------

    async def messages(
        self, *, state: MessageState | None = None, limit: int = 100, before: str | None = None
    ) -> tuple[MessageRow, ...]:
        return await self._read(partial(look.messages, state=state, limit=limit, before=before))

    async def message(self, message_id: str) -> MessageRow | None:
        return await self._read(partial(look.message, message_id=message_id))

    async def message_body(self, message_id: str) -> InboundMessage | None:
        return await self._read(partial(look.message_body, message_id=message_id))

    async def documents(self, message_id: str) -> tuple[DocumentRow, ...]:
        return await self._read(partial(look.documents, message_id=message_id))

    async def document(self, document_id: str) -> DocumentRow | None:
        return await self._read(partial(look.document, document_id=document_id))

    async def document_files(self, document_id: str) -> tuple[bytes | None, bytes | None] | None:
        return await self._read(partial(look.document_files, document_id=document_id))

    async def orders(
        self, *, state: OrderState | None = None, destination: str | None = None, limit: int = 100
    ) -> tuple[OrderRow, ...]:
        return await self._read(partial(look.orders, state=state, destination=destination, limit=limit))

    async def order(self, order_id: str) -> OrderRow | None:
        return await self._read(partial(look.order, order_id=order_id))

    async def consents(self, *, limit: int = 100) -> tuple[RecordedConsent, ...]:
        return await self._read(partial(consents.latest, limit=limit))

    async def consent(self, consent_id: int) -> RecordedConsent | None:
        return await self._read(partial(consents.consent, consent_id=consent_id))

    async def patient_consents(self, patient_ids: tuple[Identifier, ...]) -> tuple[RecordedConsent, ...]:
        return await self._read(partial(consents.of_patient, patient_ids=patient_ids))

    async def obeying_orders(self, patient_ids: tuple[Identifier, ...]) -> tuple[OrderRow, ...]:
        return await self._read(partial(look.obeying_orders, patient_ids=patient_ids))

    async def events(self, subject_id: str) -> tuple[Event, ...]:
        return await self._read(partial(look.events, subject_id=subject_id))

    async def lanes(self) -> tuple[Lane, ...]:
        return await self._read(lanes.lanes)

    async def message_counts(self) -> dict[MessageState, int]:
        return await self._read(look.message_counts)

    # -- for the callers of the API -----------------------------------------------------------------------------

    async def begin_call(self, caller: str, call_key: str, digest: bytes, *, now: datetime) -> KeptCall | None:
        begin = partial(idempotency.begin, caller=caller, call_key=call_key, digest=digest, now=now)
        return await self._write(begin)

    async def end_call(self, caller: str, call_key: str, status: int, answer: str) -> None:
        end = partial(idempotency.end, caller=caller, call_key=call_key, status=status, answer=answer)
        await self._write(end)

    async def forget_call(self, caller: str, call_key: str) -> None:
        await self._write(partial(idempotency.forget, caller=caller, call_key=call_key))

    async def owner(self, subject_id: str) -> Owner | None:
        return await self._read(partial(listing.owner, subject_id=subject_id))

    async def listed_documents(self, query: DocumentQuery) -> tuple[ListedDocument, ...]:
        return await self._read(partial(listing.documents, query=query))

    async def orders_of_structure(
        self, structure: str, *, state: OrderState | None = None, destination: str | None = None, limit: int = 100
    ) -> tuple[OrderRow, ...]:
        look_up = partial(listing.orders, structure=structure, state=state, destination=destination, limit=limit)
        return await self._read(look_up)

    async def events_since(self, after: int, limit: int) -> tuple[LoggedEvent, ...]:
        return await self._read(partial(listing.events, after=after, limit=limit))

    async def last_event(self) -> int:
        return await self._read(listing.last_event)

    # -- where the work is done ---------------------------------------------------------------------------------

    async def _write(self, work: Callable[[sqlite3.Connection], T], weight: int = 0) -> T:
        if self._writing is None:
            raise RuntimeError("the store is not open")
        return await self._writing.run(work, weight=weight)

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._reading is None:
            raise RuntimeError("the store is not open")
        return await self._reading.run(read)


def _take_back(connection: sqlite3.Connection) -> None:
    """The lock proves that every other holder of a lease is dead: nothing waits for those leases to end."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(SQL["messages_of_the_dead"])
    connection.execute(SQL["orders_of_the_dead"])
    connection.execute("COMMIT")
