"""PID → Patient: who the report is about.

Nothing is guessed: a name whose type was not sent is a used name, never the birth name; a matricule leaves only when
the identity is qualified.
"""

from __future__ import annotations

import re

from engine.context import stable_oid, stable_uuid
from engine.formats.hl7v2.results.mapping.qualification import Traits, qualified, same_words
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.datatypes import address, civility, telecoms, timestamp
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.formats.hl7v2.results.view.patient import PatientNumber, PatientView, SentName
from engine.model.parties import BirthPlace, Patient
from engine.model.values import Address, Identifier, Timestamp

_GENDERS = {"F": "F", "M": "M", "U": "UN"}
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+\Z")
_ADDRESS_USES = {"": "H", "H": "H", "L": "H", "M": "H", "P": "HP", "C": "TMP", "O": "WP", "B": "WP"}
"""HL7 table 0190: types of address that have a place; birth places (BDL, N, F) are none."""
_FIRST_YEAR = 1850


def patient(view: PatientView, scope: Scope) -> Patient:
    """PID-3 numbers · 5 names · 7 birth · 8 sex · 11 addresses, birth place · 13, 14 phones · 23 birth place ·
    24, 25 multiple birth · 32 reliability."""
    _name_findings(view, scope)
    numbers = local_numbers(view, scope)
    birth = view.birth_name
    traits = Traits(
        birth_name=(birth.family or None) if birth else None,
        birth_given_names=_given_names(view, scope),
        first_given_name=_first_given_name(view),
        birth_time=_birth_time(view, scope),
        gender=_gender(view, scope),
        birth_place=_birth_place(view),
    )
    ins, traits = qualified(view, traits, _known_numbers(numbers, scope), scope)
    used = view.used_name
    return Patient(
        ids=tuple(dict.fromkeys(Identifier(root, number.value) for root, number in numbers)),
        ins=ins,
        birth_name=traits.birth_name,
        used_name=(used.family or None) if used else None,
        birth_given_names=traits.birth_given_names,
        first_given_name=traits.first_given_name,
        used_given_name=(used.given or None) if used and birth and birth.given else None,
        gender=traits.gender,
        birth_time=traits.birth_time,
        birth_place=traits.birth_place,
        addresses=_addresses(view, scope),
        telecoms=tuple(dict.fromkeys((*telecoms(view.segment, 13), *telecoms(view.segment, 14)))),
        multiple_birth_order=_birth_order(view),
        prefix=next((one for name in _names(view) if (one := civility(name.prefix)) is not None), None),
    )


def patient_key(view: PatientView, scope: Scope) -> str:
    """An opaque key, the same for all messages of this laboratory about this patient; empty without any number.

    The requester's number first, and built as for HPRIM: a laboratory may change its format.
    """
    laboratory = scope.laboratory
    numbers = local_numbers(view, scope)
    for root, number in numbers:
        if root == laboratory.requester_patient_ids_oid:
            return stable_uuid("patient", laboratory.oid, "ipp", number.value, "")
    for root, number in numbers:
        if root != laboratory.patient_ids_oid:
            return stable_uuid("patient", laboratory.oid, root, number.value)
    for _, number in numbers:
        return stable_uuid("patient", laboratory.oid, "lab", number.value)
    return ""


def local_numbers(view: PatientView, scope: Scope) -> list[tuple[str, PatientNumber]]:
    """The patient's numbers in the domains that gave them; the mother's, national and INS ones left out."""
    found = []
    for number in view.numbers:
        if number.is_ins or number.is_old_ins:
            continue
        if number.value in view.mother_numbers:
            scope.remarks.once("identity.mother_ids", view.segment, number.place)
        elif number.is_national:
            scope.remarks.once("identity.nir_not_carried", view.segment, number.place)
        else:
            found.append((_domain(number, scope), number))
    return found


def _domain(number: PatientNumber, scope: Scope) -> str:
    """CX-4.2 when it is an OID; the laboratory's own for its name or none; else the requester's; else one made from
    the authority's name."""
    laboratory = scope.laboratory
    if _OID.match(number.oid):
        return number.oid
    names = {one for one in (number.authority, number.oid) if one}
    if not names or names & scope.sender_names:
        return laboratory.patient_ids_oid
    if laboratory.requester_patient_ids_oid is not None:
        return laboratory.requester_patient_ids_oid
    return stable_oid("patients", laboratory.oid, number.oid or number.authority)


