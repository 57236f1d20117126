"""Messages in ER7, "pipes and hats" (HL7 v2.5, chapter 2): bytes first, read when asked, rebuilt without loss.

Nothing is dropped: segments and fields no profile knows are as readable as the others. Three things are kept apart:
absent (None), empty (`""`) and the explicit null of HL7, two double quotes (NULL), which asks to erase a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.errors import DocumentError
from engine.formats.hl7v2 import framing
from engine.formats.hl7v2.charset import charset
from engine.formats.hl7v2.parts import Component, Field, Part, Repetition, Sub, Text
from engine.formats.hl7v2.path import Path, Place, path, place
from engine.formats.hl7v2.separators import DEFAULT, Separators
from engine.formats.hl7v2.writer import NULL, build

__all__ = ["NULL", "Component", "Field", "Message", "Remark", "Repetition", "Segment", "Separators", "Sub", "build"]


_SET = re.compile(rb"[A-Za-z0-9/ ._-]+")
MOST_SEGMENTS = 100_000
MOST_FIELDS = 5_000
"""Of one segment."""
MOST_PARTS = 1_000_000
"""Repetitions, components and sub-components of one message, each."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What the reader had to decide; no reason not to read on."""

    code: str
    """Of a rule in `rules.py`."""
    path: Path


class Segment(Part):
    """One segment, its line end left out."""

    __slots__ = ("_fields", "_repeated", "continued", "index", "name", "number")

    def __init__(self, text: Text, line: framing.Line, name: str, index: int, number: int) -> None:
        super().__init__(text, line.start, line.end)
        self.name = name
        self.index = index
        """Position in the message, from 0."""
        self.number = number
        """n-th of that name, from 1."""
        self.continued = line.continued
        """True when lines that are no segments were taken with it."""
        self._fields: tuple[tuple[int, int], ...] | None = None
        self._repeated: dict[int, tuple[Repetition, ...]] = {}

    @property
    def fields(self) -> tuple[Field, ...]:
        """Field 1 first; trailing empty ones included."""
        return tuple(self._field(rank) for rank in range(len(self._bounds)))

    def field(self, number: int) -> Field | None:
        """From 1, as the standard numbers them (MSH-1 is the separator); None when the segment ends before."""
        return self._field(number - 1) if 0 < number <= len(self._bounds) else None

    def text(self, inside: str) -> str | None:
        """Text at `3[2].4.2`: None when absent, "" when empty, NULL for the explicit null.

        A path without component gives the whole field, separators and repetitions included: ask for `.1` (or `.1.1`)
        where only the first component is wanted. A component without repetition is that of the first one.
        """
        return self.at(place(inside))

    def at(self, where: Place) -> str | None:
        """As `text`, the path being read already."""
        found = self.part(where)
        return None if found is None else found.text

    def part(self, where: Place) -> Field | Repetition | Component | Sub | None:
        """The part a path names, None when it is absent."""
        field = self.field(where.field)
        if field is None or not (where.repetition or where.component):
            return field
        repetition = self._repetition(field, where)
        if repetition is None or not where.component:
            return repetition
        component = repetition.component(where.component)
        return component.sub(where.sub) if component is not None and where.sub else component

    def _repetition(self, field: Field, where: Place) -> Repetition | None:
        """The first one is looked for; for another one they are all split, once, and kept: who asks for each of some
        thousand in turn does not go through those before each time."""
        if where.repetition <= 1:
            return field.repetition(1)
        found = self._repeated.get(where.field)
        if found is None:
            found = self._repeated[where.field] = field.repetitions
        return found[where.repetition - 1] if where.repetition <= len(found) else None

    def path(self, inside: str = "") -> Path:
        """Where that is in the message: `OBX[3]-5.1`."""
        return Path(self.name, self.number, place(inside) if inside else Place())

    def _field(self, rank: int) -> Field:
        return Field(self._text, *self._bounds[rank], whole=self.name == "MSH" and rank < 2)

    @property
    def _bounds(self) -> tuple[tuple[int, int], ...]:
        if self._fields is None:
            bounds = list(self._split("field"))[1:]
            if self.name == "MSH":
                bounds.insert(0, (self._start + 3, self._start + 3 + len(self._text.signs["field"])))
            self._fields = tuple(bounds)
        return self._fields


