"""Spoiled messages sent to a listener by some connections while another one goes about its business."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.mllp_load import Content, results
from tests.unit.formats.hl7v2.messages import SAMPLES

_START, _END = b"\x0b", b"\x1c\r"
_SIGNS = b'|^~\\&\r\n\x0b\x1c"\x00\xe9\xc3\xa7 A1'
_ANSWER = re.compile(rb"\rMSA(?P<separator>[\x80-\xff]+|[^A-Za-z0-9])(?P<code>A[AER])(?:(?P=separator)|\r)")
_SECONDS = 30
_PAUSE_SECONDS = 0.005
"""Between two messages of the connection that is well: it sends as a laboratory does, not as fast as it can."""

Mutation = Callable[[bytes, random.Random], bytes]


# -- messages ---------------------------------------------------------------------------------------------------------


def truncated(raw: bytes, dice: random.Random) -> bytes:
    return raw[: dice.randrange(len(raw))]


def shuffled(raw: bytes, dice: random.Random) -> bytes:
    head, *rest = raw.split(b"\r")
    dice.shuffle(rest)
    return b"\r".join([head, *rest])


def in_another_charset(raw: bytes, dice: random.Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    return text.encode(dice.choice(["cp1252", "cp850", "utf-16", "utf-32-be", "mac_roman", "cp037"]), "replace")


def with_random_bytes(raw: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(raw)
    for _ in range(dice.randint(1, 40)):
        spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
    return bytes(spoiled)


def with_stray_separators(raw: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(raw)
    for _ in range(dice.randint(1, 12)):
        spoiled[dice.randrange(len(spoiled))] = dice.choice(_SIGNS)
    return bytes(spoiled)


def with_fields_moved(raw: bytes, dice: random.Random) -> bytes:
    fields = raw.split(b"|")
    first, second = dice.randrange(len(fields)), dice.randrange(len(fields))
    fields[first], fields[second] = fields[second], fields[first]
    return b"|".join(fields)


def repeating_itself(raw: bytes, dice: random.Random) -> bytes:
    start, end = sorted((dice.randrange(len(raw)), dice.randrange(len(raw))))
    return raw[:end] + raw[start:]


def swollen(raw: bytes, dice: random.Random) -> bytes:
    """One sign thousands of times: fields, repetitions, components, segments without end."""
    place = dice.randrange(len(raw))
    return raw[:place] + dice.choice([b"|", b"^", b"~", b"&", b"\\", b"\rOBX|", b"\r\n"]) * 20_000 + raw[place:]


def random_octets(_: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(dice.randint(0, 4_000))


MESSAGES: tuple[Mutation, ...] = (
    truncated,
    shuffled,
    in_another_charset,
    with_random_bytes,
    with_stray_separators,
    with_fields_moved,
    repeating_itself,
    swollen,
    random_octets,
)


# -- frames -----------------------------------------------------------------------------------------------------------


def whole(raw: bytes, _: random.Random) -> bytes:
    return _START + raw + _END


def without_end(raw: bytes, _: random.Random) -> bytes:
    return _START + raw


def without_beginning(raw: bytes, _: random.Random) -> bytes:
    return raw + _END


def run_together(raw: bytes, dice: random.Random) -> bytes:
    return _START + raw[: dice.randrange(len(raw) + 1)] + _START + raw + _END


def among_noise(raw: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(20) + _START + raw + _END + dice.randbytes(20)


FRAMES: tuple[Mutation, ...] = (*[whole] * 8, without_end, without_beginning, run_together, among_noise)


# -- the campaign -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    sent: int = 0
    """Spoiled messages."""
    answers: Counter[str] = field(default_factory=Counter)
    """MSA-1 of the answers to them; fewer than `sent`, for what has no frame, or is an ACK, has no answer."""
    wrong: list[str] = field(default_factory=list)
    """What a listener must never do, by seed and rank of the connection."""
    took: list[float] = field(default_factory=list)
    """Seconds of each exchange of the connection that is well."""
    alone: list[float] = field(default_factory=list)
    """The same while the other connections send as many messages that are well too."""

    @property
    def late(self) -> tuple[float, float]:
        """(p99 with spoiled messages beside, p99 with sound ones), in milliseconds."""
        return tuple(sorted(one)[len(one) * 99 // 100] * 1000 for one in (self.took, self.alone))  # type: ignore[return-value]


async def campaign(port: int, count: int, seed: int, *, connections: int = 4, compared: int = 0) -> Outcome:
    """`count` spoiled messages, by `connections` at the same time; before, `compared` sound ones in the same way."""
    outcome = Outcome()
    sound = results(3_000)
    if compared:
        share = compared // connections
        others = [_sound(port, share, f"S{seed}-{rank}", sound) for rank in range(connections)]
        outcome.alone = await _beside(port, f"B{seed}", sound, others)
    samples = [one.read_bytes() for one in sorted((*SAMPLES.rglob("*.er7"), *SAMPLES.rglob("*.hl7")))]
    share = count // connections
    spoilers = [
        _spoil(port, share, random.Random(f"{seed}-{rank}"), samples, outcome, f"seed {seed}, connection {rank}")
        for rank in range(connections)
    ]
    outcome.took = await _beside(port, f"W{seed}", sound, spoilers)
    return outcome


async def _beside(port: int, run: str, sound: Content, others: list) -> list[float]:  # type: ignore[type-arg]
    """Seconds of each exchange of a connection that is well while the others do what they do, and a few after."""
    working = asyncio.gather(*others)
    took: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        after = 0
        while after < 5:
            after += working.done()
            name = f"{run}-{len(took)}"
            began = time.perf_counter()
            await _exchanged(reader, writer, name, sound(name, random.randrange(10**9)))
            took.append(time.perf_counter() - began)
            await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        writer.close()
        await working
    return took


async def _sound(port: int, count: int, run: str, sound: Content) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(count):
        await _exchanged(reader, writer, f"{run}-{number}", sound(f"{run}-{number}", random.randrange(10**9)))
    writer.close()


async def _exchanged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, content: bytes) -> None:
    writer.write(_START + content + _END)
    async with asyncio.timeout(_SECONDS):
        answer = await reader.readuntil(_END)
    assert f"\rMSA|AA|{name}".encode() in answer, "a sound message was not accepted"


async def _spoil(port: int, count: int, dice: random.Random, samples: list[bytes], outcome: Outcome, who: str) -> None:
    """Connections one after the other, of one to five spoiled messages each."""
    left = count
    while left > 0:
        size = min(left, dice.randint(1, 5))
        frames = [dice.choice(FRAMES)(dice.choice(MESSAGES)(dice.choice(samples), dice), dice) for _ in range(size)]
        left -= size
        outcome.sent += size
        try:
            async with asyncio.timeout(_SECONDS):
                answered = await _pushed(port, b"".join(frames), hang_up=dice.random() < 0.05)
        except TimeoutError:
            outcome.wrong.append(f"{who}: neither answered nor closed, {left} to go")
            continue
        for one in answered.split(_END)[:-1]:
            outcome.answers[_verdict(one)] += 1
            if _verdict(one) not in {"AA", "AE", "AR"}:
                outcome.wrong.append(f"{who}: an answer that is no ACK, {left} to go")


async def _pushed(port: int, content: bytes, *, hang_up: bool) -> bytes:
    """Everything the listener says until it closes; nothing where the sender hangs up first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(content)
            if hang_up:
                writer.transport.abort()
                return b""
            await writer.drain()
            writer.write_eof()
        with contextlib.suppress(ConnectionError):
            return await reader.read()
        return b""
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _verdict(answer: bytes) -> str:
    """MSA-1 of an answer, as a sender reads it, whatever separators it announced itself; empty when there is none."""
    found = _ANSWER.search(answer) if answer.startswith(_START + b"MSH") else None
    return found["code"].decode() if found else ""
