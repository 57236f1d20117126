"""Who a document is about, as its message vouches for it."""

from __future__ import annotations

import zoneinfo
from dataclasses import replace
from datetime import datetime

from engine.cda.reading.elements import identifiers
from engine.cda.xml import Element
from engine.context import stable_uuid
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.results.conversion import sender_codes
from engine.formats.hl7v2.results.mapping import identity as results
from engine.formats.hl7v2.results.mapping.qualification import VALIDATED
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.remarks import Remarks
from engine.formats.hl7v2.results.view.patient import patient_view
from engine.formats.hl7v2.validation.patient import patient_ids
from engine.model.directory import Laboratory
from engine.model.parties import INS_OIDS, Patient

_CONTRARY = frozenset({"PROV", "VIDE", "DOUT", "FICTI", "USUR", "DOUB", "DPOT", "ANOM", "CACH"})
"""PID-32 (table 0445 of PAM France): statuses under which no identity is a validated one."""


def is_validated(message: Message) -> bool:
    """PID-32 says VALI, and nothing that contradicts it."""
    segment = message.first("PID")
    said = frozenset() if segment is None else frozenset(patient_view(segment).reliabilities)
    return VALIDATED in said and not said & _CONTRARY


def missing_traits(patient: Patient) -> tuple[str, ...]:
    """The strict traits of an INS (RNIV) that the document lacks."""
    wanted = {
        "nom de naissance": patient.birth_name,
        "premier prénom": patient.first_given_name or patient.birth_given_names,
        "date de naissance": patient.birth_time,
        "sexe": patient.gender in {"F", "M"},
        "lieu de naissance": patient.birth_place and patient.birth_place.cog,
    }
    return tuple(name for name, sent in wanted.items() if not sent)


def several_ins(root: Element) -> bool:
    found = identifiers(root, "recordTarget/patientRole/id")
    return len({one for one in found if one.root in INS_OIDS}) > 1


def qualified(patient: Patient, message: Message) -> Patient:
    """The patient of the document; the INS is qualified only when the sender validated it and its traits are there."""
    if patient.ins is None or not is_validated(message) or missing_traits(patient):
        return patient
    return replace(patient, ins=replace(patient.ins, qualified=True))


def patient_key(message: Message, patient: Patient, laboratory: Laboratory | None, received_at: datetime) -> str:
    """Opaque key of the patient at the sender. A laboratory's is that of its discrete results; another sender's is that
    of the INS, else of the first local number of PID-3, else of the document's first one."""
    segment = message.first("PID")
    if laboratory is not None and segment is not None:
        zone, names = zoneinfo.ZoneInfo(laboratory.time_zone), frozenset(sender_codes(message.segments[0]))
        scope = Scope(laboratory, zone, received_at, names, Remarks(None))
        if key := results.patient_key(patient_view(segment), scope):
            return key
    if patient.ins is not None:
        return stable_uuid("patient", patient.ins.oid, patient.ins.matricule)
    local = [(one.root or one.authority, one.value) for one in patient_ids(message) if not one.is_ins]
    local += [(one.root, one.extension or "") for one in patient.ids]
    return stable_uuid("patient", *local[0]) if local else ""
