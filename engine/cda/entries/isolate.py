"""A germ and its susceptibilities: organizer CLUSTER, IHE PaLM 1.3.6.1.4.1.19376.1.3.1.5, FR-Isolat-microbiologique."""

from __future__ import annotations

from engine.cda.codes import ANTIBIOGRAM, BATTERY, ISOLATE, NCBI_TAXONOMY, SNOMED_CT
from engine.cda.datatypes import coded, original_text, template_ids
from engine.cda.entries.battery import group_status, observations
from engine.cda.entries.comment import comment_components
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import CodedValue, Isolate


def isolate_organizer(isolate: Isolate, key: str, origins: Origins) -> Element:
    """In the narrative the germ is `key-organism`, its results are `key-1`…, its drugs `key-drug-1`…"""
    organizer = el(
        "organizer",
        template_ids(ISOLATE),
        el("statusCode", code=group_status((*isolate.results, *isolate.antibiogram))),
        _organism(isolate.organism, f"{key}-organism"),
        observations(isolate.results, key, origins),
        _antibiogram(isolate, key, origins),
        comment_components(isolate.comments, key, origins),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return origins.mark(organizer, isolate.origin)


def _organism(organism: CodedValue, narrative_id: str) -> Element:
    """specimen: the germ in SNOMED CT, else by its NCBI code, else by its words; a local code is not admitted here."""
    words = original_text(narrative_id)
    given = organism.code
    if given is not None and given.system == SNOMED_CT:
        code = coded("code", given, words)
    elif given is not None and given.system == NCBI_TAXONOMY:
        code = el("code", words, coded("translation", given))
    else:
        code = el("code", words)
    entity = el("specimenPlayingEntity", code, classCode="MIC")
    return el("specimen", el("specimenRole", entity, classCode="SPEC"), typeCode="SPC")


def _antibiogram(isolate: Isolate, key: str, origins: Origins) -> Element | None:
    if not isolate.antibiogram:
        return None
    return el(
        "component",
        el(
            "organizer",
            template_ids(BATTERY),
            coded("code", ANTIBIOGRAM, original_text(f"{key}-antibiogram")),
            el("statusCode", code=group_status(isolate.antibiogram)),
            observations(isolate.antibiogram, f"{key}-drug", origins),
            classCode="BATTERY",
            moodCode="EVN",
        ),
    )
