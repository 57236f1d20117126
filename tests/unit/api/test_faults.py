"""The API when something is broken behind it: a plain answer without patient data, and the next call is served."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from engine.api.app import api
from engine.api.services import Services
from engine.exchange import Accepted, InboundMessage
from engine.operations import Operations
from engine.pool import ConversionPool
from engine.store.sqlite import SqliteStore
from tests.unit.api.api_bench import is_problem
from tests.unit.engine.conversion_bench import installation


class Broken(SqliteStore):
    """A real store with a bug that quotes what it read."""

    async def orders(self, **_: Any) -> Any:
        raise ValueError("FICTIVE Hélène 285039900000193")


@asynccontextmanager
async def in_process(folder: Path) -> AsyncIterator[tuple[SqliteStore, httpx2.AsyncClient]]:
    """The API without a socket, as the command line calls it on a stopped installation."""
    site = installation(folder)
    store, pool = Broken(folder / "store.db"), ConversionPool(1, 60, folder)
    await store.open()

    def accept(message: InboundMessage) -> Awaitable[Accepted]:
        return store.receive(message)

    services = Services(store, Operations(store, site), pool, accept, lambda: None, 50_000, site)
    transport = httpx2.ASGITransport(app=api(services, None))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://passeur") as http:
            yield store, http
    finally:
        pool.close()
        await store.close()


async def test_a_bug_is_answered_and_logged_without_its_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with in_process(tmp_path) as (_, http):
        answer = await http.get("/v1/orders")
        assert is_problem(answer, 500, "engine.unexpected")
        logged = "".join(capsys.readouterr())
        assert "api.failed" in logged
        for text in (answer.text, logged):
            assert "FICTIVE" not in text
            assert "285039900000193" not in text
        assert (await http.get("/v1/health")).status_code == 200


async def test_a_store_that_cannot_keep_is_not_an_acknowledgement(tmp_path: Path) -> None:
    async with in_process(tmp_path) as (store, http):
        assert store._writing is not None
        await store._writing.stop()
        assert is_problem(await http.post("/v1/messages", content=b"H|~^\\&|"), 503, "store.closed")
        assert (await http.get("/v1/messages")).json() == []
