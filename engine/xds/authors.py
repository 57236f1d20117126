"""Author and legalAuthenticator of the metadata, from the CDA header."""

from __future__ import annotations

from lxml import etree

from engine.xds import datatypes
from engine.xds.header import Header, Person
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
