"""A message as a person reads it: segments and fields under their French names, nothing left out, nothing judged.

Contents of some kilobytes and more are described and not copied. Pure; what is shown is patient data, for a screen and
never for a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import DocumentError
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import NULL, Field, Message, Repetition, Segment
from engine.formats.hl7v2.names import component, meaning, name, yes_or_no
from engine.formats.hl7v2.path import Path, path
from engine.formats.hl7v2.values import said

_LONGEST = 4_000
"""Bytes of a component beyond which only its beginning is shown; of an encapsulated content, nothing is."""
_BEGINNING = 400
_ERASED = "(valeur à effacer)"
_INSTANT = re.compile(r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d+)?)?)?)?)?([+-]\d{4})?")
_HEADS = ((b"%PDF", "PDF"), (b"{\\rtf", "RTF"), (b"<", "XML"), (b"\xef\xbb\xbf<", "XML"), (b"\xff\xd8\xff", "JPEG"))
_INSTANTS = frozenset({(one, 1) for one in ("TS", "DTM", "DT")} | {("DR", 1), ("DR", 2), ("CX", 7), ("CX", 8)})
"""(type, component) of those that are one."""
_ENCODED = re.compile(r"[A-Za-z0-9+/=\s]*")
_SEPARATORS = frozenset({"MSH-1", "MSH-2"})
_YES_NO_SYSTEMS = frozenset({"EXPANDEDYES-NOINDICATOR", "HL70136"})


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A component that holds something."""

    number: int
    title: str
    """Empty when it has no name."""
    texts: tuple[str, ...]
    """Its sub-components, decoded; trailing empty ones left out."""
    meaning: str = ""
    """What a code or an instant says, in French; empty where `texts` says it all."""


@dataclass(frozen=True, slots=True)
class ShownField:
    path: str
    """`OBX[2]-5`."""
    title: str
    repetitions: tuple[tuple[ShownPart, ...], ...] = ()
    """None for a field that is absent or empty and about which something is said."""
    content: str = ""
    """`document XML, 318 Ko`, in the place of what would be too long."""
    about: tuple[int, ...] = ()
    """Ranks of the places asked for that are in this field."""


@dataclass(frozen=True, slots=True)
class ShownSegment:
    path: str
    """`OBX[2]`."""
    title: str
    """Empty for a segment the tables do not know: it is shown like the others."""
    fields: tuple[ShownField, ...]
    about: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownMessage:
    charset: str
    size: int
    """In bytes."""
    segments: tuple[ShownSegment, ...]


def shown(message: bytes, places: Sequence[str] = ()) -> ShownMessage:
    """Every filled field, and those that `places` (`PID[1]-3.1`, of findings) name; other kinds of places are ignored.

    Raises DocumentError when the bytes are no message.
    """
    parsed = Message.parse(message)
    asked: dict[tuple[str, int], dict[int, list[int]]] = {}
    for rank, where in enumerate(places):
        found = _place(where)
        if found is not None:
            fields = asked.setdefault((found.segment, found.number or 1), {})
            fields.setdefault(found.place.field, []).append(rank)
    made = tuple(_segment(one, asked.get((one.name, one.number), {})) for one in parsed.segments)
    return ShownMessage(parsed.charset, len(message), made)


def _place(where: str) -> Path | None:
    try:
        return path(where)
    except ValueError:
        return None


def _segment(segment: Segment, asked: dict[int, list[int]]) -> ShownSegment:
    count = max([len(segment.fields), *asked])
    fields = (_field(segment, number, tuple(asked.get(number, ()))) for number in range(1, count + 1))
    kept = tuple(one for one in fields if one is not None)
    return ShownSegment(str(segment.path()), name(segment.name).title, kept, tuple(asked.get(0, ())))


