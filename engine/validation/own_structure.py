"""Layer `structure`: our own XML schema of a French CDA R2 (folder `schemas/cda/`), applied with or without a pack."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.resources import folder
from engine.validation.document import HL7
from engine.validation.element_names import called
from engine.validation.own_types import is_biology, is_certificate
from engine.validation.where import place, source_line

_BODY = f"{{{HL7}}}structuredBody"
_NAME = re.compile(r"^Element '(?:\{[^}]*\})?([\w.:-]+)'")
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([\w.:-]+)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\(([^)]*)\)")
_SHOWN = 6
_EVERYWHERE = frozenset({"realmCode", "typeId", "templateId"})
"""Admitted at the beginning of every element: no use saying so."""
_MOST = 500
"""Departures told one by one: a document that has more is no CDA at all."""
_MISPLACED = "n’est pas à sa place (mauvais ordre, répétition ou élément manquant avant lui)"
_REMEDY = "Corriger la structure du document dans le logiciel qui l’a produit, puis l’envoyer de nouveau."


class OwnStructure:
    """Our compiled XML schema."""

    def __init__(self) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        self._schema = etree.XMLSchema(etree.parse(folder("schemas") / "cda" / "document.xsd", parser))

    def findings(self, cda: etree._Element) -> tuple[Finding, ...]:
        """Every departure from the schema; `cda` is the root of its own tree.

        In the body of a document type that we do not model, a departure is only a warning.
        """
        if self._schema.validate(cda):
            return ()
        strict = is_biology(cda) or is_certificate(cda)
        entries = list(self._schema.error_log)  # type: ignore[call-overload]
        found = (_finding(entry, cda, strict) for entry in entries[:_MOST])
        told = tuple({(f.where, f.message): f for f in found}.values())
        return (*told, _more(len(entries) - _MOST)) if len(entries) > _MOST else told


def _finding(entry: etree._LogEntry, cda: etree._Element, strict: bool) -> Finding:
    element = _element(entry.path, cda)
    lax = not strict and element is not None and next(element.iterancestors(_BODY), None) is not None
    kind = entry.type_name.removeprefix("SCHEMAV_")
    return Finding(
        code=f"structure.{_RULES.get(kind, ('form', _form))[0]}",
        severity=Severity.WARNING if lax else Severity.ERROR,
        where=place(element) if element is not None else "",
        message=_message(kind, entry.message),
        remedy=_REMEDY,
        layer="structure",
        disposition=Disposition.PUBLISH if lax else Disposition.REFUSE,
        line=(source_line(element) if element is not None else None) or entry.line or None,
    )


def _more(number: int) -> Finding:
    return Finding(
        code="structure.more",
        severity=Severity.ERROR,
        where="",
        message=f"Le document s’écarte encore de la structure attendue à {number} endroits, qui ne sont pas détaillés.",
        remedy=_REMEDY,
        layer="structure",
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
    """libxml2's sentence → ours: names of elements are kept, what the document says never is."""
    element, attribute = _group(_NAME, said), _group(_ATTRIBUTE, said)
    subject = f"L’élément {called(element)}"
    if attribute:
        subject = f"L’attribut « {attribute} » de l’élément {called(element)}"
    return f"{subject} {_RULES.get(kind, ('form', _form))[1](said)}"


def _content(said: str) -> str:
    names = (name.split("}")[-1].strip() for name in _group(_EXPECTED, said).split(","))
    expected = [name for name in names if name and name not in _EVERYWHERE]
    shown = ", ".join(map(called, expected[:_SHOWN])) + ("…" if len(expected) > _SHOWN else "")
    if "Missing child element" in said:
        return f"est incomplet ; il y manque : {shown}." if shown else "est incomplet."
    if shown:
        return (
            f"n’est pas à sa place (mauvais ordre, répétition ou élément manquant avant lui) ; attendu ici : {shown}."
        )
    return "n’est pas à sa place (mauvais ordre, répétition ou élément manquant avant lui)."


def _form(said: str) -> str:
    return "n’a pas une forme valide pour cette information."


def _always(words: str) -> Callable[[str], str]:
    return lambda said: words


_RULES: dict[str, tuple[str, Callable[[str], str]]] = {
    "ELEMENT_CONTENT": ("content", _content),
    "CVC_COMPLEX_TYPE_4": ("missing_attribute", _always("est obligatoire et absent.")),
    "CVC_COMPLEX_TYPE_3_2_1": ("unknown_attribute", _always("n’est pas admis ici.")),
    "CVC_COMPLEX_TYPE_3_2_2": ("unknown_attribute", _always("n’est pas admis ici.")),
    "CVC_COMPLEX_TYPE_2_1": ("stray_text", _always("ne doit rien contenir.")),
    "CVC_COMPLEX_TYPE_2_3": ("stray_text", _always("contient du texte là où il n’en faut pas.")),
    "CVC_ENUMERATION_VALID": ("fixed_value", _always("n’a pas une des valeurs admises ici.")),
    "CVC_AU": ("fixed_value", _always("n’a pas la seule valeur admise ici.")),
    "CVC_TYPE_2": ("missing_type", _always("doit préciser son type de données (xsi:type).")),
    "CVC_ELT_4_1": ("unknown_type", _always("doit préciser un type de données (xsi:type) admis ici.")),
    "CVC_ELT_4_2": ("unknown_type", _always("doit préciser un type de données (xsi:type) admis ici.")),
    "CVC_ELT_4_3": ("unknown_type", _always("doit préciser un type de données (xsi:type) admis ici.")),
    "CVC_ELT_1": ("unknown_element", _always("n’est pas connu.")),
}
"""libxml2's kind of departure → our code, and what we say of it."""


def _group(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""
