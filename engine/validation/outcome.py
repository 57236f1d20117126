"""What the validation of one document said: findings, layers run, what the document was taken for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from engine.findings import Disposition, Finding, Severity, disposition
from engine.validation.where import shortened


@dataclass(frozen=True, slots=True)
class LayerRun:
    """One layer that ran, in the order of the run."""

    name: str
    """`xml`, `xsd`, `sm`, `ihe`, `mc`, `ans`, `term`, `volet`, `passeur`."""
    milliseconds: Decimal
    findings: int


@dataclass(frozen=True, slots=True)
class RecognisedDocument:
    """What the validator took the document for; everything empty when the bytes are no CDA."""

    type_code: str = ""
    """ClinicalDocument/code/@code."""
    template: str = ""
    """`root` or `root^extension` of the templateId that chose the schema."""
    level: int | None = None
    """1 (nonXMLBody) or 3 (structuredBody)."""
    schema: str = ""
    """File name of the volet schematron, empty when only the common profiles apply."""
    schema_title: str = ""
    """Title the schema gives itself."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one document, with the version of the official pack it was given under."""

    findings: tuple[Finding, ...]
    pack: str
    """Version of the official pack, empty when our own rules alone were applied."""
    layers: tuple[LayerRun, ...]
    document: RecognisedDocument

    @property
    def may_leave(self) -> bool:
        """True when no finding is an error and none asks for a person to look first."""
        no_error = not any(finding.severity is Severity.ERROR for finding in self.findings)
        return no_error and self.disposition is Disposition.PUBLISH

    @property
    def disposition(self) -> Disposition:
        """The strictest disposition its findings ask for."""
        return disposition(self.findings)

    def count(self, severity: Severity) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)


def traced(report: Report, origins: tuple[tuple[str, str], ...]) -> Report:
    """The same report, each finding given the place in the source message that its element was made from.

    `origins` are (XPath of an element, place): the nearest one above the finding's own place is taken.
    """
    if not any(finding.where for finding in report.findings):
        return report
    known = {shortened(path).rstrip("/"): place for path, place in origins}
    return replace(report, findings=tuple(_traced(finding, known) for finding in report.findings))


def _traced(finding: Finding, known: dict[str, str]) -> Finding:
    path = shortened(finding.where)
    while path and finding.source is None:
        if path in known:
            return replace(finding, source=known[path])
        path = path.rpartition("/")[0]
    return finding
