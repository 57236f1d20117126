"""The readable copy of the whole: FR-Document-PDF-copie (1.2.250.1.213.1.1.2.243), obligatory in CR-BIO 2024.01."""

from __future__ import annotations

from engine.cda import wording
from engine.cda.codes import PDF_COPY, PDF_COPY_SECTION
from engine.cda.datatypes import coded, template_ids
from engine.cda.entries.attached_document import LABEL_ID, MEDIA_ID, attached_document
from engine.cda.narrative import label, paragraph
from engine.cda.xml import Element, el
from engine.context import stable_uuid
from engine.model.values import Identifier


def pdf_copy_section(pdf: bytes, document_id: Identifier) -> Element:
    return el(
        "section",
        template_ids(PDF_COPY_SECTION),
        el("id", root=stable_uuid(document_id.root, "pdf-copy", "section").upper()),
        coded("code", PDF_COPY),
        el("title", wording.PDF_COPY),
        el(
            "text",
            paragraph(label(wording.PDF_COPY, LABEL_ID)),
            el("renderMultiMedia", referencedObject=MEDIA_ID),
        ),
        el("entry", attached_document(pdf, document_id)),
    )
