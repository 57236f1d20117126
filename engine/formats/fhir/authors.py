"""Who made or signed a structure's document, and who receives it: those routes.yaml knows, else as described."""

from __future__ import annotations

from dataclasses import replace

from engine.formats.fhir.node import Node
from engine.formats.fhir.professionals import Named, finess, named
from engine.formats.fhir.scope import Scope
from engine.model.directory import Structure
from engine.model.parties import Professional
from engine.model.values import Telecom


def author(reference: Node | None, structure: Structure, scope: Scope) -> Professional | None:
    """Known by RPPS or by the host's code, else described whole (RPPS, name, speciality); their structure is the
    caller's. None, and why, when they cannot be said to be somebody."""
    one = named(reference, scope)
    if reference is None or one is None:
        if reference is not None and not reference.text("reference"):
            scope.remarks.add("fhir.author_unknown", reference.where)
        return None
    _same_structure(one, structure, scope)
    known = one.known(structure.professionals)
    if known is not None:
        if one.is_same_person(known):
            return known
        scope.remarks.add("fhir.professional_differs", one.where)
        return None
    lacks = {"identifier": one.rpps, "name": one.name, "qualification": one.specialty}
    for name, value in lacks.items():
        if not value:
            scope.remarks.add("fhir.author_incomplete", f"{one.where}.{name}")
    if not all(lacks.values()):
        return None
    at = structure.organization
    made = one.described()
    return replace(made, addresses=made.addresses or at.addresses, telecoms=one.phones or at.telecoms, organization=at)


def correspondent(one: Named, scope: Scope) -> Professional:
    """As sent, with the mailboxes sent and no other."""
    if one.name is None:
        scope.remarks.add("fhir.recipient_unnamed", one.where)
    mails = tuple(Telecom(f"mailto:{box}") for box in one.mailboxes)
    return replace(one.described(), telecoms=(*one.phones, *mails))


def _same_structure(one: Named, structure: Structure, scope: Scope) -> None:
    """A role held somewhere else is not the caller's to sign for."""
    if one.organization is None:
        return
    sent = finess(one.organization)
    own = structure.organization.id
    if sent and own is not None and own.extension and sent != own.extension:
        scope.remarks.add("fhir.other_structure", one.organization.where)
