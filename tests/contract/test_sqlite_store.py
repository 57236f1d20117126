"""The store on SQLite, held to what any store must do."""

from __future__ import annotations

from pathlib import Path

from engine.ports import Store
from engine.store.sqlite import SqliteStore
from tests.contract.store_suite import StoreBehaviours


class TestSqliteStore(StoreBehaviours):
    async def make(self, folder: Path) -> Store:
        store = SqliteStore(folder / "passeur.db")
        await store.open()
        return store
