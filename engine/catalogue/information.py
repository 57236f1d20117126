"""The information text of a site (processing of personal data) at the end of the PDFs that are laid out here."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from engine.model.document import ClinicalDocument, TextBody

LINE_WIDTH = 89
"""Signs that hold on a line of a laid-out text at its largest size: no line added makes the others smaller."""


def with_information(document: ClinicalDocument, text: str) -> ClinicalDocument:
    """The document with the site's text under its own, after an empty line; unchanged when there is no text to add.

    A PDF sent is never touched: only a text sent is laid out here (SC.DOC.01). The text is that of the site, or of the
    site for one kind of document; the caller chooses.
    """
    body = document.body
    if not isinstance(body, TextBody) or document.attached_pdf is not None or not text.strip():
        return document
    added = tuple(piece for line in text.strip().splitlines() for piece in folded(line))
    if body.lines[-len(added) :] == added:
        return document
    return replace(document, body=TextBody((*body.lines, "", *added)))


def folded(line: str) -> tuple[str, ...]:
    """One line as several, between words; a word too long for a line stays whole."""
    return tuple(textwrap.wrap(line, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)) or ("",)
