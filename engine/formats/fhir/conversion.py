"""Bundle → Draft: its form first, all of it; then the one document it holds, of a structure or of a laboratory."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.fhir import document
from engine.formats.fhir.bundle import Bundle, bundle_findings
from engine.formats.fhir.coverage import compositions, coverage_findings
from engine.formats.fhir.laboratory import document as laboratory_document
from engine.formats.fhir.node import Node
from engine.formats.fhir.remarks import Remarks
from engine.formats.fhir.rules import finding
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.structure import structure_findings
from engine.formats.fhir.tree import tree
from engine.model.directory import Structure

KIND = "Bundle FHIR R4"
_PARIS = ZoneInfo("Europe/Paris")
"""For a laboratory, whose times bear their own zone, and for an unknown sender."""


def converted(message: InboundMessage, context: Context) -> Conversion:
    """One document, or every fault at its own element. Never raises on bad input."""
    sent, faults = tree(message.content)
    if sent is None:
        return _refused(faults, message)
    if sent.get("resourceType") != "Bundle":
        return _refused((finding("fhir.not_a_bundle", "resourceType"),), message)
    remarks = Remarks()
    for one in structure_findings(sent):
        remarks.keep(one)
    bundle = Bundle(sent, remarks)
    for one in bundle_findings(bundle):
        remarks.keep(one)
    found = _documents(bundle, remarks)
    kind = f"{KIND} {bundle.type} ({found.type})" if found is not None else KIND
    if remarks.refused or found is None:
        return _refused(remarks.findings, message, kind)
    structure = context.structure(message.sender)
    draft = _draft(bundle.read(found), structure, remarks, bundle, message, context)
    if draft is None or remarks.refused:
        return _refused(remarks.findings, message, kind)
    return Conversion((replace(draft, findings=remarks.findings),), (), message.sender, kind)


def _refused(findings: tuple[Finding, ...], message: InboundMessage, kind: str = KIND) -> Conversion:
    return Conversion((), findings, message.sender, kind)


def _documents(bundle: Bundle, remarks: Remarks) -> Node | None:
    """The only DocumentReference or DiagnosticReport."""
    found = (*bundle.of_type("DocumentReference"), *bundle.of_type("DiagnosticReport"))
    if not found and not remarks.refused:
        remarks.add("fhir.no_document", "Bundle.entry")
    for one in found[1:]:
        remarks.add("fhir.several_documents", one.where)
    return found[0] if len(found) == 1 else None


def _draft(
    node: Node, structure: Structure | None, remarks: Remarks, bundle: Bundle, message: InboundMessage, context: Context
) -> Draft | None:
    zone = ZoneInfo(structure.time_zone) if structure is not None else _PARIS
    scope = Scope(bundle, remarks, context, zone)
    made: Draft | None = None
    if node.type == "DiagnosticReport":
        made = laboratory_document.draft(node, structure if message.sender else None, scope)
    elif structure is None:
        remarks.add("fhir.unknown_structure")
    else:
        made = document.draft(node, structure, scope)
    subject = node.node("subject")
    compositions(scope, bundle.found(subject, "Patient") if subject is not None else None)
    coverage_findings(scope)
    return made
