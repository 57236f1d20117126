"""What a sender is told, when the engine is killed again and again: each end once, under one number."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from connectors.simulators import Behaviour, Kind
from connectors.simulators.consumer import ConsumerSimulator
from engine import app
from tests.crash.process import EngineProcess
from tests.routes.installation import peers, routes_text
from tests.routes.receipts_bench import sent

_MESSAGES = 12
_KILLS = 6
_TO = "    to: [dmp, medecins, patient]\n"


def _routes(directory: Path, dmp_url: str, smtp_port: int, told_port: int) -> Path:
    text = routes_text(directory, dmp_url, smtp_port)
    told = f"""  emetteur:
    type: mllp
    host: 127.0.0.1
    port: {told_port}
    delivery: {{deferral_minutes: 0, retry: {{first_delay_seconds: 0.1, max_delay_seconds: 0.5}}}}

routes:
"""
    assert text.count("\nroutes:\n") == 1
    assert _TO in text
    text = text.replace("\nroutes:\n", f"\n{told}").replace(_TO, f"{_TO}    receipts: emetteur\n")
    path = directory / "routes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_an_engine_killed_again_and_again_tells_each_end_once(tmp_path: Path) -> None:
    async with peers(tmp_path) as (dmp, mail):
        sender = ConsumerSimulator(tmp_path / "sender")
        await sender.start()
        try:
            routes = _routes(tmp_path, dmp.url, mail.port, sender.port)
            installation, problems = app.configured(routes)
            assert installation is not None, [str(problem) for problem in problems]
            for number in range(1, _MESSAGES + 1):
                await sent(installation, number)
            sender.script.chance(Behaviour(Kind.LATE, seconds=0.3), probability=0.3, seed=7)
            engine, draw = EngineProcess(routes), random.Random(20261121)
            for _ in range(_KILLS):
                await engine.start()
                await asyncio.sleep(draw.uniform(0.05, 1.5))
                engine.kill()
                await engine.dead()
            await engine.start()
            async with asyncio.timeout(90):
                while _documents_told(sender) < _MESSAGES:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(1.5)
            engine.kill()
            await engine.dead()
        finally:
            await sender.stop()
    assert sender.refusals == []
    ends = {(one.kind, one.value("EVN", 2), one.value("OBX", 5, 2), one.control_id) for one in sender.taken}
    assert len(ends) == len(sender.taken)
    assert _documents_told(sender) == _MESSAGES
    assert len(set(sender.received)) == len(sender.taken)


def _documents_told(sender: ConsumerSimulator) -> int:
    """Of the DMP; a mail that a kill left uncertain waits for a person, and is told after that."""
    return sum(one.kind == "ZAM^Z01" for one in sender.taken)
