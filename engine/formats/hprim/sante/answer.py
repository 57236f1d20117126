"""ERR, the only answer HPRIM Santé has for a message that was refused (25.x of 2.4): one ERR per refusing finding."""

from __future__ import annotations

import hashlib
import re
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding
from engine.formats.hprim.sante.reading import Reading, reading
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment, escaped
from engine.formats.hprim.sante.tokens import Delimiters

SIGNS = Delimiters("|", "~", "^", "\\", "&")
"""The recommended set."""
LONGEST = 220
"""Characters of a line, its end sign included."""
_PLACE = re.compile(r"([A-Z]+)(?:\[(\d+)\])?(?:\.(\d+\.\d+(?:\.\d+)*))?\Z")
_SYNTAX = re.compile(r"truncated|delimiters|several_messages|content_after_end|before|continuation|stray|beyond|empty")


def err_answer(message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
    """The ERR file for the sender, ISO 8859-1; None when nothing is refused or the sender cannot be told.

    The value at fault (25.9) is never repeated: sender and line are enough to find it.
    """
    refusals = [one for one in findings if one.disposition is Disposition.REFUSE]
    read = reading(message.content, context, Remarks(None))
    if not refusals or read is None:
        return None
    segments = [_header(message, read, context)]
    segments += [_error(rank, one, message, read) for rank, one in enumerate(refusals, start=1)]
    segments.append("|".join(("L", "1", "", "0", str(len(segments) + 1))))
    return "".join(_cut(one) for one in segments).encode("iso-8859-1", "replace")


def _header(message: InboundMessage, read: Reading, context: Context) -> str:
    """The roles turned: who received now sends."""
    zone = ZoneInfo(read.laboratory.time_zone if read.laboratory is not None else "Europe/Paris")
    digest = int(hashlib.sha256(message.content).hexdigest()[:12], 16) % 10**7
    sent = read.header
    fields = [""] * 15
    fields[1], fields[3] = "H", f"E{digest:07d}.HPR"
    fields[5] = f"{_text(sent.receiver_code)}~{_text(sent.receiver_name or context.software.name)}"
    fields[7] = "ERR"
    fields[10] = f"{_text(sent.sender_code)}~{_text(sent.sender_name)}"
    fields[12] = sent.processing if sent.is_test else "P"
    fields[13] = f"H2.4~{_text(sent.link_type) or 'C'}"
    fields[14] = context.received_at.astimezone(zone).strftime("%Y%m%d%H%M%S")
    return "H|~^\\&|" + "|".join(fields[3:])


def _error(rank: int, one: Finding, message: InboundMessage, read: Reading) -> str:
    """25.3 file · 25.4 its date · 25.5 severity · 25.6 line · 25.7 address · 25.8 field · 25.10 kind · 25.11 text."""
    place = _PLACE.match(one.where)
    path = _path(place.group(1), int(place.group(2) or 1), read) if place else ()
    remedy = f" {one.remedy}" if one.remedy else ""
    fields = (
        "ERR",
        str(rank),
        _text(read.header.file_name or message.name),
        _text(read.header.built_at),
        "P" if path else "T",
        "" if one.line is None else str(one.line),
        SIGNS.repeater.join(_step(segment) for segment in path),
        (place.group(3) or "") if place else "",
        "",
        _kind(one.code),
        _text(one.message + remedy),
    )
    return "|".join(fields)


def _path(name: str, number: int, read: Reading) -> tuple[Segment, ...]:
    for patient in read.message.patients:
        above: tuple[Segment, ...] = (patient.segment,)
        if _is(patient.segment, name, number):
            return above
        for orphan in patient.orphans:
            if _is(orphan.segment, name, number):
                return (*above, orphan.segment)
        for request in patient.requests:
            if _is(request.segment, name, number):
                return (*above, request.segment)
            for result in request.results:
                if _is(result.segment, name, number):
                    return (*above, request.segment, result.segment)
    return ()


def _is(segment: Segment, name: str, number: int) -> bool:
    return segment.name == name and segment.number == number


def _step(segment: Segment) -> str:
    """segment ~ rank ~ its identifiers: 8.3, 8.4, 8.5 · 9.3.2, 9.4.2 · 10.4."""
    places = {"P": ((3, 1), (4, 1), (5, 1)), "OBR": ((3, 2), (4, 2)), "OBX": ((4, 1),)}[segment.name]
    identifiers = SIGNS.subsubfield.join(_text(segment.get(field, sub)) for field, sub in places)
    return SIGNS.subfield.join((segment.name, _text(segment.get(2)), identifiers))


def _kind(code: str) -> str:
    """25.10: A absent, S syntax, I unknown or incoherent."""
    reason = code.split(".", 1)[1] if "." in code else code
    if _SYNTAX.search(reason):
        return "S"
    return "A" if reason.endswith("missing") or reason.startswith("no_") else "I"


def _text(text: str) -> str:
    """Text for a field: typographic signs ISO 8859-1 has not are written plainly, separators are escaped."""
    latin = text.replace("’", "'").replace("œ", "oe").replace("Œ", "OE").replace("…", "...")
    return escaped("".join(one for one in latin if one.isprintable()), SIGNS)


def _cut(segment: str) -> str:
    """Lines of at most 220 characters, continued by A."""
    room = LONGEST - 1
    lines, rest = [segment[:room]], segment[room:]
    while rest:
        lines.append("A|" + rest[: room - 2])
        rest = rest[room - 2 :]
    return "".join(line + "\r" for line in lines)
