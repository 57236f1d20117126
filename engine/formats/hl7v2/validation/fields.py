"""Applies the tables to a message."""

from __future__ import annotations

from collections.abc import Iterator

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.path import Path, place
from engine.formats.hl7v2.validation.content import Request
from engine.formats.hl7v2.validation.profile import Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.validation.tables import CHECKS, COUNTS, Check, Count
from engine.formats.hl7v2.values import LARGE, filled


def check_fields(message: Message, found: Profile, parts: tuple[Request, ...], remarks: Remarks) -> None:
    """Every line of the tables of this flow that holds for this edition and this type of message."""
    for count in COUNTS[found.flow]:
        if _holds(count, found):
            _check_count(count, message, parts, remarks)
    signs = message.separators.encoding + " "
    for check in CHECKS[found.flow]:
        if _holds(check, found):
            for segment in _scope(check.scope, message, parts):
                _check_value(check, segment, signs, remarks)


def _holds(line: Check | Count, found: Profile) -> bool:
    return line.since <= found.edition < line.before and (not line.types or found.type in line.types)


def _check_count(count: Count, message: Message, parts: tuple[Request, ...], remarks: Remarks) -> None:
    groups = [part.segments for part in parts] if count.each_request else [message.segments]
    for group in groups:
        named = [one for one in group if one.name == count.segment]
        if len(named) < count.least:
            remarks.add(count.missing, Path(count.segment))
        elif count.most is not None and len(named) > count.most:
            remarks.add(count.repeated, named[count.most].path())


def _scope(name: str, message: Message, parts: tuple[Request, ...]) -> Iterator[Segment]:
    kind, _, role = name.partition(":")
    for part in parts:
        if role:
            yield from part.role(role)
        elif kind == "flag":
            yield from (flag.segment for flag in part.flags)
        elif kind in {"document", "body", "context"}:
            yield from {"document": part.documents, "body": part.bodies, "context": part.context}[kind]
    if not role and len(kind) == 3:
        yield from message.all(kind)


def _check_value(check: Check, segment: Segment, signs: str, remarks: Remarks) -> None:
    value = _value(segment, check.place, signs)
    if not value and not check.optional:
        remarks.add(check.missing, segment.path(check.place), expected=", ".join(check.values))
    if value and check.values and value.upper() not in check.folded:
        remarks.add(check.code, segment.path(check.place), expected=", ".join(check.values))


def _value(segment: Segment, where: str, signs: str) -> str:
    """The trimmed value, empty when only separators were sent; a large content is only known to be there."""
    part = segment.part(place(where))
    if part is None or not part.size:
        return ""
    if part.size > LARGE:
        return "…"
    text = part.text.strip()
    return text if filled(text) and text.strip(signs) else ""
