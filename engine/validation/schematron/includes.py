"""Schematron inclusion (ISO/IEC 19757-3, 5.4.4 `include`): one tree out of many files."""

from __future__ import annotations

from lxml import etree

from engine.findings import Finding, Severity
from engine.validation.schematron.sources import Sources

SCHEMATRON = "http://purl.oclc.org/dsdl/schematron"
SCH = f"{{{SCHEMATRON}}}"
_MAX_DEPTH = 20


class SchematronError(Exception):
    """The schema cannot be used: unreadable, or asking for what is not allowed."""


def resolved(sources: Sources, file: str) -> tuple[etree._Element, tuple[Finding, ...]]:
    """The schema with each `include` replaced by the root of the file named; an absent file is a finding.

    Raises SchematronError when the file is not well-formed XML, or includes itself.
    """
    problems: list[Finding] = []
    return _read(sources, file, problems, ()), tuple(problems)


def _read(sources: Sources, file: str, problems: list[Finding], parents: tuple[str, ...]) -> etree._Element:
    if file in parents or len(parents) > _MAX_DEPTH:
        raise SchematronError(f"{file}: inclusion en boucle")
    root = _parse(sources, file)
    for include in list(root.iter(f"{SCH}include")):
        href = include.get("href") or ""
        wanted = sources.beside(file, href)
        found = sources.find(wanted)
        if found is None:
            problems.append(_missing(file, href))
            _replace(include, None)
            continue
        if found != wanted:
            problems.append(_miscased(file, href))
        _replace(include, _read(sources, found, problems, (*parents, file)))
    return root


def _parse(sources: Sources, file: str) -> etree._Element:
    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.parse(sources.path(file), parser)
    except (etree.XMLSyntaxError, OSError) as error:
        raise SchematronError(f"{file}: fichier illisible") from error
    if tree.docinfo.internalDTD is not None:
        raise SchematronError(f"{file}: DOCTYPE refusé")
    return tree.getroot()


def _replace(include: etree._Element, by: etree._Element | None) -> None:
    parent = include.getparent()
    if parent is None:
        raise SchematronError("un schéma ne peut pas se réduire à une inclusion")
    if by is None:
        parent.remove(include)
    else:
        parent.replace(include, by)


def _missing(file: str, href: str) -> Finding:
    return Finding(
        code="pack.missing_include",
        severity=Severity.WARNING,
        where=file,
        message=f"Le schéma fait appel à un fichier absent du pack, dont les règles ne sont pas vérifiées : {href}.",
        remedy="Installer un pack complet dès que l’éditeur des règles l’aura publié.",
        layer="pack",
    )


def _miscased(file: str, href: str) -> Finding:
    return Finding(
        code="pack.letter_case",
        severity=Severity.INFO,
        where=file,
        message=f"Le nom d’un fichier inclus n’est pas écrit avec la bonne casse ; il a été retrouvé : {href}.",
        layer="pack",
    )
