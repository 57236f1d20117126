"""Lines of a text whose columns were made with spaces: one width for every sign, long lines folded, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterable

from engine.rendering.typesetting import Data, printable

_PAGE_WIDTH = 51_000
"""Hundredths of a point: A4 less two margins of 15 mm."""
_SIGN_WIDTH = 602
"""Advance of DejaVu Sans Mono, in thousandths of its size."""
_LARGEST, _SMALLEST = 950, 650
"""Hundredths of a point."""


def wrapped(lines: Iterable[str]) -> dict[str, Data]:
    """The data of a text: its lines, and the size (hundredths of a point) at which the longest fits the page.

    Lines too long for the smallest size are folded; a folded rest is marked, so that nobody takes it for a line sent.
    """
    shown = [piece for line in lines for piece in str(printable(line)).split("\n")]
    longest = max((len(line) for line in shown), default=0)
    size = min(_LARGEST, max(_SMALLEST, _PAGE_WIDTH * 1000 // (_SIGN_WIDTH * max(longest, 1))))
    columns = _PAGE_WIDTH * 1000 // (_SIGN_WIDTH * size)
    folded: list[Data] = []
    for line in shown:
        folded.append({"text": line[:columns], "rest": False})
        folded.extend({"text": line[at : at + columns], "rest": True} for at in range(columns, len(line), columns))
    return {"size": size, "lines": folded}