def _known_numbers(numbers: list[tuple[str, PatientNumber]], scope: Scope) -> tuple[str, ...]:
    """Numbers of other domains than the laboratory's; its own when there is no other."""
    others = tuple(number.value for root, number in numbers if root != scope.laboratory.patient_ids_oid)
    return others or tuple(number.value for _, number in numbers)


def _names(view: PatientView) -> list[SentName]:
    return [one for one in (view.birth_name, view.used_name) if one is not None]


def _first_given_name(view: PatientView) -> str | None:
    """XPN-2 of the birth name, else of the used one."""
    return next((one.given for one in _names(view) if one.given), None)


def _given_names(view: PatientView, scope: Scope) -> tuple[str, ...]:
    """XPN-3 of the birth name is the list of all given names only when it begins with the first one."""
    birth = view.birth_name
    if birth is None or not birth.given_names:
        return ()
    words = birth.given_names.replace(",", " ").split()
    first = birth.given.split()
    if not first or not same_words(" ".join(words[: len(first)]), " ".join(first)):
        scope.remarks.add("identity.given_names_unsure", view.segment, "5")
        return ()
    return tuple(words)


def _name_findings(view: PatientView, scope: Scope) -> None:
    remarks, segment = scope.remarks, view.segment
    names = _names(view)
    if not any(one.family for one in names):
        remarks.add("identity.name_missing", segment, "5")
    elif view.birth_name is None or not view.birth_name.family:
        remarks.add("identity.birth_name_missing", segment, "5")
    if not any(one.given for one in names):
        remarks.add("identity.given_name_missing", segment, "5")
    if any("\ufffd" in one.family + one.given + one.given_names for one in names):
        remarks.add("identity.name_damaged", segment, "5")
    if view.other_name_kinds:
        remarks.add("identity.name_kind_not_carried", segment, "5", kind=", ".join(view.other_name_kinds))
    if not any(not (one.is_ins or one.is_old_ins or one.is_national) for one in view.numbers):
        remarks.add("identity.local_id_missing", segment, "3")


def _gender(view: PatientView, scope: Scope) -> str | None:
    if not view.gender:
        scope.remarks.add("identity.gender_missing", view.segment, "8")
        return None
    if (known := _GENDERS.get(view.gender)) is None:
        scope.remarks.add("identity.gender_unknown", view.segment, "8")
    elif known == "UN":
        scope.remarks.add("identity.gender_undetermined", view.segment, "8")
    return known


def _birth_time(view: PatientView, scope: Scope) -> Timestamp | None:
    """PID-7; an hour made of zeros is filling, the date alone was known."""
    sent = view.birth_date
    if not sent:
        scope.remarks.add("identity.birth_date_missing", view.segment, "7")
        return None
    known = sent[:8] if not re.split("[.+-]", sent[8:])[0].strip("0") else sent
    found = timestamp(known, scope.zone)
    if found is None or found.date.year < _FIRST_YEAR:
        scope.remarks.add("identity.birth_date_invalid", view.segment, "7")
        return None
    if found.date > scope.received_at.astimezone(scope.zone).date():
        scope.remarks.add("identity.birth_date_in_future", view.segment, "7")
    return found


def _birth_place(view: PatientView) -> BirthPlace | None:
    if not (view.birth_place or view.birth_cog):
        return None
    return BirthPlace(view.birth_cog or None, view.birth_place or None)


def _birth_order(view: PatientView) -> int | None:
    rank = view.birth_rank
    known = rank.isascii() and rank.isdigit() and 0 < int(rank[:3]) < 100
    return int(rank[:3]) if view.is_multiple and known else None


def _addresses(view: PatientView, scope: Scope) -> tuple[Address, ...]:
    found = []
    for rank in repetitions(view.segment, 11):
        kind = text(view.segment, f"11[{rank}].7").upper()
        use = _ADDRESS_USES.get(kind)
        one = None if use is None else address(view.segment, 11, rank, use)
        if one is not None:
            found.append(one)
        elif use is None and kind != "BDL":
            scope.remarks.once("hl7v2.field_not_carried", view.segment, f"11[{rank}]", field=f"PID-11 ({kind})")
    return tuple(dict.fromkeys(found))
