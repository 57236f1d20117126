"""Layer `passeur`: our own rules, always applied, alone when no official pack is installed."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.resources import folder
from engine.validation.checks import CHECKS
from engine.validation.document import NS
from engine.validation.schematron.run import Failure, Schematron
from engine.validation.schematron.sources import Sources
from engine.validation.schematron.vocabularies import Vocabularies

_LOINC = "2.16.840.1.113883.6.1"
_BIOLOGY = "11502-2"
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}


class OwnRules:
    """Our schematrons (folder `schematron/`) and the checks that need computation."""

    def __init__(self) -> None:
        self._sources = Sources(folder("schematron"))
        self._vocabularies = Vocabularies(self._sources)
        self._compiled: dict[str, Schematron] = {}

    def schemas(self, cda: etree._Element) -> tuple[str, ...]:
        """Our schematrons that apply to a document."""
        code = cda.find("cda:code", NS)
        structured = cda.find("cda:component/cda:structuredBody", NS) is not None
        biology = code is not None and (code.get("code"), code.get("codeSystem")) == (_BIOLOGY, _LOINC)
        return ("header.sch", "cr_bio.sch") if biology and structured else ("header.sch",)

    @property
    def compiled(self) -> frozenset[str]:
        """Schemas compiled so far."""
        return frozenset(self._compiled)

    def schematron(self, name: str) -> Schematron:
        if name not in self._compiled:
            self._compiled[name] = Schematron(self._sources, name, self._vocabularies)
        return self._compiled[name]

    def rules(self, cda: etree._Element, document: Any) -> tuple[Finding, ...]:
        """What our schematrons say of a Saxon document."""
        return tuple(
            _finding(failure)
            for name in self.schemas(cda)
            for failure in self.schematron(name).failures(document)
        )  # fmt: skip


def checks(cda: etree._Element) -> tuple[Finding, ...]:
    """What our checks say: they need no Saxon."""
    return tuple(finding for check in CHECKS for finding in check(cda))


def _finding(failure: Failure) -> Finding:
    severity = _SEVERITIES[failure.role]
    return Finding(
        code=f"passeur.{failure.rule}",
        severity=severity,
        where=failure.where,
        message=failure.message,
        remedy=failure.remedy,
        layer="passeur",
        disposition=Disposition.REFUSE if severity is Severity.ERROR else Disposition.PUBLISH,
    )
