"""Fields read as words: absent, empty and null (`""`) are all "nothing sent", for a report erases nothing.

A text is taken with the separators a sender forgot to escape: what follows one is never cut off.
"""

from __future__ import annotations

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.values import filled as holds
from engine.formats.hl7v2.values import said

_SHORT = 200
"""Bytes; a longer field surely holds something."""


def text(segment: Segment | None, inside: str) -> str:
    """The words at `3[2].4.2`, ends trimmed; empty when nothing was sent."""
    return "" if segment is None else said(segment, inside)


def repetitions(segment: Segment | None, number: int) -> range:
    """Numbers of the repetitions of a field, from 1; none when the field is absent or empty."""
    field = None if segment is None else segment.field(number)
    return range(1, len(field.repetitions) + 1) if field is not None and field.size else range(0)


def lines(segment: Segment, number: int) -> tuple[str, ...]:
    """A field of text: one line, or several, for each repetition, separators inside it kept."""
    found = (text(segment, f"{number}[{rank}]") for rank in repetitions(segment, number))
    return tuple(line for words in found for line in words.split("\n"))


def filled(segment: Segment, number: int) -> bool:
    """True when something besides separators, blanks and nulls was sent."""
    field = segment.field(number)
    if field is None or not field.size:
        return False
    return field.size > _SHORT or components(segment, number) > 0


def components(segment: Segment, number: int) -> int:
    """How many components the widest repetition has, up to the last one filled; 0 when the field is empty."""
    field = segment.field(number)
    if field is None or not field.size:
        return 0
    return max(
        rank if any(holds(sub.text) for sub in component.subs) else 0
        for repetition in field.repetitions
        for rank, component in enumerate(repetition.components, start=1)
    )
