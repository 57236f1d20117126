"""Clinical information given by the prescriber: FR-Raison-de-la-recommandation (1.2.250.1.213.1.1.2.128)."""

from __future__ import annotations

from engine.cda import wording
from engine.cda.codes import PROBLEM, PROBLEM_ENTRY, REASON, REASON_SECTION, SIMPLE_OBSERVATION
from engine.cda.datatypes import coded, null, original_text, template_ids, text_reference
from engine.cda.narrative import content, paragraph
from engine.cda.xml import Element, Origins, el
from engine.context import stable_uuid
from engine.model.laboratory import Comment
from engine.model.values import Identifier

_TEXT_ID = "clinical-information"


def reason_section(comment: Comment, document_id: Identifier, origins: Origins) -> Element:
    """The words as sent; both entries that the template demands only point to them, nothing is coded from them."""
    return el(
        "section",
        template_ids(REASON_SECTION),
        coded("code", REASON),
        el("title", wording.CLINICAL_INFORMATION),
        el("text", origins.mark(paragraph(content(comment.text, _TEXT_ID)), comment.origin)),
        el("entry", _reason(document_id)),
        el("entry", _problem(document_id)),
    )


def _reason(document_id: Identifier) -> Element:
    return el(
        "observation",
        template_ids(SIMPLE_OBSERVATION),
        _stable_id(document_id, "observation"),
        coded("code", REASON),
        text_reference(_TEXT_ID),
        el("statusCode", code="completed"),
        null("effectiveTime"),
        classCode="OBS",
        moodCode="EVN",
    )


def _problem(document_id: Identifier) -> Element:
    return el(
        "observation",
        template_ids(PROBLEM_ENTRY),
        _stable_id(document_id, "problem"),
        coded("code", PROBLEM),
        text_reference(_TEXT_ID),
        el("statusCode", code="completed"),
        el("effectiveTime", null("low")),
        el("value", original_text(_TEXT_ID), xsi_type="CD", nullFlavor="UNK"),
        classCode="OBS",
        moodCode="EVN",
    )


def _stable_id(document_id: Identifier, role: str) -> Element:
    return el("id", root=stable_uuid(document_id.root, "reason", role).upper())
