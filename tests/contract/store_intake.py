"""Receiving messages, and reading them back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.exchange import InboundMessage
from engine.ports import Store
from engine.records import MessageState
from tests.contract.store_bench import StoreBench, history, take_messages
from tests.contract.store_values import NOON, after, message, pdf


class IntakeBehaviours(StoreBench):
    async def test_a_message_comes_back_byte_for_byte(self, store: Store) -> None:
        sent = message(
            bytes(range(256)), name="é\n.hpr", media_type="text/plain", attachments=(pdf(b"%PDF", "a"), pdf(b"", "b"))
        )
        accepted = await store.receive(sent)
        assert not accepted.duplicate
        assert await store.message_body(accepted.message_id) == sent

    async def test_a_message_received_is_still_there_after_reopening(self, tmp_path: Path) -> None:
        first = await self.make(tmp_path)
        accepted = await first.receive(message(b"kept"))
        await first.close()
        again = await self.make(tmp_path)
        body = await again.message_body(accepted.message_id)
        duplicate = await again.receive(message(b"kept"))
        await again.close()
        assert body is not None
        assert body.content == b"kept"
        assert duplicate.duplicate

    async def test_the_same_bytes_from_the_same_sender_are_one_message(self, store: Store) -> None:
        first = await store.receive(message(b"a", attachments=(pdf(b"1"),)))
        again = await store.receive(message(b"a", at=5, name="other.hpr", attachments=(pdf(b"1"),)))
        assert again.duplicate
        assert again.message_id == first.message_id
        assert len(await store.messages()) == 1

    async def test_another_sender_another_content_or_another_attachment_is_another_message(self, store: Store) -> None:
        sent: tuple[InboundMessage, ...] = (
            message(b"a"),
            message(b"b"),
            message(b"a", sender="LABO2"),
            message(b"a", sender=""),
            message(b"a", attachments=(pdf(b"1"),)),
            message(b"a", attachments=(pdf(b"2"),)),
            message(b"a", attachments=(pdf(b"1"), pdf(b"2"))),
            message(b"a", attachments=(pdf(b"2"), pdf(b"1"))),
            message(b"", sender="LABO1a"),
            message(b"1", attachments=(pdf(b""),)),
        )
        accepted = [await store.receive(one) for one in sent]
        assert not any(one.duplicate for one in accepted)
        assert len({one.message_id for one in accepted}) == len(sent)

    async def test_sixty_four_senders_at_once_are_all_kept_in_order(self, store: Store) -> None:
        contents = [str(index).encode() for index in range(64)]
        accepted = await asyncio.gather(*(store.receive(message(content)) for content in contents))
        ids = [one.message_id for one in accepted]
        assert sorted(ids) == ids
        bodies = await asyncio.gather(*(store.message_body(message_id) for message_id in ids))
        assert [body.content for body in bodies if body] == contents

    async def test_the_same_bytes_sent_at_once_by_many_are_kept_once(self, store: Store) -> None:
        accepted = await asyncio.gather(*(store.receive(message(b"same")) for _ in range(32)))
        assert [one.duplicate for one in accepted].count(False) == 1
        assert len({one.message_id for one in accepted}) == 1

    async def test_ids_sort_by_creation_even_when_a_clock_goes_back(self, store: Store) -> None:
        ids = [(await store.receive(message(bytes([at]), at=-at))).message_id for at in range(10)]
        assert ids == sorted(ids)

    async def test_ids_go_on_rising_after_reopening(self, tmp_path: Path) -> None:
        first = await self.make(tmp_path)
        before = await first.receive(message(b"1", at=3600))
        await first.close()
        again = await self.make(tmp_path)
        since = await again.receive(message(b"2"))
        await again.close()
        assert since.message_id > before.message_id

    async def test_a_received_message_says_what_is_known_of_it(self, store: Store) -> None:
        accepted = await store.receive(message(b"abc", at=1.000001))
        row = await store.message(accepted.message_id)
        assert row is not None
        assert (row.source, row.name, row.sender, row.kind) == ("labo", "ORU1.hpr", "", "")
        assert (row.state, row.attempts, row.findings) == (MessageState.RECEIVED, 0, ())
        assert (row.size_bytes, row.received_at) == (3, after(1.000001))
        assert row.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert await history(store, accepted.message_id) == ["received"]

    async def test_a_file_name_that_is_no_text_is_no_reason_to_lose_a_message(self, store: Store) -> None:
        accepted = await store.receive(message(b"abc", name="r\udce9sultat.hpr"))
        row = await store.message(accepted.message_id)
        assert row is not None
        assert row.name == "r\\udce9sultat.hpr"

    async def test_messages_are_listed_latest_first_page_by_page_and_by_state(self, store: Store) -> None:
        ids = [(await store.receive(message(bytes([index])))).message_id for index in range(5)]
        held = (await take_messages(store, limit=2))[0].id
        assert await store.settle_message(held, "worker-1", MessageState.HELD, now=NOON)
        first = await store.messages(limit=2)
        rest = await store.messages(limit=100, before=first[-1].id)
        assert [row.id for row in (*first, *rest)] == ids[::-1]
        received = await store.messages(state=MessageState.RECEIVED, limit=2)
        others = await store.messages(state=MessageState.RECEIVED, before=received[-1].id)
        assert [row.id for row in (*received, *others)] == [ids[4], ids[3], ids[2]]
        assert [row.id for row in await store.messages(state=MessageState.HELD)] == [ids[0]]

    async def test_messages_are_counted_by_state(self, store: Store) -> None:
        assert await store.message_counts() == {}
        for index in range(3):
            await store.receive(message(bytes([index])))
        await take_messages(store, limit=1)
        assert await store.message_counts() == {MessageState.RECEIVED: 2, MessageState.CONVERTING: 1}

    async def test_what_does_not_exist_is_none(self, store: Store) -> None:
        assert await store.message("none") is None
        assert await store.message_body("none") is None
        assert await store.document("none") is None
        assert await store.document_files("none") is None
        assert await store.order("none") is None
        assert await store.documents("none") == ()
        assert await store.events("none") == ()
