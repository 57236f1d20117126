"""What an engine held when it died is taken back by the next one as soon as it starts, in the order it came."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.exchange import InboundMessage
from engine.store.sqlite import SqliteStore

_NOW = datetime(2025, 3, 10, 14, 30, tzinfo=UTC)


async def test_messages_of_a_dead_engine_are_taken_back_at_once_and_in_order(tmp_path: Path) -> None:
    before = SqliteStore(tmp_path / "passeur.db")
    await before.open()
    kept = [await before.receive(InboundMessage(text, "depot", "a.hpr", _NOW)) for text in (b"first", b"second")]
    await before.claim_messages("dead", now=_NOW, lease_seconds=300, limit=2)
    await before.close()
    after = SqliteStore(tmp_path / "passeur.db")
    await after.open()
    try:
        claimed = await after.claim_messages("next", now=_NOW, lease_seconds=300, limit=2)
    finally:
        await after.close()
    assert [one.id for one in claimed] == [one.message_id for one in kept]
