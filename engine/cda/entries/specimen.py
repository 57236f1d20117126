"""The sample: procedure, IHE PaLM 1.3.6.1.4.1.19376.1.3.1.2, FR-Prelevement, with its reception at the laboratory."""

from __future__ import annotations

from engine.cda.codes import RECEPTION, SAMPLE_RECEPTION, SAMPLING
from engine.cda.datatypes import coded, ii, null, original_text, template_ids, ts
from engine.cda.parties import assigned_entity
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Specimen


def sampling(specimen: Specimen, key: str, origins: Origins) -> Element:
    """Its kind stands under `key-type` in the narrative."""
    procedure = el(
        "procedure",
        template_ids(SAMPLING),
        ts("effectiveTime", specimen.collected),
        None if specimen.collector is None else el("performer", assigned_entity(specimen.collector), typeCode="PRF"),
        _product(specimen, f"{key}-type"),
        None if specimen.received is None else _reception(specimen),
        classCode="PROC",
        moodCode="EVN",
    )
    return origins.mark(procedure, specimen.origin)


def _product(specimen: Specimen, narrative_id: str) -> Element:
    """participant PRD: the sample, with one id (UNK when it was not sent)."""
    words = original_text(narrative_id)
    code = None
    if specimen.type is not None:
        code = coded("code", specimen.type, words)
    elif specimen.text:
        code = el("code", words)
    additive = el("desc", specimen.additive) if specimen.additive else None
    has_entity = code is not None or additive is not None
    return el(
        "participant",
        el(
            "participantRole",
            null("id") if specimen.id is None else ii(specimen.id),
            el("playingEntity", code, additive) if has_entity else None,
            classCode="SPEC",
        ),
        typeCode="PRD",
    )


def _reception(specimen: Specimen) -> Element:
    act = el(
        "act",
        template_ids(SAMPLE_RECEPTION),
        coded("code", RECEPTION),
        ts("effectiveTime", specimen.received),
        classCode="ACT",
        moodCode="EVN",
    )
    return el("entryRelationship", act, typeCode="COMP")
