"""Where a message and its segments begin and end in the bytes received.

MLLP marks, a byte order mark and blank lines around the message are left aside. A segment ends at CR, LF or CRLF; a
line that does not begin as a segment does (a wrapped base64, a text with bare line ends) is part of the one before.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import DocumentError

_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|[\x00\x0b\x1a\x1c\s])*")
_AFTER = b"\x00\x0b\x1a\x1c\r\n"
_FILLED = re.compile(rb"[ \t]*+[^ \t]")
_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}")
_BATCH = re.compile(rb"[FB]HS\W")
_AGAIN = re.compile(rb"[\x0b\x1c]*(?:\xef\xbb\xbf)?(?:MSH|FHS|BHS|FTS|BTS)")
_BARE = frozenset(
    {b"EVN", b"PID", b"PD1", b"NK1", b"PV1", b"PV2", b"ORC", b"OBR", b"OBX", b"NTE", b"TXA", b"PRT", b"SPM"}
)
"""Segments that some senders send without any field; any other line of three capitals is text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One segment: from `start` to `end`, its line end left out."""

    start: int
    end: int
    continued: bool = False
    """True when other lines were taken with it."""


def start_of_message(content: bytes) -> int:
    """Index of MSH.

    Raises DocumentError when the content is empty, UTF-16, a batch (FHS, BHS), or begins with anything else.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DocumentError("hl7v2.charset_unsupported", "le message est en UTF-16, qui n'est pas accepté")
    found = _BEFORE.match(content)
    start = found.end() if found else 0
    if content.startswith(b"MSH", start):
        return start
    if start == len(content):
        raise DocumentError("hl7v2.empty", "le message est vide")
    if _BATCH.match(content, start):
        raise DocumentError("hl7v2.batch", "le fichier est un lot (FHS, BHS) ; un seul message est attendu")
    raise DocumentError("hl7v2.no_msh", "le message ne commence pas par un segment MSH", where="MSH")


def lines(content: bytes, start: int, separator: bytes) -> Iterator[Line]:
    """The segments, MSH first. Raises DocumentError when a second message follows: two patients are never mixed."""
    current = None
    for begin, end in _physical(content, start, _end(content)):
        if current is None:
            current = Line(begin, end)
        elif _begins_again(content, begin, end, separator):
            raise DocumentError("hl7v2.several_messages", "plusieurs messages sont envoyés ensemble", where="MSH[2]")
        elif _begins(content, begin, end, separator):
            yield current
            current = Line(begin, end)
        else:
            current = Line(current.start, end, continued=True)
    if current is not None:
        yield current


def _end(content: bytes) -> int:
    """Index after the last byte that is neither a line end nor a mark of the transport."""
    end = len(content)
    while end and content[end - 1] in _AFTER:
        end -= 1
    return end


def _begins_again(content: bytes, begin: int, end: int, separator: bytes) -> bool:
    """True for the header of another message; a text that speaks of MSH, a hormone, is none."""
    found = _AGAIN.match(content, begin, end)
    return found is not None and content.startswith((separator, b"|"), found.end())


def _begins(content: bytes, begin: int, end: int, separator: bytes) -> bool:
    if not _NAME.match(content, begin, end):
        return False
    return content.startswith(separator, begin + 3) if end > begin + 3 else content[begin:end] in _BARE


def _physical(content: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines that are not blank. Each byte is looked at once, and none is copied."""
    carriage, feed = content.find(b"\r", start, end), content.find(b"\n", start, end)
    begin = start
    while begin < end:
        if 0 <= carriage < begin:
            carriage = content.find(b"\r", begin, end)
        if 0 <= feed < begin:
            feed = content.find(b"\n", begin, end)
        stop = min((one for one in (carriage, feed) if one >= 0), default=end)
        if _FILLED.match(content, begin, stop):
            yield begin, stop
        begin = stop + 1
