"""Keeps the order of arrival where it matters: messages of one report are settled one after another, others freely."""

from __future__ import annotations

import asyncio


class Turns:
    """Give each message a turn, in order of arrival; a turn learns its reports once the message was read."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}
        self._named = asyncio.Event()
        self._named.set()

    def next(self) -> Turn:
        turn = Turn(self._last, self._named)
        self._named = turn.named
        return turn


class Turn:
    """One message's turn."""

    def __init__(self, last: dict[str, asyncio.Event], before: asyncio.Event) -> None:
        self._last = last
        self._before = before
        self._reports: frozenset[str] = frozenset()
        self._over = asyncio.Event()
        self.named = asyncio.Event()

    async def begin(self, reports: frozenset[str]) -> None:
        """Wait until every message that came before has named its reports, and those about the same ones are over."""
        await self._before.wait()
        ahead = [self._last[report] for report in reports if report in self._last]
        self._last.update(dict.fromkeys(reports, self._over))
        self._reports = reports
        self.named.set()
        for over in ahead:
            await over.wait()

    def end(self) -> None:
        """Whatever happened, let the others go on."""
        self.named.set()
        self._over.set()
        for report in self._reports:
            if self._last.get(report) is self._over:
                del self._last[report]
