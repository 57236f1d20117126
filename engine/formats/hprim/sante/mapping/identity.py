"""P → Patient: who the report is about.

Nothing is guessed: the usual name is never taken for the birth name, a matricule leaves only when the identity is
qualified (a trusted 8.39, or every strict trait equal to an identity qualified here), INS-C and INS-A never.
"""

from __future__ import annotations

from engine.context import stable_uuid
from engine.formats.hprim.sante.datatypes import address, prefix, telecoms, timestamp
from engine.formats.hprim.sante.mapping.qualification import Traits, qualified
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.patient import PatientView
from engine.model.parties import BirthPlace, Patient
from engine.model.values import Address, Identifier, Telecom, Timestamp

_GENDERS = {"F": "F", "M": "M", "U": "UN"}


def patient(view: PatientView, scope: Scope) -> Patient:
    """8.3.1 IPP · 8.4 laboratory's number · 8.6 usual name · 8.7 birth name · 8.8 birth · 8.9 sex · 8.11 address ·
    8.12 INS · 8.13 phones · 8.35 birth place · 8.42 e-mail."""
    _name_findings(view, scope)
    traits = Traits(
        birth_name=view.birth_name or None,
        birth_given_names=tuple(view.birth_given_names.split()),
        first_given_name=view.first_birth_given_name or view.given_name or None,
        birth_time=_birth_time(view, scope),
        gender=_gender(view, scope),
        birth_place=_birth_place(view),
    )
    ins, traits = qualified(view, traits, scope)
    return Patient(
        ids=_identifiers(view, scope),
        ins=ins,
        birth_name=traits.birth_name,
        used_name=view.usual_name or None,
        birth_given_names=traits.birth_given_names,
        first_given_name=traits.first_given_name,
        used_given_name=(view.given_name or None) if view.first_birth_given_name else None,
        gender=traits.gender,
        birth_time=traits.birth_time,
        birth_place=traits.birth_place,
        addresses=_addresses(view),
        telecoms=_telecoms(view),
        multiple_birth_order=_birth_order(view),
        prefix=prefix(view.civility),
    )


def patient_key(view: PatientView, laboratory_oid: str) -> str:
    """An opaque key, the same for all messages of this laboratory about this patient; empty without any identifier."""
    if view.requester_id:
        return stable_uuid("patient", laboratory_oid, "ipp", view.requester_id, view.birth_rank)
    if view.laboratory_id:
        return stable_uuid("patient", laboratory_oid, "lab", view.laboratory_id)
    return ""


def _name_findings(view: PatientView, scope: Scope) -> None:
    remarks = scope.remarks
    if not (view.usual_name or view.birth_name):
        remarks.add("identity.name_missing", view.segment, 6)
    elif not view.birth_name:
        remarks.add("identity.birth_name_missing", view.segment, 7)
    if not (view.given_name or view.first_birth_given_name):
        remarks.add("identity.given_name_missing", view.segment, 6)
    if any("\ufffd" in name for name in (view.usual_name, view.birth_name, view.given_name)):
        remarks.add("identity.name_damaged", view.segment, 6)
    if not (view.requester_id or view.laboratory_id):
        remarks.add("identity.local_id_missing", view.segment, 3)


def _identifiers(view: PatientView, scope: Scope) -> tuple[Identifier, ...]:
    """The requester's number with the requester's OID, the laboratory's with its own."""
    laboratory = scope.laboratory
    found = []
    if view.requester_id and view.birth_rank:
        scope.remarks.add("identity.mother_ids", view.segment, 5)
    elif view.requester_id and laboratory.requester_patient_ids_oid is None:
        scope.remarks.add("identity.requester_oid_missing", view.segment, 3)
    elif view.requester_id and laboratory.requester_patient_ids_oid is not None:
        found.append(Identifier(laboratory.requester_patient_ids_oid, view.requester_id))
    if view.laboratory_id:
        found.append(Identifier(laboratory.patient_ids_oid, view.laboratory_id))
    return tuple(found)


def _gender(view: PatientView, scope: Scope) -> str | None:
    if not view.gender:
        scope.remarks.add("identity.gender_missing", view.segment, 9)
        return None
    if (known := _GENDERS.get(view.gender)) is None:
        scope.remarks.add("identity.gender_unknown", view.segment, 9)
    elif known == "UN":
        scope.remarks.add("identity.gender_undetermined", view.segment, 9)
    return known


def _birth_time(view: PatientView, scope: Scope) -> Timestamp | None:
    """8.8; an hour made of zeros is filling, the date alone was known."""
    sent = view.birth_date
    if not sent:
        scope.remarks.add("identity.birth_date_missing", view.segment, 8)
        return None
    known = sent[:8] if not sent[8:].strip("0") else sent
    found = timestamp(known, scope.zone)
    if found is None or found.date.year < 1850:
        scope.remarks.add("identity.birth_date_invalid", view.segment, 8)
        return None
    if found.date > scope.received_at.astimezone(scope.zone).date():
        scope.remarks.add("identity.birth_date_in_future", view.segment, 8)
    return found


def _birth_place(view: PatientView) -> BirthPlace | None:
    if not (view.birth_place or view.birth_cog):
        return None
    return BirthPlace(view.birth_cog or None, view.birth_place or None)


def _birth_order(view: PatientView) -> int | None:
    rank = view.birth_rank
    return int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank[:3]) < 100 else None


def _addresses(view: PatientView) -> tuple[Address, ...]:
    found = address(tuple(view.segment.get(11, sub) for sub in range(1, 7)), "H")
    return () if found is None else (found,)


def _telecoms(view: PatientView) -> tuple[Telecom, ...]:
    mail = (Telecom("mailto:" + view.mail),) if "@" in view.mail else ()
    return telecoms(view.segment, 13) + mail
