"""The pure middle of the line, as run in a worker process: message → documents, document → CDA judged fit to leave."""

from __future__ import annotations

from dataclasses import dataclass

from engine.context import Context, Software
from engine.declarations import Conversion, DocumentType, Format
from engine.documents.fidelity import fidelity_findings
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, Severity
from engine.identity.guard import guard_findings
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.policy import conversion_under_policy
from engine.rendering.file_name import file_name
from engine.validation.report import traced
from engine.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Built:
    """A document as built and judged."""

    document: ClinicalDocument
    """After merge with the version before."""
    findings: tuple[Finding, ...]
    file_name: str
    cda: bytes | None
    pdf: bytes | None
    pack: str


def interpret(message: InboundMessage, context: Context, format_: Format) -> Conversion:
    """Read a message with the route's format, then apply what its laboratory chose about findings."""
    return conversion_under_policy(format_.convert(message, context), context)


def build(
    document: ClinicalDocument,
    version: DocumentVersion,
    previous: ClinicalDocument | None,
    *,
    document_type: DocumentType,
    validator: Validator,
    software: Software,
    production: bool,
) -> Built:
    """Merge with the version before, render, then let every judge speak: fidelity, identity, PDF/A, validation."""
    merged, findings = document_type.merge(previous, document) if previous is not None else (document, ())
    name = file_name(merged)
    try:
        rendered = document_type.render(merged, version, software)
    except DocumentError as error:
        told = error.findings or (_refused(error),)
        return Built(merged, (*findings, *told), name, None, None, "")
    report = traced(validator.validate(rendered.cda), rendered.origins)
    judged = (
        *findings,
        *rendered.findings,
        *fidelity_findings(merged, rendered.cda),
        *guard_findings(merged, version, rendered.cda, production=production),
        *report.findings,
    )
    return Built(merged, judged, name, rendered.cda, rendered.pdf, report.pack)


def _refused(error: DocumentError) -> Finding:
    return Finding(error.code, Severity.ERROR, error.where, error.message, layer="cda", disposition=Disposition.REFUSE)
