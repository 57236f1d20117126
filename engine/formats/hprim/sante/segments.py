"""HPRIM Santé, a segment as text: fields, repetitions, sub-fields, sub-sub-fields, split only when asked for.

Absent (None) is not empty (""). Numbers are those of the recommendation: `field(4)` of an OBX is 10.4; in H the
separators are 7.2. Escape sequences are those of ASTM E1238 and HL7; the 2.4 text names a sign and lists none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.formats.hprim.sante.tokens import Delimiters

SECTIONS: Mapping[str, int] = {
    "H": 7,
    "P": 8,
    "OBR": 9,
    "OBX": 10,
    "C": 12,
    "L": 14,
    "FAC": 20,
    "ACT": 21,
    "REG": 22,
    "AP": 23,
    "AC": 24,
    "ERR": 25,
}
"""Segment → number of its paragraph in the recommendation."""

_SINGLE = frozenset({"H", "L"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_LETTERS = {"F": "field", "S": "subfield", "T": "subsubfield", "R": "repeater", "E": "escape"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as sent, all its repetitions."""

    text: str
    delimiters: Delimiters

    @property
    def repetitions(self) -> tuple[str, ...]:
        """Raw text of each repetition; one empty text for an empty field."""
        return tuple(self.text.split(self.delimiters.repeater))

    def sub(self, number: int, *, repetition: int = 1, subsub: int = 0) -> str | None:
        """Decoded text of a sub-field (from 1), or of one of its sub-sub-fields; None when it was not sent."""
        raw = _nth(self.text, self.delimiters.repeater, repetition)
        raw = None if raw is None else _nth(raw, self.delimiters.subfield, number)
        if raw is not None and subsub:
            raw = _nth(raw, self.delimiters.subsubfield, subsub)
        return None if raw is None else plain(raw, self.delimiters)

    @property
    def lines(self) -> tuple[str, ...]:
        """A TX: one line per repetition, decoded, separators below the repeater left as they are."""
        return tuple(plain(one, self.delimiters).rstrip() for one in self.repetitions)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, decoded to text."""

    name: str
    number: int
    """n-th segment of this name in the file, from 1."""
    line: int
    text: str
    delimiters: Delimiters

    @property
    def origin(self) -> str:
        """`OBX[3]`; H and L are alone."""
        return self.name if self.name in _SINGLE else f"{self.name}[{self.number}]"

    def where(self, field: int, sub: int | None = None) -> str:
        """`OBX[3].10.4.1`."""
        place = f"{self.origin}.{SECTIONS.get(self.name, 0)}.{field}"
        return place if sub is None else f"{place}.{sub}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Raw text of each field, the name first."""
        return tuple(self.text.split(self.delimiters.field))

    def field(self, number: int) -> Field | None:
        """The field, or None when the segment ends before it."""
        fields = self.fields
        return Field(fields[number - 1], self.delimiters) if 0 < number <= len(fields) else None

    def get(self, number: int, sub: int = 1, *, repetition: int = 1, subsub: int = 0) -> str:
        """Decoded, trimmed text of a sub-field; empty when absent or empty, for callers to whom both are the same."""
        field = self.field(number)
        found = None if field is None else field.sub(sub, repetition=repetition, subsub=subsub)
        return (found or "").strip()

    def whole(self, number: int) -> str:
        """The decoded, trimmed text of a plain field (ST, NM, ID), its separators of lower rank included."""
        field = self.field(number)
        return "" if field is None else plain(field.text, self.delimiters).strip()

    def repetitions(self, number: int) -> int:
        """How many repetitions were sent, empty ones included; 0 when the field is absent or empty."""
        field = self.field(number)
        return 0 if field is None or not field.text.strip() else len(field.repetitions)

    def filled(self, number: int) -> bool:
        """True when the field has content other than separators."""
        field = self.field(number)
        return field is not None and bool(field.text.strip(self.delimiters.signs + " "))

    @property
    def has_controls(self) -> bool:
        return _CONTROL.search(self.text) is not None


def plain(raw: str, delimiters: Delimiters) -> str:
    """Decode the escapes `F S T R E` and `Xhh…`; leave any other as it is; drop the control signs XML cannot hold."""
    text = raw
    if delimiters.escape in raw:
        sign = re.escape(delimiters.escape)
        text = re.sub(f"{sign}([FSTRE]|X(?:[0-9A-Fa-f]{{2}})+){sign}", lambda one: _sign(one, delimiters), raw)
    return _CONTROL.sub("", text)


def escaped(text: str, delimiters: Delimiters) -> str:
    """The contrary of `plain`: text that may stand in a field."""
    letters = {getattr(delimiters, name): letter for letter, name in _LETTERS.items()}
    sign = delimiters.escape
    return "".join(f"{sign}{letters[one]}{sign}" if one in letters else one for one in text)


def _sign(match: re.Match[str], delimiters: Delimiters) -> str:
    letter = match.group(1)
    if letter in _LETTERS:
        return str(getattr(delimiters, _LETTERS[letter]))
    text = bytes.fromhex(letter[1:]).decode("latin-1")
    return match.group() if _CONTROL.search(text) or "\r" in text or "\n" in text else text


def _nth(text: str, separator: str, number: int) -> str | None:
    parts = text.split(separator)
    return parts[number - 1] if 0 < number <= len(parts) else None
