"""H, header (7.x) and L, end (14.x): who sends, to whom, in which context, and whether all of it came."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.hierarchy import Message

CONTEXTS = frozenset({"ORU", "ORM", "ORA", "ADM", "FAC", "REG", "ERR"})


@dataclass(frozen=True, slots=True)
class Header:
    """The header; texts are empty when absent."""

    file_name: str
    sender_code: str
    sender_name: str
    context: str
    receiver_code: str
    receiver_name: str
    processing: str
    version: str
    link_type: str
    built_at: str
    """7.14 as sent."""

    @property
    def is_test(self) -> bool:
        """7.12 T (test) or D (debug)."""
        return self.processing in {"T", "D"}


def header(segment: Segment) -> Header:
    """7.3 file name · 7.5 sender · 7.7 context · 7.10 receiver · 7.12 processing · 7.13 version · 7.14 built at."""
    return Header(
        file_name=segment.get(3),
        sender_code=segment.get(5, 1),
        sender_name=segment.get(5, 2),
        context=segment.get(7).upper(),
        receiver_code=segment.get(10, 1),
        receiver_name=segment.get(10, 2),
        processing=segment.get(12).upper(),
        version=segment.get(13, 1),
        link_type=segment.get(13, 2),
        built_at=segment.get(14),
    )


def header_findings(segment: Segment, read: Header, remarks: Remarks) -> None:
    """Context and version unknown, unusual processing, test mode."""
    if read.context not in CONTEXTS:
        remarks.add("hprim.context_unknown", segment, 7)
    if re.match(r"H2(\.\d)?", read.version) is None:
        remarks.add("hprim.version_unknown", segment, 13)
    if read.processing not in {"", "P", "T", "D"}:
        remarks.add("hprim.processing_unknown", segment, 12)
    if read.is_test:
        remarks.add("hprim.test_mode", segment, 12)


def end_findings(message: Message, segments: tuple[Segment, ...], lines: int, remarks: Remarks) -> None:
    """L missing (the message was cut), something after it, counts that are wrong.

    `lines`: physical lines of the message. The text does not say whether 14.5 counts A lines: either count is right.
    """
    if message.end is None:
        remarks.add("hprim.truncated")
        return
    _after_end(message, remarks)
    end = message.end
    inside = len(segments) - len(message.after_end)
    _count(end, 4, "hprim.patient_count", {len(message.patients)}, remarks)
    _count(end, 5, "hprim.segment_count", {inside, lines - len(message.after_end)}, remarks)


def _after_end(message: Message, remarks: Remarks) -> None:
    for segment in message.after_end:
        if segment.name in {"H", "L"}:
            remarks.add("hprim.several_messages", segment)
        elif segment.name:
            remarks.add("hprim.content_after_end", segment)
        else:
            remarks.add("hprim.text_after_end", segment)


def _count(end: Segment, field: int, code: str, found: set[int], remarks: Remarks) -> None:
    said = end.get(field)
    if not said:
        return
    if not (said.isascii() and said.isdigit()):
        remarks.add("hprim.count_unreadable", end, field)
    elif len(said) > 9 or int(said) not in found:
        remarks.add(code, end, field, said=said[:9], found=" ou ".join(str(one) for one in sorted(found)))
