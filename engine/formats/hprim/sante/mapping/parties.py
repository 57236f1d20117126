"""Who stands around the report: prescriber, treating doctor, collector, those who receive it; where the patient was."""

from __future__ import annotations

from engine.context import stable_oid
from engine.formats.hprim.sante.mapping.entries import Request
from engine.formats.hprim.sante.mapping.professionals import correspondent, with_phones
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.patient import PatientView
from engine.model.document import Encounter, Participant
from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Timestamp

_ACT_CODE = "2.16.840.1.113883.5.4"
_ENCOUNTERS = {
    "IP": Code("IMP", _ACT_CODE, "Hospitalisation (établissement, y compris HAD)"),
    "ER": Code("EMER", _ACT_CODE, "Passage aux urgences (établissement)"),
    "IO": Code("EXTERNE", "1.2.250.1.213.1.1.4.2.291", "Acte et consultation externe (établissement)"),
}
"""8.25 → JDV_J142; OP, PA and MP say a movement, not a kind of encounter."""
_COLLECTOR = Code("PRELV", "1.2.250.1.213.1.1.4.2.280", "Préleveur")
_UNKNOWN_FACILITY = Code("", "")


def prescriber(found: tuple[Request, ...], scope: Scope) -> tuple[Professional | None, Timestamp | None]:
    """9.17 with the phones of 9.18, and when it was prescribed (9.8, second repetition)."""
    named: list[tuple[Professional, Timestamp | None]] = []
    for request in found:
        segment = request.view.segment
        one = correspondent(segment, 17, scope)
        _address_finding(segment, scope)
        if one is not None:
            named.append((with_phones(one, segment, 18), scope.time(segment, 8, repetition=2)))
    if not named:
        scope.remarks.once("mapping.prescriber_missing", found[0].view.segment, 17)
        return None, None
    if any((one.id, one.name) != (named[0][0].id, named[0][0].name) for one, _ in named):
        scope.remarks.add("mapping.prescribers_differ", found[0].view.segment, 17)
    if not any(telecom.value.startswith("mailto:") for telecom in named[0][0].telecoms):
        scope.remarks.once("mapping.prescriber_unknown", found[0].view.segment, 17)
    return named[0]


def participants(
    patient: Segment, found: tuple[Request, ...], prescribed: tuple[Professional | None, Timestamp | None], scope: Scope
) -> tuple[Participant, ...]:
    """REF the prescriber · INF the doctors of 8.14 · PRF the collector (9.11), when he collected (9.8)."""
    one, when = prescribed
    made = [] if one is None else [Participant("REF", one, when)]
    for repetition in range(1, patient.repetitions(14) + 1):
        doctor = correspondent(patient, 14, scope, repetition=repetition)
        made += [] if doctor is None else [Participant("INF", doctor)]
    for request in found:
        collector = correspondent(request.view.segment, 11, scope)
        if collector is not None:
            made.append(Participant("PRF", collector, scope.time(request.view.segment, 8), _COLLECTOR))
    return tuple(dict.fromkeys(made))


def recipients(found: tuple[Request, ...], prescriber: Professional | None, scope: Scope) -> tuple[Professional, ...]:
    """The prescriber, then the copies of 9.29, each once."""
    made = [] if prescriber is None else [prescriber]
    for request in found:
        segment = request.view.segment
        for repetition in range(1, segment.repetitions(29) + 1):
            copy = correspondent(segment, 29, scope, repetition=repetition)
            if copy is not None and all(not _same(copy, one) for one in made):
                made.append(copy)
    return tuple(made)


def encounter(view: PatientView, scope: Scope) -> Encounter:
    """8.5.1 number · 8.24 in and out · 8.25 kind · 8.26 unit, room, bed."""
    segment, laboratory = view.segment, scope.laboratory
    facility = laboratory.organization.facility_type
    if facility is None:
        scope.remarks.add("mapping.facility_type_missing")
    root = stable_oid("admissions", laboratory.requester_patient_ids_oid or laboratory.oid)
    known = view.admission and not view.birth_rank
    return Encounter(
        facility_type=facility or _UNKNOWN_FACILITY,
        start=scope.time(segment, 24),
        stop=scope.time(segment, 24, repetition=2),
        id=Identifier(root, view.admission) if known else None,
        code=_ENCOUNTERS.get(view.admission_status),
        location_name=_location(segment),
    )


def orders(found: tuple[Request, ...], scope: Scope) -> tuple[Identifier, ...]:
    """9.3.2, the requester's own numbers."""
    laboratory = scope.laboratory
    root = stable_oid("orders", laboratory.requester_patient_ids_oid or laboratory.oid)
    numbers = dict.fromkeys(request.view.requester_number for request in found)
    return tuple(Identifier(root, number) for number in numbers if number)


def _location(segment: Segment) -> str | None:
    bed, room, unit = (segment.get(26, sub) for sub in (1, 2, 3))
    words = (unit, f"chambre {room}" if room else "", f"lit {bed}" if bed else "")
    return ", ".join(word for word in words if word) or None


def _same(one: Professional, other: Professional) -> bool:
    if one.id is not None and other.id is not None:
        return one.id == other.id
    return one.name == other.name


def _address_finding(segment: Segment, scope: Scope) -> None:
    """9.17.4 holds an address, or a service that has no place in the report."""
    if segment.get(17, 4) and not any(segment.get(17, 4, subsub=n) for n in range(2, 7)):
        scope.remarks.once("hprim.field_not_carried", segment, 17, field="9.17.4")
