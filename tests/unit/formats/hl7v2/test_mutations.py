"""Ten thousand spoiled messages: whatever comes in, we know what to say of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.errors import DocumentError
from engine.formats.hl7v2.ack import acknowledgement
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.sniff import recognised
from engine.formats.hl7v2.validation import findings, unreadable
from tests.unit.formats.hl7v2.messages import SAMPLES

_COUNT = 2_500
_SEEDS = (10, 3, 20, 25)
_AT = datetime(2025, 1, 1, tzinfo=UTC)
_SIGNS = b'|^~\\&\r\n\x0b\x1c"\x00\xe9\xc3\xa7 A1'


def _cut(raw: bytes, dice: random.Random) -> bytes:
    return raw[: dice.randrange(len(raw))]


def _shuffled(raw: bytes, dice: random.Random) -> bytes:
    head, *rest = raw.split(b"\r")
    dice.shuffle(rest)
    return b"\r".join([head, *rest])


def _recoded(raw: bytes, dice: random.Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    return text.encode(dice.choice(["cp1252", "cp850", "utf-16", "mac_roman", "utf-8"]), "replace")


def _scattered(raw: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(raw)
    for _ in range(dice.randint(1, 12)):
        spoiled[dice.randrange(len(spoiled))] = dice.choice(_SIGNS)
    return bytes(spoiled)


def _random_bytes(raw: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(raw)
    for _ in range(dice.randint(1, 40)):
        spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
    return bytes(spoiled)


def _fields_moved(raw: bytes, dice: random.Random) -> bytes:
    fields = raw.split(b"|")
    first, second = dice.randrange(len(fields)), dice.randrange(len(fields))
    fields[first], fields[second] = fields[second], fields[first]
    return b"|".join(fields)


def _without_lines(raw: bytes, dice: random.Random) -> bytes:
    return b"\r".join(line for line in raw.split(b"\r") if dice.random() < 0.7)


def _doubled(raw: bytes, dice: random.Random) -> bytes:
    start, end = sorted((dice.randrange(len(raw)), dice.randrange(len(raw))))
    return raw[:end] + raw[start:]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut, _shuffled, _recoded, _scattered, _random_bytes, _fields_moved, _without_lines, _doubled
)  # fmt: skip


@pytest.mark.parametrize("seed", _SEEDS)
def test_spoiled_messages_raise_nothing_but_a_document_error(seed):
    dice = random.Random(seed)
    samples = [file.read_bytes() for file in sorted(SAMPLES.glob("*.er7"))]
    read = 0
    for _ in range(_COUNT):
        content = dice.choice(_MUTATIONS)(dice.choice(samples), dice)
        recognised(content)
        mode = dice.choice(tuple(Mode))
        try:
            message = Message.parse(content)
        except DocumentError as error:
            found = (unreadable(error, mode),)
        else:
            read += 1
            assert message.write() == content
            found = findings(message, mode)
        ack = Message.parse(acknowledgement(content, [one.finding() for one in found], control_id="1", at=_AT))
        assert ack.text("MSA-1") in {"AA", "AE", "AR"}
    assert _COUNT // 2 < read < _COUNT
