"""The line of FHIR Bundles: the engine's own API, a DMP and mailboxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from engine import app
from engine.findings import Finding
from engine.records import MessageRow
from tests.routes.installation import Line, peers, routes_text, running


@dataclass(frozen=True, slots=True)
class FhirLine(Line):
    """A line whose sender posts Bundles."""

    http: httpx2.AsyncClient

    async def post(self, content: bytes, path: str = "/v1/fhir", **headers: str) -> httpx2.Response:
        told = {"content-type": "application/fhir+json", **headers}
        return await self.http.post(path, content=content, headers=told)

    async def messages(self) -> tuple[MessageRow, ...]:
        return await self.engine.store.messages(limit=100)

    async def findings(self) -> tuple[Finding, ...]:
        """Of every message and document kept."""
        found: list[Finding] = []
        for message in await self.messages():
            found += message.findings
            for document in await self.engine.store.documents(message.id):
                found += document.findings
        return tuple(found)


@asynccontextmanager
async def fhir_line(directory: Path) -> AsyncIterator[FhirLine]:
    async with peers(directory) as (dmp, mail):
        text = routes_text(directory, dmp.url, mail.port)
        text = text.replace("max_per_second: 50", "deferral_minutes: 0, max_per_second: 50")
        text = text.replace("deferral_minutes: 0, deferral_minutes: 0", "deferral_minutes: 0")
        file = directory / "routes.yaml"
        file.write_text(text, encoding="utf-8")
        installation, problems = app.configured(file)
        assert installation is not None, [str(problem) for problem in problems]
        assert installation.api is not None
        address = f"http://{installation.api.host}:{installation.api.port}"
        async with (
            running(installation, directory / "home") as engine,
            httpx2.AsyncClient(base_url=address, timeout=60) as http,
        ):
            await _answers(http)
            yield FhirLine(engine, dmp, mail, http)


async def _answers(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await http.get("/v1/health")
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.02)
