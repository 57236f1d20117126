"""A document sent as HTML → its text, when nothing of it is lost by that: paragraphs, headings, lists and plain tables.

Whatever could change what a reader understands is refused rather than dropped: styles (struck out, hidden), exponents,
images, links, scripts, cells that span columns or hold several paragraphs. Emphasis (bold, italics) is let go.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from engine.catalogue.information import folded
from engine.findings import Disposition, Finding, Severity
from engine.model.document import TextBody

_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "tr", "table", "pre", "hr"})
_INLINE = frozenset({"b", "strong", "em", "i", "u", "span", "small"})
_CELLS = frozenset({"td", "th"})
_AROUND = frozenset({"html", "body", "thead", "tbody", "tfoot"})
_KNOWN = _BLOCKS | _INLINE | _CELLS | _AROUND | {"br"}
_ATTRIBUTES = frozenset({"lang", "id", "align", "width", "border", "cellpadding", "cellspacing"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CELL_GAP = " | "
_NOT_PLAIN = "Une cellule de tableau contient autre chose qu'un texte simple."


def html_body(html: str) -> tuple[TextBody | None, tuple[Finding, ...]]:
    """The text of an HTML document, laid out in lines; None, and every reason with its `html:line:column`, when a part
    of it would be lost. Never raises."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # what the parser of the standard library says of a declaration it cannot read
        reader.unknown_decl("")
    reader.end_line()
    return (None if reader.findings else TextBody(tuple(reader.lines))), tuple(reader.findings)


class _Reader(HTMLParser):
    """Gathers lines; `findings` says what cannot be told by lines alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.findings: list[Finding] = []
        self._line = ""
        self._lists: list[int] = []
        """One a list: -1 for bullets, else the number of the last item."""
        self._cells: list[str] | None = None
        self._cell_ended = False
        """The cell, or a block in it, ended: more text there would be a second paragraph, or outside the cells."""
        self._preformatted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            self._refuse("html_tag", "Le HTML contient une balise qui ne se réduit pas à du texte.")
        if any(name not in _ATTRIBUTES for name, _ in attrs):
            self._refuse("html_attribute", "Le HTML contient une mise en forme qui peut cacher ou barrer un texte.")
        if tag == "table" and self._cells is not None:
            self._refuse("html_cell", _NOT_PLAIN)
        if tag in _CELLS:
            self._start_cell()
        elif tag == "br" or tag in _BLOCKS:
            self._boundary(tag)
        if tag in ("ul", "ol"):
            self._lists.append(-1 if tag == "ul" else 0)
        elif tag == "li":
            self._line = self._marker()
        elif tag == "pre":
            self._preformatted = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELLS:
            self._cell_ended = True
        elif tag in _BLOCKS:
            self._boundary(tag)
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted = False

    def handle_data(self, data: str) -> None:
        if self._preformatted and self._cells is None:
            *whole, last = data.split("\n")
            for line in whole:
                self.lines.append(self._line + line.rstrip("\r"))
                self._line = ""
            self._line += last
            return
        text = _BLANKS.sub(" ", data)
        if self._cells is not None and self._cell_ended and text.strip(" "):
            self._refuse("html_cell", "Une cellule de tableau contient plusieurs paragraphes ou plusieurs lignes.")
        self._line += text.lstrip(" ") if self._line.endswith((" ", "\t")) or not self._line else text

    def unknown_decl(self, data: str) -> None:
        self._refuse("html_tag", "Le HTML contient une balise qui ne se réduit pas à du texte.")

    def end_line(self) -> None:
        """What was gathered becomes one line or several; a row becomes its cells side by side."""
        if self._cells is not None:
            self._cells.append(self._line.strip(" "))
            self._line, self._cells = _CELL_GAP.join(self._cells), None
        if self._preformatted:
            self.lines.append(self._line)
        elif self._line.strip(" "):
            self.lines.extend(folded(self._line.rstrip(" ")))
        self._line = ""

    def _boundary(self, tag: str) -> None:
        if self._cells is not None and tag not in ("tr", "table"):
            self._cell_ended = self._cell_ended or bool(self._line.strip(" "))
            if tag in ("ul", "ol", "li", "pre", "hr"):
                self._refuse("html_cell", _NOT_PLAIN)
            return
        if tag == "br" and not self._line.strip(" "):
            self.lines.append("")
        self.end_line()

    def _start_cell(self) -> None:
        if self._cells is None:
            self.end_line()
            self._cells = []
        else:
            self._cells.append(self._line.strip(" "))
        self._line, self._cell_ended = "", False

    def _marker(self) -> str:
        depth = "  " * max(0, len(self._lists) - 1)
        if not self._lists or self._lists[-1] < 0:
            return f"{depth}- "
        self._lists[-1] += 1
        return f"{depth}{self._lists[-1]}. "

    def _refuse(self, reason: str, message: str) -> None:
        line, column = self.getpos()
        remedy = (
            "Envoyer le document en PDF/A-1, ou en HTML simple : paragraphes, titres, listes, tableaux, sans style."
        )
        where = f"html:{line}:{column + 1}"
        finding = Finding(
            f"n1.{reason}", Severity.ERROR, where, message, remedy, "format", Disposition.REFUSE, line=line
        )
        if finding not in self.findings:
            self.findings.append(finding)
