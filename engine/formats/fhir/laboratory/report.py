"""The body: a laboratory report, or the laboratory's own PDF or text when it sent nothing structured."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.content import PDF, body, file
from engine.formats.fhir.datatypes import concept_words
from engine.formats.fhir.laboratory.chapters import chapters
from engine.formats.fhir.laboratory.items import Arranger, loose_drug_findings, status_findings, tied
from engine.formats.fhir.laboratory.observations import CORRECTED, WITHDRAWN, Held, observations
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.laboratory.validators import Validators, validators
from engine.formats.fhir.node import Node
from engine.model.document import Body, PdfBody, ReportStatus, TextBody
from engine.model.laboratory import Chapter, Comment, LaboratoryReport
from engine.model.parties import Professional

_PARTIAL = frozenset({"partial", "preliminary"})
_AMENDED = frozenset({"amended", "corrected", "appended"})


@dataclass(frozen=True, slots=True)
class Report:
    """What the body is made of, and what the header takes from it."""

    body: Body
    chapters: tuple[Chapter, ...]
    validators: Validators
    attached_pdf: bytes | None
    status: ReportStatus


def report(node: Node, about: Node, reasons: Comment | None, scope: LabScope) -> Report:
    """`about`: its Patient; `reasons`: what the prescriber gave."""
    tops = observations(node, about, scope)
    pending = status_findings(tops, scope)
    derived = tied(tops, scope)
    loose_drug_findings(tops, derived, scope)
    arranger = Arranger(scope, derived)
    status = _status(node, tops, pending, scope)
    partial = pending or node.text("status") in _PARTIAL
    structured = chapters(node, tops, arranger, about, partial, scope)
    pdf, text = _presented(node, scope)
    whole = LaboratoryReport(
        chapters=structured,
        status="active" if partial else "completed",
        comments=_comments(node),
        clinical_information=reasons,
        full_text=text,
    )
    simplest = _simplest(node, whole, pdf, scope)
    by_result: tuple[Professional, ...] = tuple(one.validators[0] for one in arranger.made if one.validators)
    return Report(simplest, structured, validators(node, by_result, scope), pdf, status)


def _status(node: Node, tops: tuple[Held, ...], pending: bool, scope: LabScope) -> ReportStatus:
    """cancelled → CANCELLED, held · partial, preliminary or something to come → PARTIAL, held unless the laboratory
    allows it · amended, corrected, appended, or a result that is → CORRECTED · final → FINAL."""
    sent = node.text("status")
    everyone = [one for top in tops for one in top.everyone]
    if sent == "entered-in-error":
        scope.remarks.add("fhir.entered_in_error", node.at("status"))
    elif sent == "registered":
        scope.remarks.add("fhir.registered", node.at("status"))
    elif sent == "unknown":
        scope.remarks.add("fhir.report_status_unknown", node.at("status"))
    if sent == "cancelled" or (everyone and all(one.status in WITHDRAWN for one in everyone)):
        scope.remarks.add("fhir.cancelled", node.at("status"))
        return ReportStatus.CANCELLED
    if pending or sent in _PARTIAL:
        allowed = scope.laboratory.partial_reports == "publish"
        scope.remarks.add("fhir.partial_published" if allowed else "fhir.not_validated", node.at("status"))
    if sent in _AMENDED or any(one.status in CORRECTED for one in everyone):
        return ReportStatus.CORRECTED
    return ReportStatus.PARTIAL if pending or sent in _PARTIAL else ReportStatus.FINAL


def _presented(node: Node, scope: LabScope) -> tuple[bytes | None, Comment | None]:
    """presentedForm: a PDF is attached, a text is the whole report in words; the last of several, and it is said."""
    pdf, text = None, None
    sent = node.nodes("presentedForm")
    if len(sent) > 1:
        scope.remarks.add("fhir.several_pdf", node.at("presentedForm"))
    for attachment in sent:
        found = file(attachment, scope.whole)
        if found is None:
            continue
        if found.media_type not in (PDF, "text/plain"):
            scope.remarks.add("fhir.attachment_not_carried", attachment.where)
            continue
        made = body(found, scope.whole)
        if isinstance(made, PdfBody):
            pdf = made.pdf
        elif isinstance(made, TextBody):
            text = Comment("\n".join(made.lines), attachment.where)
    return pdf, text


def _comments(node: Node) -> tuple[Comment, ...]:
    """conclusion, then the words of its codes that it does not say already."""
    said = node.text("conclusion")
    found = [Comment(said, node.at("conclusion"))] if said else []
    for one in node.nodes("conclusionCode"):
        words = concept_words(one)
        if words and words not in said:
            found.append(Comment(words, one.where))
    return tuple(found)


def _simplest(node: Node, whole: LaboratoryReport, pdf: bytes | None, scope: LabScope) -> Body:
    """Nothing but a PDF, or nothing but the report as text: a level 1 document."""
    if any(act.items for chapter in whole.chapters for act in chapter.acts):
        return whole
    if pdf is not None and whole.full_text is None and not whole.comments:
        scope.remarks.add("fhir.level_one", node.where)
        return PdfBody(pdf)
    if pdf is None and whole.full_text is not None:
        scope.remarks.add("fhir.level_one", node.where)
        words = (whole.full_text, *whole.comments)
        return TextBody(tuple("\n\n".join(one.text for one in words).split("\n")))
    scope.remarks.add("fhir.no_result", node.where)
    return whole
