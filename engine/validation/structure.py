"""Layer `xsd`: the XML schema of CDA R2 with its French extensions (CDA_extended.xsd), in French and without values."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.validation.where import place, source_line

_ELEMENT = re.compile(r"^Element '(?:\{[^}]*\})?([\w.:-]+)'")
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([\w.:-]+)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\(([^)]*)\)")
_TYPES = re.compile(r"type '(?:\{[^}]*\})?([\w.:-]+)'")
_SHOWN = 8
_MOST = 500
"""Departures told one by one: a document that has more is no CDA at all."""
_REMEDY = "Corriger la structure du document dans le logiciel qui l’a produit, puis l’envoyer de nouveau."


class Structure:
    """The compiled schema."""

    def __init__(self, xsd: Path) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        self._schema = etree.XMLSchema(etree.parse(xsd, parser))

    def findings(self, cda: etree._Element) -> tuple[Finding, ...]:
        """Every departure from the schema; `cda` is the root of its own tree."""
        if self._schema.validate(cda):
            return ()
        entries = list(self._schema.error_log)  # type: ignore[call-overload]
        found = (_finding(entry, cda) for entry in entries[:_MOST])
        told = tuple({(f.where, f.message): f for f in found}.values())
        return (*told, _more(len(entries) - _MOST)) if len(entries) > _MOST else told


def _finding(entry: etree._LogEntry, cda: etree._Element) -> Finding:
    element = _element(entry.path, cda)
    return Finding(
        code="xsd.structure",
        severity=Severity.ERROR,
        where=place(element) if element is not None else "",
        message=_message(entry.type_name, entry.message),
        remedy=_REMEDY,
        layer="xsd",
        disposition=Disposition.REFUSE,
        line=(source_line(element) if element is not None else None) or entry.line or None,
    )


def _more(number: int) -> Finding:
    return Finding(
        code="xsd.more",
        severity=Severity.ERROR,
        where="",
        message=f"Le document s’écarte encore du schéma CDA à {number} endroits, qui ne sont pas détaillés.",
        remedy=_REMEDY,
        layer="xsd",
        disposition=Disposition.REFUSE,
    )


def _element(path: str | None, cda: etree._Element) -> etree._Element | None:
    """libxml2 writes prefixes of the document in its paths; one that the root does not declare leads nowhere."""
    prefixes = {prefix: uri for prefix, uri in cda.nsmap.items() if prefix}
    try:
        found = cda.getroottree().xpath(path, namespaces=prefixes) if path else []
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None


def _message(kind: str, said: str) -> str:
    """libxml2's sentence → ours: names are kept, values never are."""
    element = _group(_ELEMENT, said)
    attribute = _group(_ATTRIBUTE, said)
    subject = f"L’attribut « {attribute} » de l’élément « {element} »" if attribute else f"L’élément « {element} »"
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return f"{subject} {_content(said)}"
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        return f"{subject} est obligatoire et absent."
    if kind.startswith("SCHEMAV_CVC_COMPLEX_TYPE_3_2"):
        return f"{subject} n’est pas admis ici."
    if kind == "SCHEMAV_CVC_ENUMERATION_VALID":
        return f"{subject} n’a pas une des valeurs admises par le schéma CDA."
    if kind in ("SCHEMAV_CVC_PATTERN_VALID", "SCHEMAV_CVC_DATATYPE_VALID_1_2_1", "SCHEMAV_CVC_DATATYPE_VALID_1_2_3"):
        named = _group(_TYPES, said)
        return f"{subject} n’a pas une forme valide{f' pour le type {named}' if named else ''}."
    if kind == "SCHEMAV_CVC_TYPE_2" or kind.startswith("SCHEMAV_CVC_ELT_4"):
        return f"{subject} doit préciser un type de données (xsi:type) connu du schéma CDA."
    if kind in ("SCHEMAV_CVC_COMPLEX_TYPE_2_3", "SCHEMAV_CVC_COMPLEX_TYPE_2_1"):
        return f"{subject} contient du texte là où il n’en faut pas."
    if kind == "SCHEMAV_CVC_ELT_1":
        return f"{subject} n’est pas connu du schéma CDA."
    return f"{subject} n’est pas conforme au schéma CDA ({kind.removeprefix('SCHEMAV_')})."


def _content(said: str) -> str:
    expected = [name.split("}")[-1].strip() for name in (_group(_EXPECTED, said) or "").split(",") if name.strip()]
    shown = ", ".join(expected[:_SHOWN]) + ("…" if len(expected) > _SHOWN else "")
    if "Missing child element" in said:
        return f"est incomplet ; il y manque : {shown}." if shown else "est incomplet."
    return f"n’est pas attendu à cet endroit ; attendu : {shown}." if shown else "n’est pas attendu à cet endroit."


def _group(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""
