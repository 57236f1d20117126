"""Professionals and organisations of a CDA header."""

from __future__ import annotations

from engine.cda.reading.elements import addresses, all_of, code, first, identifiers, telecoms, text
from engine.cda.xml import Element
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Identifier, PersonName

_PERSONS = ("assignedPerson", "associatedPerson", "informationRecipient", "relatedPerson")
_ORGANIZATIONS = ("representedOrganization", "scopingOrganization", "receivedOrganization")


def professional(role: Element | None) -> Professional:
    """assignedAuthor, assignedEntity, associatedEntity, intendedRecipient: whoever plays the role; a device has no
    name."""
    if role is None:
        return Professional(None, None)
    person = next((one for tag in _PERSONS if (one := first(role, tag)) is not None), None)
    owner = next((one for tag in _ORGANIZATIONS if (one := first(role, tag)) is not None), None)
    return Professional(
        id=_preferred(identifiers(role), PROFESSIONAL_OID),
        name=_name(person),
        specialty=code(first(role, "code")),
        addresses=addresses(role),
        telecoms=telecoms(role),
        organization=None if owner is None else organization(owner),
    )


def organization(element: Element) -> Organization:
    """representedOrganization, representedCustodianOrganization…; a name is not made up: it may be empty."""
    return Organization(
        id=_preferred(identifiers(element), STRUCTURE_OID),
        name=text(first(element, "name")),
        addresses=addresses(element),
        telecoms=telecoms(element),
        practice_setting=code(first(element, "standardIndustryClassCode")),
    )


def _preferred(found: tuple[Identifier, ...], root: str) -> Identifier | None:
    """The national identifier, else the first one."""
    return next((one for one in found if one.root == root), next(iter(found), None))


def _name(person: Element | None) -> PersonName | None:
    name = first(person, "name")
    if name is None:
        return None
    family = " ".join(words for one in all_of(name, "family") if (words := text(one)))
    given = " ".join(words for one in all_of(name, "given") if (words := text(one)))
    plain = text(name) if not len(name) else ""
    if not (family or given or plain):
        return None
    prefix, suffix = text(first(name, "prefix")), text(first(name, "suffix"))
    return PersonName(family or plain, given or None, prefix or None, suffix or None)
