"""FT and comments: the formatting commands of HL7 v2.5 (2.7.6) that say where lines end; the others say nothing."""

from __future__ import annotations

import re

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.view.fields import repetitions, text

_SPACED = re.compile(r"\\\.sp\+?([0-9]{0,2})\\|\\\.ce\\")
_SILENT = re.compile(r"\\(?:H|N|\.(?:in|ti)[+-]?[0-9]{1,3}|\.fi|\.nf)\\")
_SKIPPED = re.compile(r"\\\.sk\+?([0-9]{1,2})\\")


def formatted(sent: str) -> str:
    """The words with their line ends: `.sp` and `.ce` end a line, `.sk` is blanks, highlighting is left out."""
    if "\\" not in sent:
        return sent
    broken = _SPACED.sub(lambda one: "\n" * max(int(one.group(1) or 1), 1), sent)
    return _SILENT.sub("", _SKIPPED.sub(lambda one: " " * int(one.group(1)), broken))


def paragraph(segment: Segment, number: int) -> str:
    """A whole field of formatted text, a line break for each repetition, blank ends left out."""
    found = (formatted(text(segment, f"{number}[{rank}]")) for rank in repetitions(segment, number))
    return "\n".join(found).strip("\n")
