"""DiagnosticReport → Draft of a laboratory report (cr_bio, or cr_bio_n1 for a PDF or a text alone).

identifier number · status · subject patient · effective[x] act · issued creation · performer laboratory ·
resultsInterpreter validators · basedOn prescriber, order numbers, reasons · specimen · result · conclusion comments ·
presentedForm attached PDF · encounter · ihe-intendedRecipient recipients.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from engine.cda.codes import CR_BIO_TITLE
from engine.context import stable_oid
from engine.declarations import Draft
from engine.formats.fhir.datatypes import has_code
from engine.formats.fhir.labels import Labels, Sending, labels, recipients, sending
from engine.formats.fhir.laboratory.identity import patient_key, qualified_patient
from engine.formats.fhir.laboratory.parties import (
    Requests,
    encounter,
    laboratory,
    participants,
    receivers,
    requests,
)
from engine.formats.fhir.laboratory.report import Report, report
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import LOINC, SECTIONS, known_oid
from engine.formats.terminology.chapters import TITLES
from engine.model.directory import Structure
from engine.model.document import Author, ClinicalDocument, ReportStatus, ServiceEvent, Signature
from engine.model.instructions import Instructions
from engine.model.laboratory import LaboratoryReport
from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Timestamp

STRUCTURED, LEVEL_1 = "cr_bio", "cr_bio_n1"
_REPORT_CODE = "11502-2"


def draft(node: Node, structure: Structure | None, scope: Scope) -> Draft | None:
    """None when something refuses. `structure`: whose key was borne, which must be the laboratory's own."""
    own = laboratory(node, scope)
    about = scope.bundle.followed(node.node("subject"), "Patient")
    if about is None and not (node.node("subject") or node).text("reference"):
        scope.remarks.add("fhir.missing", node.at("subject"))
    if not _is_laboratory_report(node):
        scope.remarks.add("fhir.not_a_laboratory_report", node.at("category"))
    if own is None or about is None:
        return None
    if structure is not None and structure.organization.id != own.organization.id:
        scope.remarks.add("fhir.other_laboratory", node.at("performer"))
        return None
    scope = replace(scope, zone=ZoneInfo(own.time_zone))
    lab = LabScope(scope, own)
    _findings(node, scope)
    number = _number(node, lab)
    asked = requests(node, about, lab)
    made = report(node, about, asked.reasons, lab)
    document = _document(node, about, number, asked, made, lab)
    sent = recipients(node, about, scope)
    document = replace(document, recipients=receivers(asked, sent, lab))
    marked, orders = labels(node, scope), sending(node, scope)
    if scope.remarks.refused:
        return None
    return Draft(
        set_id=Identifier(_set_oid(number, lab)),
        status=made.status,
        document=replace(document, confidentiality=marked.confidentiality),
        patient_key=patient_key(document.patient, own),
        instructions=_instructions(orders, marked, sent.patient),
    )


def _is_laboratory_report(node: Node) -> bool:
    """category LAB (v2-0074), or a chapter of ours; else the code of the report itself."""
    if any(has_code(one, SECTIONS, "LAB") or has_code(one, LOINC, *TITLES) for one in node.nodes("category")):
        return True
    return has_code(node.node("code"), LOINC, _REPORT_CODE)


def _findings(node: Node, scope: Scope) -> None:
    """What is sent beside the results and has no place."""
    for name in ("media", "imagingStudy"):
        if node.has(name):
            scope.remarks.add("fhir.images", node.at(name))
    for whole in (node, *scope.bundle.of_type("Composition"), *scope.bundle.of_type("Observation")):
        narrative = whole.node("text")
        if narrative is not None and narrative.text("status") == "additional":
            scope.remarks.add("fhir.narrative", whole.at("text"))


