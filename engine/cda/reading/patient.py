"""recordTarget: the patient as a document names them (CI-SIS structuration minimale)."""

from __future__ import annotations

from engine.cda.reading.elements import addresses, all_of, first, identifiers, telecoms, text, time
from engine.cda.xml import SDTC, Element
from engine.model.parties import INS_OIDS, BirthPlace, Ins, Patient


def patient(role: Element) -> Patient:
    """Of a patientRole. The INS is as written and never qualified: a document does not say how it was obtained.

    A family without qualifier is a used name, a given without qualifier the list of birth given names; the family of a
    spouse (SP) has no place of its own and is the used name only where nothing else is. Several INS give none.
    """
    person = first(role, "patient")
    name = first(person, "name")
    found = identifiers(role)
    national = [one for one in found if one.root in INS_OIDS and one.extension]
    return Patient(
        ids=tuple(one for one in found if one.root not in INS_OIDS),
        ins=Ins(national[0].extension or "", national[0].root, qualified=False) if len(national) == 1 else None,
        birth_name=_part(name, "family", "BR"),
        used_name=_part(name, "family", "CL") or _part(name, "family", None),
        birth_given_names=tuple(word for one in _parts(name, "given", None) for word in one.split()),
        first_given_name=_part(name, "given", "BR"),
        used_given_name=_part(name, "given", "CL"),
        gender=_gender(person),
        birth_time=time(first(person, "birthTime")),
        birth_place=_birth_place(person),
        addresses=addresses(role),
        telecoms=telecoms(role),
        multiple_birth_order=_birth_order(person),
        prefix=text(first(name, "prefix")) or None,
    )


def _part(name: Element | None, tag: str, qualifier: str | None) -> str | None:
    return next(iter(_parts(name, tag, qualifier)), None)


def _parts(name: Element | None, tag: str, qualifier: str | None) -> list[str]:
    """As written: the same-patient guard compares a name, sign by sign, with the bytes that leave."""
    found = [] if name is None else all_of(name, tag)
    return [one.text or "" for one in found if one.get("qualifier") == qualifier and (one.text or "").strip()]


def _gender(person: Element | None) -> str | None:
    element = first(person, "administrativeGenderCode")
    return None if element is None or element.get("nullFlavor") else element.get("code")


def _birth_place(person: Element | None) -> BirthPlace | None:
    where = first(person, "birthplace/place/addr")
    cog, city = text(first(where, "county")), text(first(where, "city"))
    return BirthPlace(cog or None, city or None) if cog or city else None


def _birth_order(person: Element | None) -> int | None:
    element = None if person is None else person.find(f"{{{SDTC}}}multipleBirthOrderNumber")
    value = "" if element is None else (element.get("value") or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 3 else None
