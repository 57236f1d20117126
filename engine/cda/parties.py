"""Professionals and organisations of a CDA header (CI-SIS structuration minimale)."""

from __future__ import annotations

from engine.cda.datatypes import addrs, coded, ii, null, pn, telecoms
from engine.cda.xml import Element, el
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Address, Identifier, Telecom


def is_national_professional(identifier: Identifier | None) -> bool:
    return identifier is not None and identifier.root == PROFESSIONAL_OID and bool(identifier.extension)


def is_national_structure(identifier: Identifier | None) -> bool:
    return identifier is not None and identifier.root == STRUCTURE_OID and bool(identifier.extension)


def work_addresses(professional: Professional) -> tuple[Address, ...]:
    """Where a professional works: their own addresses, else those of their organisation."""
    organization = professional.organization
    return professional.addresses or (organization.addresses if organization else ())


def work_telecoms(professional: Professional) -> tuple[Telecom, ...]:
    organization = professional.organization
    return professional.telecoms or (organization.telecoms if organization else ())


def identity(professional: Professional) -> tuple[Element, ...]:
    """id 1..1 (UNK for someone known by name only), code 0..1, addr 0..*, telecom 0..*: the start of every role."""
    return (
        ii(professional.id) if professional.id and professional.id.extension else null("id"),
        *((coded("code", professional.specialty),) if professional.specialty else ()),
        *addrs(work_addresses(professional)),
        *telecoms(work_telecoms(professional)),
    )


def person(tag: str, professional: Professional) -> Element | None:
    return None if professional.name is None else el(tag, pn(professional.name))


def organization(
    tag: str, given: Organization | None, *, accreditation: bool = False, setting: bool = True
) -> Element | None:
    """Organisation: national id 0..1 (and COFRAC number when asked), name, telecom, addr, practice setting."""
    if given is None:
        return None
    ids = [ii(given.id)] if given.id is not None and is_national_structure(given.id) else []
    if accreditation and given.accreditation is not None:
        cofrac = ii(given.accreditation)
        cofrac.set("assigningAuthorityName", "COFRAC")
        ids.append(cofrac)
    return el(
        tag,
        tuple(ids),
        el("name", given.name),
        telecoms(given.telecoms),
        addrs(given.addresses),
        coded("standardIndustryClassCode", given.practice_setting) if setting and given.practice_setting else None,
    )


def assigned_entity(professional: Professional, *, accreditation: bool = False) -> Element:
    return el(
        "assignedEntity",
        identity(professional),
        person("assignedPerson", professional),
        organization("representedOrganization", professional.organization, accreditation=accreditation),
    )


def assigned_author(professional: Professional) -> Element:
    return el(
        "assignedAuthor",
        identity(professional),
        person("assignedPerson", professional),
        organization("representedOrganization", professional.organization),
    )


def associated_entity(professional: Professional) -> Element:
    return el(
        "associatedEntity",
        tuple(part for part in identity(professional) if "nullFlavor" not in part.attrib),
        person("associatedPerson", professional),
        organization("scopingOrganization", professional.organization),
        classCode="PROV",
    )


def custodian_organization(given: Organization) -> Element:
    """representedCustodianOrganization: id 1..1, name, telecom 0..1, addr 0..1."""
    return el(
        "representedCustodianOrganization",
        None if given.id is None else ii(given.id),
        el("name", given.name),
        telecoms(given.telecoms)[:1],
        addrs(given.addresses)[:1],
    )