def _number(node: Node, scope: LabScope) -> tuple[Node, Identifier] | None:
    """The only one, else the only official one; its identifier for the act, when it has an OID."""
    sent = [one for one in node.nodes("identifier") if one.text("value") and one.text("use") != "old"]
    official = [one for one in sent if one.text("use") == "official"]
    chosen = official if len(sent) > 1 and len(official) == 1 else sent
    if len(chosen) > 1:
        scope.remarks.add("fhir.several_report_numbers", node.at("identifier"))
        return None
    if not chosen:
        scope.remarks.add("fhir.missing", node.at("identifier"))
        return None
    root = known_oid(chosen[0].text("system")) or scope.laboratory.oid
    return chosen[0], Identifier(root, chosen[0].text("value"))


def _set_oid(number: tuple[Node, Identifier] | None, scope: LabScope) -> str:
    """The stable key of the report: the same as for the other messages of this laboratory that bear its number."""
    if number is None:
        raise ValueError("a report without a number is refused")
    system, value = number[0].text("system"), number[0].text("value")
    if not system or known_oid(system) == scope.laboratory.oid:
        return stable_oid("set", scope.laboratory.oid, value)
    return stable_oid("set", scope.laboratory.oid, system, value)


def _document(
    node: Node,
    about: Node,
    number: tuple[Node, Identifier] | None,
    asked: Requests,
    made: Report,
    scope: LabScope,
) -> ClinicalDocument:
    created_at = _created_at(node, scope)
    responsible = made.validators.main
    acts = _acts(node, number, made, created_at, scope)
    return ClinicalDocument(
        type=STRUCTURED if isinstance(made.body, LaboratoryReport) else LEVEL_1,
        title=CR_BIO_TITLE,
        created_at=created_at,
        patient=qualified_patient(about, scope),
        authors=(Author(created_at, responsible),),
        custodian=scope.laboratory.organization,
        legal_authenticator=Signature(created_at, responsible),
        act=acts[0],
        acts=acts[1:],
        encounter=replace(encounter(node, about, scope), responsible=responsible),
        body=made.body,
        authenticators=tuple(Signature(created_at, one) for one in made.validators.others),
        participants=participants(asked),
        orders=asked.numbers,
        attached_pdf=made.attached_pdf if isinstance(made.body, LaboratoryReport) else None,
    )


def _created_at(node: Node, scope: LabScope) -> Timestamp:
    """issued, else the reception."""
    issued = scope.time(node, "issued")
    if issued is not None:
        return issued
    scope.remarks.add("mapping.created_at_reception", node.at("issued"))
    return Timestamp.of(scope.whole.received)


def _acts(
    node: Node,
    number: tuple[Node, Identifier] | None,
    made: Report,
    created_at: Timestamp,
    scope: LabScope,
) -> tuple[ServiceEvent, ...]:
    """One per chapter, the first complete: id the report's number · start effective[x] · stop its end, else issued."""
    start = scope.moment(node, "effective")
    if start is None:
        scope.remarks.once("mapping.act_start_missing", node.at("effective"))
    stop = scope.time(node.node("effectivePeriod"), "end") or scope.time(node, "issued")
    performer: Professional = replace(made.validators.main, organization=scope.laboratory.organization)
    codes: list[Code | None] = [chapter.code for chapter in made.chapters] or [None]
    return tuple(
        ServiceEvent(
            code=code,
            performer=performer,
            start=start or created_at,
            stop=stop,
            id=number[1] if number is not None and rank == 0 else None,
            status=_act_status(made),
        )
        for rank, code in enumerate(codes)
    )


def _act_status(made: Report) -> str:
    if made.status is ReportStatus.CANCELLED:
        return "aborted"
    return made.body.status if isinstance(made.body, LaboratoryReport) else "completed"


def _instructions(asked: Sending, marked: Labels, to_patient: bool) -> Instructions:
    """A laboratory report goes where its route says, unless the Bundle says otherwise."""
    patient = asked.patient if asked.patient is not None else (True if to_patient else None)
    return Instructions(
        dmp=asked.dmp,
        professionals=asked.professionals,
        patient=patient,
        visibility=marked.visibility,
        patient_may_reply=asked.patient_may_reply,
        deferral_minutes=asked.deferral_minutes,
    )
