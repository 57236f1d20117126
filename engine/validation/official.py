"""The official layers: the pack's XML schema, its common profiles, and the schematron of the document's volet."""

from __future__ import annotations

from typing import Any

from engine.findings import Disposition, Finding, Severity
from engine.validation.art_decor import french
from engine.validation.layers import PROFILES, XSD
from engine.validation.pack import Pack
from engine.validation.schematron.run import Failure, Schematron
from engine.validation.schematron.sources import Sources
from engine.validation.schematron.vocabularies import Vocabularies
from engine.validation.structure import Structure

_SEVERITIES = {
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFO,
    "information": Severity.INFO,
    "hint": Severity.INFO,
}
_INCOMPLETE = frozenset({"pack.missing_include"})


class OfficialRules:
    """The compiled rules of one pack; each schema is compiled when it is first needed."""

    def __init__(self, pack: Pack) -> None:
        self._sources = Sources(pack.path)
        self._vocabularies = Vocabularies(self._sources)
        self._compiled: dict[str, Schematron] = {}
        self._structure: Structure | None = None

    @property
    def structure(self) -> Structure:
        if self._structure is None:
            self._structure = Structure(self._sources.path(XSD))
        return self._structure

    @property
    def compiled(self) -> frozenset[str]:
        """Schemas compiled so far."""
        return frozenset(self._compiled)

    def has(self, schema: str) -> bool:
        """True when the pack holds this schema."""
        return self._sources.find(schema) is not None

    def schematron(self, schema: str) -> Schematron:
        """The compiled schema. Raises SchematronError when it cannot be used."""
        if schema not in self._compiled:
            self._compiled[schema] = Schematron(self._sources, schema, self._vocabularies)
        return self._compiled[schema]

    def findings(self, layer: str, schema: str, document: Any) -> tuple[Finding, ...]:
        """What one layer says of a Saxon document."""
        compiled = self.schematron(schema)
        found = tuple(finding(layer, failure) for failure in compiled.failures(document))
        lacking = [problem for problem in compiled.problems if problem.code in _INCOMPLETE]
        return (*found, _incomplete(layer, schema, len(lacking))) if lacking and layer == "volet" else found


def profiles() -> tuple[tuple[str, str], ...]:
    """(layer, schema) of the common profiles, in order."""
    return tuple(PROFILES.items())


def finding(layer: str, failure: Failure) -> Finding:
    """A failed official assertion; an error keeps the document from leaving."""
    severity = _SEVERITIES.get(failure.role.lower(), Severity.ERROR)
    return Finding(
        code=f"{layer}.{failure.rule}",
        severity=severity,
        where=failure.where,
        message=french(failure.message),
        remedy=failure.remedy or _remedy(severity),
        layer=layer,
        disposition=Disposition.REFUSE if severity is Severity.ERROR else Disposition.PUBLISH,
    )


def _remedy(severity: Severity) -> str:
    if severity is Severity.ERROR:
        return "Corriger cet élément dans le logiciel qui a produit le document, puis l’envoyer de nouveau."
    return ""


def _incomplete(layer: str, schema: str, number: int) -> Finding:
    return Finding(
        code="pack.incomplete_schema",
        severity=Severity.WARNING,
        where="",
        message=f"Le schéma officiel de ce type de document est incomplet dans le pack ({number} fichiers absents) : "
        "une partie de ses règles n’a pas été vérifiée.",
        remedy="Installer un pack complet ou une version plus récente de ce type de document.",
        layer=layer,
    )
