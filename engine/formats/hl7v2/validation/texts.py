"""What the reader remarked, and what makes a value unreadable: lost characters, joined segments."""

from __future__ import annotations

import re

from engine.formats.hl7v2.charset import decoded
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import LARGE

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_JOINED = re.compile(r"(?:.*\S)?(?:\s+PRT|(?<=[a-z])PRT)|PRT", re.DOTALL)
"""The name of the next PRT at the end of a field: its line end was lost."""


def check_texts(message: Message, remarks: Remarks) -> None:
    """Every segment, its large contents (documents) left to those who decode them."""
    for one in message.warnings:
        remarks.add(one.code, one.path)
    for segment in message.segments:
        if segment.size <= LARGE and segment.name != "PRT" and not _is_suspect(segment.raw, message):
            continue
        for number, field in enumerate(segment.fields, start=1):
            if field.size <= LARGE:
                _check(message, segment, number, field.raw, remarks)


def _is_suspect(raw: bytes, message: Message) -> bool:
    return _CONTROL.search(raw) is not None or (not raw.isascii() and "\ufffd" in decoded(raw, message.charset))


def _check(message: Message, segment: Segment, number: int, raw: bytes, remarks: Remarks) -> None:
    where = segment.path(str(number))
    if not raw.isascii() and "\ufffd" in decoded(raw, message.charset):
        remarks.add("hl7v2.characters_lost", where)
    if _CONTROL.search(raw):
        remarks.add("hl7v2.control_characters", where)
    if segment.name == "PRT" and raw.endswith(b"PRT") and _JOINED.fullmatch(decoded(raw, message.charset)):
        remarks.add("hl7v2.segments_joined", where)
