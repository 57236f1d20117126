"""The narrative of a document made elsewhere (CDA R2, 4.3.5, StrucDoc) as lines of text, tables with their columns.

No word is left out: an element that is unknown here is read through. Only media cannot be shown; they are counted.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.cda.xml import V3, Element
from engine.documents.received_table import Cell, Row, table_lines

NS = {"v3": V3}
WIDTH = 110
"""Columns of a line; `engine.rendering.text_lines` makes the signs of a page smaller for longer ones."""
_BREAK = "\n"
_BLOCKS = frozenset({"paragraph", "list", "table", "caption", "item"})
_SECTION = "v3:component/v3:section"
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_RULES = ("=", "-")
"""Under a title, by depth; deeper ones have none."""
_DEEPEST = 60
"""Elements inside one another, past which text is taken as it stands."""


@dataclass(slots=True)
class Narrative:
    lines: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    """Media type of each picture or file that the text shows and that lines cannot."""


def narrative(body: Element) -> Narrative:
    """Every section of a structuredBody, in its order: title, text, sections inside it."""
    found = Narrative()
    media = {one.get("ID") or "": one for one in body.iter(f"{{{V3}}}observationMedia")}
    for section in body.findall(_SECTION, NS):
        _Section(found, media).write(section, 0)
    while found.lines and not found.lines[0]:
        del found.lines[0]
    return found


class _Section:
    """Writes sections into a narrative."""

    def __init__(self, found: Narrative, media: dict[str, Element]) -> None:
        self._found = found
        self._media = media

    def write(self, section: Element, depth: int) -> None:
        if depth > _DEEPEST:
            self._found.lines += _flowed([str(section.xpath("string()"))])
            return
        title = _plain(section.find("v3:title", NS))
        if title:
            rule = [_RULES[depth] * min(len(title), WIDTH)] if depth < len(_RULES) else []
            self._found.lines += ["", title, *rule]
        text = section.find("v3:text", NS)
        if text is not None:
            self._found.lines += self.blocks(text, 0)
        for inner in section.findall(_SECTION, NS):
            self.write(inner, depth + 1)

    def blocks(self, element: Element, depth: int) -> list[str]:
        """Mixed content: what stands between blocks is a line of its own."""
        lines: list[str] = []
        inline: list[str] = []
        for piece in self._pieces(element, depth):
            if isinstance(piece, str):
                inline.append(piece)
            else:
                lines += _flowed(inline)
                inline = []
                lines += self._block(piece, depth + 1)
        return lines + _flowed(inline)

    def _pieces(self, element: Element, depth: int) -> Iterator[str | Element]:
        yield element.text or ""
        for child in element:
            if isinstance(child.tag, str):
                yield from self._piece(child, depth)
            yield child.tail or ""

    def _piece(self, child: Element, depth: int) -> Iterator[str | Element]:
        name = etree.QName(child).localname
        if depth > _DEEPEST:
            yield str(child.xpath("string()"))
        elif name in _BLOCKS:
            yield child
        elif name == "br":
            yield _BREAK
        elif name == "renderMultiMedia":
            yield from self._pieces(child, depth + 1)
            yield self._shown(child.get("referencedObject") or "")
        elif child.get("revised") == "delete":
            yield from (" [supprimé : ", *self._pieces(child, depth + 1), "] ")
        elif name == "sup":
            yield _raised(_plain(child))
            yield from self._pieces(child, depth + 1)
        else:
            yield from self._pieces(child, depth + 1)
            link = child.get("href") if name == "linkHtml" else None
            if link and not link.startswith("#"):
                yield f" ({link}) "

    def _shown(self, names: str) -> str:
        words = []
        for name in names.split():
            value = self._media[name].find("v3:value", NS) if name in self._media else None
            kind = (value.get("mediaType") if value is not None else None) or "type inconnu"
            self._found.media.append(kind)
            words.append(f" [élément joint au document, non reproduit ici : {kind}] ")
        return "".join(words)

    def _block(self, element: Element, depth: int) -> list[str]:
        name = etree.QName(element).localname
        if name == "list":
            return self._list(element, depth)
        if name == "table":
            return ["", *table_lines(tuple(self._rows(element, depth)), WIDTH), ""]
        return self.blocks(element, depth)

    def _list(self, element: Element, depth: int) -> list[str]:
        lines: list[str] = []
        number = 0
        for child in element.iterchildren("{*}*"):
            shown = self.blocks(child, depth)
            if etree.QName(child).localname != "item":
                lines += shown
                continue
            number += 1
            mark = f"{number}. " if element.get("listType") == "ordered" else "- "
            lines += [(mark if rank == 0 else " " * len(mark)) + line for rank, line in enumerate(shown or [""])]
        return lines

    def _rows(self, element: Element, depth: int) -> Iterator[Row]:
        """Captions and columns' own words are rows of one cell over the whole width."""
        for child in element.iterchildren("{*}*"):
            name = etree.QName(child).localname
            if name in {"thead", "tbody", "tfoot"}:
                yield from (self._row(one, name == "thead", depth) for one in child.iterchildren("{*}*"))
            elif name == "tr":
                yield self._row(child, False, depth)
            elif lines := self.blocks(child, depth):
                yield Row((Cell(tuple(lines), columns=0),))

    def _row(self, element: Element, heading: bool, depth: int) -> Row:
        cells = tuple(
            Cell(tuple(self.blocks(one, depth)), _span(one, "colspan"), _span(one, "rowspan"))
            for one in element.iterchildren("{*}*")
        )
        return Row(cells, heading or (bool(cells) and all(_is_heading(one) for one in element.iterchildren("{*}*"))))


def _is_heading(cell: Element) -> bool:
    return etree.QName(cell).localname == "th"


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), 100) if value.isascii() and value.isdigit() and 0 < len(value) < 5 and int(value) else 1


def _flowed(pieces: list[str]) -> list[str]:
    """Words with single spaces; a break is a new line."""
    lines: list[str] = []
    for line in _joined(pieces).split(_BREAK):
        lines += textwrap.wrap(line.strip(), WIDTH, break_on_hyphens=False) or [""]
    return lines if any(lines) else []


def _raised(words: str) -> str:
    """What stands before an exponent: ten to the ninth must not be read as one hundred and nine."""
    return "" if words[:1].isalpha() else "^"


def _joined(pieces: list[str]) -> str:
    parts = (piece if piece == _BREAK else _SPACE.sub(" ", piece) for piece in pieces)
    return re.sub(" +", " ", "".join(parts))


def _plain(element: Element | None) -> str:
    if element is None:
        return ""
    return " ".join(str(element.xpath("string()")).split())
