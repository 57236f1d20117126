"""Catch-ups on the store's one SQLite file: `SqliteStore` lends its writer and its readers."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from engine.history_runs.run import Candidate, Criteria, HistoryRun, RunAction, Speed, Unreadable, Verdict
from engine.store import history_rows, history_runs
from engine.store.sqlite import SqliteStore


class HistoryStore:
    """`engine.history_runs.feeder.KeptRuns` on an open store. Each method is one durable transaction."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def start(
        self, run_id: str, criteria: Criteria, speed: Speed, *, dry: bool, now: datetime
    ) -> HistoryRun | None:
        """None, and nothing done, when another run of this destination has not ended."""
        begin = partial(history_runs.start, run_id=run_id, criteria=criteria, speed=speed, dry=dry, now=now)
        return await self._store._write(begin)

    async def change(self, run_id: str, action: RunAction, *, now: datetime, reason: str = "") -> bool:
        """Pause, resume or cancel; False when the run's state does not allow it."""
        return await self._store._write(
            partial(history_runs.change, run_id=run_id, action=action, now=now, reason=reason)
        )

    async def run(self, run_id: str) -> HistoryRun | None:
        return await self._store._read(partial(history_runs.run, run_id=run_id))

    async def runs(self, limit: int) -> tuple[HistoryRun, ...]:
        """Latest first."""
        return await self._store._read(partial(history_rows.runs, limit=limit))

    async def active(self) -> tuple[HistoryRun, ...]:
        """Those that have something to do."""
        return await self._store._read(history_rows.active)

    async def unexamined(self, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]:
        """The documents a run looks at next; none when it has seen them all."""
        return await self._store._read(partial(history_rows.unexamined, run_id=run_id, limit=limit))

    async def next_documents(self, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]:
        """The documents a run feeds next, as they are now, those of the oldest acts first."""
        return await self._store._read(partial(history_rows.next_documents, run_id=run_id, limit=limit))

    async def examined(self, run_id: str, before: int, verdicts: tuple[Verdict, ...], *, now: datetime) -> None:
        """Keep what was decided of the documents after place `before`; no verdict: there are no more."""
        keep = partial(history_runs.examined, run_id=run_id, before=before, verdicts=verdicts, now=now)
        await self._store._write(keep)

    async def feed(self, run_id: str, verdicts: tuple[Verdict, ...], *, now: datetime) -> int:
        """Make as many orders as the pace and the lane allow; how many documents were done with."""
        return await self._store._write(partial(history_runs.feed, run_id=run_id, verdicts=verdicts, now=now))