class Message:
    """A message as it was sent: an unchanging view of its bytes."""

    def __init__(self, content: bytes, separators: Separators, segments: tuple[Segment, ...], name: str) -> None:
        self.content = content
        self.separators = separators
        self.segments = segments
        self.charset = name
        """Python's name of the character set the values are read in."""
        self.warnings: tuple[Remark, ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> Message:
        """Read the bytes of one message, MLLP marks and byte order mark included.

        Raises DocumentError, and nothing else: no MSH, separators that cannot be, several messages, a batch, UTF-16,
        more segments, fields or parts than any message has.
        """
        start = framing.start_of_message(content)
        mark = _field_separator(content, start)
        found = tuple(framing.lines(content, start, mark))
        header = content[found[0].start : found[0].end].split(mark)
        declared = _declared(header[17]) if len(header) > 17 else ""
        chosen = charset(content, declared)
        separators = _separators(mark, header[1] if len(header) > 1 else b"", chosen.codec)
        text = Text.of(content, separators, chosen.codec)
        _check_limits(text, found)
        message = cls(content, separators, tuple(_segments(text, found)), chosen.codec)
        message.warnings = tuple(_remarks(message, chosen.doubt))
        return message

    @cached_property
    def _by_name(self) -> dict[str, tuple[Segment, ...]]:
        names = dict.fromkeys(segment.name for segment in self.segments)
        return {name: tuple(one for one in self.segments if one.name == name) for name in names}

    def all(self, name: str) -> tuple[Segment, ...]:
        """Every segment of that name, in order; none is a possible answer."""
        return self._by_name.get(name, ())

    def first(self, name: str) -> Segment | None:
        return next(iter(self.all(name)), None)

    def segment(self, where: Path) -> Segment | None:
        """The segment a path is in."""
        named = self.all(where.segment)
        number = where.number or 1
        return named[number - 1] if number <= len(named) else None

    def text(self, where: str) -> str | None:
        """Text at `PID-3[2].4.2` or `OBX[3]-5`, by the rules of `Segment.text`."""
        parsed = path(where)
        segment = self.segment(parsed)
        return None if segment is None else segment.at(parsed.place)

    def write(self) -> bytes:
        """The very bytes that were read."""
        return self.content


def _declared(field: bytes) -> str:
    """The first character set of MSH-18, read before the separators are known."""
    found = _SET.match(field)
    return found.group().decode("ascii").strip() if found else ""


def _field_separator(content: bytes, start: int) -> bytes:
    """MSH-1, which may be a character of several bytes (`§` in UTF-8)."""
    head = content[start + 3 : start + 7]
    if not head:
        raise _no_separators()
    if head[0] < 0x80:
        return head[:1]
    for size in (2, 3, 4):
        try:
            head[:size].decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(head) >= size:
            return head[:size]
    return head[:1]


def _separators(mark: bytes, encoding: bytes, name: str) -> Separators:
    try:
        signs = mark.decode(name) + encoding.decode(name)
    except UnicodeDecodeError:
        signs = ""
    odd = any(one.isalnum() or one in ' "' or not one.isprintable() for one in signs)
    if odd or not 2 <= len(signs) <= 6 or len(set(signs)) < len(signs):
        raise _no_separators()
    return Separators(*(signs[rank] if rank < len(signs) else "" for rank in range(6)))


def _no_separators() -> DocumentError:
    return DocumentError("hl7v2.separators", "les séparateurs annoncés ne peuvent pas être lus", where="MSH-2")


def _check_limits(text: Text, found: tuple[framing.Line, ...]) -> None:
    """What could fill the memory when it is split; contents of any size are none of it."""
    content, field = text.content, text.signs["field"]
    long = [line for line in found if line.end - line.start > MOST_FIELDS]
    parts = [text.signs[name] for name in ("repetition", "component", "sub") if text.signs[name]]
    if (
        len(found) > MOST_SEGMENTS
        or any(content.count(field, line.start, line.end) > MOST_FIELDS for line in long)
        or (len(content) > MOST_PARTS and any(content.count(sign) > MOST_PARTS for sign in parts))
    ):
        raise DocumentError("hl7v2.limits", "le message contient bien trop de segments, de champs ou de composants")


def _segments(text: Text, found: tuple[framing.Line, ...]) -> Iterator[Segment]:
    count: dict[str, int] = {}
    for index, line in enumerate(found):
        name = text.content[line.start : line.start + 3].decode("ascii")
        count[name] = count.get(name, 0) + 1
        yield Segment(text, line, name, index, count[name])


def _remarks(message: Message, doubt: str) -> Iterator[Remark]:
    if doubt:
        yield Remark(doubt, path("MSH-18"))
    if len(message.separators.encoding) < len(DEFAULT.encoding):
        yield Remark("hl7v2.separators_missing", path("MSH-2"))
    elif message.separators.encoding != DEFAULT.encoding or message.separators.field != DEFAULT.field:
        yield Remark("hl7v2.separators_unusual", path("MSH-2"))
    for segment in message.segments:
        if segment.continued:
            yield Remark("hl7v2.continuation", segment.path())
