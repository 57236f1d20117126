"""Claiming messages, settling them with their documents, postponing and replaying them."""

from __future__ import annotations

import asyncio

import pytest

from engine.exchange import OrderState
from engine.ports import Store
from engine.records import DocumentState, History, MessageState
from tests.contract.store_bench import (
    LEASE,
    OTHER,
    OWNER,
    StoreBench,
    history,
    received_and_taken,
    settled,
    take_messages,
    taken,
)
from tests.contract.store_values import DOCUMENT, FINDING, NOON, after, document, message, order, ready, version


class ConversionBehaviours(StoreBench):
    async def test_messages_are_taken_oldest_first_and_once(self, store: Store) -> None:
        ids = [(await store.receive(message(bytes([index])))).message_id for index in range(5)]
        first = await take_messages(store, limit=3)
        second = await take_messages(store, OTHER, limit=3)
        assert [claimed.id for claimed in (*first, *second)] == ids
        assert await take_messages(store, OTHER) == []
        assert first[0].message == message(b"\x00")
        assert first[0].attempts == 1

    async def test_two_workers_at_once_never_hold_the_same_message(self, store: Store) -> None:
        ids = {(await store.receive(message(bytes([index])))).message_id for index in range(60)}
        claims = await asyncio.gather(*(take_messages(store, f"w{index}", limit=7) for index in range(10)))
        held = [claimed.id for claim in claims for claimed in claim]
        assert len(held) == len(set(held)) == 60
        assert set(held) == ids

    async def test_a_message_whose_lease_is_over_is_taken_again(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        assert await take_messages(store, OTHER, at=LEASE - 1) == []
        again = await take_messages(store, OTHER, at=LEASE)
        assert [(claimed.id, claimed.attempts) for claimed in again] == [(message_id, 2)]

    async def test_a_lease_that_was_lost_settles_nothing(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        await take_messages(store, OTHER, at=LEASE)
        lost = await store.settle_message(
            message_id, OWNER, MessageState.CONVERTED, now=after(LEASE), documents=(document("R1"),)
        )
        assert not lost
        assert await store.documents(message_id) == ()
        assert await store.settle_message(message_id, OTHER, MessageState.IGNORED, now=after(LEASE))
        assert not await store.settle_message(message_id, OTHER, MessageState.IGNORED, now=after(LEASE))

    async def test_a_message_is_settled_with_all_that_was_found(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        assert await store.settle_message(
            message_id, OWNER, MessageState.REFUSED, now=NOON, kind="HPRIM", sender="L1", findings=(FINDING,)
        )
        row = await store.message(message_id)
        assert row is not None
        assert (row.state, row.kind, row.sender, row.findings) == (MessageState.REFUSED, "HPRIM", "L1", (FINDING,))
        assert await history(store, message_id) == ["received", "converting", "refused"]
        assert await take_messages(store, at=1e6) == []

    async def test_documents_and_orders_are_kept_with_the_message(self, store: Store) -> None:
        made = document("R1", orders=(ready("o1"), order("o2", "mss", recipient="a@mssante.fr", cause="x")))
        message_id = await settled(store, made)
        (row,) = await store.documents(message_id)
        assert row == await store.document("doc-R1-1")
        assert (row.id, row.message_id, row.version, row.state) == (made.id, message_id, made.version, made.state)
        assert (row.type, row.title, row.status, row.findings) == (made.type, made.title, made.status, made.findings)
        assert (row.file_name, row.pack, row.created_at) == (made.file_name, made.pack, NOON)
        assert [(one.id, one.destination, one.recipient) for one in row.orders] == [
            ("o1", "dmp", ""),
            ("o2", "mss", "a@mssante.fr"),
        ]
        assert row.orders[1].cause == "x"
        assert await store.document_files("doc-R1-1") == (made.cda, made.pdf)
        assert await history(store, "doc-R1-1") == ["document.ready"]
        assert await history(store, "o1") == ["order.ready"]

    async def test_a_document_that_could_not_be_built_has_no_files(self, store: Store) -> None:
        made = document("R1", state=DocumentState.REFUSED, cda=None, pdf=None)
        await settled(store, made, state=MessageState.REFUSED)
        assert await store.document_files(made.id) == (None, None)

    async def test_what_could_never_leave_is_not_kept_as_if_it_could(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        wrong = (
            document("R1", state=DocumentState.HELD, orders=(ready("o1"),)),
            document("R1", cda=None),
            document("R1", orders=(order("o1", state=OrderState.DELIVERED),)),
        )
        for made in wrong:
            with pytest.raises(ValueError):
                await store.settle_message(message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=(made,))
        with pytest.raises(ValueError):
            await store.settle_message(message_id, OWNER, MessageState.RECEIVED, now=NOON)
        assert await store.documents(message_id) == ()

    async def test_a_version_taken_by_another_message_settles_nothing(self, store: Store) -> None:
        await settled(store, document("R1"))
        message_id = await received_and_taken(store, b"second")
        late = document("R1", id="doc-other", orders=(ready("o9"),))
        free = document("R2")
        assert not await store.settle_message(
            message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=(free, late)
        )
        same_id = document("R3", id="doc-R1-1")
        assert not await store.settle_message(message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=(same_id,))
        assert await store.documents(message_id) == ()
        assert await store.order("o9") is None
        row = await store.message(message_id)
        assert row is not None
        assert row.state is MessageState.CONVERTING
        second = document("R1", 2)
        assert await store.settle_message(message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=(second,))

    async def test_the_history_of_a_report_is_its_latest_version_and_the_last_that_may_leave(
        self, store: Store
    ) -> None:
        assert await store.history(version("R1").set_id) == History()
        first = await settled(store, document("R1", 1))
        held = await settled(store, document("R1", 2, state=DocumentState.HELD), state=MessageState.HELD)
        refused = await settled(store, document("R1", 3, state=DocumentState.REFUSED), state=MessageState.REFUSED)
        known = await store.history(version("R1").set_id)
        assert known.latest is not None
        assert known.ready is not None
        assert (known.latest.document_id, known.latest.state) == ("doc-R1-3", DocumentState.REFUSED)
        assert (known.ready.document_id, known.ready.version.number) == ("doc-R1-1", 1)
        assert known.ready.document == DOCUMENT
        assert known.ready.content_hash == document("R1").content_hash
        assert known.ready.patient_key == document("R1").patient_key
        assert (known.ready.message_id, known.latest.message_id) == (first, refused)
        before = await store.history(version("R1").set_id, excluding=refused)
        assert before.latest is not None
        assert (before.latest.message_id, before.latest.state) == (held, DocumentState.HELD)
        assert await store.history(version("R1 ").set_id) == History()

    async def test_a_postponed_message_waits_for_its_time_and_is_never_dropped(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        await store.postpone_message(message_id, OWNER, now=NOON, next_at=after(300), error="engine.unexpected")
        row = await store.message(message_id)
        assert row is not None
        assert (row.state, row.next_at, row.error) == (MessageState.POSTPONED, after(300), "engine.unexpected")
        younger = (await store.receive(message(b"b"))).message_id
        assert [claimed.id for claimed in await take_messages(store, at=299, limit=1)] == [younger]
        await store.receive(message(b"c"))
        again = await take_messages(store, at=300, limit=1)
        assert [(claimed.id, claimed.attempts) for claimed in again] == [(message_id, 2)]

    async def test_a_worker_that_lost_its_lease_postpones_nothing(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        await take_messages(store, OTHER, at=LEASE)
        await store.postpone_message(message_id, OWNER, now=after(LEASE), next_at=after(1e6), error="late")
        row = await store.message(message_id)
        assert row is not None
        assert (row.state, row.error) == (MessageState.CONVERTING, "")

    async def test_a_kept_message_is_converted_again_on_demand(self, store: Store) -> None:
        message_id = await settled(store, content=b"a", state=MessageState.REFUSED)
        assert await store.replay_message(message_id, now=after(10))
        assert not await store.replay_message("none", now=after(10))
        assert [claimed.id for claimed in await take_messages(store, at=10)] == [message_id]
        assert (await history(store, message_id))[-2:] == ["replayed", "converting"]

    async def test_a_replay_takes_the_message_from_whoever_converts_it(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"a")
        assert await store.replay_message(message_id, now=NOON)
        assert not await store.settle_message(message_id, OWNER, MessageState.REFUSED, now=NOON)
        assert [claimed.id for claimed in await take_messages(store, OTHER)] == [message_id]

    async def test_a_replay_keeps_what_may_leave_and_makes_the_rest_anew(self, store: Store) -> None:
        gone = document("R1", orders=(ready("o1"),))
        message_id = await settled(
            store,
            gone,
            document("R2", state=DocumentState.HELD),
            document("R3", state=DocumentState.REFUSED, cda=None),
            state=MessageState.HELD,
        )
        assert await taken(store) == ["o1"]
        await store.replay_message(message_id, now=after(10))
        await take_messages(store, at=10)
        again = (
            document("R1", title="anew", orders=(ready("o1"),)),
            document("R2", title="anew", orders=(ready("o2"),)),
            document("R3", title="anew", state=DocumentState.HELD),
        )
        assert await store.settle_message(message_id, OWNER, MessageState.HELD, now=after(11), documents=again)
        rows = {row.id: row for row in await store.documents(message_id)}
        assert [rows[f"doc-R{n}-1"].title == "anew" for n in (1, 2, 3)] == [False, True, True]
        assert [rows[f"doc-R{n}-1"].state for n in (1, 2, 3)] == [
            DocumentState.READY,
            DocumentState.READY,
            DocumentState.HELD,
        ]
        assert rows["doc-R1-1"].orders[0].state is OrderState.SENDING
        assert [one.id for one in rows["doc-R2-1"].orders] == ["o2"]

    async def test_a_held_document_leaves_once_a_person_lets_it(self, store: Store) -> None:
        message_id = await settled(store, document("R1", state=DocumentState.HELD), state=MessageState.HELD)
        assert await store.release_document("doc-R1-1", (ready("o1"),), now=after(5))
        assert await taken(store, at=5) == ["o1"]
        assert not await store.release_document("doc-R1-1", (ready("o2"),), now=after(5))
        assert not await store.release_document("none", (), now=after(5))
        assert await store.order("o2") is None
        assert await history(store, "doc-R1-1") == ["document.held", "document.released"]
        row = await store.message(message_id)
        assert row is not None
        assert row.state is MessageState.CONVERTED

    async def test_a_message_stays_held_while_one_of_its_documents_is(self, store: Store) -> None:
        held = (document("R1", state=DocumentState.HELD), document("R2", state=DocumentState.HELD))
        message_id = await settled(store, *held, state=MessageState.HELD)
        assert await store.release_document("doc-R1-1", (), now=NOON)
        row = await store.message(message_id)
        assert row is not None
        assert row.state is MessageState.HELD

    async def test_a_held_document_that_could_not_be_built_cannot_leave(self, store: Store) -> None:
        await settled(store, document("R1", state=DocumentState.HELD, cda=None), state=MessageState.HELD)
        assert not await store.release_document("doc-R1-1", (ready("o1"),), now=NOON)
        assert await store.order("o1") is None
