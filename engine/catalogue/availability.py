"""Which document type of the engine renders a line of the catalogue, when one is built."""

from __future__ import annotations

from collections.abc import Collection

from engine.catalogue.catalogue import catalogue
from engine.catalogue.entry import CatalogueEntry, Level
from engine.catalogue.unknown import refusal

_LEVEL_1_TWINS = {"presc-produits-sante-n3": "presc-produits-sante"}
"""Structured documents that the catalogue also has at level 1. A shared type code is not enough: a child health
certificate is no `certificat-declaration`, though both are CERT_DECL."""


def document_type_of(entry: CatalogueEntry, built: Collection[str]) -> str:
    """The first of the line's document types that is among those `built` (the keys of `registry.document_types()`).

    Raises DocumentError (`catalogue.not_built`), which names what exists instead.
    """
    found = next((name for name in entry.document_types if name in built), None)
    if found is None:
        level = "de niveau 1" if entry.level is Level.N1 else "structurée (niveau 3)"
        message = f"La forme {level} de ce document n'est pas encore produite ({' ou '.join(entry.document_types)})."
        raise refusal("catalogue.not_built", "doc_id", message, _instead(entry, built))
    return found


def _instead(entry: CatalogueEntry, built: Collection[str]) -> str:
    """The same document at level 1, where the catalogue has it; else what the profession can make today."""
    known = dict.fromkeys(
        one.doc_id
        for one in catalogue()
        if one.profession == entry.profession and not set(one.document_types).isdisjoint(built)
    )
    twin = _LEVEL_1_TWINS.get(entry.doc_id)
    if twin in known:
        return f"Le même document existe en niveau 1, avec son PDF : « {twin} »."
    if not known:
        return "Aucun document de cette profession n'est encore produit."
    return f"Documents déjà produits pour cette profession : {', '.join(known)}."
