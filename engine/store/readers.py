"""Readers: a few threads, each with a read-only connection, that see only what is committed.

Read-only also means that none of them ever carries the log into the file: SQLite before 3.51.3 may damage a file when
two connections do, and that is the writer's task alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from engine.errors import TransientError
from engine.store.faults import fault

T = TypeVar("T")


class Readers:
    """Runs reads, each on one snapshot of the store."""

    def __init__(self, path: Path, threads: int) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro"
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._closed = False

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """The result of a read. Raises TransientError when the disk does not answer."""
        if self._closed:
            raise TransientError("store.closed", "le dépôt est fermé")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, read)

    async def close(self) -> None:
        """Finish the reads begun, then give the connections back."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return read(connection)
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            known = fault(error)
            if known is None:
                raise
            raise known from None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA busy_timeout = 5000")
            self._opened.append(connection)
            self._local.connection = connection
        return connection
