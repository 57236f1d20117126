"""Group commit: neighbours do not suffer from one another, and nothing is said done before it is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.errors import TransientError
from engine.store import file
from engine.store.writer import Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    connection = file.connect(tmp_path / "passeur.db")
    writer = Writer(connection)
    writer.start()
    await writer.run(lambda connection: connection.execute("CREATE TABLE sheet (n INTEGER PRIMARY KEY)"))
    yield writer
    await writer.stop()
    connection.close()


def put(connection: sqlite3.Connection, number: int) -> int:
    connection.execute("INSERT INTO sheet VALUES (?)", (number,))
    return number


async def numbers(writer: Writer) -> list[int]:
    rows = await writer.run(lambda connection: connection.execute("SELECT n FROM sheet ORDER BY n").fetchall())
    return [row["n"] for row in rows]


async def grouped(writer: Writer, *works: object) -> list[object]:
    """Outcomes of works that are committed together."""
    begun, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def block(_: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        gate.wait()

    first = asyncio.ensure_future(writer.run(block))
    await begun.wait()
    rest = [asyncio.ensure_future(writer.run(work)) for work in works]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    gate.set()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


async def test_one_item_that_fails_does_not_undo_its_neighbours(writer: Writer) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        put(connection, 2)
        raise KeyError("ours")

    outcomes = await grouped(
        writer, lambda connection: put(connection, 1), fails, lambda connection: put(connection, 3)
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], KeyError)
    assert outcomes[2] == 3
    assert await numbers(writer) == [1, 3]


async def test_a_commit_that_fails_fails_all_its_items_and_none_of_the_next(writer: Writer) -> None:
    def breaks_commit(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO message_bodies VALUES (1, x'00')")

    outcomes = await grouped(writer, lambda connection: put(connection, 1), breaks_commit)
    assert [type(outcome) for outcome in outcomes] == [TransientError, TransientError]
    assert await numbers(writer) == []
    assert await writer.run(lambda connection: put(connection, 4)) == 4
    assert await numbers(writer) == [4]


async def test_a_work_that_ends_the_transaction_takes_nobody_in(writer: Writer) -> None:
    def ends(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        raise KeyError("ours")

    outcomes = await grouped(writer, lambda connection: put(connection, 1), ends)
    assert [type(outcome) for outcome in outcomes] == [TransientError, TransientError]
    assert await numbers(writer) == []


async def test_what_is_cancelled_before_it_begins_is_not_done(writer: Writer) -> None:
    gate = threading.Event()
    first = asyncio.ensure_future(writer.run(lambda _: gate.wait()))
    second = asyncio.ensure_future(writer.run(lambda connection: put(connection, 2)))
    await asyncio.sleep(0)
    second.cancel()
    gate.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await numbers(writer) == []


async def test_stopping_finishes_what_was_asked(tmp_path: Path) -> None:
    connection = file.connect(tmp_path / "passeur.db")
    writer = Writer(connection)
    writer.start()
    await writer.run(lambda connection: connection.execute("CREATE TABLE sheet (n INTEGER PRIMARY KEY)"))
    asked = [asyncio.ensure_future(writer.run(lambda connection, n=n: put(connection, n))) for n in range(250)]
    await asyncio.sleep(0)
    await writer.stop()
    assert await asyncio.gather(*asked) == list(range(250))
    assert connection.execute("SELECT count(*) FROM sheet").fetchone()[0] == 250
    with pytest.raises(TransientError, match=r"store\.closed"):
        await writer.run(lambda connection: put(connection, 999))
    connection.close()


async def test_the_log_is_carried_into_the_file_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    connection = file.connect(path)
    writer = Writer(connection)
    writer.start()
    await writer.run(lambda connection: connection.execute("CREATE TABLE load (content BLOB)"))
    content = bytes(1 << 20)
    for _ in range(64):
        await writer.run(
            lambda connection: connection.execute("INSERT INTO load VALUES (?)", (content,)), weight=len(content)
        )
    await writer.stop()
    assert path.with_name("passeur.db-wal").stat().st_size < 40 << 20
    assert path.stat().st_size > 32 << 20
    connection.close()
