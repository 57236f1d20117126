"""patientId, sourcePatientId and sourcePatientInfo, from recordTarget."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.model.parties import INS_OIDS
from engine.model.values import Identifier, Timestamp
from engine.xds import datatypes
from engine.xds.header import Header, content

_ROLE = "c:recordTarget/c:patientRole"
_GENDERS = {"F": "F", "M": "M", "UN": "U"}
"""HL7 v3 5.1 → table 0001."""


@dataclass(frozen=True, slots=True)
class Identity:
    patient_id: str | None
    """The INS (CX, NH); None when the document has none."""
    source_id: str
    """The first local number (CX, PI), else the INS."""
    source_info: tuple[str, ...]


def identity(header: Header) -> Identity:
    found = [one for one in header.identifiers(f"{_ROLE}/c:id") if one.extension]
    ins = [one for one in found if one.root in INS_OIDS]
    local = [one for one in found if one.root not in INS_OIDS]
    if len(ins) > 1:
        header.note(
            "xds.several_ins",
            f"{_ROLE}/c:id",
            "Le document porte plusieurs matricules INS.",
            "Ne garder que le matricule INS actif du patient.",
        )
    if len(header.all(_ROLE)) != 1:
        header.note("xds.patient", _ROLE, "Le document doit porter un patient et un seul.", "Le corriger à la source.")
    if not found:
        header.missing("xds.patient_id", f"{_ROLE}/c:id", "Identifiant du patient")
        return Identity(None, "", ())
    return Identity(
        patient_id=datatypes.patient_id(ins[0]) if ins else None,
        source_id=datatypes.patient_id(local[0] if local else ins[0]),
        source_info=_source_info(header, local[1:]),
    )


def _source_info(header: Header, others: list[Identifier]) -> tuple[str, ...]:
    names = header.first(f"{_ROLE}/c:patient/c:name")
    lines = [f"PID-3|{datatypes.patient_id(one)}" for one in others]
    lines += [] if names is None else _names(header, names)
    birth = header.attribute(f"{_ROLE}/c:patient/c:birthTime", "value")
    if birth:
        lines += _birth(header, birth)
    gender = _GENDERS.get(header.attribute(f"{_ROLE}/c:patient/c:administrativeGenderCode", "code"))
    if gender:
        lines.append(f"PID-8|{gender}")
    header.check_lengths(_ROLE, *lines)
    return tuple(lines)


def _names(header: Header, name: etree._Element) -> list[str]:
    """PID-5: birth name as legal (L), used name as display (D); a name without qualifier counts as used."""
    birth_family = _part(header, name, "family", "BR")
    used_family = _part(header, name, "family", "CL") or ("" if birth_family else _part(header, name, "family", None))
    plain = _part(header, name, "given", None)
    lines = []
    if birth_family:
        given = _part(header, name, "given", "BR") or plain
        lines.append(f"PID-5|{datatypes.escaped(birth_family)}^{datatypes.escaped(given)}^^^^^L")
    if used_family:
        given = _part(header, name, "given", "CL") or _part(header, name, "given", "BR") or plain
        lines.append(f"PID-5|{datatypes.escaped(used_family)}^{datatypes.escaped(given)}^^^^^D")
    return lines


def _part(header: Header, name: etree._Element, tag: str, qualifier: str | None) -> str:
    for part in header.all(f"c:{tag}", name):
        if part.get("qualifier") == qualifier:
            return content(part)
    return ""


def _birth(header: Header, value: str) -> list[str]:
    try:
        return [f"PID-7|{Timestamp(value).digits[:8]}"]
    except ValueError:
        where = f"{_ROLE}/c:patient/c:birthTime"
        header.note("xds.time", where, "La date de naissance n'est pas lisible.", "La corriger à la source.")
        return []
