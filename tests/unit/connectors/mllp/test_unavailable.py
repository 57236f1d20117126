"""Nothing is acknowledged that was not kept."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.errors import TransientError
from engine.exchange import Accepted, InboundMessage
from engine.store.sqlite import SqliteStore
from tests.unit.connectors.mllp.peer import Keeper, Sender, framed, oru, sender, serving, told

_ROOT = Path(__file__).resolve().parents[4]


@dataclass
class Failing:
    """Keeps, except the first `times` times."""

    keeper: Keeper
    times: int
    error: Exception
    tries: int = 0

    async def accept(self, message: InboundMessage) -> Accepted:
        self.tries += 1
        if self.tries <= self.times:
            raise self.error
        return await self.keeper.accept(message)


_FULL = TransientError("store.full", "plein")


async def test_a_store_that_is_closed_acknowledges_nothing(keeper: Keeper) -> None:
    async with serving(keeper.accept, patience_seconds=0) as source:
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
            await keeper.store.close()
            assert await laboratory.exchange(oru("M2")) == ("AR", "M2")
            assert await laboratory.rest() == b""
        await keeper.store.open()
        assert await keeper.kept() == ["M1"]
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("M2")) == ("AA", "M2")
    assert await keeper.kept() == ["M1", "M2"]


async def test_a_full_store_rejects_what_it_cannot_keep_and_takes_it_again_later(keeper: Keeper) -> None:
    connection = keeper.store._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    async with serving(keeper.accept, patience_seconds=0) as source:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("large", 500_000)) == ("AR", "large")
        connection.execute("PRAGMA max_page_count = 1000000")
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("large", 500_000)) == ("AA", "large")
    assert await keeper.kept() == ["large"]


async def test_a_short_unavailability_only_slows_the_sender_down(keeper: Keeper) -> None:
    failing = Failing(keeper, 2, _FULL)
    async with serving(failing.accept) as source, sender(source) as laboratory:
        assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
        assert await laboratory.exchange(oru("M2")) == ("AA", "M2")
    assert failing.tries == 4


async def test_patience_counts_what_the_store_asks_to_wait(keeper: Keeper) -> None:
    failing = Failing(keeper, 1, TransientError("store.full", "plein", retry_after_seconds=3600))
    async with serving(failing.accept) as source, sender(source) as laboratory:
        assert await laboratory.exchange(oru("M1")) == ("AR", "M1")
    assert failing.tries == 1


async def test_nothing_overtakes_a_message_that_was_rejected(keeper: Keeper) -> None:
    failing = Failing(keeper, 1, _FULL)
    async with serving(failing.accept, patience_seconds=0) as source:
        async with sender(source) as laboratory:
            await laboratory.write(framed(oru("M1")) + framed(oru("M2")))
            assert told(await laboratory.answer()) == ("AR", "M1")
            assert await laboratory.rest() == b""
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
            assert await laboratory.exchange(oru("M2")) == ("AA", "M2")
    assert await keeper.kept() == ["M1", "M2"]


async def test_a_sender_that_gives_rejected_messages_up_is_only_disconnected(keeper: Keeper) -> None:
    failing = Failing(keeper, 1, _FULL)
    settings = {"patience_seconds": 0, "when_unavailable": "disconnect"}
    async with serving(failing.accept, **settings) as source, sender(source) as laboratory:
        await laboratory.send(oru("M1"))
        assert await laboratory.rest() == b""


async def test_a_message_that_cannot_be_named_is_answered_by_a_closed_connection(keeper: Keeper) -> None:
    failing = Failing(keeper, 1, _FULL)
    async with serving(failing.accept, patience_seconds=0) as source, sender(source) as laboratory:
        await laboratory.send(b"H|~^\\&|x\r")
        assert await laboratory.rest() == b""


async def test_a_fault_of_ours_rejects_and_says_nothing_of_the_message(
    keeper: Keeper, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = Failing(keeper, 1, ValueError("ESSAI ANNE"))
    async with serving(failing.accept) as source:
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("M1")) == ("AR", "M1")
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
    logged = "".join(capsys.readouterr())
    assert "ValueError" in logged
    assert "ESSAI" not in logged


async def test_one_unavailable_message_does_not_hold_other_senders_up(keeper: Keeper) -> None:
    async def accept(message: InboundMessage) -> Accepted:
        if message.name == "poison":
            raise _FULL
        return await keeper.accept(message)

    async with serving(accept, patience_seconds=1) as source, sender(source) as poisoned, sender(source) as other:
        await poisoned.send(oru("poison"))
        for number in range(20):
            assert await other.exchange(oru(f"M{number}")) == ("AA", f"M{number}")
        assert told(await poisoned.answer()) == ("AR", "poison")


async def test_what_was_acknowledged_before_a_kill_is_kept(tmp_path: Path) -> None:
    """Eight senders, and the process killed under them: every acknowledged message is in the store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "tests.benchmarks.mllp", "--serve", str(tmp_path), "--port", str(port))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    acknowledged: list[str] = []

    async def send_until_the_end(rank: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        laboratory = Sender(reader, writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            for number in range(1_000_000):
                name = f"{rank}-{number}"
                assert await laboratory.exchange(oru(name, 2_000)) == ("AA", name)
                acknowledged.append(name)
        writer.close()

    senders = [asyncio.create_task(send_until_the_end(rank)) for rank in range(8)]
    while len(acknowledged) < 300:
        await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    await asyncio.gather(*senders)
    store = SqliteStore(tmp_path / "bench.db")
    await store.open()
    kept = await Keeper(store).kept()
    await store.close()
    assert set(acknowledged) <= set(kept)
    assert len(kept) - len(acknowledged) <= 8
    for rank in range(8):
        own = [name for name in kept if name.startswith(f"{rank}-")]
        assert own == [f"{rank}-{number}" for number in range(len(own))]
