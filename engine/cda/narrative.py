"""Pieces of a narrative block (StrucDoc of CDA R2): what a person reads, with the IDs that entries point to.

What the sender sent is plain text or `content`; words of our own (engine.cda.wording) stand in `th` or in
`content styleCode="Italics"`, so that one can always be told from the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.cda.codes import SYSTEM_NAMES
from engine.cda.wording import LOCAL_SYSTEM
from engine.cda.xml import Element, el
from engine.model.parties import Professional
from engine.model.values import Code, Timestamp

Pieces: TypeAlias = "tuple[Element | str, ...]"

_LABEL_STYLE = "Italics"


def lines(text: str) -> Pieces:
    """Text as sent, with a `br` between its lines."""
    pieces: list[Element | str] = []
    for rank, line in enumerate(text.split("\n")):
        if rank:
            pieces.append(el("br"))
        if line:
            pieces.append(line)
    return tuple(pieces)


def content(text: str, narrative_id: str | None = None, style: str | None = None) -> Element:
    return el("content", *lines(text), ID=narrative_id, styleCode=style)


def label(words: str, narrative_id: str | None = None) -> Element:
    """Words of our own."""
    return el("content", words, ID=narrative_id, styleCode=_LABEL_STYLE)


def labelled(words: str, *values: Element) -> Pieces:
    """`Words : value value`."""
    pieces: list[Element | str] = [label(words)]
    for value in values:
        pieces.extend((" ", value))
    return tuple(pieces)


def paragraph(*pieces: Element | str) -> Element:
    return el("paragraph", *pieces)


def cell(*pieces: Element | str, span: int | None = None) -> Element:
    return el("td", *pieces, colspan=None if span is None else str(span))


def row(*cells: Element, narrative_id: str | None = None) -> Element:
    return el("tr", *cells, ID=narrative_id)


def table(columns: tuple[str, ...], rows: tuple[Element, ...]) -> Element:
    head = el("thead", el("tr", tuple(el("th", words) for words in columns)))
    return el("table", head, el("tbody", rows), border="1")


def french_time(time: Timestamp) -> str:
    """`04/01/2024 à 07:35`, with the precision sent: no more, no less; the zone sent is not shown."""
    digits = time.digits
    day = "/".join(part for part in (digits[6:8], digits[4:6], digits[:4]) if part)
    if not time.has_time:
        return day
    return f"{day} à " + ":".join(part for part in (digits[8:10], digits[10:12], digits[12:14]) if part)


def professional_name(professional: Professional) -> str:
    """`DR Jeanne MARTIN`, or the identifier of someone whose name is unknown."""
    name = professional.name
    if name is None:
        return professional.id.extension or "" if professional.id else ""
    return " ".join(part for part in (name.suffix, name.given, name.family) if part)


def code_words(code: Code) -> Element:
    """`14749-6 (LOINC)`, `GLU (code local)`."""
    system = code.system_name or SYSTEM_NAMES.get(code.system, LOCAL_SYSTEM)
    return content(f"{code.code} ({system})")


def separated(groups: tuple[Pieces, ...], separator: Callable[[], Element | str]) -> Pieces:
    """Groups one after the other, with a separator between two."""
    pieces: list[Element | str] = []
    for rank, group in enumerate(groups):
        if rank:
            pieces.append(separator())
        pieces.extend(group)
    return tuple(pieces)


def line_break() -> Element:
    return el("br")


def comma() -> str:
    return ", "
