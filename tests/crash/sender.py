"""A laboratory's system: drops files, posts messages until they are acknowledged, and notes each acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2

from tests.crash.load import Report

_AGAIN_SECONDS = 0.05


class Sender:
    """Sends a report's versions in their order, one after the other; different reports at the same time."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self.posted: list[Report] = []
        self.dropped: list[Report] = []
        self.acknowledged: dict[Report, str] = {}
        """Posted messages that the engine answered for, with the number it gave them."""
        self._folder = folder
        self._http = httpx2.AsyncClient(base_url=base_url, timeout=60, limits=httpx2.Limits(max_connections=40))
        self._last: dict[str, asyncio.Task[None]] = {}

    def post(self, reports: Iterable[Report]) -> None:
        """Send by REST, again and again until each is acknowledged."""
        for one in reports:
            self.posted.append(one)
            self._last[one.number] = asyncio.create_task(self._until_acknowledged(one, self._last.get(one.number)))

    def drop(self, reports: Iterable[Report]) -> None:
        """Put whole files into the folder, which takes them by their date."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for one in reports:
            partial = self._folder / f"{one.name}.tmp"
            partial.write_bytes(one.content)
            partial.rename(self._folder / one.name)
            self.dropped.append(one)

    @property
    def waiting(self) -> tuple[Report, ...]:
        """Posted and not acknowledged."""
        return tuple(one for one in self.posted if one not in self.acknowledged)

    @property
    def in_folder(self) -> tuple[Report, ...]:
        """Dropped, and not taken out of the folder."""
        return tuple(one for one in self.dropped if (self._folder / one.name).exists())

    @property
    def taken(self) -> set[str]:
        """Names of the files that the engine says it has."""
        return {path.name for path in (self._folder / "taken").glob("*/*")}

    @contextmanager
    def folder_stuck(self) -> Iterator[None]:
        """Files cannot be moved out of the folder meanwhile: a file stands where today's folder would be made."""
        (self._folder / "taken").mkdir(parents=True, exist_ok=True)
        today = datetime.now(UTC)
        days = [self._folder / "taken" / f"{today + timedelta(days=more):%Y-%m-%d}" for more in (0, 1)]
        aside = [day.rename(day.with_suffix(".aside")) if day.exists() else None for day in days]
        for day in days:
            day.touch()
        try:
            yield
        finally:
            for day, before in zip(days, aside, strict=True):
                day.unlink()
                if before is not None:
                    before.rename(day)

    async def settled(self) -> None:
        """Wait until the answers that were on their way are in, or are known never to come."""
        await asyncio.sleep(_AGAIN_SECONDS)

    async def decide(self, order_id: str, action: str) -> bool:
        """A person's decision, by the operations API; False when the engine does not allow it."""
        return (await self._http.post(f"/v1/orders/{order_id}/{action}")).is_success

    async def close(self) -> None:
        for task in self._last.values():
            task.cancel()
        await asyncio.gather(*self._last.values(), return_exceptions=True)
        await self._http.aclose()

    async def _until_acknowledged(self, one: Report, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        while one not in self.acknowledged:
            try:
                answer = await self._http.post("/v1/messages", params={"name": one.name}, content=one.content)
                if answer.status_code == 202:
                    self.acknowledged[one] = answer.json()["id"]
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(_AGAIN_SECONDS)
