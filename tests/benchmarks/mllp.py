"""MLLP load: acknowledged messages a second, and how long an acknowledgement takes.

Against any engine:  `python -m tests.benchmarks.mllp --port 6661 --connections 32 --messages 20000 --size 3000`
Against ours, its source and its store in a process of their own:  the same without `--port`.
`--uvloop` runs our side on uvloop; `--folder` says on which disk the store is; `--pipeline` sends that many messages
ahead of their answers. Every message is a different one, and every answer must name its message.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import random
import resource
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.sources.mllp import MllpSettings, MllpSource
from connectors.sources.mllp.refusal import control_id
from engine import log
from engine.exchange import Accepted, InboundMessage
from engine.store.sqlite import SqliteStore

_TICKS = os.sysconf("SC_CLK_TCK")


# -- the load -------------------------------------------------------------------------------------------------------


@dataclass
class Load:
    """What is still to send, and what came of what was sent."""

    left: int
    body: bytes
    pipeline: int
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    sent: int = 0
    took: list[float] = field(default_factory=list)
    refused: int = 0

    def message(self) -> tuple[bytes, bytes]:
        """(MSH-10, frame) of the next message."""
        self.left -= 1
        self.sent += 1
        name = f"{self.run}{self.sent:08}".encode()
        head = b"\x0bMSH|^~\\&|BENCH|LABO|ENGINE|X|20260101080000||ORU^R01^ORU_R01|" + name
        return name, head + b"|P|2.5.1|||||FRA|UNICODE UTF-8\r" + self.body


class Client(asyncio.Protocol):
    """One connection that sends while there is something left."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self._load = load
        self._done = done
        self._buffer = b""
        self._waiting: deque[tuple[bytes, float]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        while self._load.left > 0 and len(self._waiting) < self._load.pipeline:
            name, frame = self._load.message()
            self._waiting.append((name, time.perf_counter()))
            self._transport.write(frame)
        if not self._waiting and not self._done.done():
            self._done.set_result(None)
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        *answers, self._buffer = self._buffer.split(b"\x1c\r")
        for answer in answers:
            name, began = self._waiting.popleft()
            self._load.took.append(time.perf_counter() - began)
            self._load.refused += b"MSA|AA|" + name not in answer
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(f"the engine closed, {len(self._waiting)} unanswered"))


def body(size: int) -> bytes:
    """Segments of a laboratory report, with a base64 text that brings it to about `size` octets."""
    segments = [b"PID|1||123456^^^LABO^PI||ESSAI^ANNE||19800101|F", b"PV1|1|O", b"ORC|RE|D1|F1", b"OBR|1|D1|F1|BIO"]
    for number in range(1, 16):
        segments.append(
            b"OBX|%d|NM|%05d^Analyse %d^L||%d.%d|mmol/L^^UCUM|1-9|N|||F" % (number, number, number, number, number)
        )
    missing = size - sum(map(len, segments)) - len(segments) - 120
    if missing > 0:
        text = base64.b64encode(random.Random(1).randbytes(missing * 3 // 4))
        segments.append(b"OBX|16|ED|PDF^Compte rendu^L||^AP^^Base64^" + text + b"||||||F")
    return b"\r".join(segments) + b"\r\x1c\r"


async def sent(host: str, port: int, connections: int, load: Load) -> float:
    """Seconds until everything was answered."""
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for future in futures:
        await loop.create_connection(lambda future=future: Client(load, future), host, port)  # type: ignore[misc]
    await asyncio.gather(*futures)
    return time.perf_counter() - began


# -- our side -------------------------------------------------------------------------------------------------------


async def serve(folder: Path, port: int) -> None:
    """The source, the store, and the smallest answer; until SIGTERM."""
    log.configure()
    store = SqliteStore(folder / "bench.db")
    await store.open()

    async def accept(message: InboundMessage) -> Accepted:
        accepted = await store.receive(message)
        name = control_id(message.content).encode()
        return replace(accepted, answer=b"MSH|^~\\&|PASSEUR|||||ACK|" + name + b"|P|2.5.1\rMSA|AA|" + name + b"\r")

    source = MllpSource("bench", MllpSettings(port=port, max_connections=1024))
    task = asyncio.create_task(source.serve(accept))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await source.listening.wait()
    print("ready", flush=True)
    await asyncio.wait({task})
    print("kept", sum((await store.message_counts()).values()), end=", ")
    await store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True)


@contextmanager
def served(folder: str | None, uvloop: bool) -> Iterator[tuple[int, int]]:
    """(port, process) of our side."""
    with tempfile.TemporaryDirectory(dir=folder) as directory, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", __spec__.name, "--serve", directory, "--port", str(port)]
        with subprocess.Popen([*command, *(["--uvloop"] if uvloop else [])], stdout=subprocess.PIPE, text=True) as ours:
            assert ours.stdout is not None
            try:
                assert ours.stdout.readline() == "ready\n"
                yield port, ours.pid
            finally:
                ours.terminate()
                print(ours.stdout.read().strip())


def cpu_seconds(process: int | None) -> float:
    """CPU time of a process so far; 0 when it cannot be known."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


# -- the command ----------------------------------------------------------------------------------------------------


def measure(host: str, port: int, process: int | None, wanted: argparse.Namespace) -> None:
    for connections in wanted.connections:
        load = Load(wanted.messages, body(wanted.size), wanted.pipeline)
        cpu = cpu_seconds(process)
        seconds = asyncio.run(sent(host, port, connections, load))
        spent = (cpu_seconds(process) - cpu) * 1000 / load.sent
        took = sorted(load.took)
        p50, p99 = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
        print(
            f"{connections:4d} connections  {wanted.size:8d} octets  {load.sent / seconds:8.0f} acks/s   "
            f"p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   refused {load.refused}"
            + (f"   CPU {spent:.3f} ms a message" if process else ""),
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--pid", type=int, help="process of the engine, to measure its CPU")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=3_000)
    parser.add_argument("--pipeline", type=int, default=1)
    parser.add_argument("--folder")
    parser.add_argument("--uvloop", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        if wanted.uvloop:
            import uvloop

            uvloop.run(serve(Path(wanted.serve), wanted.port))
        else:
            asyncio.run(serve(Path(wanted.serve), wanted.port))
    elif wanted.port:
        measure(wanted.host, wanted.port, wanted.pid, wanted)
    else:
        with served(wanted.folder, wanted.uvloop) as (port, process):
            measure("127.0.0.1", port, process, wanted)


if __name__ == "__main__":
    main()
