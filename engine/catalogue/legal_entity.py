"""A legal entity as author, beside a professional who no longer practises.

A document of the past keeps its author; once that person has left the RPPS, the DMP wants the structure as a second
author (SC.DMP/HISTO.04). Whether somebody has left is for the caller, who has the directory, to know.
"""

from __future__ import annotations

from dataclasses import replace

from engine.cda.parties import is_national_structure
from engine.model.document import Author, ClinicalDocument
from engine.model.parties import Organization, Professional
from engine.model.values import Timestamp


def legal_entity_author(entity: Organization, time: Timestamp) -> Author:
    """An author that is nobody: the national number and the name of the structure. Raises ValueError without both."""
    if not (is_national_structure(entity.id) and entity.name.strip()):
        raise ValueError("a legal entity is known by its national number and its name")
    return Author(time, Professional(id=entity.id, name=None, organization=entity))


def is_legal_entity(professional: Professional) -> bool:
    organization = professional.organization
    return (
        professional.name is None
        and is_national_structure(professional.id)
        and organization is not None
        and organization.id == professional.id
        and bool(organization.name.strip())
    )


def with_legal_entity(document: ClinicalDocument, entity: Organization) -> ClinicalDocument:
    """The document with its legal entity as last author, since the document was made; unchanged when it has it.

    Raises ValueError when the entity has no national number or no name.
    """
    if any(author.professional.id == entity.id for author in document.authors):
        return document
    return replace(document, authors=(*document.authors, legal_entity_author(entity, document.created_at)))
