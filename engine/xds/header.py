"""What metadata need of a CDA header, read from its bytes; every problem is noted, none stops the reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lxml import etree

from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.values import Code, Identifier, Timestamp
from engine.xds import datatypes
from engine.xds.xml import parsed

_CDA = "urn:hl7-org:v3"
_NS = {"c": _CDA}
_XSLT_ROOT = "{http://www.w3.org/1999/XSL/Transform}stylesheet"
SLOT_LENGTH = 256
"""Characters of a slot value at most (ebRIM 3.0)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A professional as the header names them."""

    id: Identifier | None
    family: str
    given: str
    specialty: Code | None
    organization_id: Identifier | None
    organization_name: str


class Header:
    """The header of one document, with the findings made while reading it."""

    def __init__(self, cda: bytes, zone: ZoneInfo | None) -> None:
        self.findings: list[Finding] = []
        self._zone = zone
        tree = _parsed(cda)
        self.self_presenting = tree.tag == _XSLT_ROOT
        document = tree.find(f".//{{{_CDA}}}ClinicalDocument") if self.self_presenting else tree
        if document is None or document.tag != f"{{{_CDA}}}ClinicalDocument":
            raise _refusal("xds.not_a_cda", "Le document n'est pas un CDA.", "Envoyer un document CDA R2.")
        self.root = document

    # -- plain reading ------------------------------------------------------------------------------------------

    def all(self, path: str, within: etree._Element | None = None) -> list[etree._Element]:
        return (self.root if within is None else within).findall(path, _NS)

    def first(self, path: str, within: etree._Element | None = None) -> etree._Element | None:
        return (self.root if within is None else within).find(path, _NS)

    def text(self, path: str, within: etree._Element | None = None) -> str:
        """White space collapsed; empty when absent."""
        found = self.first(path, within)
        return "" if found is None else content(found)

    def attribute(self, path: str, name: str, within: etree._Element | None = None) -> str:
        found = self.first(path, within)
        return "" if found is None else (found.get(name) or "").strip()

    # -- values -------------------------------------------------------------------------------------------------

    def code(self, path: str, within: etree._Element | None = None) -> Code | None:
        found = self.first(path, within)
        return None if found is None else _code(found)

    def codes(self, path: str) -> tuple[Code, ...]:
        """Each once, in order."""
        found = (_code(element) for element in self.all(path))
        return tuple(dict.fromkeys(code for code in found if code is not None))

    def identifiers(self, path: str, within: etree._Element | None = None) -> tuple[Identifier, ...]:
        return tuple(_identifiers(self.all(path, within)))

    def time(self, path: str, within: etree._Element | None = None) -> str | None:
        """DTM in UTC; None when absent or null. A wrong one is noted."""
        value = self.attribute(path, "value", within)
        if not value:
            return None
        try:
            return datatypes.dtm(Timestamp(value), self._zone)
        except (ValueError, OverflowError):
            self.note(
                "xds.time",
                path,
                "La date n'est pas une date HL7 lisible, ou son heure est sans fuseau.",
                "Corriger la date à la source, avec son décalage horaire (+0100).",
            )
            return None

    def person(self, path: str, within: etree._Element | None = None) -> Person | None:
        """An assignedAuthor or an assignedEntity; None when it is absent or names no person."""
        role = self.first(path, within)
        if role is None:
            return None
        organization = next(iter(self.identifiers("c:representedOrganization/c:id", role)), None)
        return Person(
            id=next(iter(self.identifiers("c:id", role)), None),
            family=self.text("c:assignedPerson/c:name/c:family", role),
            given=self.text("c:assignedPerson/c:name/c:given", role),
            specialty=self.code("c:code", role),
            organization_id=organization,
            organization_name=self.text("c:representedOrganization/c:name", role),
        )

    # -- findings -----------------------------------------------------------------------------------------------

    def required(self, value: str | None, code: str, where: str, what: str) -> str:
        """The value, or an empty string and a finding."""
        if not value:
            self.missing(code, where, what)
        return value or ""

    def required_code(self, value: Code | None, code: str, where: str, what: str) -> Code:
        if value is None:
            self.missing(code, where, what)
        return value or Code("", "")

    def missing(self, code: str, where: str, what: str) -> None:
        self.note(code, where, f"{what} : absent du document.", "Compléter le document à la source, puis le renvoyer.")

    def note(self, code: str, where: str, message: str, remedy: str) -> None:
        self.findings.append(_finding(code, where.replace("c:", ""), message, remedy))

    def check_lengths(self, where: str, *values: str) -> None:
        """ebRIM 3.0: a slot value holds 256 characters at most."""
        if any(len(value) > SLOT_LENGTH for value in values):
            self.note(
                "xds.too_long", where, "Valeur trop longue pour une métadonnée (256 caractères).", "La raccourcir."
            )

    def conclude(self) -> None:
        """Raise DocumentError with all that was noted, when anything was."""
        if self.findings:
            raise DocumentError(
                "xds.metadata",
                "Le document ne permet pas d'établir ses métadonnées de partage.",
                findings=tuple(self.findings),
            )


def content(element: etree._Element) -> str:
    """Text of an element and of what it holds, comments left out, white space collapsed."""
    return " ".join(str(element.xpath("string()")).split())


def _parsed(cda: bytes) -> etree._Element:
    try:
        return parsed(cda)
    except ValueError as error:
        raise _refusal(
            "xds.unreadable", "Le document n'est pas un XML lisible, ou il déclare une DTD.", "Le corriger à la source."
        ) from error


def _refusal(code: str, message: str, remedy: str) -> DocumentError:
    return DocumentError(code, message, findings=(_finding(code, "", message, remedy),))


def _finding(code: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, where, message, remedy, layer="passeur", disposition=Disposition.REFUSE)


def _code(element: etree._Element) -> Code | None:
    value, system = element.get("code"), element.get("codeSystem")
    if not value or not system or element.get("nullFlavor"):
        return None
    return Code(value.strip(), system.strip(), element.get("displayName"))


def _identifiers(elements: list[etree._Element]) -> Iterator[Identifier]:
    for element in elements:
        root = (element.get("root") or "").strip()
        if root and not element.get("nullFlavor"):
            yield Identifier(root, (element.get("extension") or "").strip() or None)
