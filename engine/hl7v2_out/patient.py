"""PID of a delivered document (PAM-FR 2.11, INS annex): the identifiers and traits of the document's own patient."""

from __future__ import annotations

from engine.formats.hl7v2.writer import Parts, Value
from engine.model.parties import INS_NIA, Ins, Patient
from engine.model.values import Address

_GENDERS = {"F": "F", "M": "M", "UN": "U"}
VALIDATED = "VALI"
PROVISIONAL = "PROV"


def pid(patient: Patient) -> list[Value]:
    """PID-3 identifiers · PID-5 names · PID-7 birth · PID-8 gender · PID-11 addresses and birth place · PID-32 status.

    PID-32 is VALI for a qualified INS only; of any other identity we know nothing surer than PROV.
    """
    qualified = patient.ins is not None and patient.ins.qualified
    born = patient.birth_time.digits if patient.birth_time is not None else ""
    return [
        "PID",
        "1",
        "",
        _identifiers(patient),
        "",
        _names(patient),
        "",
        born,
        _GENDERS.get(patient.gender or "", "U"),
        *("", ""),
        _addresses(patient),
        *("",) * 20,
        VALIDATED if qualified else PROVISIONAL,
    ]


def _identifiers(patient: Patient) -> Value:
    found: list[Parts] = []
    if patient.ins is not None and patient.ins.qualified:
        found.append(_ins(patient.ins))
    found += [(one.extension, "", "", ("", one.root, "ISO"), "PI") for one in patient.ids if one.extension and one.root]
    return list(found)


def _ins(ins: Ins) -> Parts:
    authority = "ASIP-SANTE-INS-NIA" if ins.oid == INS_NIA else "ASIP-SANTE-INS-NIR"
    return (ins.matricule, "", "", (authority, ins.oid, "ISO"), "INS")


def _names(patient: Patient) -> Value:
    birth: Parts = (
        patient.birth_name,
        patient.first_given_name,
        " ".join(patient.birth_given_names),
        *("", "", ""),
        "L",
    )
    used: Parts = (patient.used_name, patient.used_given_name, *("", "", "", ""), "D")
    return [
        one
        for one, known in (
            (birth, patient.birth_name or patient.first_given_name),
            (used, patient.used_name or patient.used_given_name),
        )
        if known
    ]


def _addresses(patient: Patient) -> Value:
    found: list[Parts] = [_address(one) for one in patient.addresses]
    place = patient.birth_place
    if place is not None and (place.cog or place.city):
        found.append(("", "", place.city, *("", "", ""), "BDL", "", place.cog))
    return list(found)


def _address(one: Address) -> Parts:
    lines = [*one.lines, "", ""]
    return (lines[0], " ".join(line for line in lines[1:] if line), one.city, "", one.postal_code, one.country, "H")
