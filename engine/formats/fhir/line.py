"""type and category of a DocumentReference → the line of the catalogue, for the caller's profession and profile."""

from __future__ import annotations

from dataclasses import replace

from engine.catalogue.availability import document_type_of
from engine.catalogue.catalogue import entries_of, entry
from engine.catalogue.entry import CatalogueEntry, Level
from engine.catalogue.kinds import entry_of_kind
from engine.errors import DocumentError
from engine.findings import Disposition
from engine.formats.fhir.datatypes import codings
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import CATALOGUE, KIND, known_oid
from engine.model.directory import Structure
from engine.registry import document_types


def line(node: Node, structure: Structure, scope: Scope) -> tuple[CatalogueEntry, str] | None:
    """The line and the name of the document type that renders it; None, and why, when there is none.

    `category` says the document (urn:passeur:catalogue) or the host's kind (urn:passeur:kind); else `type` alone must
    be that of one document, no more.
    """
    categories = [code for one in node.nodes("category") for code in codings(one) if code.text("code")]
    asked = [one for one in categories if one.text("system") in (CATALOGUE, KIND)]
    if len(asked) > 1:
        scope.remarks.add("fhir.several_categories", node.at("category"))
        return None
    try:
        found = _said(asked[0], structure) if asked else _by_type(node, structure, scope)
        document_type = document_type_of(found, document_types()) if found is not None else ""
    except DocumentError as error:
        where = asked[0].where if asked else node.at("type")
        for one in error.findings:
            scope.remarks.keep(replace(one, where=where, disposition=Disposition.REFUSE))
        return None
    if found is None:
        return None
    _type_findings(node, found, scope)
    return found, document_type


def _said(category: Node, structure: Structure) -> CatalogueEntry:
    if category.text("system") == CATALOGUE:
        return entry(structure.profession, structure.profile, category.text("code"))
    return entry_of_kind(structure.kinds, category.text("code"), structure.profession, structure.profile)


def _by_type(node: Node, structure: Structure, scope: Scope) -> CatalogueEntry | None:
    """A PDF or a text makes a level 1 document: the structured ones of the same type are not meant."""
    sent = [(one.text("code"), known_oid(one.text("system"))) for one in codings(node.node("type"))]
    if not sent:
        scope.remarks.add("fhir.missing", node.at("type"))
        return None
    known = [one for one in _lines(structure) if one.level is Level.N1 and (one.type.code, one.type.system) in sent]
    if not known:
        scope.remarks.add("fhir.type_unknown", node.at("type"))
        return None
    if len(known) > 1:
        choices = ", ".join(sorted(one.doc_id for one in known))
        scope.remarks.add("fhir.type_ambiguous", node.at("type"), choices=choices)
        return None
    return known[0]


def _lines(structure: Structure) -> tuple[CatalogueEntry, ...]:
    """Every document this structure's profile makes."""
    found: dict[str, CatalogueEntry] = {}
    for doc_id in dict.fromkeys(one.doc_id for one in entries_of(structure.profession)):
        try:
            found[doc_id] = entry(structure.profession, structure.profile, doc_id)
        except DocumentError as error:
            if error.code != "catalogue.unknown_document":
                raise
    return tuple(found.values())


def _type_findings(node: Node, found: CatalogueEntry, scope: Scope) -> None:
    """R-DOC-01: the type comes from the catalogue; one sent beside must be the same."""
    sent = [(one.text("code"), known_oid(one.text("system"))) for one in codings(node.node("type"))]
    if sent and (found.type.code, found.type.system) not in sent:
        scope.remarks.add("fhir.decided_by_catalogue", node.at("type"))
