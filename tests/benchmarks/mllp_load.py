"""The load of the MLLP benchmark: connections that each send numbered messages and check the answer to each."""

from __future__ import annotations

import asyncio
import base64
import random
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.formats.hl7v2.transmission.messages import FIRST, cda, message

_RESULTS = Path(__file__).resolve().parents[1] / "samples" / "hl7v2" / "results" / "R01_biochimie.hl7"
_REPORT = b"25031000001"
_NAME = b"NAME-OF-THE-MESSAGE"
_LARGE = 100_000
"""Octets from which a message is one that carries a document."""

Content = Callable[[str, int], bytes]
"""(MSH-10, a number that no other message of the run has) → the message."""


def results(size: int) -> Content:
    """Reports of a laboratory (ORU^R01) of about `size` octets, each of its own request."""
    sample = _RESULTS.read_bytes().replace(b"|R01|P|", b"|" + _NAME + b"|P|")
    *before, specimen = sample.rstrip(b"\r\n").splitlines()
    lines = [*before]
    number = sum(line.startswith(b"OBX") for line in lines)
    while sum(map(len, lines)) + len(lines) + len(specimen) < size:
        number += 1
        lines.append(b"OBX|%d|NM|NA^Sodium^L||139|mmol/L|136-145|N|||F|||20250310140000" % number)
    whole = b"\r".join([*lines, specimen]) + b"\r"
    return lambda name, rank: whole.replace(_NAME, name.encode()).replace(_REPORT, b"26%09d" % rank)


def documents(size: int) -> Content:
    """A CDA document in ORU^R01 whose OBX-5 has about `size` octets, each with a number of its own."""
    missing = size * 3 // 4 - len(cda())
    filling = base64.b64encode(random.Random(1).randbytes(max(missing, 3) * 3 // 4))
    document = cda() + b"\n<!--" + filling + b"-->\n"
    own, its_set = (f'root="{one.root}"'.encode() for one in (FIRST.id, FIRST.set_id))
    assert document.count(own) == document.count(its_set) == 1

    def content(name: str, rank: int) -> bytes:
        number = f"{FIRST.id.root}.{rank}"
        made = document.replace(own, f'root="{number}"'.encode()).replace(its_set, f'root="{number}.1"'.encode())
        return message(made, kind="ORU", control_id=name, ids=(number, ""))

    return content


def contents(size: int) -> Content:
    return documents(size) if size >= _LARGE else results(size)


@dataclass
class Load:
    """What is still to send, and what came of what was sent."""

    left: int
    content: Content
    pipeline: int = 1
    """Messages sent ahead of their answers, on each connection."""
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    sent: int = 0
    octets: int = 0
    took: list[float] = field(default_factory=list)
    """Seconds from a message to its answer."""
    refused: int = 0
    """Answers that are not AA."""
    strangers: int = 0
    """Answers that name another message than the one they should answer."""
    lost: int = 0
    """Messages without an answer."""

    def message(self, connection: int, number: int) -> tuple[str, bytes]:
        """(MSH-10, message) of the n-th message of a connection."""
        self.left -= 1
        self.sent += 1
        name = f"{self.run}-{connection:03}-{number:07}"
        made = self.content(name, self.sent)
        self.octets += len(made)
        return name, made


class Client(asyncio.Protocol):
    """One connection that sends while there is something left."""

    def __init__(self, load: Load, number: int, done: asyncio.Future[None]) -> None:
        self._load = load
        self._number = number
        self._count = 0
        self._done = done
        self._buffer = bytearray()
        self._waiting: deque[tuple[str, float]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        while self._load.left > 0 and len(self._waiting) < self._load.pipeline:
            self._count += 1
            name, content = self._load.message(self._number, self._count)
            self._waiting.append((name, time.perf_counter()))
            self._transport.write(b"\x0b" + content + b"\x1c\r")
        if not self._waiting and not self._done.done():
            self._done.set_result(None)
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        *answers, left = bytes(self._buffer).split(b"\x1c\r")
        self._buffer[:] = left
        for answer in answers:
            name, began = self._waiting.popleft()
            self._load.took.append(time.perf_counter() - began)
            found = _ANSWER.search(answer)
            self._load.strangers += found is None or found[2] != name.encode()
            self._load.refused += found is None or found[1] not in {b"AA", b"CA"}
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost += len(self._waiting)
        if not self._done.done():
            self._done.set_result(None)


_ANSWER = re.compile(rb"[\r\n]MSA\|([A-Z]{2})\|([^|\r\n]*)")


async def sent(host: str, port: int, connections: int, load: Load) -> float:
    """Seconds until everything was answered, or the peer had closed every connection."""
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for number, future in enumerate(futures, start=1):
        await loop.create_connection(lambda number=number, future=future: Client(load, number, future), host, port)  # type: ignore[misc]
    await asyncio.gather(*futures)
    return time.perf_counter() - began


def disorder(run: str, kept: Iterator[str]) -> tuple[int, int]:
    """(messages of a run that are kept, how many stand where another one should), from their MSH-10 in the order they
    were kept: on each connection 1, 2, 3… without a gap."""
    last: dict[str, int] = {}
    count = wrong = 0
    for name in kept:
        head, _, rest = name.partition("-")
        if head != run:
            continue
        connection, _, number = rest.partition("-")
        count += 1
        wrong += int(number) != last.get(connection, 0) + 1
        last[connection] = int(number)
    return count, wrong
