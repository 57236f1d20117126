"""An installation in a temporary folder: the project's own routes.yaml, against simulators on ephemeral ports."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.simulators import DmpSimulator, MailSimulator, make_pki
from engine import app
from engine.exchange import Accepted, InboundMessage, OrderState
from engine.records import MessageState
from engine.route import Installation

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "deploy" / "demo" / "hprim"
_MOVING = {MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED}
_SENDING = {OrderState.DEFERRED, OrderState.READY, OrderState.SENDING}


@dataclass(frozen=True, slots=True)
class Line:
    """The engine and its two peers."""

    engine: app.Engine
    dmp: DmpSimulator
    mail: MailSimulator

    async def send(self, content: bytes, name: str = "message.hpr") -> Accepted:
        """As the API would."""
        return await self.engine.accept(InboundMessage(content, "api", name, datetime.now(UTC)))

    async def until(self, met: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something to be seen at a peer."""
        async with asyncio.timeout(seconds):
            while not met():
                await asyncio.sleep(0.02)

    async def quiet(self, seconds: float = 30, moving: frozenset[OrderState] = frozenset(_SENDING)) -> None:
        """Wait until every message is settled and no order moves."""
        async with asyncio.timeout(seconds):
            while await self._moving(moving):
                await asyncio.sleep(0.05)

    async def states(self) -> dict[str, dict[str, int]]:
        """Orders by destination and state."""
        lanes = await self.engine.store.lanes()
        return {
            lane.destination: {state.value: count for state, count in lane.counts.items() if count} for lane in lanes
        }

    async def _moving(self, moving: frozenset[OrderState]) -> bool:
        counts = await self.engine.store.message_counts()
        lanes = await self.engine.store.lanes()
        return any(counts.get(state, 0) for state in _MOVING) or any(
            lane.counts.get(state, 0) for lane in lanes for state in moving
        )


def sample(number: int) -> bytes:
    """A file of the demonstration, by its number."""
    return next(SAMPLES.glob(f"{number:02}_*.hpr")).read_bytes()


def routes_text(directory: Path, dmp_url: str, smtp_port: int) -> str:
    """The project's routes.yaml, its folders and ports replaced; retries are quick."""
    text = (ROOT / "routes.yaml").read_text(encoding="utf-8")
    for before, after in (
        ("var/demo/peers/pki", str(directory / "pki")),
        ("var/demo", str(directory)),
        ("deploy/demo", f"{ROOT}/deploy/demo"),
        ("https://localhost:18443/si-dmp-server/v2/services/", dmp_url),
        ("port: 12525", f"port: {smtp_port}"),
        ("port: 18080", f"port: {free_port()}"),
        ("delivery: {", "delivery: {retry: {first_delay_seconds: 0.1, max_delay_seconds: 0.5}, "),
        ("max_per_second: 4", "max_per_second: 50"),
    ):
        assert before in text, before
        text = text.replace(before, after)
    return text


def configured(directory: Path, dmp: DmpSimulator, mail: MailSimulator) -> Installation:
    routes = directory / "routes.yaml"
    routes.write_text(routes_text(directory, dmp.url, mail.port), encoding="utf-8")
    installation, problems = app.configured(routes)
    assert installation is not None, [str(problem) for problem in problems]
    return installation


@asynccontextmanager
async def peers(directory: Path) -> AsyncIterator[tuple[DmpSimulator, MailSimulator]]:
    """Both simulators, started."""
    pki = make_pki(directory / "pki")
    dmp, mail = DmpSimulator(directory / "dmp", pki), MailSimulator(directory / "mail", pki)
    await dmp.start()
    await mail.start()
    try:
        yield dmp, mail
    finally:
        await mail.stop()
        await dmp.stop()


@asynccontextmanager
async def line(directory: Path) -> AsyncIterator[Line]:
    """Peers and engine, running."""
    async with peers(directory) as (dmp, mail), running(configured(directory, dmp, mail), directory) as engine:
        yield Line(engine, dmp, mail)


@asynccontextmanager
async def running(installation: Installation, directory: Path) -> AsyncIterator[app.Engine]:
    engine, stop = app.Engine(installation, directory / "home"), asyncio.Event()
    task = asyncio.create_task(engine.run(stop))
    try:
        await asyncio.wait({task, started := asyncio.create_task(engine.started.wait())}, return_when="FIRST_COMPLETED")
        started.cancel()
        yield engine
    finally:
        stop.set()
        await task


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
