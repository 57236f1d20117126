"""The API of a running engine, called over the loopback; its destinations are out of reach, or simulators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from engine.app import Engine
from engine.route import Installation
from tests.routes.installation import configured, peers, running
from tests.unit.engine.conversion_bench import installation

Change = Callable[[str], str]
_STILL = frozenset({"received", "converting", "postponed"})


@dataclass(frozen=True, slots=True)
class Called:
    """An engine and its API."""

    engine: Engine
    http: httpx2.AsyncClient

    async def get(self, path: str, status: int = 200, **parameters: str | int) -> Any:
        answer = await self.http.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, status: int, content: bytes = b"", **headers: str) -> Any:
        answer = await self.http.post(path, content=content, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def settled(self, message_id: str) -> Any:
        """The message's detail, once it is no longer on its way in."""
        async with asyncio.timeout(60):
            while (detail := await self.get(f"/v1/messages/{message_id}"))["message"]["state"] in _STILL:
                await asyncio.sleep(0.02)
            return detail

    async def sent(self, content: bytes) -> Any:
        """What a message became."""
        kept = await self.post("/v1/messages", 202, content)
        return await self.settled(kept["id"])


@asynccontextmanager
async def called(
    folder: Path, *, change: Change = lambda text: text, key: str | None = None, simulators: bool = False
) -> AsyncIterator[Called]:
    async with AsyncExitStack() as stack:
        if simulators:
            site = configured(folder, *await stack.enter_async_context(peers(folder)))
        else:
            site = installation(folder, change)
        engine = await stack.enter_async_context(running(site, folder))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=address(site), headers=headers, timeout=60))
        await _answers(http)
        yield Called(engine, http)


def address(site: Installation) -> str:
    assert site.api is not None
    return f"http://{site.api.host}:{site.api.port}"


async def _answers(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await http.get("/v1/health")
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.02)


def is_problem(answer: httpx2.Response, status: int, code: str | None = None) -> bool:
    """RFC 9457, with a stable code and a sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code"}
    assert body["status"] == status
    assert body["type"] == f"urn:passeur:{body['code']}"
    assert body["title"]
    return code in (None, body["code"])
