"""Who stands around the report: prescriber, collector, those who receive it; where the patient was."""

from __future__ import annotations

from dataclasses import replace

from engine.context import stable_oid
from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.entries import Request
from engine.formats.hl7v2.results.mapping.professionals import correspondent, known_prescriber, named
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.model.document import Encounter, Participant
from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Telecom

_ACT_CODE = "2.16.840.1.113883.5.4"
_FRENCH_ENCOUNTER = "1.2.250.1.213.1.1.4.2.291"
_ENCOUNTERS = {
    "I": Code("IMP", _ACT_CODE, "Hospitalisation (établissement, y compris HAD)"),
    "E": Code("EMER", _ACT_CODE, "Passage aux urgences (établissement)"),
    "O": Code("EXTERNE", _FRENCH_ENCOUNTER, "Acte et consultation externe (établissement)"),
    "R": Code("SEANCE", _FRENCH_ENCOUNTER, "Séance (établissement ou libéral)"),
}
"""PV1-2, as PAM France uses it, → JDV_J142; `N` says that there is no visit."""
_COLLECTOR = Code("PRELV", "1.2.250.1.213.1.1.4.2.280", "Préleveur")
_UNKNOWN_FACILITY = Code("", "")
_COPY_TO = frozenset({"RCT", "RT"})
"""PRT-4: results copies to, referred to."""


def prescriber(found: tuple[Request, ...], scope: Scope) -> Professional | None:
    """OBR-16, else ORC-12."""
    people = [one for request in found if (one := _ordering(request, scope)) is not None]
    first = found[0].view.segment
    if not people:
        scope.remarks.once("mapping.prescriber_missing", first, "16")
        return None
    if any((one.id, one.name) != (people[0].id, people[0].name) for one in people):
        scope.remarks.add("mapping.prescribers_differ", first, "16")
    if not _has_mailbox(people[0]):
        scope.remarks.once("mapping.prescriber_unknown", first, "16")
    return people[0]


def participants(found: tuple[Request, ...], prescriber: Professional | None, scope: Scope) -> tuple[Participant, ...]:
    """REF the prescriber · PRF the collector (OBR-10), when he collected (OBR-7)."""
    made = [] if prescriber is None else [Participant("REF", prescriber)]
    for request in found:
        segment = request.view.segment
        for rank in repetitions(segment, 10):
            collector = correspondent(segment, f"10[{rank}]", scope)
            if collector is not None:
                made.append(Participant("PRF", collector, scope.time(segment, "7"), _COLLECTOR))
    return tuple(dict.fromkeys(made))


def recipients(found: tuple[Request, ...], prescriber: Professional | None, scope: Scope) -> tuple[Professional, ...]:
    """The prescriber, then the copies of OBR-28 and of PRT, each once."""
    made = [] if prescriber is None else [prescriber]
    for request in found:
        segment = request.view.segment
        copies = [correspondent(segment, f"28[{rank}]", scope) for rank in repetitions(segment, 28)]
        participations = [
            *request.group.participants,
            *(one for result in request.group.results for one in result.participants),
        ]
        copies += [_participation(one, scope) for one in participations]
        for copy in copies:
            if copy is not None and all(not _same(copy, one) for one in made):
                made.append(copy)
    return tuple(made)


def encounter(visit: Segment | None, scope: Scope) -> Encounter:
    """PV1-2 kind · 3 unit, room, bed · 19 number · 44 in · 45 out."""
    laboratory = scope.laboratory
    facility = laboratory.organization.facility_type
    if facility is None:
        scope.remarks.add("mapping.facility_type_missing")
    if visit is not None:
        coverage_findings(visit, scope.remarks)
    number, oid = text(visit, "19.1"), text(visit, "19.4.2")
    made = oid if oid.count(".") > 2 and oid.replace(".", "").isdigit() else ""
    root = made or stable_oid("admissions", laboratory.requester_patient_ids_oid or laboratory.oid)
    return Encounter(
        facility_type=facility or _UNKNOWN_FACILITY,
        start=scope.time(visit, "44"),
        stop=scope.time(visit, "45"),
        id=Identifier(root, number) if number else None,
        code=_ENCOUNTERS.get(text(visit, "2.1").upper()),
        location_name=_location(visit),
    )


def orders(found: tuple[Request, ...], scope: Scope) -> tuple[Identifier, ...]:
    """OBR-2, the requester's own numbers."""
    laboratory = scope.laboratory
    root = stable_oid("orders", laboratory.requester_patient_ids_oid or laboratory.oid)
    numbers = dict.fromkeys(request.view.placer.id for request in found)
    return tuple(Identifier(root, number) for number in numbers if number)


def _ordering(request: Request, scope: Scope) -> Professional | None:
    for segment, inside in ((request.view.segment, "16[1]"), (request.view.order, "12[1]")):
        if (one := correspondent(segment, inside, scope)) is not None:
            return one
    return None


def _participation(segment: Segment, scope: Scope) -> Professional | None:
    """PRT of a recipient: PRT-5 who, PRT-15.4 the mailbox, believed only where the directory gives none."""
    if text(segment, "4.1").upper() not in _COPY_TO:
        scope.remarks.once("hl7v2.segment_not_carried", segment, name=f"PRT ({text(segment, '4.1') or 'sans rôle'})")
        return None
    coverage_findings(segment, scope.remarks)
    one, mail = named(segment, "5[1]"), text(segment, "15[1].4")
    known = None if one is None else known_prescriber(one, segment, "5", scope)
    if known is not None:
        return known
    if one is None or one.name is None:
        scope.remarks.add("mapping.professional_unnamed", segment, "5")
        return None
    sent = Professional(one.national_id, one.name)
    if "@" not in mail or " " in mail:
        return sent
    scope.remarks.add("mapping.mailbox_as_sent", segment, "15")
    return replace(sent, telecoms=(Telecom("mailto:" + mail),))


def _location(visit: Segment | None) -> str | None:
    unit, room, bed = (text(visit, f"3.{component}") for component in (1, 2, 3))
    words = (unit, f"chambre {room}" if room else "", f"lit {bed}" if bed else "")
    return ", ".join(word for word in words if word) or None


def _has_mailbox(one: Professional) -> bool:
    return any(telecom.value.startswith("mailto:") for telecom in one.telecoms)


def _same(one: Professional, other: Professional) -> bool:
    if one.id is not None and other.id is not None:
        return one.id == other.id
    return one.name == other.name
