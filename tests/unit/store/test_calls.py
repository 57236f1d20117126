"""What the store keeps for the callers of the API: calls by their key, owners, lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.calls import DocumentQuery, KeptCall, Owner
from engine.records import MessageState
from engine.store.idempotency import KEPT
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import NOON, document, message, ready

DIGEST, OTHER = b"1" * 32, b"2" * 32


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "passeur.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_a_key_is_of_its_first_call_for_seven_days(store: SqliteStore) -> None:
    assert await store.begin_call("a", "k", DIGEST, now=NOON) is None
    assert await store.begin_call("a", "k", OTHER, now=NOON) == KeptCall(DIGEST, None, "")
    await store.end_call("a", "k", 202, '{"é":1}')
    for later in (NOON, NOON + KEPT):
        assert await store.begin_call("a", "k", OTHER, now=later) == KeptCall(DIGEST, 202, '{"é":1}')
    assert await store.begin_call("b", "k", OTHER, now=NOON) is None, "each caller has its own keys"
    assert await store.begin_call("a", "k", OTHER, now=NOON + KEPT + timedelta(seconds=1)) is None


async def test_a_refused_call_is_forgotten_and_an_answered_one_never(store: SqliteStore) -> None:
    await store.begin_call("a", "k", DIGEST, now=NOON)
    await store.forget_call("a", "k")
    assert await store.begin_call("a", "k", OTHER, now=NOON) is None
    await store.end_call("a", "k", 202, "{}")
    await store.forget_call("a", "k")
    assert await store.begin_call("a", "k", OTHER, now=NOON) == KeptCall(OTHER, 202, "{}")


async def test_an_unanswered_call_is_still_known_after_a_death(tmp_path: Path) -> None:
    path = tmp_path / "passeur.db"
    first = SqliteStore(path)
    await first.open()
    await first.begin_call("a", "k", DIGEST, now=NOON)
    await first.close()
    second = SqliteStore(path)
    await second.open()
    assert await second.begin_call("a", "k", OTHER, now=NOON) == KeptCall(DIGEST, None, "")
    await second.close()


async def test_what_a_software_asked_for_is_its_structures_and_the_rest_nobodys(store: SqliteStore) -> None:
    asked = replace(message(b"asked"), source="documents", sender="cabinet")
    sent = replace(message(b"sent"), source="depot", sender="cabinet")
    for one, made in ((asked, document("1", orders=(ready("o-1"),))), (sent, document("2"))):
        kept = await store.receive(one)
        await store.claim_messages("w", now=NOON, lease_seconds=60, limit=1)
        assert await store.settle_message(kept.message_id, "w", MessageState.CONVERTED, now=NOON, documents=(made,))
        expected = Owner("cabinet" if one is asked else "")
        assert await store.owner(kept.message_id) == expected
        assert await store.owner(made.id) == expected
        for order in made.orders:
            assert await store.owner(order.id) == expected
    assert await store.owner("nowhere") is None
    everything = await store.listed_documents(DocumentQuery())
    assert [(one.row.id, one.structure) for one in everything] == [
        (document("2").id, ""),
        (document("1").id, "cabinet"),
    ]
    mine = await store.listed_documents(DocumentQuery(structure="cabinet"))
    assert [one.row.id for one in mine] == [document("1").id]
    assert len(mine[0].row.orders) == 1
    assert [one.document_id for one in await store.orders_of_structure("cabinet")] == [document("1").id]
    assert await store.orders_of_structure("ailleurs") == ()
    told = await store.events_since(0, 100)
    assert {one.structure for one in told if one.subject == "document"} == {"", "cabinet"}
    assert {one.subject for one in told} == {"message", "document", "order"}
    assert await store.last_event() == told[-1].cursor
    assert await store.events_since(told[-1].cursor, 100) == ()
