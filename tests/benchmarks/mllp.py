"""MLLP load: acknowledged messages a second, how long an acknowledgement takes, and whether anything is lost.

Ours, each level in a process of its own (`keep`, `answer`, `engine`: see `mllp_peers.Level`):
    python -m tests.benchmarks.mllp --levels keep answer engine --connections 1 8 32 --messages 2000 --size 3000
With a document of 1 MB in OBX-5:
    python -m tests.benchmarks.mllp --size 1000000 --messages 100 --connections 1 8
Any other engine that listens, for the ratio (`--pid` measures its CPU where it runs on this machine):
    python -m tests.benchmarks.mllp --host 127.0.0.1 --port 6661 --pid 1234

Every message is another one (MSH-10, number of the request or of the document), and every answer must name its own.
What ours have kept is then read in their store: all of it, and on each connection in the order it was sent.
`--uvloop` runs `keep` and `answer` on uvloop; `--folder` says on which disk the store is; `--pipeline` sends so many
messages ahead of their answers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from tests.benchmarks.mllp_load import Load, contents, disorder, sent
from tests.benchmarks.mllp_peers import Level, Peer, cpu_seconds, peer, serve

_COLUMNS = (
    "side",
    "connections",
    "octets",
    "messages",
    "acks/s",
    "MB/s",
    "p50 ms",
    "p99 ms",
    "CPU ms a message",
    "not AA",
)
_HEAD = f"| {' | '.join((*_COLUMNS, 'lost', 'out of order'))} |"


async def measure(
    host: str, port: int, pid: int | None, connections: int, wanted: argparse.Namespace
) -> tuple[Load, str]:
    """The load that was sent, and the middle of its line of the table."""
    load = Load(wanted.messages, contents(wanted.size), wanted.pipeline)
    before = cpu_seconds(pid) if pid else 0.0
    seconds = await sent(host, port, connections, load)
    spent = (cpu_seconds(pid) - before) * 1000 / load.sent if pid else None
    took = sorted(load.took)
    middle, late = (took[int(len(took) * part)] * 1000 if took else 0.0 for part in (0.5, 0.99))
    cells = (
        f"{connections}",
        f"{load.octets // load.sent}",
        f"{load.sent}",
        f"{len(took) / seconds:.0f}",
        f"{load.octets / seconds / 1e6:.1f}",
        f"{middle:.2f}",
        f"{late:.2f}",
        "?" if spent is None else f"{spent:.2f}",
        f"{load.refused}",
    )
    return load, " | ".join(cells)


async def other(wanted: argparse.Namespace) -> bool:
    """An engine that is not ours: its answers alone tell what it took."""
    whole = True
    for connections in wanted.connections:
        load, cells = await measure(wanted.host, wanted.port, wanted.pid, connections, wanted)
        print(f"| {wanted.host}:{wanted.port} | {cells} | {load.lost + load.strangers} | ? |", flush=True)
        whole = whole and not load.lost + load.strangers
    return whole


async def ours(level: Level, folder: Path, wanted: argparse.Namespace) -> bool:
    """Each number of connections against a store that begins empty."""
    whole = True
    for connections in wanted.connections:
        with tempfile.TemporaryDirectory(dir=folder) as directory:
            async with peer(level, Path(directory), uvloop=wanted.uvloop) as one:
                load, cells = await measure("127.0.0.1", one.port, one.pid, connections, wanted)
                told = f"peak memory {one.peak_megabytes()} MB"
            kept, wrong = disorder(load.run, one.kept())
            lost = load.lost + load.strangers + load.sent - kept
            after = _after(one) if level is Level.ENGINE else ""
            print(f"| {level} | {cells} | {lost} | {wrong} |   {told}{after}", flush=True)
            whole = whole and not lost and not wrong
    return whole


def _after(one: Peer) -> str:
    return ", at the end " + ", ".join(f"{count} {state}" for state, count in sorted(one.states().items()))


def machine() -> str:
    """`2026-01-01 08:00 UTC · Python 3.11.7 · Linux 6.1 x86_64 · 2 processors (model)`."""
    found = re.search(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    model = f" ({found[1]})" if found else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · Python {platform.python_version()} · {platform.system()} "
        f"{platform.machine()} · {os.cpu_count()} processors{model} · load {os.getloadavg()[0]:.1f} before"
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


async def _run(wanted: argparse.Namespace) -> bool:
    print(machine())
    print(f"\n{_HEAD}\n{re.sub('[^|]+', '---', _HEAD)}", flush=True)
    if wanted.port:
        return await other(wanted)
    return all([await ours(Level(level), wanted.folder, wanted) for level in wanted.levels])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="of an engine that listens already")
    parser.add_argument("--pid", type=int, help="its process, to measure its CPU")
    parser.add_argument(
        "--levels", nargs="+", choices=[one.value for one in Level], default=[one.value for one in Level]
    )
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--size", type=int, default=3_000, help="octets; from 100,000, of a document in OBX-5")
    parser.add_argument("--pipeline", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--uvloop", action="store_true")

    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        served = serve(Level(wanted.levels[0]), wanted.serve, wanted.port)
        if wanted.uvloop:
            uvloop.run(served)
        else:
            asyncio.run(served)
        return 0
    return 0 if asyncio.run(_run(wanted)) else 1


if __name__ == "__main__":
    sys.exit(main())
