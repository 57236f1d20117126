"""recordTarget: the patient (CI-SIS structuration minimale; INS after the RNIV: qualified identities only)."""

from __future__ import annotations

from engine.cda.codes import CIVILITIES, GENDER, GENDERS
from engine.cda.datatypes import addrs, coded, ii, null, telecoms, ts
from engine.cda.xml import SDTC, Element, el
from engine.model.parties import BirthPlace, Patient
from engine.model.values import Code, Identifier


def record_target(patient: Patient) -> Element:
    """recordTarget/patientRole; the matricule INS comes first, and only when the identity is qualified."""
    return el(
        "recordTarget",
        el(
            "patientRole",
            tuple(ii(identifier) for identifier in identifiers(patient)),
            addrs(patient.addresses) or null("addr"),
            telecoms(patient.telecoms) or null("telecom"),
            _patient(patient),
        ),
    )


def identifiers(patient: Patient) -> tuple[Identifier, ...]:
    """What the header may give as patient ids: the qualified INS, then the local identifiers, once each."""
    local = tuple(identifier for identifier in patient.ids if identifier.extension)
    if patient.ins is not None and patient.ins.qualified:
        return tuple(dict.fromkeys((Identifier(patient.ins.oid, patient.ins.matricule), *local)))
    return tuple(dict.fromkeys(local))


def _patient(patient: Patient) -> Element:
    order = patient.multiple_birth_order
    return el(
        "patient",
        _name(patient),
        _gender(patient.gender),
        ts("birthTime", patient.birth_time),
        None if order is None else el(f"{{{SDTC}}}multipleBirthInd", value="true"),
        None if order is None else el(f"{{{SDTC}}}multipleBirthOrderNumber", value=str(order)),
        _birth_place(patient.birth_place),
        classCode="PSN",
    )


def _name(patient: Patient) -> Element:
    """family BR and CL, given BR and CL, and the unqualified list of birth given names."""
    return el(
        "name",
        el("prefix", patient.prefix) if patient.prefix in CIVILITIES else None,
        _part("family", patient.birth_name, "BR"),
        _part("given", " ".join(patient.birth_given_names), None),
        _part("given", patient.first_given_name, "BR"),
        _part("family", patient.used_name, "CL"),
        _part("given", patient.used_given_name, "CL"),
    )


def _part(tag: str, value: str | None, qualifier: str | None) -> Element | None:
    return el(tag, value, qualifier=qualifier) if value else None


def _gender(gender: str | None) -> Element:
    if gender is None:
        return null("administrativeGenderCode")
    return coded("administrativeGenderCode", Code(gender, GENDER, GENDERS.get(gender)))


def _birth_place(place: BirthPlace | None) -> Element | None:
    if place is None or not (place.cog or place.city):
        return None
    county = el("county", place.cog) if place.cog else None
    city = el("city", place.city) if place.city else None
    return el("birthplace", el("place", el("addr", county, city)))
