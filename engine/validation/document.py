"""The bytes of a CDA, read with suspicion: hardened lxml parse, no DOCTYPE, bounded size and depth."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.validation.limits import (
    MAX_ATTRIBUTE,
    MAX_BYTES,
    MAX_TAGS,
    has_doctype,
    has_long_attribute,
    has_long_text,
    is_base64,
    is_too_deep,
)

HL7 = "urn:hl7-org:v3"
NS = {"cda": HL7}
_LONG = 1024


class UnreadableDocument(Exception):
    """The bytes are no CDA document; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document as lxml read it."""

    root: etree._Element
    """Root of the file: the ClinicalDocument, or the style sheet that wraps it."""
    cda: etree._Element
    """ClinicalDocument."""

    @property
    def is_wrapped(self) -> bool:
        """True for the "auto-présentable" form, a style sheet that holds the document."""
        return self.root is not self.cda

    def standalone(self) -> etree._Element:
        """The ClinicalDocument as the root of its own tree."""
        return copy.deepcopy(self.cda) if self.is_wrapped else self.cda

    def text(self) -> str:
        """What lxml read, written again for another parser, base64 contents cut short: no schema looks into them."""
        long = [e for e in self.root.iter(f"{{{HL7}}}value", f"{{{HL7}}}text") if _is_long_base64(e)]
        contents = [element.text for element in long]
        try:
            for element in long:
                element.text = (element.text or "")[:64]
            return etree.tostring(self.root, encoding="unicode")
        finally:
            for element, content in zip(long, contents, strict=True):
                element.text = content


def _is_long_base64(element: etree._Element) -> bool:
    return is_base64(element) and len(element.text or "") > _LONG


def parsed(content: bytes) -> ParsedDocument:
    """Read a document. Raises UnreadableDocument."""
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(_refusal("xml.too_large", "Le document dépasse la taille que Passeur sait vérifier."))
    if content.count(b"<") > MAX_TAGS:
        raise UnreadableDocument(_refusal("xml.limits", "Le document contient bien trop d’éléments pour un CDA."))
    try:
        root = _root(content)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocument(_syntax(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if len(content) > MAX_ATTRIBUTE and has_long_attribute(root):
        raise _beyond_limits()
    return ParsedDocument(root, _clinical_document(root))


def _root(content: bytes) -> etree._Element:
    """The tree, within libxml2's limits; those on long texts are lifted for a document that carries a large file."""
    try:
        return etree.fromstring(content, _parser(huge_tree=False))
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", 0) != etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise
    if has_doctype(content):
        raise _doctype()
    root = etree.fromstring(content, _parser(huge_tree=True))
    if is_too_deep(root) or has_long_text(root):
        raise _beyond_limits()
    return root


def _parser(*, huge_tree: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge_tree)


def _doctype() -> UnreadableDocument:
    return UnreadableDocument(_refusal("xml.doctype", "Le document contient un DOCTYPE, ce qui est refusé."))


def _beyond_limits(line: int | None = None) -> UnreadableDocument:
    return UnreadableDocument(
        _refusal(
            "xml.limits",
            "Le document dépasse les limites admises (profondeur, longueur d’un texte ou d’un attribut).",
            line,
        )
    )


def _clinical_document(root: etree._Element) -> etree._Element:
    tag = f"{{{HL7}}}ClinicalDocument"
    found = [root] if root.tag == tag else list(root.iter(tag))
    if len(found) != 1:
        raise UnreadableDocument(
            _refusal(
                "xml.not_cda", "Ce fichier ne contient pas un document CDA (ClinicalDocument attendu à la racine)."
            )
        )
    return found[0]


_ENCODING = (
    etree.ErrorTypes.ERR_INVALID_CHAR,
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
)
_LIMITS = (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP)


def _syntax(error: Exception) -> Finding:
    """The parser's own words are left out: they may quote the document."""
    line = error.lineno or None if isinstance(error, etree.XMLSyntaxError) else None
    code = getattr(error, "code", 0)
    if code in _ENCODING:
        return _refusal("xml.encoding", "Le document contient des octets qui ne sont pas du texte valide.", line)
    if code in _LIMITS:
        return _beyond_limits(line).finding
    return _refusal("xml.syntax", "Le document n’est pas du XML bien formé.", line)


def _refusal(code: str, message: str, line: int | None = None) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        where="",
        message=message,
        remedy="Le logiciel émetteur doit produire un document CDA R2 en XML bien formé, en UTF-8, sans DOCTYPE.",
        layer="xml",
        disposition=Disposition.REFUSE,
        line=line,
    )
