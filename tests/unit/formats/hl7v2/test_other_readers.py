"""The reader against python-hl7, which is no dependency of ours; hl7apy is in tests/conformance/test_hl7apy_loss.py."""

from __future__ import annotations

import pytest

from engine.formats.hl7v2.er7 import Message
from tests.unit.formats.hl7v2.messages import SAMPLES, needs_official, official


def _carriage_returns(content: bytes) -> str:
    """What it needs: text, with CR between segments."""
    return Message.parse(content).write().decode("utf-8").strip().replace("\r\n", "\r").replace("\n", "\r")


def _same_as_python_hl7(content: bytes) -> None:
    hl7 = pytest.importorskip("hl7")
    ours, theirs = Message.parse(content), hl7.parse(_carriage_returns(content))
    assert [one.name for one in ours.segments] == [str(one[0]) for one in theirs]
    for segment, other in zip(ours.segments, theirs, strict=True):
        first = 3 if segment.name == "MSH" else 1
        ours_fields = [field.raw.decode() for field in segment.fields][first - 1 :]
        assert ours_fields == [str(one) for one in list(other)[first:]], segment.name


def test_python_hl7_reads_the_same_fields_in_our_samples():
    pytest.importorskip("hl7")
    for file in SAMPLES.glob("*.er7"):
        content = file.read_bytes()
        if content.isascii() or b"UTF-8" in content[:200]:
            _same_as_python_hl7(content)


@needs_official
def test_python_hl7_reads_the_same_fields_in_the_official_examples():
    pytest.importorskip("hl7")
    for file in official():
        _same_as_python_hl7(file.read_bytes())
