"""The way in: receive → persist → interpret → number → build and judge → documents and orders, in one transaction.

A message is durably kept by `Store.receive` before anything here looks at it. Whatever happens here, it stays kept.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from engine.declarations import Conversion, Draft
from engine.errors import PasseurError
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, disposition
from engine.log import log, unexpected
from engine.outcome import message_state, new_document, no_route
from engine.pool import ConversionPool
from engine.ports import Store
from engine.records import ClaimedMessage, MessageState, NewDocument
from engine.retry import RetryPolicy
from engine.route import Installation
from engine.turns import Turn, Turns
from engine.versions import plan

_LEASE_SECONDS = 300.0
_TICK_SECONDS = 1.0
_STOP_SECONDS = 20.0
_RETRY = RetryPolicy(first_delay_seconds=1, max_delay_seconds=300, max_age_hours=24 * 365)

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
                claimed = await self._store.claim_messages(
                    self._owner, now=_now(), lease_seconds=_LEASE_SECONDS, limit=slots - len(running)
                )
                running |= {asyncio.create_task(self._convert(one, self._turns.next())) for one in claimed}
                arrived = asyncio.create_task(self.arrived.wait())
                waited = running if len(running) == slots else {arrived, *running}
                await asyncio.wait(waited, timeout=_TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                arrived.cancel()
                running = {task for task in running if not task.done()}
        finally:
            if running:
                await asyncio.wait(running, timeout=_STOP_SECONDS)
            for task in running:
                task.cancel()

    async def _convert(self, claimed: ClaimedMessage, turn: Turn) -> None:
        """One message, whatever happens: settled, or postponed."""
        try:
            await self._settle(claimed, turn)
        except PasseurError as error:
            await self._postpone(claimed, error.code)
        except Exception as error:  # our bug: the message stays kept and is tried again
            unexpected("message.postponed", error, message=claimed.id)
            await self._postpone(claimed, "engine.unexpected")
        finally:
            turn.end()

    async def _settle(self, claimed: ClaimedMessage, turn: Turn) -> None:
        message = claimed.message
        route = self._installation.route(message.source)
        if route is None:
            await self._end(claimed, MessageState.HELD, Conversion((), (no_route(message.source),)))
            return
        context = self._installation.context(message.source, message.received_at)
        conversion = await self._pool.interpret(message, context, route.format)
        await turn.begin(frozenset(f"{draft.set_id.root}^{draft.set_id.extension}" for draft in conversion.drafts))
        whole = disposition(conversion.findings)
        if whole is Disposition.REFUSE:
            await self._end(claimed, MessageState.REFUSED, conversion)
            await self._refused(message, conversion.findings)
            return
        documents: list[NewDocument] = []
        told: list[Finding] = []
        for draft in conversion.drafts:
            document, findings = await self._document(claimed, draft, whole)
            documents += [document] if document else []
            told += findings
        made = tuple(documents)
        await self._end(claimed, message_state(conversion, made, whole), conversion, made, tuple(told))

    async def _document(
        self, claimed: ClaimedMessage, draft: Draft, whole: Disposition
    ) -> tuple[NewDocument | None, tuple[Finding, ...]]:
        history = await self._store.history(draft.set_id, excluding=claimed.id)
        planned = plan(draft, history, claimed.id, self._installation.instance_oid)
        if planned.version is None:
            return None, planned.findings
        built = await self._pool.build(
            draft.document,
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

    async def _end(
        self,
        claimed: ClaimedMessage,
        state: MessageState,
        conversion: Conversion,
        documents: tuple[NewDocument, ...] = (),
        told: tuple[Finding, ...] = (),
    ) -> None:
        kept = await self._store.settle_message(
            claimed.id,
            self._owner,
            state,
            now=_now(),
            kind=conversion.kind,
            sender=conversion.sender,
            findings=(*conversion.findings, *told),
            documents=documents,
        )
        log.info("message.settled", message=claimed.id, state=state.value, documents=len(documents), kept=kept)
        self.orders_made.set()

    async def _postpone(self, claimed: ClaimedMessage, code: str) -> None:
        now = _now()
        jitter = random.random()  # noqa: S311 - spreads retries, protects nothing
        next_at = _RETRY.next_at(claimed.attempts, now, now, None, jitter) or now + timedelta(minutes=5)
        await self._store.postpone_message(claimed.id, self._owner, now=now, next_at=next_at, error=code)


def _now() -> datetime:
    return datetime.now(UTC)
