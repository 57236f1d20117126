"""documentationOf and componentOf: the acts reported, and the care they belong to."""

from __future__ import annotations

from engine.cda.codes import EXECUTING_LABORATORY
from engine.cda.datatypes import coded, ii, ivl_ts, template_ids
from engine.cda.parties import assigned_entity
from engine.cda.xml import LAB, Element, el
from engine.model.document import Encounter, ServiceEvent
from engine.model.values import Code


def documentation_of(act: ServiceEvent | Code) -> Element:
    """documentationOf/serviceEvent; a bare Code says a chapter, nothing more."""
    if isinstance(act, Code):
        return el("documentationOf", el("serviceEvent", coded("code", act)))
    return el(
        "documentationOf",
        el(
            "serviceEvent",
            None if act.id is None else ii(act.id),
            None if act.code is None else coded("code", act.code),
            None if act.status is None else el(f"{{{LAB}}}statusCode", code=act.status),
            ivl_ts("effectiveTime", act.start, act.stop),
            _performer(act),
        ),
    )


def _performer(act: ServiceEvent) -> Element:
    """performer: the laboratory that did it; its time ends with the act."""
    return el(
        "performer",
        template_ids(EXECUTING_LABORATORY),
        ivl_ts("time", None if act.stop else act.start, act.stop),
        assigned_entity(act.performer),
        typeCode="PRF",
    )


def component_of(encounter: Encounter) -> Element:
    responsible = encounter.responsible
    return el(
        "componentOf",
        el(
            "encompassingEncounter",
            None if encounter.id is None else ii(encounter.id),
            None if encounter.code is None else coded("code", encounter.code),
            ivl_ts("effectiveTime", encounter.start, encounter.stop),
            None if responsible is None else el("responsibleParty", assigned_entity(responsible, accreditation=True)),
            _location(encounter),
        ),
    )


def _location(encounter: Encounter) -> Element:
    name = encounter.location_name
    return el(
        "location",
        el(
            "healthCareFacility",
            coded("code", encounter.facility_type),
            None if name is None else el("location", el("name", name)),
        ),
    )
