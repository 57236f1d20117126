"""The bench a store is put on: how it is made, and the steps many behaviours begin with."""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.exchange import OrderState, Receipt
from engine.ports import Store
from engine.records import ClaimedMessage, ClaimedOrder, MessageState, NewDocument, NewOrder
from tests.contract.store_values import NOON, after, document, message

OWNER = "worker-1"
OTHER = "worker-2"
LEASE = 60.0


class StoreBench(abc.ABC):
    @abc.abstractmethod
    async def make(self, folder: Path) -> Store:
        """A store, open, on what `folder` names: twice the same folder is the same store."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = await self.make(tmp_path)
        yield store
        await store.close()


async def take_messages(store: Store, owner: str = OWNER, *, at: float = 0, limit: int = 10) -> list[ClaimedMessage]:
    return list(await store.claim_messages(owner, now=after(at), lease_seconds=LEASE, limit=limit))


async def received_and_taken(store: Store, content: bytes) -> str:
    """The id of a message that OWNER holds."""
    accepted = await store.receive(message(content))
    assert accepted.message_id in [claimed.id for claimed in await take_messages(store, limit=100)]
    return accepted.message_id


async def settled(
    store: Store, *documents: NewDocument, content: bytes | None = None, state: MessageState = MessageState.CONVERTED
) -> str:
    """The id of a message settled with these documents."""
    name = content or repr([made.id for made in documents]).encode()
    message_id = await received_and_taken(store, name)
    assert await store.settle_message(message_id, OWNER, state, now=NOON, documents=documents)
    return message_id


async def kept(store: Store, *orders: NewOrder, report: str = "R1", number: int = 1) -> None:
    """A document with these orders."""
    await settled(store, document(report, number, orders=orders))


async def take(
    store: Store, owner: str = OWNER, *, at: float = 0, destination: str = "dmp", limit: int = 10
) -> list[ClaimedOrder]:
    return list(await store.claim_orders(destination, owner, now=after(at), lease_seconds=LEASE, limit=limit))


async def taken(store: Store, owner: str = OWNER, *, at: float = 0, limit: int = 10) -> list[str]:
    return [claimed.id for claimed in await take(store, owner, at=at, limit=limit)]


async def state(store: Store, order_id: str) -> OrderState:
    row = await store.order(order_id)
    assert row is not None
    return row.state


async def history(store: Store, subject_id: str) -> list[str]:
    return [event.what for event in await store.events(subject_id)]


async def delivered(store: Store, order_id: str, *, at: float = 0, reference: str = "ref") -> None:
    assert order_id in await taken(store, at=at)
    assert await store.mark_sending(order_id, OWNER, now=after(at))
    assert await store.deliver_order(order_id, OWNER, Receipt(reference), now=after(at))
