"""The main job end to end: HPRIM files in, documents at the DMP and in a mailbox, per second.

    python -m tests.benchmarks.line [--reports N] [--pack DIR]

Simulators run as another process, as peers would. `--pack` installs the official pack first (in a temporary folder) so
that each document is judged by all of it; without it our own rules judge alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

from engine import app
from engine.exchange import InboundMessage, OrderState
from engine.validation import pack as packs
from tests.routes.installation import routes_text, sample

_REQUEST = b"25031000001"


async def measure(reports: int, pack: Path | None) -> dict[str, float | str]:
    """Documents per second from the first message accepted to the last order delivered, and processor time for each."""
    with tempfile.TemporaryDirectory() as name:
        directory, home = Path(name), Path(name) / "home"
        if pack is not None:
            packs.install(pack, home)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "connectors.simulators", "--directory", str(directory), stdout=PIPE
        )
        assert process.stdout is not None
        started = json.loads(await process.stdout.readline())
        try:
            return await _line(directory, home, started, reports)
        finally:
            process.terminate()
            await process.wait()


async def _line(directory: Path, home: Path, started: dict[str, object], reports: int) -> dict[str, float | str]:
    routes = directory / "routes.yaml"
    text = routes_text(directory, str(started["dmp_url"]), int(str(started["smtp_port"])))
    unlimited = text.replace("max_per_second: 50", "concurrency: 4").replace(
        "to: [dmp, medecins, patient]", "to: [dmp, medecins]"
    )
    routes.write_text(unlimited, encoding="utf-8")
    installation, problems = app.configured(routes)
    assert installation is not None, problems
    engine, stop = app.Engine(installation, home), asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    await engine.started.wait()
    await engine.pool.warm()
    before, began = _processor_seconds(), time.perf_counter()
    for number in range(reports):
        content = sample(1).replace(_REQUEST, b"26%09d" % number)
        await engine.accept(InboundMessage(content, "api", f"{number}.hpr", datetime.now(UTC)))
    accepted = time.perf_counter() - began
    while sum(lane.counts.get(OrderState.DELIVERED, 0) for lane in await engine.store.lanes()) < 2 * reports:
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    stop.set()
    await running
    return {
        "reports": reports,
        "judged by": "official pack and own rules" if packs.current(home) else "own rules",
        "accepted/s": round(reports / accepted, 1),
        "delivered reports/s": round(reports / seconds, 1),
        "processor ms/report (engine)": round((_processor_seconds() - before) / reports * 1000, 1),
        "peak memory MB (engine process)": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "processors": os.cpu_count() or 1,
    }


def _processor_seconds() -> float:
    """Of this process and of the conversion processes that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--pack", type=Path)
    given = parser.parse_args()
    for name, value in asyncio.run(measure(given.reports, given.pack)).items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
