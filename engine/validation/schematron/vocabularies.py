"""Documents that rules read (value sets, terminologies), parsed once per process and shared by every schema."""

from __future__ import annotations

import posixpath
from typing import Any

from lxml import etree

from engine.findings import Finding, Severity
from engine.validation.schematron import saxon
from engine.validation.schematron.sources import Sources

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_SUFFIXES = (".xml", ".rdf")


class Vocabularies:
    """Saxon documents by path from the root of the pack."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._parsed: dict[str, Any] = {}

    def handed_to(self, schema: str, literals: frozenset[str]) -> dict[str, Any]:
        """By the address the rules of a schema use, every document that their expressions name."""
        found = addresses(self._sources, schema, literals)
        return {address: self._document(path) for address, path in found.items() if path is not None}

    def _document(self, path: str) -> Any:
        if path not in self._parsed:
            self._parsed[path] = saxon.document(_text(self._sources, path))
        return self._parsed[path]


def addresses(sources: Sources, schema: str, literals: frozenset[str]) -> dict[str, str | None]:
    """Address used by the rules → file of the pack, None when it is absent or empty.

    A literal that names a folder (`'../terminologie/'`, to which a rule adds a file name) stands for all its files.
    """
    found: dict[str, str | None] = {}
    for literal in sorted(literals):
        if literal.endswith("/") and "/" in literal.rstrip("/"):
            folder = sources.beside(schema, literal)
            names = (name for name in sources.files(folder) if name.endswith(_SUFFIXES))
            found.update({literal + name: posixpath.join(folder, name) for name in names})
        elif _looks_like_an_address(literal):
            found[literal] = _file(sources, sources.beside(schema, literal))
    return found


def missing(sources: Sources, schema: str, literals: frozenset[str]) -> tuple[Finding, ...]:
    """Documents that rules name and that the pack does not hold."""
    absent = (address for address, path in addresses(sources, schema, literals).items() if path is None)
    return tuple(
        Finding(
            code="pack.missing_vocabulary",
            severity=Severity.WARNING,
            where=schema,
            message=f"Le schéma lit un jeu de valeurs absent ou vide dans le pack : {address}.",
            remedy="Un document qui en dépend sera retenu ; installer un pack complet dès qu’il sera publié.",
            layer="pack",
        )
        for address in absent
    )


def _looks_like_an_address(literal: str) -> bool:
    if "://" in literal or literal.startswith("/") or any(c in literal for c in " <>\"'[]()"):
        return False
    return "/" in literal and (literal.endswith(".xml") or (literal.startswith("../") and len(literal) > 3))


def _file(sources: Sources, wanted: str) -> str | None:
    found = sources.find(wanted) or sources.find(f"{wanted}.xml")
    return found if found and sources.path(found).stat().st_size else None


def _text(sources: Sources, path: str) -> str:
    parser = etree.XMLParser(
        remove_comments=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.parse(sources.path(path), parser).getroot()
    if path.endswith(".rdf"):
        root = _notations(root)
    return etree.tostring(root, encoding="unicode")


def _notations(terminology: etree._Element) -> etree._Element:
    """The codes of a terminology, its labels and relations left out (they are nine tenths of it)."""
    codes = etree.Element(f"{{{_SKOS}}}Concept", nsmap={"skos": _SKOS})
    for notation in terminology.iter(f"{{{_SKOS}}}notation"):
        etree.SubElement(codes, f"{{{_SKOS}}}notation").text = notation.text
    return codes
