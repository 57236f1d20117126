"""One way to ask an installation, running or not: its API when it answers, else the same API over its store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from engine.app import Engine
from engine.errors import ConfigError
from engine.route import Installation


class Client:
    """GET and POST, as JSON."""

    def __init__(self, http: httpx2.AsyncClient, running: bool) -> None:
        self._http = http
        self.running = running
        """True when the engine itself answers; False when its store is read directly."""

    async def get(self, path: str, **parameters: str | int | None) -> Any:
        """Any: JSON, shown as it is."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return _json(await self._http.get(f"/v1{path}", params=given))

    async def content(self, path: str) -> bytes:
        """GET, as bytes: a message as it was received."""
        response = await self._http.get(f"/v1{path}")
        if not response.is_success:
            _json(response)
        return response.content

    async def post(self, path: str, content: Any = None) -> Any:
        """`content` is sent as JSON; None: no body."""
        return _json(await self._http.post(f"/v1{path}", **({} if content is None else {"json": content})))


@asynccontextmanager
async def client(installation: Installation, pack_home: Path) -> AsyncIterator[Client]:
    """Raises ConfigError when neither the engine answers nor its store can be opened."""
    where = installation.api
    if where is not None:
        headers = {"Authorization": f"Bearer {where.key}"} if where.key else {}
        base = f"http://{where.host}:{where.port}"
        async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=30) as http:
            if await _answers(http):
                yield Client(http, running=True)
                return
    engine = Engine(installation, pack_home)
    await engine.store.open()
    try:
        headers = {"Authorization": f"Bearer {where.key}"} if where is not None and where.key else {}
        transport = httpx2.ASGITransport(app=engine.application())
        async with httpx2.AsyncClient(transport=transport, base_url="http://passeur", headers=headers) as http:
            yield Client(http, running=False)
    finally:
        engine.pool.close()
        await engine.store.close()


async def _answers(http: httpx2.AsyncClient) -> bool:
    try:
        return (await http.get("/v1/health")).status_code == 200
    except httpx2.TransportError:
        return False


def _json(response: httpx2.Response) -> Any:
    if response.is_success:
        return response.json()
    try:
        told = response.json()
        words = str(told.get("title") or told.get("detail"))
        code = str(told.get("code", f"http.{response.status_code}"))
    except ValueError:
        words, code = "réponse inattendue", f"http.{response.status_code}"
    raise ConfigError(code, words)
