"""Lines of a file with their own ends: joined again, they are the file, character for character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_END = re.compile(r"\r\r\n|\r\n|\n\r|\r|\n")
"""CRLF, CR, LF, and what transport makes of CRLF: turned round, or with its CR doubled."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as sent."""

    number: int
    """In the file, from 1."""
    text: str
    """Without its end."""
    end: str
    """Its own end; empty for the last one when the file does not end with a line end."""

    @property
    def blank(self) -> bool:
        return not self.text.strip(" \t\x00\x0c\x1a\u00a0")


def lines(text: str) -> tuple[Line, ...]:
    """Cut a file into lines. Never fails; `written` gives the very same text back."""
    found: list[Line] = []
    start = 0
    for end in _END.finditer(text):
        found.append(Line(len(found) + 1, text[start : end.start()], end.group()))
        start = end.end()
    if start < len(text):
        found.append(Line(len(found) + 1, text[start:], ""))
    return tuple(found)


def written(these: Iterable[Line]) -> str:
    """The text of these lines, with their own ends."""
    return "".join(line.text + line.end for line in these)
