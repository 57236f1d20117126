"""Readable form of a document of level 1 sent as text, as PDF/A-1b."""

from __future__ import annotations

from engine.context import Software
from engine.model.document import ClinicalDocument, DocumentVersion, TextBody
from engine.rendering.heading import heading
from engine.rendering.text_lines import wrapped
from engine.rendering.typesetting import Data, pdf_a


def text_pdf(document: ClinicalDocument, version: DocumentVersion, software: Software, ins_content: str = "") -> bytes:
    """The lines as sent, columns kept, under the head and above the foot of every document.

    Pure: same arguments, same bytes; the creation date is `document.created_at`. Raises ValueError when the body is no
    text.
    """
    body = document.body
    if not isinstance(body, TextBody):
        raise ValueError("the body is no text")
    data: dict[str, Data] = {**heading(document, version, software, ins_content), "text": wrapped(body.lines)}
    return pdf_a("text.typ", data, document.created_at)
