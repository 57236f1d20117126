"""The store's file: who may read it, who may open it, what is refused."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from engine.errors import ConfigError, TransientError
from engine.exchange import InboundMessage, OrderState
from engine.model.consent import ConsentAnswer
from engine.records import MessageState
from engine.store.migration import APPLICATION_ID, migrations
from engine.store.sqlite import SqliteStore
from tests.contract.store_consents import answer
from tests.contract.store_values import NOON, document, message, ready

CHECKOUT = Path(__file__).resolve().parents[3]
SCHEMA = CHECKOUT / "engine" / "store" / "schema.sql"


async def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    await store.open()
    return store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_store_is_readable_by_its_own_account_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "passeur.db"
    before = os.umask(0o022)
    try:
        store = await opened(path)
        await store.receive(message())
        assert mode(path.parent) == 0o700
        files = sorted(path.parent.iterdir())
        assert [(file.name, mode(file)) for file in files] == [
            ("passeur.db", 0o600),
            ("passeur.db-shm", 0o600),
            ("passeur.db-wal", 0o600),
            ("passeur.db.lock", 0o600),
        ]
        await store.close()
    finally:
        os.umask(before)


async def test_a_second_store_of_the_same_engine_is_refused(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    with pytest.raises(ConfigError, match=rf"store\.locked.*processus {os.getpid()} ") as refused:
        await opened(tmp_path / "passeur.db")
    assert refused.value.where.endswith("passeur.db.lock")
    await store.close()
    await (await opened(tmp_path / "passeur.db")).close()


_HOLD = """
import asyncio, sys
from pathlib import Path
from engine.store.sqlite import SqliteStore
async def main():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main())
"""


async def test_a_second_engine_is_refused_in_clear_words_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, str(path), stdin=pipe, stdout=pipe, cwd=CHECKOUT
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"open\n"
        with pytest.raises(ConfigError, match=rf"déjà ouvert par un autre moteur \(processus {child.pid} sur "):
            await opened(path)
    finally:
        child.kill()
        await child.communicate()
    await (await opened(path)).close()


async def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(ConfigError, match=r"store\.foreign"):
        await opened(path)
    path.write_bytes(b"not a database, nor anything like one" * 50)
    with pytest.raises(ConfigError, match=r"store\.foreign"):
        await opened(path)


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    await (await opened(path)).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(migrations()) + 1}")
    newer.close()
    with pytest.raises(ConfigError, match=r"store\.newer"):
        await opened(path)


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    store = await opened(path)
    for index in range(200):
        await store.receive(message(str(index).encode() * 500))
    await store.close()
    damaged = bytearray(path.read_bytes())
    damaged[20_480:200_000] = bytes(200_000 - 20_480)
    path.write_bytes(damaged)
    with pytest.raises(ConfigError, match=r"store\.corrupt"):
        await opened(path)


async def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"store\.unwritable"):
        await opened(tmp_path / "file" / "passeur.db")


async def test_a_refused_store_can_be_opened_once_mended(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    path.write_bytes(b"not a database, nor anything like one" * 50)
    store = SqliteStore(path)
    with pytest.raises(ConfigError):
        await store.open()
    path.unlink()
    await store.open()
    assert not (await store.receive(message())).duplicate
    await store.close()


async def test_a_full_disk_slows_the_sender_down_and_loses_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    kept = await store.receive(message(b"before"))
    pages = await store._write(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await store._write(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 5}").fetchone())
    big = message(bytes(1 << 20))
    with pytest.raises(TransientError, match=r"store\.full"):
        await store.receive(big)
    assert not (await store.receive(message(b"small"))).duplicate
    await store._write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert not (await store.receive(big)).duplicate
    assert (await store.receive(message(b"before"))).message_id == kept.message_id
    await store.close()


_FULL = """
import asyncio, resource, sys
from pathlib import Path
from engine.errors import TransientError
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import message

async def said(store, name):
    try:
        accepted = await store.receive(message(name.encode() * 2000))
    except TransientError as error:
        print("no", name, error.code)
    else:
        print("yes", name, accepted.message_id)

async def main():
    path = Path(sys.argv[1])
    store = SqliteStore(path)
    await store.open()
    await said(store, "first")
    log = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (log + 100_000, resource.RLIM_INFINITY))
    await asyncio.gather(*(said(store, f"at-once-{n}") for n in range(40)))
    await said(store, "still")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await said(store, "after")
    await store.close()
