"""The task that carries catch-ups on: it looks at what is kept, then feeds the lanes behind what is fresh."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from engine.errors import TransientError
from engine.history_runs.run import Candidate, HistoryRun, RunAction, RunState, Unreadable, Verdict
from engine.history_runs.verdict import verdict
from engine.log import log, unexpected
from engine.route import ConfiguredDestination, Installation

NO_DESTINATION = "no_destination"
"""Reason of a run paused because routes.yaml no longer has its destination."""
FAULT = "fault"
"""Reason of a run paused by a fault of ours."""
_TICK_SECONDS = 1.0
_BREATH_SECONDS = 0.02
"""Between two steps of a run that has much to do: the line comes first."""
_AT_ONCE = 50


class KeptRuns(Protocol):
    """What the feeder asks of the store; each method is one durable transaction."""

    async def active(self) -> tuple[HistoryRun, ...]: ...

    async def change(self, run_id: str, action: RunAction, *, now: datetime, reason: str = "") -> bool: ...

    async def unexamined(self, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]: ...

    async def next_documents(self, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]: ...

    async def examined(self, run_id: str, before: int, verdicts: tuple[Verdict, ...], *, now: datetime) -> None: ...

    async def feed(self, run_id: str, verdicts: tuple[Verdict, ...], *, now: datetime) -> int: ...


class HistoryFeeder:
    """Takes every active run one step further at each look."""

    def __init__(self, store: KeptRuns, installation: Installation, orders_made: asyncio.Event) -> None:
        self._store = store
        self._installation = installation
        self._orders_made = orders_made

    async def run(self) -> None:
        """Until cancelled; a step is whole or was not taken."""
        while True:
            try:
                busy = await self.look()
            except TransientError as error:  # the store will be back: wait a tick
                log.error("history.waits_for_store", code=error.code)
                busy = False
            await asyncio.sleep(_BREATH_SECONDS if busy else _TICK_SECONDS)

    async def look(self) -> bool:
        """One step of each run; True when one of them has more to look at at once."""
        steps = [await self._guarded(run) for run in await self._store.active()]
        return any(steps)

    async def _guarded(self, run: HistoryRun) -> bool:
        """A fault of ours pauses the run it happened in, and no other."""
        try:
            return await self._step(run)
        except TransientError:
            raise
        except Exception as error:
            unexpected("history.paused", error, run=run.id)
            await self._store.change(run.id, RunAction.PAUSE, now=_now(), reason=FAULT)
            return False

    async def _step(self, run: HistoryRun) -> bool:
        destination = next(
            (one for one in self._installation.destinations if one.name == run.criteria.destination), None
        )
        if destination is None:
            await self._store.change(run.id, RunAction.PAUSE, now=_now(), reason=NO_DESTINATION)
            return False
        if run.state is RunState.PLANNING:
            return await self._plan(run, destination)
        await self._feed(run, destination)
        return False

    async def _plan(self, run: HistoryRun, destination: ConfiguredDestination) -> bool:
        now = _now()
        found = await self._store.unexamined(run.id, _AT_ONCE)
        verdicts = tuple(verdict(one, run.criteria, destination, now) for one in found)
        await self._store.examined(run.id, run.cursor, verdicts, now=now)
        return bool(found)

    async def _feed(self, run: HistoryRun, destination: ConfiguredDestination) -> None:
        """Each document is decided on again: its patient may have opposed it, a correction may have come."""
        now = _now()
        if run.speed.window is not None and not run.speed.window.is_open(now):
            return
        found = await self._store.next_documents(run.id, run.speed.queue)
        verdicts = tuple(verdict(one, run.criteria, destination, now) for one in found)
        if await self._store.feed(run.id, verdicts, now=now):
            self._orders_made.set()


def _now() -> datetime:
    return datetime.now(UTC)
