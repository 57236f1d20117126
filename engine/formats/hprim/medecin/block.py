"""Lines of the `****LAB****` block: RES (results), TEX (text), PCT and what nobody described."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.formats.hprim.medecin.lines import Line
from engine.formats.hprim.medecin.markup import plain

RES_FIELDS = 14
_TAG = re.compile(r"^\s*([A-Za-z]{2,5})\s*(?:\||$)")
_TYPES = frozenset({"", "N", "A", "C", "T"})


@dataclass(frozen=True, slots=True)
class Res:
    """A RES line. `fields[1]` is field 2 (label); absent fields are not there."""

    rank: int
    """Among the RES lines of its dossier, from 1."""
    line: Line
    fields: tuple[str, ...]
    """As sent, entities decoded, ends trimmed; trailing empty fields left out."""
    had_markup: bool = False
    had_controls: bool = False
    lower_case: bool = False

    def field(self, number: int) -> str:
        """A field by its number (1 is `RES`); empty when it was sent empty or not sent."""
        return self.fields[number - 1] if number <= len(self.fields) else ""

    @property
    def origin(self) -> str:
        return f"RES[{self.rank}]"

    @property
    def name(self) -> str:
        """What findings call it: its code, never the value."""
        return self.field(3)[:22] or f"n° {self.rank}"

    @property
    def shifted(self) -> bool:
        """More fields than the recommendation has, or a type that is none: a bar stood inside a value."""
        return len(self.fields) > RES_FIELDS or self.field(4).upper() not in _TYPES


@dataclass(frozen=True, slots=True)
class Tex:
    """A TEX line; an empty one is a blank line."""

    rank: int
    line: Line
    text: str
    had_markup: bool = False
    had_controls: bool = False

    @property
    def origin(self) -> str:
        return f"TEX[{self.rank}]"


@dataclass(frozen=True, slots=True)
class Other:
    """A line of no known kind: a record (`PCT|…`) or, without a tag, a piece of text cut by transport."""

    line: Line
    tag: str
    """`PCT`, `XYZ`; empty when the line has no tag."""
    text: str


Entry = Res | Tex | Other


def entries(lines: tuple[Line, ...]) -> tuple[Entry, ...]:
    """The lines of a block in their order; blank lines mean nothing here."""
    found: list[Entry] = []
    counts = {"RES": 0, "TEX": 0}
    for line in lines:
        if line.blank:
            continue
        match = _TAG.match(line.text)
        tag = match.group(1) if match else ""
        kind = tag.upper()
        if kind in counts:
            counts[kind] += 1
        found.append(_entry(line, tag, counts.get(kind, 0)))
    return tuple(found)


def _entry(line: Line, tag: str, rank: int) -> Entry:
    if tag.upper() == "RES":
        return _res(line, tag, rank)
    if tag.upper() == "TEX":
        sent = plain(line.text.partition("|")[2])
        return Tex(rank, line, sent.text.rstrip(), sent.had_markup, sent.had_controls)
    return Other(line, tag.upper(), plain(line.text).text.rstrip())


def _res(line: Line, tag: str, rank: int) -> Res:
    cells = [plain(cell) for cell in line.text.split("|")]
    fields = [" ".join(cell.text.split("\n")).strip() for cell in cells]
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return Res(
        rank,
        line,
        tuple(fields),
        any(cell.had_markup for cell in cells),
        any(cell.had_controls for cell in cells),
        tag != tag.upper(),
    )