asyncio.run(main())
"""


async def test_a_disk_that_refuses_a_commit_acknowledges_none_of_it_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _FULL, str(path), stdout=pipe, cwd=CHECKOUT)
    out, _ = await child.communicate()
    said = [line.split() for line in out.decode().splitlines()]
    assert child.returncode == 0
    assert len(said) == 43
    refused = {name: rest for word, name, rest in said if word == "no"}
    assert refused
    assert set(refused.values()) <= {"store.disk", "store.full"}
    assert {"first", "after"}.isdisjoint(refused)
    store = await opened(path)
    for word, name, rest in said:
        again = await store.receive(message(name.encode() * 2000))
        assert again.duplicate == (word == "yes")
        assert word == "no" or again.message_id == rest
    await store.close()


async def test_a_document_that_cannot_be_read_back_does_not_hold_up_its_lane(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    for report in ("R1", "R2"):
        accepted = await store.receive(message(report.encode()))
        await store.claim_messages("w", now=NOON, lease_seconds=60, limit=1)
        made = document(report, orders=(ready(f"o-{report}"),))
        await store.settle_message(accepted.message_id, "w", MessageState.CONVERTED, now=NOON, documents=(made,))
    spoil = "UPDATE document_bodies SET document = '{}' WHERE document_seq = 1"
    await store._write(lambda connection: connection.execute(spoil))
    claimed = await store.claim_orders("dmp", "w", now=NOON, lease_seconds=60, limit=10)
    assert [one.id for one in claimed] == ["o-R2"]
    row = await store.order("o-R1")
    assert row is not None
    assert (row.state, row.cause, row.next_at) == (OrderState.WAITING, "store.unreadable", None)
    await store.close()


async def test_a_closed_store_takes_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    await store.close()
    await store.close()
    with pytest.raises(TransientError, match=r"store\.closed"):
        await store.receive(message())
    with pytest.raises(TransientError, match=r"store\.closed"):
        await store.messages()


async def test_a_store_not_yet_open_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        await SqliteStore(tmp_path / "passeur.db").receive(message())


async def test_a_naive_instant_is_never_kept(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    with pytest.raises(ValueError, match="naive"):
        await store.receive(InboundMessage(b"", "labo", "a", NOON.replace(tzinfo=None)))
    assert await store.messages() == ()
    await store.close()


def structure(connection: sqlite3.Connection) -> dict[str, object]:
    """Tables by their columns and keys, the rest by its text."""
    found: dict[str, object] = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall():
        if kind == "table":
            columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            keys = sorted(connection.execute(f"PRAGMA foreign_key_list({name})").fetchall())
            found[name] = (sorted(column[1:] for column in columns), keys)
        else:
            found[name] = " ".join((sql or "").split())
    return found


def test_the_migrations_lead_to_the_schema_as_written() -> None:
    whole, steps = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    whole.executescript(SCHEMA.read_text("utf-8"))
    for _, sql in migrations():
        steps.executescript(sql)
    assert structure(steps) == structure(whole)
    assert "messages" in structure(whole)
    whole.close()
    steps.close()


async def test_a_migrated_file_says_whose_it_is_and_how_far(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    await (await opened(path)).close()
    file = sqlite3.connect(path)
    assert file.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert file.execute("PRAGMA user_version").fetchone()[0] == len(migrations())
    assert file.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    file.close()


async def test_history_is_never_rewritten(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    await store.receive(message())
    for sql in ("DELETE FROM events", "UPDATE events SET what = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
            await store._write(lambda connection, sql=sql: connection.execute(sql))
    await store.close()


async def test_answers_of_patients_are_never_rewritten(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")
    await store.record_consent(answer(ConsentAnswer.NO), now=NOON)
    for sql in ("DELETE FROM consents", "UPDATE consents SET answer = 'yes'", "UPDATE consents SET collected_at = 0"):
        with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
            await store._write(lambda connection, sql=sql: connection.execute(sql))
    await store.close()


async def test_the_settings_that_make_it_durable_are_in_force(tmp_path: Path) -> None:
    store = await opened(tmp_path / "passeur.db")

    def setting(name: str) -> object:
        return lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await store._write(setting("synchronous")) == 2  # type: ignore[arg-type]
    assert await store._write(setting("foreign_keys")) == 1  # type: ignore[arg-type]
    assert await store._write(setting("journal_mode")) == "wal"  # type: ignore[arg-type]
    with pytest.raises(TransientError, match=r"store\.unwritable"):
        await store._read(lambda connection: connection.execute("DELETE FROM lanes"))
    await store.close()
