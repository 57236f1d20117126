"""Layer `passeur`: our own rules, always applied, alone when no official pack is installed."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.resources import folder
from engine.validation.checks import CHECKS
from engine.validation.own_types import schemas
from engine.validation.schematron.run import Failure, Schematron
from engine.validation.schematron.sources import Sources
from engine.validation.schematron.vocabularies import Vocabularies

_ROLES = {
    "error": (Severity.ERROR, Disposition.REFUSE),
    "hold": (Severity.WARNING, Disposition.HOLD),
    "warning": (Severity.WARNING, Disposition.PUBLISH),
}
"""The role of a rule → what it does to the document."""


class OwnRules:
    """Our schematrons (folder `schematron/`) and the checks that need computation."""

    def __init__(self) -> None:
        self._sources = Sources(folder("schematron"))
        self._vocabularies = Vocabularies(self._sources)
        self._compiled: dict[tuple[str, ...], Schematron] = {}

    @property
    def compiled(self) -> frozenset[str]:
        """Schemas compiled so far."""
        return frozenset(name for names in self._compiled for name in names)

    def schematron(self, names: tuple[str, ...]) -> Schematron:
        """These files compiled as one: a document is walked once for all of them."""
        if names not in self._compiled:
            self._compiled[names] = Schematron(self._sources, names[0], self._vocabularies, also=names[1:])
        return self._compiled[names]

    def rules(self, cda: etree._Element, document: Any) -> tuple[Finding, ...]:
        """What our schematrons say of a Saxon document."""
        return tuple(map(_finding, self.schematron(schemas(cda)).failures(document)))


def checks(cda: etree._Element) -> tuple[Finding, ...]:
    """What our checks say: they need no Saxon."""
    return tuple(finding for check in CHECKS for finding in check(cda))


def _finding(failure: Failure) -> Finding:
    severity, disposition = _ROLES[failure.role]
    return Finding(
        code=f"passeur.{failure.rule}",
        severity=severity,
        where=failure.where,
        message=failure.message,
        remedy=failure.remedy,
        layer="passeur",
        disposition=disposition,
    )
