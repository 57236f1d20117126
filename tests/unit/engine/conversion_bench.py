"""The way in alone: a real store, real conversion processes, the demonstration's laboratory; nothing is delivered."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine import app
from engine.exchange import Accepted, InboundMessage
from engine.findings import Finding
from engine.operations import Operations
from engine.pipeline import Pipeline
from engine.pool import ConversionPool
from engine.records import DocumentRow, MessageRow, MessageState
from engine.route import Installation
from engine.store.sqlite import SqliteStore
from tests.routes.installation import ROOT, routes_text

OWNER = "this-engine"
_MOVING = frozenset({MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED})


@dataclass
class Conversions:
    """What an engine has for converting, one step at a time."""

    store: SqliteStore
    pool: ConversionPool
    installation: Installation
    operations: Operations
    pipeline: Pipeline
    answered: list[tuple[str, tuple[Finding, ...]]] = field(default_factory=list)
    """(name, findings) of each refusal told to a sender."""

    async def send(self, content: bytes, source: str = "api", name: str = "message.hpr") -> Accepted:
        accepted = await self.store.receive(InboundMessage(content, source, name, datetime.now(UTC)))
        self.pipeline.arrived.set()
        return accepted

    async def message(self, accepted: Accepted) -> MessageRow:
        row = await self.store.message(accepted.message_id)
        assert row is not None
        return row

    async def until(self, accepted: Accepted, *states: MessageState) -> MessageRow:
        async with asyncio.timeout(60):
            while (row := await self.message(accepted)).state not in states:
                await asyncio.sleep(0.01)
            return row

    async def settled(self, accepted: Accepted) -> MessageRow:
        return await self.until(accepted, *(set(MessageState) - _MOVING))

    async def documents(self, accepted: Accepted) -> tuple[DocumentRow, ...]:
        return await self.store.documents(accepted.message_id)

    async def cda(self, row: DocumentRow) -> str:
        cda, _ = await self.store.document_files(row.id) or (None, None)
        return (cda or b"").decode()

    def processes(self) -> list[multiprocessing.process.BaseProcess]:
        return multiprocessing.active_children()


Change = Callable[[str], str]


def laboratory_folder(folder: Path) -> Path:
    """The demonstration's laboratory, its tables free to be changed."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "laboratory").exists():
        shutil.copytree(ROOT / "deploy" / "demo", folder / "laboratory")
    return folder / "laboratory"


def installation(folder: Path, change: Change = lambda text: text) -> Installation:
    text = routes_text(folder, "https://localhost:1/si-dmp-server/v2/services/", 1)
    text = change(text.replace(f"{ROOT}/deploy/demo", str(laboratory_folder(folder))))
    file = folder / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    configured, problems = app.configured(file)
    assert configured is not None, [str(problem) for problem in problems]
    return configured


@asynccontextmanager
async def conversions(configured: Installation, folder: Path) -> AsyncIterator[Conversions]:
    """A pipeline that is not running yet."""
    store = SqliteStore(folder / "store.db")
    await store.open()
    pool = ConversionPool(configured.conversion_processes, configured.conversion_timeout_seconds, folder / "home")
    answered: list[tuple[str, tuple[Finding, ...]]] = []

    async def refused(message: InboundMessage, findings: tuple[Finding, ...]) -> None:
        answered.append((message.name, findings))

    pipeline = Pipeline(store, pool, configured, OWNER, refused)
    try:
        yield Conversions(store, pool, configured, Operations(store, configured), pipeline, answered)
    finally:
        await asyncio.to_thread(pool.close)
        await store.close()


@asynccontextmanager
async def converting(one: Conversions) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(one.pipeline.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})
