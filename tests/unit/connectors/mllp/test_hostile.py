"""Senders that are slow, gone, confused or greedy: each harms itself only."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from connectors.sources.mllp import MllpSource, connection
from engine.exchange import Accepted, InboundMessage
from tests.unit.connectors.mllp.peer import (
    Keeper,
    Sender,
    framed,
    oru,
    sender,
    serving,
    told,
)


async def test_garbage_before_and_between_messages_harms_nothing(
    keeper: Keeper, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        await laboratory.write(
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + framed(oru("M1")) + b"\0\xff??" + framed(oru("M2"))
        )
        assert told(await laboratory.answer()) == ("AA", "M1")
        assert told(await laboratory.answer()) == ("AA", "M2")
    assert await keeper.kept() == ["M1", "M2"]
    logged = "".join(capsys.readouterr())
    assert "mllp.junk" in logged
    assert "GET" not in logged


async def test_endless_garbage_is_neither_held_nor_listened_to_for_ever(keeper: Keeper) -> None:
    async with serving(keeper.accept, idle_timeout_seconds=0.5) as source, sender(source) as stranger:
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(20):
                while True:
                    await stranger.write(b"?" * 100_000)
                    await asyncio.sleep(0)
    assert await keeper.kept() == []


async def test_a_sender_that_vanishes_in_the_middle_of_a_message_harms_nothing(
    keeper: Keeper, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(keeper.accept) as source:
        async with sender(source) as dying, sender(source) as other:
            await dying.write(framed(oru("M1")) + b"\x0b" + oru("M2")[:60])
            assert told(await dying.answer()) == ("AA", "M1")
            dying.writer.transport.abort()
            assert await other.exchange(oru("M3")) == ("AA", "M3")
        async with sender(source) as back:
            assert await back.exchange(oru("M2")) == ("AA", "M2")
    assert await keeper.kept() == ["M1", "M3", "M2"]
    logged = "".join(capsys.readouterr())
    assert logged.count("mllp.message_cut_short") == 1
    assert "ESSAI" not in logged


async def test_a_slow_sender_is_told_and_left_while_others_pass(keeper: Keeper) -> None:
    async with serving(keeper.accept, frame_timeout_seconds=0.6) as source, sender(source) as slow:

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                for octet in b"\x0b" + oru("slow", 10_000):
                    await slow.write(bytes((octet,)))
                    await asyncio.sleep(0.004)

        dripping = asyncio.create_task(drip())
        async with sender(source) as other:
            for number in range(20):
                assert await other.exchange(oru(f"M{number}")) == ("AA", f"M{number}")
        assert told(await slow.answer()) == ("AR", "slow")
        assert await slow.rest() == b""
        dripping.cancel()
        await asyncio.wait({dripping})
    assert "slow" not in await keeper.kept()


async def test_a_silent_sender_is_left(keeper: Keeper) -> None:
    async with serving(keeper.accept, idle_timeout_seconds=1) as source, sender(source) as silent:
        assert await silent.exchange(oru("M1")) == ("AA", "M1")
        assert await silent.rest() == b""


async def test_time_taken_to_keep_a_message_is_not_held_against_its_sender(keeper: Keeper) -> None:
    async def slow(message: InboundMessage) -> Accepted:
        await asyncio.sleep(1.5)
        return await keeper.accept(message)

    times = {"idle_timeout_seconds": 0.7, "frame_timeout_seconds": 0.7, "write_timeout_seconds": 0.7}
    async with serving(slow, **times) as source, sender(source) as laboratory:
        assert await laboratory.exchange(oru("M1")) == ("AA", "M1")


async def test_a_message_too_long_is_refused_for_good_and_its_connection_closed(keeper: Keeper) -> None:
    async with serving(keeper.accept, max_message_bytes=1_000_000) as source, sender(source) as laboratory:
        await laboratory.write(framed(oru("long", 10_000_000)) + framed(oru("after")))
        assert told(await laboratory.answer()) == ("AE", "long")
        assert await laboratory.rest() == b""
        async with sender(source) as again:
            assert await again.exchange(oru("after")) == ("AA", "after")
    assert await keeper.kept() == ["after"]


async def test_a_frame_without_its_final_cr_is_told_where_the_cr_is_required(keeper: Keeper) -> None:
    async with serving(keeper.accept, frame_timeout_seconds=0.3) as source, sender(source) as laboratory:
        await laboratory.write(b"\x0b" + oru("M1") + b"\x1c")
        assert told(await laboratory.answer()) == ("AR", "M1")
    assert await keeper.kept() == []


async def test_a_frame_without_its_final_cr_passes_where_the_cr_is_optional(keeper: Keeper) -> None:
    async with serving(keeper.accept, final_cr="optional") as source, sender(source) as laboratory:
        await laboratory.write(b"\x0b" + oru("M1") + b"\x1c")
        assert told(await laboratory.answer()) == ("AA", "M1")
        assert await laboratory.exchange(oru("M2")) == ("AA", "M2")


async def test_two_messages_run_together_are_not_taken_for_one(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        await laboratory.write(b"\x0b" + oru("M1")[:100] + framed(oru("M2")))
        assert told(await laboratory.answer()) == ("AR", "M1")
        assert await laboratory.rest() == b""
    assert await keeper.kept() == []


async def test_connections_over_the_limit_are_closed_at_once(keeper: Keeper) -> None:
    async with serving(keeper.accept, max_connections=3) as source, contextlib.AsyncExitStack() as stack:
        first = [await stack.enter_async_context(sender(source)) for _ in range(3)]
        for number, one in enumerate(first):
            assert await one.exchange(oru(f"M{number}")) == ("AA", f"M{number}")
        async with sender(source) as late:
            assert await late.rest() == b""
        first[0].writer.close()
        async with asyncio.timeout(20):
            while not await _served(source):
                await asyncio.sleep(0.02)


async def _served(source: MllpSource) -> bool:
    async with sender(source) as laboratory:
        await laboratory.send(oru("late"))
        return await laboratory.reader.read(1) == b"\x0b"


async def test_reading_stops_while_a_message_is_being_kept(keeper: Keeper) -> None:
    """What a sender can push ahead is bounded by buffers, not by its patience."""
    may_end = asyncio.Event()

    async def slow(message: InboundMessage) -> Accepted:
        await may_end.wait()
        return await keeper.accept(message)

    async with serving(slow) as source:
        with socket.create_connection(("127.0.0.1", source.port)) as plug:
            plug.setblocking(False)
            block, pushed, refused = framed(oru("M", 100_000)), 0, 0
            while refused < 20:
                try:
                    pushed += plug.send(block)
                    refused = 0
                except BlockingIOError:
                    refused += 1
                    await asyncio.sleep(0.01)
                assert pushed < 50_000_000
        may_end.set()


async def test_a_sender_that_does_not_read_its_answers_is_left(keeper: Keeper) -> None:
    async def wordy(message: InboundMessage) -> Accepted:
        await keeper.accept(message)
        return Accepted("1", duplicate=False, answer=b"x" * 1_000_000)

    async with serving(wordy, write_timeout_seconds=0.5) as source:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", source.port))
        deaf.setblocking(False)
        with deaf:
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(deaf, b"".join(framed(oru(f"M{number}")) for number in range(100)))
            async with sender(source) as other:
                await other.send(oru("other"))
                assert await other.answer() == b"x" * 1_000_000
            async with asyncio.timeout(20):
                while source.connections:
                    await asyncio.sleep(0.05)


async def test_large_messages_wait_their_turn_and_all_pass(keeper: Keeper) -> None:
    together = most = 0

    async def counting(message: InboundMessage) -> Accepted:
        nonlocal together, most
        large = len(message.content) > 1_000_000
        together += large
        most = max(most, together)
        await asyncio.sleep(0.02)
        together -= large
        return await keeper.accept(message)

    async with serving(counting, max_large_messages=2) as source:

        async def one(name: str) -> None:
            async with sender(source) as laboratory:
                assert await laboratory.exchange(oru(name, 3_000_000)) == ("AA", name)
                assert await laboratory.exchange(oru(name + "-small")) == ("AA", name + "-small")

        await asyncio.gather(*(one(f"L{number}") for number in range(8)))
    assert len(await keeper.kept()) == 16
    assert most <= 2


async def test_a_place_is_given_back_once_the_large_message_is_kept(keeper: Keeper) -> None:
    async with serving(keeper.accept, max_large_messages=1) as source, sender(source) as first, sender(source) as other:
        assert await first.exchange(oru("L1", 3_000_000)) == ("AA", "L1")
        assert await other.exchange(oru("L2", 3_000_000)) == ("AA", "L2")
        assert await first.exchange(oru("L3", 3_000_000)) == ("AA", "L3")


async def test_large_messages_never_finished_do_not_block_others_for_ever(keeper: Keeper) -> None:
    half = b"\x0b" + oru("half", 3_000_000)
    settings = {"max_large_messages": 1, "frame_timeout_seconds": 2}
    async with serving(keeper.accept, **settings) as source, sender(source) as stuck, sender(source) as other:
        await stuck.write(half)
        await asyncio.sleep(0.1)
        assert await other.exchange(oru("small")) == ("AA", "small")
        assert await other.exchange(oru("large", 3_000_000)) == ("AA", "large")


async def test_no_connection_is_left_behind(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_LEAVE_SECONDS", 3600)
    async with serving(keeper.accept) as source:
        for number in range(30):
            async with sender(source) as laboratory:
                await laboratory.exchange(oru(f"M{number}"))
        async with asyncio.timeout(20):
            while source.connections:
                await asyncio.sleep(0.01)


async def test_a_sender_that_hangs_up_on_a_refusal_is_forgotten(keeper: Keeper) -> None:
    async with serving(keeper.accept, max_message_bytes=1000) as source:
        async with sender(source) as laboratory:
            await _push(laboratory, oru("long", 5_000))
        async with asyncio.timeout(20):
            while source.connections:
                await asyncio.sleep(0.01)


async def _push(laboratory: Sender, content: bytes) -> None:
    await laboratory.send(content)
    laboratory.writer.transport.abort()
