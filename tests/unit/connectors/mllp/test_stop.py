"""Beginning and end of a source."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest

from connectors.sources.mllp import MllpSettings, MllpSource
from engine.errors import ConfigError, TransientError
from engine.exchange import Accepted, InboundMessage
from tests.unit.connectors.mllp.peer import Keeper, framed, free_port, oru, sender, serving, told


class Gate:
    """Keeps nothing until it is opened."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def accept(self, message: InboundMessage) -> Accepted:
        self.reached.set()
        await self.open.wait()
        return await self._keeper.accept(message)


async def started(source: MllpSource, accept: Any) -> asyncio.Task[None]:
    task = asyncio.create_task(source.serve(accept))
    await source.listening.wait()
    return task


async def stopped(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        await task


async def test_messages_already_read_are_kept_and_answered_before_the_end(keeper: Keeper) -> None:
    gate, source = Gate(keeper), MllpSource("labo", MllpSettings(port=free_port()))
    task = await started(source, gate.accept)
    async with sender(source) as laboratory:
        await laboratory.write(framed(oru("M1")) + framed(oru("M2")) + b"\x0b" + oru("M3")[:50])
        await gate.reached.wait()
        task.cancel()
        while source.listening.is_set():
            await asyncio.sleep(0)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", source.port)
        gate.open.set()
        assert told(await laboratory.answer()) == ("AA", "M1")
        assert told(await laboratory.answer()) == ("AA", "M2")
        assert await laboratory.rest() == b""
    await stopped(task)
    assert await keeper.kept() == ["M1", "M2"]
    assert source.connections == 0


async def test_idle_and_half_sent_connections_do_not_delay_the_end(keeper: Keeper) -> None:
    source = MllpSource("labo", MllpSettings(port=free_port(), max_large_messages=1))
    task = await started(source, keeper.accept)
    async with sender(source) as idle, sender(source) as half, sender(source) as large, sender(source) as queued:
        await half.write(b"\x0bMSH|")
        await large.write(b"\x0b" + oru("L1", 2_000_000))
        await asyncio.sleep(0.05)
        await queued.write(b"\x0b" + oru("L2", 2_000_000))
        await asyncio.sleep(0.05)
        task.cancel()
        for one in (idle, half, large, queued):
            assert await one.rest() == b""
        await stopped(task)
    assert source.connections == 0


async def test_a_message_waiting_for_a_full_store_is_rejected_at_the_end(keeper: Keeper) -> None:
    reached = asyncio.Event()

    async def full(message: InboundMessage) -> Accepted:
        reached.set()
        raise TransientError("store.full", "plein", retry_after_seconds=30)

    source = MllpSource("labo", MllpSettings(port=free_port(), patience_seconds=60))
    task = await started(source, full)
    async with sender(source) as laboratory:
        await laboratory.send(oru("M1"))
        await reached.wait()
        task.cancel()
        assert told(await laboratory.answer()) == ("AR", "M1")
    await stopped(task)


async def test_a_second_cancellation_ends_at_once(keeper: Keeper) -> None:
    gate, source = Gate(keeper), MllpSource("labo", MllpSettings(port=free_port()))
    task = await started(source, gate.accept)
    async with sender(source) as laboratory:
        await laboratory.send(oru("M1"))
        await gate.reached.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        task.cancel()
        await stopped(task)
        assert await laboratory.rest() == b""
    assert source.connections == 0
    assert await keeper.kept() == []


async def test_a_source_serves_again_on_the_same_port_after_its_end(keeper: Keeper) -> None:
    source = MllpSource("labo", MllpSettings(port=free_port()))
    for name in ("M1", "M2"):
        task = await started(source, keeper.accept)
        async with sender(source) as laboratory:
            assert await laboratory.exchange(oru(name)) == ("AA", name)
            task.cancel()
            await stopped(task)


async def test_check_proves_that_the_port_can_be_had(keeper: Keeper) -> None:
    source = MllpSource("labo", MllpSettings(port=free_port()))
    await source.check()
    async with serving(keeper.accept) as other:
        await other.check()
        with pytest.raises(ConfigError) as refused:
            await MllpSource("second", MllpSettings(port=other.port)).check()
    assert refused.value.code == "mllp.port_unusable"
    assert str(other.port) in refused.value.where


async def test_check_lets_go_of_the_port_and_takes_no_connection() -> None:
    source = MllpSource("labo", MllpSettings(port=free_port()))
    await source.check()
    with socket.socket() as plug:
        assert plug.connect_ex(("127.0.0.1", source.port)) != 0


async def test_a_taken_port_is_told_when_serving(keeper: Keeper) -> None:
    async with serving(keeper.accept) as other:
        with pytest.raises(ConfigError):
            await MllpSource("second", MllpSettings(port=other.port)).serve(keeper.accept)


async def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(ConfigError):
        await MllpSource("labo", MllpSettings(host="192.0.2.1", port=2575, allow_cleartext=True)).check()
