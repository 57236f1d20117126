"""The engine as an operator runs it: `passeur run`, in a process group of its own, that can be killed whole."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Any

from tests.routes.installation import ROOT

_STARTED = "engine.started"


class EngineProcess:
    """One installation, started and killed as often as wanted; its log goes on in one file."""

    def __init__(self, routes: Path) -> None:
        self._routes = routes
        self._log = routes.with_name("engine.log")
        self._log.touch()
        self._process: Process | None = None
        self._from = 0
        self.start_seconds = 1.0
        """What its last start took."""

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "never started"
        return self._process.pid

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything it ever logged; a line that a kill cut short is left out."""
        return _lines(self._log.read_bytes())

    async def spawn(self) -> None:
        """Start it, and do not wait."""
        self._from = self._log.stat().st_size
        command = (sys.executable, "-m", "engine", "run", "--routes", str(self._routes))
        home = str(self._routes.with_name("home"))
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, "--home", home, cwd=ROOT, stdin=DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def start(self, seconds: float = 30) -> None:
        """Start it, and wait until it says that it works."""
        begun = time.monotonic()
        await self.spawn()
        async with asyncio.timeout(seconds):
            while not self.has_started:
                assert self.alive, self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                await asyncio.sleep(0.02)
        self.start_seconds = time.monotonic() - begun

    @property
    def has_started(self) -> bool:
        """Whether it has said so since it was last spawned."""
        return any(line.get("event") == _STARTED for line in _lines(self._log.read_bytes()[self._from :]))

    def kill(self, *, alone: bool = False) -> None:
        """SIGKILL at once, to every process of it or to the first `alone`; nothing when it is dead already."""
        if self.alive:
            (os.kill if alone else os.killpg)(self.pid, signal.SIGKILL)

    async def dead(self, seconds: float = 10) -> int:
        """Wait for its end, and for that of every process it started; the exit code."""
        assert self._process is not None, "never started"
        code = await self._process.wait()
        async with asyncio.timeout(seconds):
            while self._members():
                await asyncio.sleep(0.01)
        return code

    def terminate(self) -> None:
        """Ask it to stop, as systemd does: SIGTERM to every process of it."""
        os.killpg(self.pid, signal.SIGTERM)

    def conversion_processes(self) -> tuple[int, ...]:
        """Those that convert: children of the server that forks them."""
        members = self._members()
        servers = {pid for pid, (parent, command) in members.items() if b"forkserver" in command and parent == self.pid}
        return tuple(pid for pid, (parent, _) in members.items() if parent in servers)

    def _members(self) -> dict[int, tuple[int, bytes]]:
        """Living processes of its group, with their parents and command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, parent, group = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(group) == self.pid and state not in ("Z", "X"):
                found[int(folder.name)] = (int(parent), command)
        return found


def _lines(content: bytes) -> list[dict[str, Any]]:
    found = []
    for line in content.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in found if isinstance(line, dict)]
