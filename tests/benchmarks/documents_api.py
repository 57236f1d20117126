"""How long a call that asks for a document takes while the DMP answers nothing (at most 300 ms, 95 calls of 100).

    python -m tests.benchmarks.documents_api [--seconds N] [--rate N]

The DMP simulator takes every request and stays silent for a minute. The caller is another process: a real PDF/A-1, a
new document each time, at a steady pace whatever the answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import httpx2

from connectors.simulators import DmpSimulator, MailSimulator, make_pki
from connectors.simulators.script import ANY, Behaviour, Kind
from tests.routes.installation import ROOT, configured, running
from tests.unit.api.api_bench import address

_LIMIT_MS = 300
_FROZEN_SECONDS = 60.0


async def measure(seconds: int, rate: int) -> dict[str, float | int | str]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        pki = make_pki(directory / "pki")
        dmp, mail = DmpSimulator(directory / "dmp", pki), MailSimulator(directory / "mail", pki)
        dmp.script.chance(Behaviour(Kind.DELAY, seconds=_FROZEN_SECONDS, at=ANY), probability=1, seed=1)
        await dmp.start()
        await mail.start()
        try:
            site = configured(directory, dmp, mail)
            async with running(site, directory) as engine:
                await engine.pool.warm()
                told = await _calls(address(site), seconds, rate)
                waiting = {lane.destination: lane.counts for lane in await engine.store.lanes()}
                return _told(told, waiting.get("dmp", {}))
        finally:
            await mail.stop()
            await dmp.stop()


async def _calls(url: str, seconds: int, rate: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.documents_api"),
        *("--client", url, "--seconds", str(seconds), "--rate", str(rate)),
        stdout=PIPE,
        cwd=ROOT,
    )
    output, _ = await process.communicate()
    told: dict[str, Any] = json.loads(output)
    return told


def _told(told: dict[str, Any], dmp: dict[Any, int]) -> dict[str, float | int | str]:
    spent = sorted(told["milliseconds"])
    return {
        "calls": len(spent),
        "calls/s asked": told["rate"],
        "PDF, kB": told["kilobytes"],
        "answers other than 202": told["others"],
        "document made within the answer, %": round(100 * told["made"] / len(spent)),
        "p50 ms": _rank(spent, 50),
        "p95 ms": _rank(spent, 95),
        "p99 ms": _rank(spent, 99),
        "longest ms": round(spent[-1], 1),
        "DMP orders not delivered": sum(count for state, count in dmp.items() if state != "delivered"),
        "DMP orders delivered": sum(count for state, count in dmp.items() if state == "delivered"),
        "processors": os.cpu_count() or 1,
        "p95 within the limit": "yes" if _rank(spent, 95) < _LIMIT_MS else "NO",
    }


def _rank(ordered: list[float], percent: int) -> float:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)


async def client(url: str, seconds: int, rate: int) -> dict[str, Any]:
    """One call every 1/rate second, each on its own task."""
    examples = ROOT / "deploy" / "examples"
    asked = json.loads((examples / "request.json").read_text(encoding="utf-8"))
    pdf = (examples / "lettre.pdf").read_bytes()
    spent: list[float] = []
    statuses: list[int] = []
    made = 0

    async def one(http: httpx2.AsyncClient, rank: int) -> None:
        nonlocal made
        data = {"request": json.dumps(asked | {"number": f"BANC-{rank}"})}
        headers = {"idempotency-key": f"banc-{rank}"}
        began = time.perf_counter()
        answer = await http.post("/v1/documents", data=data, files={"file": ("a.pdf", pdf)}, headers=headers)
        spent.append((time.perf_counter() - began) * 1000)
        statuses.append(answer.status_code)
        made += answer.status_code == 202 and answer.json()["state"] is not None

    async with httpx2.AsyncClient(base_url=url, timeout=120) as http:
        began, tasks = time.perf_counter(), []
        for rank in range(seconds * rate):
            await asyncio.sleep(max(0.0, began + rank / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(http, rank)))
        await asyncio.gather(*tasks)
    others = sum(status != 202 for status in statuses)
    return {"milliseconds": spent, "others": others, "made": made, "rate": rate, "kilobytes": len(pdf) // 1000}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        print(json.dumps(asyncio.run(client(given.client, given.seconds, given.rate))))
        return 0
    told = asyncio.run(measure(given.seconds, given.rate))
    for name, value in told.items():
        print(f"| {name} | {value} |")
    return 0 if told["p95 within the limit"] == "yes" else 1


if __name__ == "__main__":
    sys.exit(main())
