"""Why no general HL7 library reads our messages: hl7apy, in its tolerant mode and as it comes, drops segments of French
messages without an exception or a word. Ours keeps every one of them."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

import pytest

from engine.formats.hl7v2.er7 import Message
from tests.unit.formats.hl7v2.messages import needs_official, official, sample

parser = pytest.importorskip("hl7apy.parser", reason="hl7apy is a development dependency, and is not installed")
core = pytest.importorskip("hl7apy.core")

_MEASURED = "1.3.5"
"""The release whose losses are counted here."""
_COUNTED = {26: (19, 57)}
"""How many official messages are beside us → (how many lose something, how many segments are lost)."""


def sent(content: bytes) -> list[str]:
    """Names of the segments, read without any HL7 reader."""
    return [line[:3].decode("ascii") for line in content.splitlines() if line.strip()]


def kept_by_hl7apy(content: bytes) -> list[str]:
    """Names of the segments that its tree holds, in groups or not."""
    lines = content.decode(Message.parse(content).charset).strip().splitlines()
    message = parser.parse_message("\r".join(lines) + "\r", find_groups=True)
    names: list[str] = []

    def walk(element: object) -> None:
        for child in element.children:  # type: ignore[attr-defined]
            if isinstance(child, core.Group):
                walk(child)
            else:
                names.append(child.name)

    walk(message)
    return names


def lost(content: bytes) -> Counter[str]:
    return Counter(sent(content)) - Counter(kept_by_hl7apy(content))


def kept_by_us(content: bytes) -> list[str]:
    return [one.name for one in Message.parse(content).segments]


@needs_official
def test_hl7apy_loses_segments_of_most_official_messages_and_we_lose_none():
    losses: list[Counter[str]] = []
    for file in official():
        content = file.read_bytes()
        assert kept_by_us(content) == sent(content), file.name
        losses.append(lost(content))
    total = sum(losses, Counter())
    spoiled = sum(map(bool, losses))
    assert total["PRT"] > 0, "the recipients"
    assert total["ZFA"] > 0, "the patient's choice about the DMP"
    assert spoiled > len(losses) // 2
    if version("hl7apy") == _MEASURED and len(losses) in _COUNTED:
        assert (spoiled, total.total()) == _COUNTED[len(losses)], total


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("mdm_envoi", {"PRT": 2}),
        ("oru_document", {"PRT": 4}),
        ("adt_consentement", {"ZBE": 1, "ZFA": 1, "ZFD": 1}),
        ("zam_dmp_refus", {"MSH": 1, "EVN": 1, "OBX": 1, "ERR": 1}),
    ],
)
def test_hl7apy_loses_recipients_consents_and_answers_of_our_own_messages_and_we_lose_none(name, dropped):
    content = sample(name)
    assert kept_by_us(content) == sent(content)
    assert Message.parse(content).write() == content
    if version("hl7apy") == _MEASURED:
        assert dict(lost(content)) == dropped
    assert lost(content), "hl7apy reads these messages now: is our own reader still wanted?"
