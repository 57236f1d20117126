"""Messages kept and answered, over real sockets and a real store."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace

import pytest

from engine.exchange import Accepted, InboundMessage
from tests.unit.connectors.mllp.peer import Keeper, Sender, framed, oru, sender, serving, told


async def test_a_message_is_kept_as_it_was_sent_then_answered(keeper: Keeper) -> None:
    content = oru("M1") + "NTE|1||éèµ".encode("iso8859-15") + b"\r"
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        assert await laboratory.exchange(content) == ("AA", "M1")
        (row,) = await keeper.store.messages()
        kept = await keeper.store.message_body(row.id)
    assert kept is not None
    assert (kept.content, kept.source, kept.name) == (content, "labo", "M1")


async def test_the_answer_is_written_only_once_the_message_is_kept(keeper: Keeper) -> None:
    may_end = asyncio.Event()

    async def slow(message: InboundMessage) -> Accepted:
        await may_end.wait()
        return await keeper.accept(message)

    async with serving(slow) as source, sender(source) as laboratory:
        await laboratory.send(oru("M1"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(laboratory.reader.read(1), 0.2)
        may_end.set()
        assert told(await laboratory.answer()) == ("AA", "M1")


async def test_several_messages_pass_on_one_connection(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        for number in range(50):
            assert await laboratory.exchange(oru(f"M{number}")) == ("AA", f"M{number}")
    assert await keeper.kept() == [f"M{number}" for number in range(50)]


async def test_pipelined_messages_are_kept_and_answered_in_their_order(keeper: Keeper) -> None:
    names = [f"M{number}" for number in range(200)]
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        await laboratory.write(b"".join(framed(oru(name)) for name in names))
        assert [told(await laboratory.answer()) for _ in names] == [("AA", name) for name in names]
    assert await keeper.kept() == names


async def test_a_message_that_arrives_octet_by_octet_is_one_message(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        for octet in framed(oru("M1")):
            await laboratory.write(bytes((octet,)))
            await asyncio.sleep(0)
        assert told(await laboratory.answer()) == ("AA", "M1")


async def test_sixty_four_senders_at_once_each_keep_their_own_order(keeper: Keeper) -> None:
    async def many(laboratory: Sender, rank: int) -> None:
        names = [f"{rank}-{number}" for number in range(20)]
        if rank % 2:
            await laboratory.write(b"".join(framed(oru(name, 2000)) for name in names))
            assert [told(await laboratory.answer()) for _ in names] == [("AA", name) for name in names]
        else:
            for name in names:
                assert await laboratory.exchange(oru(name, 2000)) == ("AA", name)

    async with serving(keeper.accept) as source, asyncio.TaskGroup() as group:

        async def one(rank: int) -> None:
            async with sender(source) as laboratory:
                await many(laboratory, rank)

        for rank in range(64):
            group.create_task(one(rank))
        await asyncio.sleep(0)
    by_sender = defaultdict(list)
    for name in await keeper.kept():
        rank, _, number = name.partition("-")
        by_sender[rank].append(int(number))
    assert len(by_sender) == 64
    assert all(numbers == list(range(20)) for numbers in by_sender.values())


async def test_a_message_sent_again_is_kept_once_and_answered_again(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source:
        for _ in range(2):
            async with sender(source) as laboratory:
                assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
    assert await keeper.kept() == ["M1"]


async def test_nothing_is_written_back_where_the_format_has_no_answer(keeper: Keeper) -> None:
    async def silent(message: InboundMessage) -> Accepted:
        return replace(await keeper.accept(message), answer=None)

    async with serving(silent) as source, sender(source) as laboratory:
        await laboratory.write(framed(oru("M1")) + framed(oru("M2")))
        laboratory.writer.write_eof()
        assert await laboratory.rest() == b""
    assert await keeper.kept() == ["M1", "M2"]


async def test_a_sender_that_closes_its_side_after_writing_is_still_answered(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        await laboratory.write(framed(oru("M1")) + framed(oru("M2")))
        laboratory.writer.write_eof()
        assert told(await laboratory.answer()) == ("AA", "M1")
        assert told(await laboratory.answer()) == ("AA", "M2")
        assert await laboratory.rest() == b""


async def test_messages_of_a_sender_that_leaves_without_its_answers_are_kept(keeper: Keeper) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def slow(message: InboundMessage) -> Accepted:
        started.set()
        await may_end.wait()
        return await keeper.accept(message)

    async with serving(slow) as source:
        async with sender(source) as laboratory:
            await laboratory.write(b"".join(framed(oru(f"M{number}")) for number in range(5)))
            await started.wait()
            laboratory.writer.transport.abort()
        may_end.set()
        async with sender(source) as other:
            assert await other.exchange(oru("other")) == ("AA", "other")
        async with asyncio.timeout(20):
            while len(await keeper.kept()) < 6:
                await asyncio.sleep(0.01)


async def test_a_message_without_msh_has_a_name_all_the_same(keeper: Keeper) -> None:
    async def silent(message: InboundMessage) -> Accepted:
        return replace(await keeper.accept(message), answer=b"OK")

    async with serving(silent) as source, sender(source) as laboratory:
        await laboratory.send(b"H|~^\\&|||")
        assert await laboratory.answer() == b"OK"
    (name,) = await keeper.kept()
    assert name.startswith("127.0.0.1 ")


async def test_ten_megabytes_pass(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        assert await laboratory.exchange(oru("big", 10_000_000)) == ("AA", "big")
        assert await laboratory.exchange(oru("small")) == ("AA", "small")
    assert await keeper.kept() == ["big", "small"]


async def test_a_negative_answer_given_later_goes_nowhere(keeper: Keeper) -> None:
    async with serving(keeper.accept) as source, sender(source) as laboratory:
        assert await laboratory.exchange(oru("M1")) == ("AA", "M1")
        (row,) = await keeper.store.messages()
        message = await keeper.store.message_body(row.id)
        assert message is not None
        await source.answer(message, b"late")
        assert await laboratory.exchange(oru("M2")) == ("AA", "M2")
