"""HPRIM Santé, first level: bytes → lines → segments, without loss and without understanding.

Physical rules of HPRIM Santé 2.4: five separators by position after H, CR ends a segment and control signs after it are
ignored, `A` continues the segment before it and is glued before any split. Bytes and not text, for a cut may fall
inside a character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import DocumentError

_PUNCTUATION = rb"[!-/:-@\[-`{-~]"
_HEADER = re.compile(rb"(?<![0-9A-Za-z])H(" + _PUNCTUATION + rb")((?:(?!\1)" + _PUNCTUATION + rb"){0,8})(\1|[\r\n]|\Z)")
_LINE_END = re.compile(rb"[\r\n][\x00-\x1f]*")
_NAME = re.compile(r"[A-Z][A-Z0-9]{0,3}\Z")
_WANTED = 5


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The five separators, by position (7.2). In HPRIM `~` parts sub-fields and `^` repeats, as the sender declares."""

    field: str
    subfield: str
    repeater: str
    escape: str
    subsubfield: str

    @property
    def signs(self) -> str:
        return self.field + self.subfield + self.repeater + self.escape + self.subsubfield


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line; `end` is its CR, LF or CRLF with the control signs that follow, empty at the end of file."""

    content: bytes
    end: bytes


@dataclass(frozen=True, slots=True)
class RawSegment:
    """One logical segment: its line and its `A` lines glued with nothing between."""

    name: str
    """Empty when the line does not look like a segment."""
    content: bytes
    line: int
    """Line in the file where it starts, from 1."""
    lines: int = 1
    """Physical lines it took."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the message starts and what it declares, before anything is split."""

    start: int
    """Offset of `H`; what stands before is no part of the message."""
    declared: str
    """The separators as declared, field separator first; five in a regular message."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A message as segments, and the lines it is rebuilt from."""

    prefix: bytes
    """What stood before H, byte order mark included."""
    lines: tuple[Line, ...]
    delimiters: Delimiters
    segments: tuple[RawSegment, ...]


def header(content: bytes) -> Header:
    """Find H and its separators. Raises DocumentError `hprim.header_missing`."""
    match = _HEADER.search(content)
    if match is None:
        raise DocumentError("hprim.header_missing", "no H segment")
    return Header(match.start(), (match.group(1) + match.group(2)).decode("ascii"))


def delimiters(declared: str) -> Delimiters:
    """The five separators by position; those after the fifth are left out.

    Raises DocumentError `hprim.delimiters` (fewer than five) or `hprim.delimiters_same`.
    """
    if len(declared) < _WANTED:
        raise DocumentError("hprim.delimiters", "fewer than five separators", where="H.7.2")
    signs = declared[:_WANTED]
    if len(set(signs)) != _WANTED or not signs.isascii() or re.search(r"[\w\s]", signs.replace("_", "")):
        raise DocumentError("hprim.delimiters_same", "separators are not five distinct signs", where="H.7.2")
    return Delimiters(*signs)


def parse(content: bytes, profile: str | None = None) -> Tokens:
    """Split a message. `profile`: the five separators agreed with a sender that declares fewer.

    Raises DocumentError when there is no H or its separators cannot be known; nothing else is an error here.
    """
    found = header(content)
    declared = found.declared
    if len(declared) < _WANTED and profile is not None and profile[:1] == declared[:1]:
        declared = profile
    signs = delimiters(declared)
    prefix = content[: found.start]
    lines = _lines(content[found.start :])
    first = len(_LINE_END.findall(prefix)) + 1
    return Tokens(prefix, lines, signs, _segments(lines, signs, first))


def write(tokens: Tokens) -> bytes:
    """The very bytes that were parsed."""
    return tokens.prefix + b"".join(line.content + line.end for line in tokens.lines)


def _lines(content: bytes) -> tuple[Line, ...]:
    lines: list[Line] = []
    start = 0
    for match in _LINE_END.finditer(content):
        lines.append(Line(content[start : match.start()], match.group()))
        start = match.end()
    if start < len(content):
        lines.append(Line(content[start:], b""))
    return tuple(lines)


def _segments(lines: tuple[Line, ...], signs: Delimiters, first: int) -> tuple[RawSegment, ...]:
    segments: list[RawSegment] = []
    continuation = b"A" + signs.field.encode("ascii")
    parts: list[bytes] = []
    for number, line in enumerate(lines, start=first):
        if not line.content.strip():
            continue
        if segments and line.content.startswith(continuation):
            parts.append(line.content[len(continuation) :])
            continue
        if segments:
            segments[-1] = _glued(segments[-1], parts)
        parts = []
        segments.append(RawSegment(_name(line.content, signs), line.content, number))
    if segments:
        segments[-1] = _glued(segments[-1], parts)
    return tuple(segments)


def _glued(segment: RawSegment, parts: list[bytes]) -> RawSegment:
    if not parts:
        return segment
    return RawSegment(segment.name, segment.content + b"".join(parts), segment.line, 1 + len(parts))


def _name(content: bytes, signs: Delimiters) -> str:
    head, separator, _ = content.partition(signs.field.encode("ascii"))
    name = head.strip().decode("latin-1")
    if not separator and name != "L":
        return ""
    return name if _NAME.match(name) else ""
