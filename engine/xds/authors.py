"""Author and legalAuthenticator of the metadata, from the CDA header; author of a submission, from who asks for it."""

from __future__ import annotations

from lxml import etree

from engine.model.parties import Professional
from engine.xds import datatypes, national
from engine.xds.header import SLOT_LENGTH, Header, Person
from engine.xds.values import XdsAuthor


def authors(header: Header) -> tuple[XdsAuthor, ...]:
    """1..*: persons, and devices (`assignedAuthoringDevice`)."""
    found = header.all("c:author")
    if not found:
        header.missing("xds.author", "c:author", "Auteur du document")
    return tuple(_author(header, element, f"author[{number}]") for number, element in enumerate(found, 1))


def legal_authenticator(header: Header) -> str:
    """XCN, 1..1 in the French profile."""
    where = "legalAuthenticator"
    found = header.person("c:legalAuthenticator/c:assignedEntity")
    if found is None:
        header.missing("xds.legal_authenticator", where, "Responsable du document")
        return ""
    return _person(header, found, where)


def author(found: Professional) -> XdsAuthor | None:
    """A professional as author of a submission set; None when no national number or no name makes them one.

    As for the author of a document, the organisation's name stands in for a name that is not known (PDT-INF-617). What
    is not known, or not in the form the metadata want, is left out.
    """
    organization = found.organization
    stand_in = organization.name if organization else ""
    family = (found.name.family if found.name else "") or stand_in
    given = (found.name.given if found.name else "") or stand_in
    number = national.professional(found.id)
    if number is None or not family or not given:
        return None
    person = datatypes.person(number, family, given)
    structure = national.structure(organization.id) if organization else None
    institutions = (datatypes.institution(structure, stand_in),) if structure and stand_in else ()
    if any(len(value) > SLOT_LENGTH for value in (person, *institutions)):
        return None
    specialty = found.specialty
    return XdsAuthor(person, institutions, (datatypes.specialty(specialty),) if specialty and specialty.display else ())


def _author(header: Header, element: etree._Element, where: str) -> XdsAuthor:
    found = header.person("c:assignedAuthor", element)
    if found is None:
        header.missing("xds.author", where, "Auteur du document")
        return XdsAuthor("")
    device = header.first("c:assignedAuthor/c:assignedAuthoringDevice", element)
    person = _person(header, found, where) if device is None else _device(header, found, device, where)
    institutions = _institutions(found)
    header.check_lengths(where, person, *institutions)
    role = header.attribute("c:functionCode", "displayName", element)
    return XdsAuthor(
        person=person,
        institutions=institutions,
        specialties=(datatypes.specialty(found.specialty),) if found.specialty else (),
        roles=(role,) if role else (),
    )


def _person(header: Header, found: Person, where: str) -> str:
    """XCN; the DMP refuses an empty name, the organisation's stands in for it (PDT-INF-617)."""
    if found.id is None or found.id.extension is None:
        header.missing("xds.person_id", where, "Identifiant du professionnel")
        return ""
    family = found.family or found.organization_name
    given = found.given or found.organization_name
    if not family or not given:
        header.missing("xds.person_name", where, "Nom et prénom du professionnel, ou nom de sa structure")
    return datatypes.person(found.id, family, given)


def _device(header: Header, found: Person, device: etree._Element, where: str) -> str:
    if found.id is None or found.id.extension is None:
        header.missing("xds.person_id", where, "Identifiant du dispositif auteur")
        return ""
    software = header.text("c:softwareName", device)
    model = header.text("c:manufacturerModelName", device)
    if not software and not model:
        header.missing("xds.device_name", where, "Nom du logiciel ou du modèle du dispositif auteur")
    return datatypes.device(found.id, software or model, model or software)


def _institutions(found: Person) -> tuple[str, ...]:
    if not found.organization_name:
        return ()
    return (datatypes.institution(found.organization_id, found.organization_name),)
