"""The PDF copy: organizer CLUSTER 1.2.250.1.213.1.1.3.18, FR-Document-attache."""

from __future__ import annotations

import base64

from engine.cda.codes import ATTACHED_DOCUMENT, ATTACHED_DOCUMENT_ENTRY, ATTACHED_DOCUMENT_KIND, DOCUMENT_KIND, PDF_COPY
from engine.cda.datatypes import coded, null, template_ids, text_reference
from engine.cda.xml import Element, el
from engine.context import stable_uuid
from engine.model.values import Identifier

MEDIA_ID = "pdf-copy"
LABEL_ID = "pdf-copy-label"


def attached_document(pdf: bytes, document_id: Identifier) -> Element:
    """Its ids derive from the document's: the same version rendered twice is the same bytes."""
    return el(
        "organizer",
        template_ids(ATTACHED_DOCUMENT_ENTRY),
        _stable_id(document_id, "organizer"),
        coded("code", ATTACHED_DOCUMENT),
        el("statusCode", code="completed"),
        el("component", _kind(document_id)),
        el("component", _media(pdf)),
        classCode="CLUSTER",
        moodCode="EVN",
    )


def encoded_pdf(tag: str, pdf: bytes) -> Element:
    """ED in base64, byte for byte."""
    text = base64.b64encode(pdf).decode("ascii")
    return el(tag, text, mediaType="application/pdf", representation="B64")


def _kind(document_id: Identifier) -> Element:
    return el(
        "observation",
        template_ids(ATTACHED_DOCUMENT_KIND),
        _stable_id(document_id, "kind"),
        coded("code", DOCUMENT_KIND),
        text_reference(LABEL_ID),
        el("statusCode", code="completed"),
        null("effectiveTime", "NA"),
        coded("value", PDF_COPY, xsi_type="CD"),
        classCode="OBS",
        moodCode="EVN",
    )


def _media(pdf: bytes) -> Element:
    return el("observationMedia", encoded_pdf("value", pdf), classCode="OBS", moodCode="EVN", ID=MEDIA_ID)


def _stable_id(document_id: Identifier, role: str) -> Element:
    return el("id", root=stable_uuid(document_id.root, "pdf-copy", role).upper())