def _field(segment: Segment, number: int, about: tuple[int, ...]) -> ShownField | None:
    """None for a field that is empty and of which nothing is said."""
    place = f"{segment.name}-{number}"
    called, where, field = name(place), str(segment.path(str(number))), segment.field(number)
    type_ = said(segment, "2.1").upper() if place == "OBX-5" else called.type
    if field is None or not field.size:
        return ShownField(where, called.title, about=about) if about else None
    if place in _SEPARATORS:
        return ShownField(where, called.title, ((ShownPart(1, "", (field.text,)),),), about=about)
    if place == "OBX-5" and type_ == "ED" and field.repetition(2) is None:
        return ShownField(where, called.title, content=_encapsulated(segment, field), about=about)
    repetitions = tuple(tuple(_parts(one, place, type_)) for one in field.repetitions)
    if not any(repetitions) and not about:
        return None
    return ShownField(where, called.title, repetitions, about=about)


def _parts(repetition: Repetition, place: str, type_: str) -> Iterator[ShownPart]:
    components = repetition.components
    plain = not component(type_, 1)
    for number, one in enumerate(components, start=1):
        if not one.size:
            continue
        if one.size > _LONGEST:
            yield ShownPart(number, component(type_, number), (_cut(one.text, one.size),))
            continue
        texts = [_ERASED if sub.text == NULL else sub.text for sub in one.subs]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            title = "" if plain and len(components) == 1 else component(type_, number)
            told = _told(repetition, f"{place}.{number}", type_, number, texts[0].strip())
            yield ShownPart(number, title, tuple(texts), told)


def _told(repetition: Repetition, place: str, type_: str, number: int, text: str) -> str:
    """What a value says beside itself."""
    if (type_, number) in _INSTANTS:
        return instant(text)
    system = repetition.component(3)
    if place == "OBX-5.1" and system is not None and system.text.strip().upper() in _YES_NO_SYSTEMS:
        return yes_or_no(text)
    return meaning(place, text)


def _cut(text: str, size: int) -> str:
    if _ENCODED.fullmatch(text, 0, _BEGINNING) and " " not in text[:_BEGINNING].strip():
        return f"contenu encodé, {octets(size)}"
    return f"{text[:_BEGINNING]}… ({octets(size)} en tout)"


def _encapsulated(segment: Segment, field: Field) -> str:
    """`document XML, 318 Ko`; a text that is short enough is given whole."""
    kind = said(segment, "5.3").upper() or said(segment, "5.2").lower()
    try:
        data = content(segment).data
    except DocumentError as error:
        where = "vide" if error.code == "hl7v2.no_content" else "illisible : base64 abîmé"
        return f"document {kind}, {where} ({octets(field.size)} reçus)".replace("  ", " ")
    text = _text(data) if kind in {"", "text"} or said(segment, "3.1").upper().startswith("CORPSMAIL") else None
    if text is not None:
        return text
    known = next((name_ for head, name_ in _HEADS if data.lstrip().startswith(head)), "")
    return " ".join(one for one in ("document", known or kind) if one) + f", {octets(len(data))}"


def _text(data: bytes) -> str | None:
    """A short text in UTF-8."""
    if len(data) > _LONGEST or data.lstrip().startswith(tuple(head for head, _ in _HEADS)):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def instant(text: str) -> str:
    """`20250310143000+0100` → `10/03/2025 14:30:00 (+0100)`, as far as it goes; empty when it is none."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return ""
    year, month, day, hour, minute, second, zone = found.groups()
    if not 1 <= int(month or 1) <= 12 or not 1 <= int(day or 1) <= 31 or int(hour or 0) > 23 or int(minute or 0) > 59:
        return ""
    date = "/".join(one for one in (day, month, year) if one)
    time = ":".join(one for one in (hour, minute, second) if one)
    told = " ".join(one for one in (date, time, f"({zone})" if zone else "") if one)
    return told if told != text else ""


def octets(count: int) -> str:
    """`318 Ko`; units of a thousand."""
    if count < 1_000:
        return f"{count} octets" if count > 1 else f"{count} octet"
    if count < 1_000_000:
        return f"{round(count / 1_000)} Ko"
    return f"{count / 1_000_000:.1f} Mo".replace(".", ",")
