"""The identity in PID against that of the document: two people never become one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.results.view.patient import PatientView, patient_view
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.model.parties import Patient

_GENDERS = {"F": "F", "M": "M", "U": "UN"}
"""HL7 table 0001 → HL7 v3 5.1; another value tells nothing."""


def check_traits(message: Message, written: Patient | None, observation: Segment, remarks: Remarks) -> None:
    """Birth name, birth date and sex: refused when both say one and they differ. Given name: a person must look, for a
    twin has all the others. A trait that only one of them says is not compared."""
    segment = message.first("PID")
    if segment is None or written is None:
        return
    told = patient_view(segment)
    where = observation.path("5.5")
    differing = [
        name
        for name, differs in (
            ("nom de naissance", _names_differ(told, written)),
            ("date de naissance", _dates_differ(told, written)),
            ("sexe", _genders_differ(told, written)),
        )
        if differs
    ]
    if differing:
        remarks.add("hl7v2.traits_differ", where, traits=", ".join(differing))
    if _given_names_differ(told, written):
        remarks.add("hl7v2.given_name_differs", where)


def _names_differ(told: PatientView, written: Patient) -> bool:
    """The birth names; where one of the two says none, whether they have any name in common."""
    birth = told.birth_name.family if told.birth_name is not None else ""
    if birth and written.birth_name:
        return _plain(birth) != _plain(written.birth_name)
    ours = _all(one.family for one in (told.birth_name, told.used_name) if one is not None)
    theirs = _all((written.birth_name or "", written.used_name or ""))
    return bool(ours and theirs) and not ours & theirs


def _given_names_differ(told: PatientView, written: Patient) -> bool:
    """Each first given name, whole, and the first of each list."""
    names = [one for one in (told.birth_name, told.used_name) if one is not None]
    ours = _all(one for name in names for one in (name.given, *name.given_names.replace(",", " ").split()[:1]))
    listed = " ".join(written.birth_given_names[:1])
    theirs = _all((written.first_given_name or "", written.used_given_name or "", listed))
    return bool(ours and theirs) and not ours & theirs


def _dates_differ(told: PatientView, written: Patient) -> bool:
    """As far as the less precise of the two goes."""
    ours, theirs = told.birth_date[:8], written.birth_time.digits[:8] if written.birth_time else ""
    length = min(len(ours), len(theirs))
    return length > 0 and ours[:length] != theirs[:length]


def _genders_differ(told: PatientView, written: Patient) -> bool:
    ours = _GENDERS.get(told.gender)
    return ours is not None and written.gender is not None and ours != written.gender


def _all(names: Iterable[str]) -> set[str]:
    return {plain for name in names if (plain := _plain(name))}


def _plain(name: str) -> str:
    """Letters and digits, accents and case aside: how a name is typed is not who it names."""
    text = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    return "".join(sign for sign in text if sign.isalnum()).casefold()
