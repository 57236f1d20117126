"""The only writer: one thread that commits what waits together (group commit), each item in its own savepoint.

Nothing waits for a group to fill: what came while the last one was being written makes the next one. The calls of a
group are answered once the whole is on disk; when it cannot be, all of them fail.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from engine.errors import PasseurError, TransientError
from engine.store.faults import failed_group, fault

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

_GROUP_ITEMS: Final = 100
_GROUP_BYTES: Final = 8 << 20
_CHANGE_BYTES: Final = 4 << 10
"""A row changed rewrites a page, about, beside its own content."""
_CHECKPOINT_BYTES: Final = 16 << 20
_LONG_LOG_PAGES: Final = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    work: Work[Any]
    weight: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    item: _Item
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs works one after the other in transactions of its own connection, from `start` to `stop`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._stopped = False
        self._written = 0
        self._changes = connection.total_changes

    def start(self) -> None:
        self._thread.start()

    async def run(self, work: Work[T], *, weight: int = 0) -> T:
        """The work's result once it is on disk; `weight` is the size in bytes of what it writes, where that is large.

        Raises what the work raised, or TransientError when the disk did not follow. A work not yet begun when its
        caller is cancelled is not done.
        """
        if self._stopped:
            raise TransientError("store.closed", "le dépôt est fermé")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Item(work, weight, loop, future))
        return await future

    async def stop(self) -> None:
        """Finish what was asked, then end the thread."""
        if not self._stopped:
            self._stopped = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        last = False
        while not last:
            group, last = self._group()
            if group:
                _answer(self._commit(group))
                self._checkpoint(group)

    def _group(self) -> tuple[list[_Item], bool]:
        """What waits, up to a bound; and whether the writer must end after it."""
        item = self._queue.get()
        group: list[_Item] = []
        weight = 0
        while item is not None:
            group.append(item)
            weight += item.weight
            if len(group) >= _GROUP_ITEMS or weight >= _GROUP_BYTES:
                return group, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[_Item]) -> list[_Outcome]:
        """Every outcome of a group: none of them is a success unless the whole is on disk."""
        outcomes: list[_Outcome] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for item in group:
                if not item.future.cancelled():
                    outcomes.append(self._do(item))
            self._connection.execute("COMMIT")
        except Exception as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            failed = {outcome.item: outcome for outcome in outcomes if outcome.error is not None}
            return [failed.get(item) or _Outcome(item, error=failed_group(error)) for item in group]
        return outcomes

    def _do(self, item: _Item) -> _Outcome:
        """One item, undone alone when it fails. Raises when SQLite undid the whole group."""
        execute = self._connection.execute
        execute("SAVEPOINT item")
        try:
            result = item.work(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:
                raise
            execute("ROLLBACK TO item")
            execute("RELEASE item")
            return _Outcome(item, error=_told(error))
        execute("RELEASE item")
        return _Outcome(item, result)

    def _checkpoint(self, group: list[_Item]) -> None:
        """Carry the log into the file once enough was written; a failure only leaves the log longer."""
        changes = self._connection.total_changes
        self._written += sum(item.weight for item in group) + (changes - self._changes) * _CHANGE_BYTES
        self._changes = changes
        if self._written < _CHECKPOINT_BYTES:
            return
        self._written = 0
        with contextlib.suppress(sqlite3.Error):
            _, pages, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages > _LONG_LOG_PAGES:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _told(error: Exception) -> Exception:
    known: PasseurError | None = fault(error) if isinstance(error, sqlite3.Error) else None
    return known or error


def _answer(outcomes: list[_Outcome]) -> None:
    """Wake the callers, once per event loop."""
    for loop in {outcome.item.loop for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome.item.loop is loop]
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(outcomes: Iterable[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.item.future.done():
            continue
        if outcome.error is not None:
            outcome.item.future.set_exception(outcome.error)
        else:
            outcome.item.future.set_result(outcome.result)
