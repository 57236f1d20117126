"""The caller's patient and professionals → the model's. Nothing is guessed, nothing is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from engine.findings import Finding
from engine.formats.request.faults import fault
from engine.formats.request.fields import Correspondent, PatientFields, PostalAddress, ProfessionalFields
from engine.model.directory import Structure
from engine.model.parties import (
    INS_NIA,
    INS_NIR,
    INS_NIR_TEST,
    PROFESSIONAL_OID,
    BirthPlace,
    Ins,
    Patient,
    Professional,
)
from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

Sound = Callable[..., bool]
"""Whether what was sent at these places could be read (absent is sound)."""
_SPECIALTIES_OID = "1.2.250.1.213.1.1.4.5"
_QUALIFIED = "qualifiée"


def patient(fields: PatientFields, structure: Structure, *, production: bool, today: date) -> Patient:
    """recordTarget. A matricule sent as qualified counts as such under the structure's contract only."""
    place = fields.birth_place
    return Patient(
        ids=tuple(Identifier(one.authority or structure.patient_ids_oid, one.value) for one in fields.numbers),
        ins=_ins(fields, structure, production=production, today=today),
        birth_name=fields.birth_name,
        used_name=fields.used_name,
        birth_given_names=fields.birth_given_names,
        first_given_name=fields.first_given_name or fields.birth_given_names[0],
        used_given_name=fields.used_given_name,
        gender=fields.sex,
        birth_time=Timestamp(fields.birth_date.replace("-", "")),
        birth_place=BirthPlace(place.cog, place.city) if place else None,
        addresses=(_address(fields.address, "H"),) if fields.address else (),
        telecoms=tuple(_phone(one, None) for one in fields.phones),
    )


def patient_findings(fields: PatientFields, sound: Sound) -> Iterable[Finding]:
    """What pydantic cannot see: dates that are none, identities that cannot be qualified as sent."""
    if sound("patient.birth_date"):
        try:
            Timestamp(fields.birth_date.replace("-", ""))
        except ValueError:
            yield fault("no_such_date", "patient.birth_date", "cette date n'existe pas")
    said = sound("patient.ins.status", "patient.birth_place")
    if said and fields.ins is not None and fields.ins.status == _QUALIFIED and fields.birth_place is None:
        words = "une identité qualifiée a son lieu de naissance (code INSEE)"
        yield fault("incomplete_identity", "patient.birth_place", words, "Envoyez-le, ou un autre statut.")


def professional(
    fields: ProfessionalFields, structure: Structure, where: str
) -> tuple[Professional | None, tuple[Finding, ...]]:
    """One that routes.yaml knows by RPPS or code, else as described; the author's structure is the caller's."""
    known = structure.professionals.get(fields.rpps or "") or structure.professionals.get(fields.code or "")
    if known is not None:
        return known, ()
    if fields.code is not None and fields.rpps is None:
        words = "ce code ne désigne aucun professionnel de la structure"
        return None, (fault("unknown_professional", f"{where}.code", words, "Déclarez-le dans routes.yaml."),)
    lacks = [name for name in ("rpps", "family", "specialty") if getattr(fields, name) is None]
    if lacks:
        words = "ce champ est obligatoire : ce professionnel n'est pas déclaré dans routes.yaml"
        return None, tuple(fault("missing", f"{where}.{name}", words) for name in lacks)
    return _described(fields, structure), ()


def correspondents(
    sent: tuple[Correspondent, ...], structure: Structure, sound: Sound
) -> tuple[tuple[Professional, ...], tuple[Finding, ...]]:
    """informationRecipient, each with its mailbox; known ones need no more than their RPPS."""
    people: list[Professional] = []
    faults: list[Finding] = []
    for rank, one in enumerate(sent):
        if not sound(*(f"correspondents[{rank}].{name}" for name in ("rpps", "code", "family"))):
            continue
        known = structure.professionals.get(one.rpps or "") or structure.professionals.get(one.code or "")
        if known is None and one.family is None:
            faults.append(fault("missing", f"correspondents[{rank}].family", "ce champ est obligatoire"))
            continue
        person = known or _named(one)
        people.append(_with_mailbox(person, one.mailbox))
    return tuple(people), tuple(faults)


def _ins(fields: PatientFields, structure: Structure, *, production: bool, today: date) -> Ins | None:
    if fields.ins is None:
        return None
    contract = structure.identity_contract
    qualified = fields.ins.status == _QUALIFIED and contract is not None and contract.covers(today)
    if fields.ins.nature == "NIA":
        return Ins(fields.ins.matricule, INS_NIA, qualified)
    return Ins(fields.ins.matricule, INS_NIR if production else INS_NIR_TEST, qualified)


def _described(fields: ProfessionalFields, structure: Structure) -> Professional:
    at = structure.organization
    return Professional(
        id=Identifier(PROFESSIONAL_OID, f"8{fields.rpps}"),
        name=PersonName(fields.family or "", fields.given),
        specialty=_specialty(fields),
        addresses=at.addresses,
        telecoms=at.telecoms,
        organization=at,
    )


def _named(fields: ProfessionalFields) -> Professional:
    return Professional(
        id=Identifier(PROFESSIONAL_OID, f"8{fields.rpps}") if fields.rpps else None,
        name=PersonName(fields.family or "", fields.given),
        specialty=_specialty(fields),
    )


def _specialty(fields: ProfessionalFields) -> Code | None:
    if fields.specialty is None:
        return None
    return Code(fields.specialty, _SPECIALTIES_OID, fields.specialty_label or fields.specialty)


def _with_mailbox(person: Professional, mailbox: str | None) -> Professional:
    if mailbox is None:
        return person
    telecoms = tuple(one for one in person.telecoms if not one.value.startswith("mailto:"))
    return Professional(
        id=person.id,
        name=person.name,
        specialty=person.specialty,
        addresses=person.addresses,
        telecoms=(*telecoms, Telecom(f"mailto:{mailbox}")),
        organization=person.organization,
    )


def _address(fields: PostalAddress, use: str) -> Address:
    return Address(fields.lines, fields.postal_code, fields.city, fields.country, use)


def _phone(number: str, use: str | None) -> Telecom:
    return Telecom("tel:" + "".join(sign for sign in number if sign.isdigit() or sign == "+"), use)
