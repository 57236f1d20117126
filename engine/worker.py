"""The way out: claim → guard → deliver → settle | postpone | park | bury. One lane per destination."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from engine.errors import (
    ConfigError,
    LaneError,
    ParkedError,
    PasseurError,
    PermanentError,
    TransientError,
    UncertainError,
)
from engine.exchange import Order, OrderKind, OrderState, Receipt
from engine.identity.guard import guard_findings
from engine.lane import Breaker, Limiter
from engine.log import log, unexpected
from engine.outgoing import order_of
from engine.ports import Destination, Store
from engine.records import ClaimedOrder
from engine.route import ConfiguredDestination

T = TypeVar("T")

_LEASE_SECONDS = 300.0
_HEARTBEAT_SECONDS = 60.0
_TICK_SECONDS = 1.0
_STOP_SECONDS = 30.0
_UNDER_THE_LIMIT = 0.95
"""Share of the limit that is used: on the way to the peer, two sendings may come closer to one another."""
_DAILY = timedelta(hours=24)
"""A parked order looks again once a day: the patient may have opened a DMP since."""


class _UndecidableError(UncertainError):
    """The peer cannot tell whether it took an order: a person decides."""


class LaneWorker:
    """Sends the orders of one destination."""

    def __init__(
        self,
        store: Store,
        configured: ConfiguredDestination,
        destination: Destination,
        owner: str,
        production: bool,
        breaker: Breaker = Breaker(),  # noqa: B008 - a value
    ) -> None:
        self._store = store
        self._delivery = configured.delivery
        self._name = configured.name
        self._destination = destination
        self._owner = owner
        self._production = production
        self._breaker = breaker
        self._begins, self._leaves = _Pace(self._delivery.max_per_second), _Pace(self._delivery.max_per_second)
        self._handed_over: set[str] = set()
        """Orders of which a first byte may have reached the peer, in this process."""
        self.due = asyncio.Event()
        """Set when orders may have become due: look now rather than at the next tick."""

    async def run(self) -> None:
        """Until cancelled; then what is being sent gets the time to end. What does not comes back by its lease."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                self.due.clear()
                running |= {asyncio.create_task(self._settle(one)) for one in await self._claim(len(running))}
                running = await self._a_while(running)
        finally:
            if running:
                _, late = await asyncio.wait(running, timeout=_STOP_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def _a_while(self, running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Wait for something to do, a tick at most; what still runs."""
        due = asyncio.create_task(self.due.wait())
        try:
            await asyncio.wait({due, *running}, timeout=_TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            due.cancel()
        return {task for task in running if not task.done()}

    async def _claim(self, busy: int) -> tuple[ClaimedOrder, ...]:
        """As many orders as the lane may send now: one when its breaker only lets a probe through."""
        free = self._delivery.concurrency - busy
        if free <= 0:
            return ()
        probing = self._breaker.next_probe_at is not None
        self._breaker, admitted = self._breaker.admit(_now())
        if not admitted:
            return ()
        claimed: tuple[ClaimedOrder, ...] = ()
        try:
            claimed = await self._store.claim_orders(
                self._name, self._owner, now=_now(), lease_seconds=_LEASE_SECONDS, limit=1 if probing else free
            )
        except TransientError as error:  # the store will be back: the lane waits a tick
            log.error("lane.waits_for_store", destination=self._name, code=error.code)
        if probing and not claimed:
            self._breaker = self._breaker.withdrawn()
        return claimed

    async def _settle(self, claimed: ClaimedOrder) -> None:
        """One order, whatever happens: delivered, in a state that names the cause, or back at the end of its lease."""
        heartbeat = asyncio.create_task(self._keep_lease(claimed.id))
        try:
            await self._attempt(claimed)
        except Exception as error:  # our bug, and nothing could be recorded: the lease brings the order back
            unexpected("order.left", error, order=claimed.id, destination=self._name)
            self._breaker = self._breaker.withdrawn()
        finally:
            self._handed_over.discard(claimed.id)
            heartbeat.cancel()

    async def _attempt(self, claimed: ClaimedOrder) -> None:
        try:
            if await self._guarded(claimed):
                return
            receipt = await self._send(claimed)
        except PasseurError as error:
            await self._failed(claimed, error)
        except Exception as error:  # our bug: the order stays, and is looked at again
            unexpected("order.postponed", error, order=claimed.id, destination=self._name)
            self._breaker = self._breaker.withdrawn()
            doubtful = claimed.uncertain or claimed.id in self._handed_over
            state = OrderState.UNCERTAIN if doubtful else OrderState.WAITING
            await self._postpone(claimed, state, "engine.unexpected", "", self._next(claimed, None))
        else:
            self._breaker = self._breaker.succeeded()
            await self._recorded(lambda: self._store.deliver_order(claimed.id, self._owner, receipt, now=_now()))
            log.info("order.delivered", order=claimed.id, destination=self._name, attempt=claimed.attempt)

    async def _guarded(self, claimed: ClaimedOrder) -> bool:
        """The last look at who the document is about; True when it must not leave."""
        if claimed.kind is OrderKind.REPORT:  # bears no document
            return False
        findings = guard_findings(claimed.document, claimed.version, claimed.cda, production=self._production)
        if findings:
            self._breaker = self._breaker.withdrawn()
            log.error("order.guarded", order=claimed.id, destination=self._name, codes=[one.code for one in findings])
            await self._postpone(claimed, OrderState.REJECTED, findings[0].code, findings[0].message, None)
        return bool(findings)

    async def _send(self, claimed: ClaimedOrder) -> Receipt:
        order = order_of(claimed)
        if claimed.uncertain:
            found = await self._found(order)
            if found is not None:
                return found
        await self._begins.kept()  # before anything is prepared, so that none waits long with its connection open
        return await self._destination.deliver(order, lambda: self._mark_sending(order))

    async def _found(self, order: Order) -> Receipt | None:
        try:
            return await self._destination.find(order)
        except (UncertainError, PermanentError) as error:  # a peer that refuses to say has not said "no"
            raise _UndecidableError(error.code, error.message, where=error.where) from None

    async def _mark_sending(self, order: Order) -> None:
        self._handed_over.add(order.id)
        if not await self._store.mark_sending(order.id, self._owner, now=_now()):
            raise TransientError("engine.lease_lost", "un autre processus a repris cet ordre")
        await self._leaves.kept()  # again, for preparing takes more or less time: this is what the peer sees

    async def _failed(self, claimed: ClaimedOrder, error: PasseurError) -> None:
        log.warning("order.failed", order=claimed.id, destination=self._name, code=error.code, attempt=claimed.attempt)
        self._breaker = self._after_failure(claimed, error)
        if isinstance(error, LaneError | ConfigError):
            reason = f"{error.code}: {error.message}"
            await self._recorded(lambda: self._store.stop_lane(self._name, reason, now=_now()))
        state, next_at = self._after(claimed, error)
        cause = error.cause if isinstance(error, ParkedError) else error.code
        await self._postpone(claimed, state, cause, error.message, next_at)

    def _after_failure(self, claimed: ClaimedOrder, error: PasseurError) -> Breaker:
        """A refused document says that the link is there; one that never left says nothing of it."""
        if isinstance(error, TransientError) and not error.link:
            return self._breaker.succeeded()
        if isinstance(error, TransientError | UncertainError) and not isinstance(error, _UndecidableError):
            return self._breaker.failed(_now())
        return self._breaker.succeeded() if claimed.id in self._handed_over else self._breaker.withdrawn()

    def _after(self, claimed: ClaimedOrder, error: PasseurError) -> tuple[OrderState, datetime | None]:
        """The state a failure leads to, and when it is looked at again."""
        if isinstance(error, TransientError):
            again = self._next(claimed, error.retry_after_seconds)
            if claimed.uncertain:
                return OrderState.UNCERTAIN, again or _now() + _DAILY
            return (OrderState.WAITING, again) if again else (OrderState.REJECTED, None)
        if isinstance(error, _UndecidableError):
            return OrderState.UNCERTAIN, None
        if isinstance(error, UncertainError):
            return OrderState.UNCERTAIN, self._next(claimed, None) or _now() + _DAILY
        if isinstance(error, ParkedError):
            return OrderState.WAITING, _now() + _DAILY
        if isinstance(error, LaneError | ConfigError):
            return (OrderState.UNCERTAIN if claimed.uncertain else OrderState.WAITING), _now()
        return OrderState.REJECTED, None

    def _next(self, claimed: ClaimedOrder, retry_after_seconds: float | None) -> datetime | None:
        jitter = random.random()  # noqa: S311 - spreads retries, protects nothing
        retry = self._delivery.retry
        born = claimed.expires_at - timedelta(hours=retry.max_age_hours) if claimed.expires_at else claimed.created_at
        return retry.next_at(claimed.attempt, _now(), born, retry_after_seconds, jitter)

    async def _postpone(
        self, claimed: ClaimedOrder, state: OrderState, cause: str, detail: str, next_at: datetime | None
    ) -> None:
        await self._recorded(
            lambda: self._store.postpone_order(
                claimed.id, self._owner, state, now=_now(), next_at=next_at, cause=cause, detail=detail
            )
        )

    async def _recorded(self, write: Callable[[], Awaitable[T]]) -> T:
        """What happened at the peer is kept, however long the disk takes: it may be the only proof that a mail left."""
        while True:
            try:
                return await write()
            except TransientError as error:
                log.error("lane.waits_for_store", destination=self._name, code=error.code)
                await asyncio.sleep(_TICK_SECONDS)

    async def _keep_lease(self, order_id: str) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            try:
                await self._store.extend_lease((order_id,), self._owner, now=_now(), lease_seconds=_LEASE_SECONDS)
            except TransientError as error:
                log.error("lane.waits_for_store", destination=self._name, code=error.code)


class _Pace:
    """No more per second than a peer takes; none asked for, no wait."""

    def __init__(self, max_per_second: float | None) -> None:
        self._limiter = Limiter(max_per_second * _UNDER_THE_LIMIT) if max_per_second else None

    async def kept(self) -> None:
        while self._limiter is not None:
            self._limiter, wait = self._limiter.take(_now())
            if not wait:
                return
            await asyncio.sleep(wait)


def _now() -> datetime:
    return datetime.now(UTC)
