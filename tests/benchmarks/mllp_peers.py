"""Our sides of the MLLP benchmark, each a process of its own: the store alone, the store and the answer, the engine."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from connectors.sources.mllp import MllpSettings, MllpSource
from connectors.sources.mllp.refusal import control_id
from engine import app, log
from engine.exchange import Accepted, InboundMessage
from engine.ports import Accept
from engine.store.sqlite import SqliteStore
from tests.crash.process import EngineProcess
from tests.routes.installation import ROOT, free_port

_STORE = "bench.db"
_LOG = "engine.log"
_TICKS = os.sysconf("SC_CLK_TCK")


class Level(StrEnum):
    KEEP = "keep"
    """The listener and the durable store, with the smallest answer."""
    ANSWER = "answer"
    """Judged too, and answered by the ACK that says so: all that a sender waits for."""
    ENGINE = "engine"
    """`passeur run`, which converts meanwhile what it keeps."""


@dataclass(frozen=True, slots=True)
class Peer:
    port: int
    pid: int
    store: Path

    def kept(self) -> Iterator[str]:
        """MSH-10 of every message, in the order they were kept."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            for (name,) in store.execute("SELECT name FROM messages ORDER BY seq"):
                yield name

    def states(self) -> dict[str, int]:
        """What became of the messages so far."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            return dict(store.execute("SELECT state, count(*) FROM messages GROUP BY state"))

    @property
    def alive(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in {"Z", "X"}

    def log_lines(self) -> list[str]:
        return self.store.with_name(_LOG).read_text(encoding="utf-8").splitlines()

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def peak_megabytes(self) -> int:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text(encoding="ascii"))
        return int(found[1]) // 1024 if found else 0


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, those it started apart; 0 when it cannot be known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


@asynccontextmanager
async def peer(level: Level, folder: Path, *, uvloop: bool = False) -> AsyncIterator[Peer]:
    """Started, listening, and ended at the end."""
    started = _engine(folder) if level is Level.ENGINE else _serving(level, folder, uvloop=uvloop)
    async with started as found:
        yield found


@asynccontextmanager
async def _serving(level: Level, folder: Path, *, uvloop: bool) -> AsyncIterator[Peer]:
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.mllp", "--serve", str(folder), "--port", str(port)]
    command += ["--levels", level, *(["--uvloop"] if uvloop else [])]
    with (folder / _LOG).open("wb") as said:
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=said)
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield Peer(port, process.pid, folder / _STORE)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _engine(folder: Path) -> AsyncIterator[Peer]:
    port = free_port()
    process = EngineProcess(routes(folder, port))
    try:
        await process.start()
        async with asyncio.timeout(30):
            while not any(line.get("event") == "mllp.listening" for line in process.lines):
                await asyncio.sleep(0.02)
        yield Peer(port, process.pid, folder / _STORE)
        assert process.alive, "the engine ended by itself"
    finally:
        if process.alive:
            process.terminate()
        await process.dead(60)


def routes(folder: Path, port: int) -> Path:
    """An installation that takes HL7v2 by MLLP, and sends to a folder once a day has passed: it converts, and no
    delivery is measured with it."""
    text = (ROOT / "routes.yaml").read_text(encoding="utf-8").replace("deploy/demo", f"{ROOT}/deploy/demo")
    head = text[: text.index("\nsources:")]
    head = re.sub(r"\napi:.*?(?=\n[a-z])", "\n", head, flags=re.DOTALL)
    head = head.replace("var/demo/passeur.db", str(folder / _STORE))
    (folder / "out").mkdir(exist_ok=True)
    file = folder / "routes.yaml"
    file.write_text(
        f"""{head}
sources:
  labo: {{type: mllp, port: {port}, laboratory: labo-fictif}}

destinations:
  dossier: {{type: folder, directory: {folder / "out"}, delivery: {{deferral_minutes: 1440}}}}

routes:
  - {{name: messages, from: [labo], format: hl7v2, to: [dossier]}}
""",
        encoding="utf-8",
    )
    return file


async def serve(level: Level, folder: Path, port: int) -> None:
    """The source and the store; until SIGTERM."""
    log.configure()
    if level is Level.ANSWER:
        await _answering(folder, port)
    else:
        await _keeping(folder, port)


async def _keeping(folder: Path, port: int) -> None:
    store = SqliteStore(folder / _STORE)
    await store.open()

    async def accept(message: InboundMessage) -> Accepted:
        accepted = await store.receive(message)
        name = control_id(message.content).encode()
        return replace(accepted, answer=b"MSH|^~\\&|PASSEUR|||||ACK|" + name + b"|P|2.5.1\rMSA|AA|" + name + b"\r")

    await _served(MllpSource("labo", MllpSettings(port=port, max_connections=1024)), accept)
    await store.close()


async def _answering(folder: Path, port: int) -> None:
    """What the engine does until a sender is answered; its pipeline is not started."""
    installation, problems = app.configured(routes(folder, port))
    assert installation is not None, [str(problem) for problem in problems]
    engine = app.Engine(installation, folder / "home")
    await engine.store.open()
    source = engine.sources["labo"]
    assert isinstance(source, MllpSource)
    await _served(source, engine.accept)
    engine.pool.close()
    await engine.store.close()


async def _served(source: MllpSource, accept: Accept) -> None:
    task = asyncio.create_task(source.serve(accept))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await source.listening.wait()
    print("ready", flush=True)
    await asyncio.wait({task})
