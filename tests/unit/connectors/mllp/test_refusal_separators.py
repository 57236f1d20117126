"""The ACK by which MLLP refuses without the engine is one that can be read, whatever separators the sender declared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.sources.mllp.refusal import Refusal, refusal
from engine.formats.hl7v2.er7 import Message

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "separators",
    ["|^~\\&", "#^~\\&", "|^˜\\&", "|^^^^", "||||||", "|^~"],
    ids=["usual", "own", "wide", "twice", "one", "few"],
)
def test_a_refusal_names_the_message_in_separators_that_can_be_read(separators: str) -> None:
    bar = separators[0]
    sent = bar.join((f"MSH{separators}", "A", "B", "C", "D", "20260314", "", "ORU", "X1", "P", "2.5")) + "\r"
    if separators == "||||||":
        sent = "MSH||||||A|B|C|D|X1|P|2.5\r"
    told = refusal(sent.encode(), Refusal.UNAVAILABLE, NOW, "1")
    if told is None:
        return
    answer = Message.parse(told)
    assert answer.text("MSA-1") == "AR"
    assert answer.text("MSA-2")
    assert answer.text("ERR-3.1") == "207"
