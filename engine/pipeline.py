"""The way in: receive → persist → interpret → number → build and judge → documents and orders, in one transaction.

A message is durably kept by `Store.receive` before anything here looks at it. Whatever happens here, it stays kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.catalogue.information import with_information
from engine.context import document_id
from engine.declarations import Conversion, Draft
from engine.errors import PasseurError, TransientError
from engine.exchange import InboundMessage, OrderKind
from engine.findings import Disposition, Finding, disposition
from engine.log import log, unexpected
from engine.model.document import ReportStatus
from engine.outcome import message_state, new_document, no_route
from engine.pool import ConversionPool
from engine.ports import Store
from engine.records import ClaimedMessage, DocumentState, History, MessageRow, MessageState, NewDocument
from engine.retry import RetryPolicy
from engine.route import Installation
from engine.turns import Turn, Turns
from engine.versions import hidden_as_before, newer_version_exists, plan

_LEASE_SECONDS = 300.0
_TICK_SECONDS = 1.0
_STOP_SECONDS = 20.0
_RETRY = RetryPolicy(first_delay_seconds=1, max_delay_seconds=300, max_age_hours=24 * 365)
"""Without jitter: there is no peer to spare, and messages postponed together come back together, in their order."""
_PATIENCE_ATTEMPTS = 8
_UNSETTLED = (MessageState.RECEIVED, MessageState.POSTPONED, MessageState.CONVERTING, MessageState.POSTPONED)
"""In the order they are asked for, so that a message that goes from one to the next meanwhile is met all the same."""

Refused = Callable[[InboundMessage, tuple[Finding, ...]], Awaitable[None]]
"""Told of each refused message, to answer its sender."""


class Pipeline:
    """Converts kept messages; those of one report in the order they came."""

    def __init__(
        self, store: Store, pool: ConversionPool, installation: Installation, owner: str, refused: Refused
    ) -> None:
        self._store = store
        self._pool = pool
        self._installation = installation
        self._owner = owner
        self._refused = refused
        self._turns = Turns()
        self._under_way: dict[str, None] = {}
        """Messages being converted, in the order of their turns."""
        self.arrived = asyncio.Event()
        """Set when a message was kept: look now rather than at the next tick."""
        self.orders_made = asyncio.Event()
        """Set when orders were made, for the delivery workers."""

    async def run(self) -> None:
        """Until cancelled; then what is being converted gets the time to end. What does not comes back by its lease."""
        slots = self._installation.conversion_processes * 4
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                self.arrived.clear()
                taking = asyncio.create_task(self._claim(slots - len(running)))
                try:
                    await asyncio.shield(taking)
                finally:  # what is taken is converted, even when asked to stop in between
                    claimed = await taking
                    running |= {asyncio.create_task(self._convert(one, self._turns.next())) for one in claimed}
                running = await self._a_while(running, full=len(running) == slots)
        finally:
            if running:
                _, late = await asyncio.wait(running, timeout=_STOP_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def _claim(self, limit: int) -> tuple[ClaimedMessage, ...]:
        try:
            return await self._store.claim_messages(self._owner, now=_now(), lease_seconds=_LEASE_SECONDS, limit=limit)
        except TransientError as error:  # the store will be back: wait a tick
            log.error("pipeline.waits_for_store", code=error.code)
            return ()

    async def _a_while(self, running: set[asyncio.Task[None]], *, full: bool) -> set[asyncio.Task[None]]:
        """Wait for something to do, a tick at most; what still runs."""
        arrived = asyncio.create_task(self.arrived.wait())
        try:
            waited = running if full else {arrived, *running}
            await asyncio.wait(waited, timeout=_TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrived.cancel()
        return {task for task in running if not task.done()}

    async def _convert(self, claimed: ClaimedMessage, turn: Turn) -> None:
        """One message, whatever happens: settled, postponed, or back at the end of its lease."""
        self._under_way[claimed.id] = None
        try:
            await self._settle(claimed, turn)
        except PasseurError as error:
            log.warning("message.postponed", message=claimed.id, code=error.code, attempt=claimed.attempts)
            await self._postpone(claimed, error.code)
        except Exception as error:  # our bug: the message stays kept and is tried again
            unexpected("message.postponed", error, message=claimed.id)
            await self._postpone(claimed, "engine.unexpected")
        finally:
            self._under_way.pop(claimed.id, None)
            turn.end()

    async def _settle(self, claimed: ClaimedMessage, turn: Turn) -> None:
        message = claimed.message
        route = self._installation.route(message.source)
        if route is None:
            await self._end(claimed, MessageState.HELD, Conversion((), (no_route(message.source),)))
            return
        context = self._installation.context(message.source, message.received_at)
        conversion = await self._pool.interpret(message, context, route.format)
        conversion = replace(conversion, drafts=tuple([await self._in_its_set(draft) for draft in conversion.drafts]))
        await turn.begin(frozenset(f"{draft.set_id.root}^{draft.set_id.extension}" for draft in conversion.drafts))
        whole = disposition(conversion.findings)
        if whole is Disposition.REFUSE:
            await self._end(claimed, MessageState.REFUSED, conversion)
            return
        documents: list[NewDocument] = []
        told: list[Finding] = []
        for draft in conversion.drafts:
            document, findings = await self._document(claimed, draft, whole)
            documents += [document] if document else []
            told += findings
        made = tuple(documents)
        state = message_state(conversion, made, (*conversion.findings, *told))
        await self._end(claimed, state, conversion, made, tuple(told))

    async def _document(
        self, claimed: ClaimedMessage, draft: Draft, whole: Disposition
    ) -> tuple[NewDocument | None, tuple[Finding, ...]]:
        await self._await_older(claimed, draft)
        history = await self._history(draft, claimed.id)
        if await self._is_overtaken(draft, history, claimed.id):
            return None, (newer_version_exists(),)
        draft = hidden_as_before(draft, history)
        planned = plan(draft, history, claimed.id, self._installation.instance_oid)
        if planned.version is None:
            return None, planned.findings
        built = await self._pool.build(
            with_information(draft.document, self._installation.information(claimed.message)),
            planned.version,
            planned.previous,
            self._installation.software,
            self._installation.production,
        )
        source = claimed.message.source
        document = new_document(
            draft, planned, built, source=source, whole=whole, installation=self._installation, now=_now()
        )
        return document, ()

    async def _in_its_set(self, draft: Draft) -> Draft:
        """A document that came with its numbers belongs to the set of the one it replaces or deletes, whatever it says
        of its set itself."""
        version = draft.version
        if version is None:
            return draft
        target = version.id if draft.kind is OrderKind.DELETE else version.replaces
        known = await self._store.document(document_id(target)) if target else None
        if known is None:
            return draft
        own = known.version.set_id
        return replace(draft, set_id=own, version=replace(version, set_id=own))

    async def _is_overtaken(self, draft: Draft, history: History, message_id: str) -> bool:
        """Whether a document that came with its numbers left already, and another has followed it."""
        if draft.version is None or draft.kind is not OrderKind.SEND:
            return False
        known = await self._store.document(document_id(draft.version.id))
        if known is None or known.message_id == message_id or history.latest is None:
            return False
        return known.id != history.latest.document_id and known.state is DocumentState.READY

    async def _await_older(self, claimed: ClaimedMessage, draft: Draft) -> None:
        """A correction waits for the older messages that may be what it corrects, or a correction before it.

        Those under way with an earlier turn have named their reports, and `Turns` made this one wait for them where it
        had to. The others cannot be told apart before they are read: a fault postponed them, or they entered the queue
        again after this one left it. Not for ever: a person then looks at whichever comes too late.
        """
        if draft.status is not ReportStatus.CORRECTED or claimed.attempts > _PATIENCE_ATTEMPTS:
            return
        ahead = self._ahead_of(claimed.id)
        for state in _UNSETTLED:
            async for older in self._older(claimed.id, state):
                if older.id not in ahead and self._may_share_reports(older.source, claimed.message.source):
                    raise TransientError("line.original_awaited", "un message plus ancien n'est pas encore converti")

    def _ahead_of(self, message_id: str) -> frozenset[str]:
        """Messages under way with an earlier turn; none when that is not known (taken twice, its lease being over)."""
        order = tuple(self._under_way)
        return frozenset(order[: order.index(message_id)]) if message_id in self._under_way else frozenset()

    async def _older(self, message_id: str, state: MessageState) -> AsyncIterator[MessageRow]:
        """Messages in a state that came before one, latest first."""
        before = message_id
        while rows := await self._store.messages(state=state, before=before):
            for row in rows:
                yield row
            before = rows[-1].id

    def _may_share_reports(self, source: str, other: str) -> bool:
        """False where each source serves one laboratory alone, and not the same."""
        names = [self._installation.context(one, _now()).default_laboratory for one in (source, other)]
        return None in names or names[0] == names[1]

    async def _history(self, draft: Draft, message_id: str) -> History:
        """What is kept of a report. A message converted again rebuilds its own version until that one may leave; then
        what has changed since (an identity was qualified, a table completed) makes a new one."""
        history = await self._store.history(draft.set_id)
        latest = history.latest
        if latest is not None and latest.message_id == message_id and latest.state is not DocumentState.READY:
            return await self._store.history(draft.set_id, excluding=message_id)
        return history

    async def _end(
        self,
        claimed: ClaimedMessage,
        state: MessageState,
        conversion: Conversion,
        documents: tuple[NewDocument, ...] = (),
        told: tuple[Finding, ...] = (),
    ) -> None:
        if state is MessageState.REFUSED:  # told first: after a death in between it is told twice rather than never
            await self._answer(claimed, (*conversion.findings, *(one for made in documents for one in made.findings)))
        kept = await self._store.settle_message(
            claimed.id,
            self._owner,
            state,
            now=_now(),
            kind=conversion.kind,
            sender=conversion.sender,
            findings=(*conversion.findings, *told),
            documents=documents,
            consents=conversion.consents if state is not MessageState.REFUSED else (),
            notices=conversion.notices if state is not MessageState.REFUSED else (),
        )
        if not kept:
            raise TransientError("line.overtaken", "un autre traitement a pris ce message ou sa place : il sera relu")
        log.info("message.settled", message=claimed.id, state=state.value, documents=len(documents))
        self.orders_made.set()

    async def _answer(self, claimed: ClaimedMessage, findings: tuple[Finding, ...]) -> None:
        """Tell the sender; what came of its message is kept already, whether it can be told or not."""
        try:
            await self._refused(claimed.message, findings)
        except Exception as error:  # an unwritable folder, a bug: neither changes what the message became
            unexpected("message.sender_not_told", error, message=claimed.id)

    async def _postpone(self, claimed: ClaimedMessage, code: str) -> None:
        now = _now()
        next_at = _RETRY.next_at(claimed.attempts, now, now) or now + timedelta(minutes=5)
        try:
            await self._store.postpone_message(claimed.id, self._owner, now=now, next_at=next_at, error=code)
        except Exception as error:  # the lease brings it back
            unexpected("message.left", error, message=claimed.id)


def _now() -> datetime:
    return datetime.now(UTC)
