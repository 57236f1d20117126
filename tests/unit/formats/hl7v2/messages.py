"""Our invented messages, and ways to spoil them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation import Matrix, Mode, findings

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = ROOT / "tests" / "samples" / "hl7v2"
OFFICIAL = ROOT / ".." / "shared" / "ans" / "hl7v2-exemples"

needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official HL7v2 examples are not beside us")


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.er7").read_bytes()


def official() -> tuple[Path, ...]:
    """Every official HL7 message; some have no extension, so the content tells."""
    if not OFFICIAL.is_dir():
        return ()
    files = (one for one in sorted(OFFICIAL.rglob("*")) if one.is_file())
    return tuple(one for one in files if one.read_bytes()[:3] == b"MSH")


def with_value(content: bytes, where: str, value: bytes) -> bytes:
    """The message with another value at a path, bytes as they are; the place must be there."""
    message = Message.parse(content)
    wanted = path(where)
    segment = message.segment(wanted)
    part = None if segment is None else segment.part(wanted.place)
    assert part is not None, where
    start = part.start
    return content[:start] + value + content[start + part.size :]


def without_segments(content: bytes, *starts: bytes) -> bytes:
    """The message without the segments that begin so."""
    lines = content.split(b"\r")
    kept = [line for line in lines if not line.startswith(starts)]
    assert len(kept) < len(lines)
    return b"\r".join(kept)


def with_document(content: bytes, old: bytes, new: bytes) -> bytes:
    """The message with its document changed inside the base64."""
    message = Message.parse(content)
    part = message.all("OBX")[0].part(path("OBX-5.5").place)
    assert part is not None
    cda = base64.b64decode(part.raw)
    assert old in cda
    return with_value(content, "OBX-5.5", base64.b64encode(cda.replace(old, new)))


def codes(content: bytes, mode: Mode = Mode.TOLERANT, *, matrix: Matrix = Matrix.OFF) -> set[str]:
    return {one.code for one in findings(Message.parse(content), mode, matrix=matrix)}


def refusals(content: bytes, mode: Mode = Mode.TOLERANT) -> set[str]:
    """Codes that refuse the message."""
    found = findings(Message.parse(content), mode)
    return {one.code for one in found if one.disposition.value == "refuse"}
