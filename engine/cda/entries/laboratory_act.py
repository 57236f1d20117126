"""One request of a chapter: entry DRIV/act, IHE PaLM 1.3.6.1.4.1.19376.1.3.1, FR-Resultats-examens-de-biologie."""

from __future__ import annotations

from engine.cda.codes import LABORATORY_ENTRY, LOINC
from engine.cda.datatypes import coded, template_ids, translations
from engine.cda.entries.battery import battery_organizer
from engine.cda.entries.comment import comment_act
from engine.cda.entries.isolate import isolate_organizer
from engine.cda.entries.observation import observation
from engine.cda.entries.participant import validation
from engine.cda.entries.specimen import sampling
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Battery, Comment, Isolate, Item, LabAct
from engine.model.values import Code, Timestamp


def laboratory_entry(act: LabAct, chapter: Code, key: str, origins: Origins) -> Element:
    """Samples stand under `key-specimen1`… in the narrative, items under `key-1`…"""
    relationships = _samples(act, key, origins) + _items(act, key, origins)
    if not any(relationship.get("typeCode") == "COMP" for relationship in relationships):
        relationships[0].set("typeCode", "COMP")  # an act of comments only: the volet asks for one component
    element = el(
        "act",
        _code(act, chapter),
        el("statusCode", code=act.status),
        None if act.time is None else _period(act.time),
        tuple(validation(validator, None) for validator in act.validators),
        relationships,
        classCode="ACT",
        moodCode="EVN",
    )
    return el("entry", template_ids(LABORATORY_ENTRY), origins.mark(element, act.origin), typeCode="DRIV")


def section_code(act: LabAct, chapter: Code) -> Code:
    """LOINC of the act, else of its chapter: the volet admits no other code there."""
    return act.code if act.code is not None and act.code.system == LOINC else chapter


def _code(act: LabAct, chapter: Code) -> Element:
    code = section_code(act, chapter)
    local = () if act.code is None or act.code == code else translations((act.code,))
    return coded("code", code, *local)


def _period(time: Timestamp) -> Element:
    """effectiveTime, which IHE PaLM wants with both bounds: one instant is the interval that starts and ends then."""
    return el("effectiveTime", el("low", value=time.value), el("high", value=time.value))


def _samples(act: LabAct, key: str, origins: Origins) -> tuple[Element, ...]:
    return tuple(
        el("entryRelationship", sampling(specimen, f"{key}-specimen{rank}", origins), typeCode="COMP")
        for rank, specimen in enumerate(act.specimens, 1)
    )


def _items(act: LabAct, key: str, origins: Origins) -> tuple[Element, ...]:
    return tuple(
        el(
            "entryRelationship",
            _item(item, f"{key}-{rank}", origins),
            typeCode="SUBJ" if isinstance(item, Comment) else "COMP",
        )
        for rank, item in enumerate(act.items, 1)
    )


def _item(item: Item, key: str, origins: Origins) -> Element:
    if isinstance(item, Battery):
        return battery_organizer(item, key, origins)
    if isinstance(item, Isolate):
        return isolate_organizer(item, key, origins)
    if isinstance(item, Comment):
        return comment_act(item, key, origins)
    return observation(item, key, origins)
