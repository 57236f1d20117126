"""The reader against the two Python libraries of the field, which are no dependency of ours."""

from __future__ import annotations

import pytest

from engine.formats.hl7v2.er7 import Message
from tests.unit.formats.hl7v2.messages import SAMPLES, needs_official, official


def _carriage_returns(content: bytes) -> str:
    """What both libraries need: text, with CR between segments."""
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


def _names_hl7apy_kept(content: bytes) -> list[str]:
    parser = pytest.importorskip("hl7apy.parser")
    core = pytest.importorskip("hl7apy.core")
    message = parser.parse_message(_carriage_returns(content), find_groups=True)
    names: list[str] = []

    def walk(element: object) -> None:
        for child in element.children:  # type: ignore[attr-defined]
            if isinstance(child, core.Segment):
                names.append(child.name)
            elif isinstance(child, core.Group):
                walk(child)

    walk(message)
    return names


@needs_official
def test_hl7apy_loses_recipients_and_consents_without_a_word_and_we_lose_nothing():
    pytest.importorskip("hl7apy")
    lost: dict[str, int] = {}
    for file in official():
        content = file.read_bytes()
        sent = [line[:3].decode() for line in content.splitlines() if line.strip()]
        assert [one.name for one in Message.parse(content).segments] == sent
        kept = _names_hl7apy_kept(content)
        for name in set(sent):
            lost[name] = lost.get(name, 0) + sent.count(name) - kept.count(name)
    assert lost["PRT"] > 0
    assert lost["ZFA"] > 0
    assert lost["ZBE"] > 0
