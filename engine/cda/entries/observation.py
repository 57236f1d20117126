"""One result: observation, IHE PaLM 1.3.6.1.4.1.19376.1.3.1.6, FR-Resultat-examens-de-biologie."""

from __future__ import annotations

from engine.cda.codes import LOINC, NORMAL_RESULT, RESULT
from engine.cda.datatypes import coded, ivl_pq, original_text, template_ids, text_reference, translations, ts
from engine.cda.entries.comment import comment_relationships
from engine.cda.entries.participant import validation
from engine.cda.entries.value import value_element
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Concept, PreviousResult, ReferenceRange, Result
from engine.model.values import Code


def observation(result: Result, key: str, origins: Origins) -> Element:
    """`key` is the ID of its row in the narrative; the parts of the row are `key-label`, `key-value`…"""
    element = el(
        "observation",
        template_ids(RESULT),
        concept_code(result.concept, f"{key}-label"),
        text_reference(key),
        el("statusCode", code=result.status),
        ts("effectiveTime", result.time),
        value_element(result.value, f"{key}-value"),
        tuple(coded("interpretationCode", flag.code) for flag in result.interpretations if flag.code is not None),
        None if result.method is None else coded("methodCode", result.method, original_text(f"{key}-method")),
        tuple(validation(validator, None) for validator in result.validators),
        comment_relationships(result.comments, key, origins),
        tuple(_previous(result.concept, previous, key, rank) for rank, previous in enumerate(result.previous, 1)),
        None if result.reference_range is None else _reference_range(result.reference_range, f"{key}-range"),
        classCode="OBS",
        moodCode="EVN",
    )
    return origins.mark(element, result.origin)


def concept_code(concept: Concept, narrative_id: str) -> Element:
    """LOINC when mapped, else `code` without any attribute; the codes as sent are translations (CR-BIO 2024.01)."""
    words = original_text(narrative_id)
    given = concept.code
    others = concept.local if given is None or given.system == LOINC else (given, *concept.local)
    local = translations(tuple(_labelled(code, concept) for code in others))
    if given is None or given.system != LOINC:
        return el("code", words, local)
    return coded("code", _labelled(given, concept), words, *local)


def _labelled(code: Code, concept: Concept) -> Code:
    """Its display name, which the volet demands; the laboratory's own label where the table gives none."""
    return Code(code.code, code.system, code.display or concept.text or code.code, code.system_name)


def _previous(concept: Concept, previous: PreviousResult, key: str, rank: int) -> Element:
    """entryRelationship REFR: an earlier result of the same test."""
    return el(
        "entryRelationship",
        el(
            "observation",
            concept_code(concept, f"{key}-label"),
            el("statusCode", code="completed"),
            ts("effectiveTime", previous.time),
            value_element(previous.value, f"{key}-previous{rank}"),
            classCode="OBS",
            moodCode="EVN",
        ),
        typeCode="REFR",
    )


def _reference_range(reference_range: ReferenceRange, narrative_id: str) -> Element:
    """referenceRange: the words as sent, and its bounds when they could be read."""
    interval = reference_range.interval
    return el(
        "referenceRange",
        el(
            "observationRange",
            text_reference(narrative_id),
            None if interval is None else ivl_pq("value", interval),
            None if interval is None else coded("interpretationCode", NORMAL_RESULT),
            classCode="OBS",
            moodCode="EVN.CRT",
        ),
        typeCode="REFV",
    )
