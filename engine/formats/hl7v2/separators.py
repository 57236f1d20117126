"""Separators of a message, as MSH-1 and MSH-2 say them (HL7 v2.5, 2.5.4), and the escapes that stand for them (2.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Signs that no document may hold (XML 1.0)."""
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF])


@dataclass(frozen=True, slots=True)
class Separators:
    """One character each; empty where the sender has none: then nothing is split there."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"
    truncation: str = ""
    """HL7 v2.7 and later."""

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.sub + self.truncation


DEFAULT = Separators()
"""The recommended ones, which the French volets ask for."""


def unescaped(text: str, separators: Separators, codec: str) -> str:
    """The text a field stands for: `F S R E T P X` and `.br` decoded, any other escape and lone signs left as sent.

    Control signs XML cannot hold are left out.
    """
    sign = separators.escape
    if sign and sign in text:
        text = _escapes(sign).sub(lambda one: _meaning(one, separators, codec), text)
    return text.translate(_CONTROLS) if _CONTROL.search(text) else text


def escaped(text: str, separators: Separators) -> str:
    """The contrary of `unescaped`: text that may stand in a field; a line end becomes `.br`.

    Raises ValueError when a sign must be escaped and the message has no escape sign.
    """
    table = _escapings(separators)
    if not separators.escape and any(ord(one) in table for one in text):
        raise ValueError("a sign to escape, and no escape sign")
    return text.translate(table)


@lru_cache(maxsize=64)
def _escapes(sign: str) -> re.Pattern[str]:
    mark = re.escape(sign)
    return re.compile(f"{mark}(?:([FSRETP])|X((?:[0-9A-Fa-f]{{2}})+)|(\\.br)){mark}")


def _signs(separators: Separators) -> dict[str, str]:
    return {
        "F": separators.field,
        "S": separators.component,
        "R": separators.repetition,
        "E": separators.escape,
        "T": separators.sub or DEFAULT.sub,
        "P": separators.truncation or "#",
    }


def _meaning(found: re.Match[str], separators: Separators, codec: str) -> str:
    letter, digits, _ = found.groups()
    if letter:
        return _signs(separators)[letter]
    if digits:
        text = bytes.fromhex(digits).decode(codec, "replace")
        return str(found.group()) if _CONTROL.search(text) or "\ufffd" in text else text
    return "\n"


@lru_cache(maxsize=64)
def _escapings(separators: Separators) -> dict[int, str]:
    """Each sign that may not stand in a value, and how it is written."""
    letters = {"\n": ".br", "\r": "X0D"}
    used = separators.field + separators.encoding
    letters |= {one: letter for letter, one in _signs(separators).items() if one and one in used}
    return {ord(sign): f"{separators.escape}{letter}{separators.escape}" for sign, letter in letters.items()}
