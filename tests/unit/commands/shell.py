"""`passeur` as an operator runs it: another process, its exit code, what it writes where."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.app import Engine
from engine.exchange import InboundMessage
from engine.records import MessageState
from engine.route import Installation
from tests.routes.installation import ROOT, SAMPLES, running
from tests.unit.engine.conversion_bench import installation

_MOVING = (MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED)


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the machine the tests run on; packs and settings in `folder`."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    own = {"PYTHONPATH": str(ROOT), "HOME": str(folder), "PASSEUR_HOME": str(folder / "home"), "NO_COLOR": "1"}
    return {**inherited, **own, "PYTHONIOENCODING": "utf-8"}


def passeur(folder: Path, *arguments: str | Path, seconds: float = 90) -> Said:
    """Run it in `folder` to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "engine", *map(str, arguments)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


async def asked(folder: Path, *arguments: str | Path) -> Said:
    """The same, while an engine runs in this process."""
    return await asyncio.to_thread(passeur, folder, *arguments)


def demo_files(*numbers: int) -> list[Path]:
    return [next(SAMPLES.glob(f"{number:02}_*.hpr")) for number in numbers]


@asynccontextmanager
async def engine_with(folder: Path, *contents: bytes) -> AsyncIterator[tuple[Engine, list[str]]]:
    """An engine that runs on `folder/routes.yaml` and has converted these; the ids of its messages."""
    site: Installation = installation(folder)
    async with running(site, folder / "home") as engine:
        ids = []
        for content in contents:
            accepted = await engine.accept(InboundMessage(content, "api", "message.hpr", datetime.now(UTC)))
            ids.append(accepted.message_id)
        async with asyncio.timeout(60):
            while set(await engine.store.message_counts()) & set(_MOVING):
                await asyncio.sleep(0.02)
        yield engine, ids
