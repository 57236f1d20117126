"""The body: a laboratory report, or the laboratory's own PDF or text when it sent nothing structured."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.acts import Made
from engine.formats.hl7v2.results.mapping.attachments import attached_pdf
from engine.formats.hl7v2.results.mapping.chapters import chapters
from engine.formats.hl7v2.results.mapping.comments import comments
from engine.formats.hl7v2.results.mapping.entries import Entry, Request
from engine.formats.hl7v2.results.mapping.results import line_of_table, result
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.status import act_status, is_partial
from engine.formats.hl7v2.results.mapping.validators import NOBODY, Validators, request_validator, validators
from engine.formats.hl7v2.results.view.fields import text
from engine.model.document import Body, PdfBody, TextBody
from engine.model.laboratory import Chapter, Comment, LaboratoryReport
from engine.model.parties import Professional
from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class Report:
    """What the body is made of, and what the header takes from it."""

    body: Body
    chapters: tuple[Chapter, ...]
    validators: Validators
    attached_pdf: bytes | None


def report(found: tuple[Request, ...], said: list[Segment], beside: bytes | None, scope: Scope) -> Report:
    """`said`: comments of the patient; `beside`: a PDF that came with the message."""
    by_request = {request: request_validator(request.view.segment, scope) for request in found}
    made = _made(found, by_request, scope)
    structured = chapters(found, made, scope)
    documents = [entry.view for request in found for entry in request.documents]
    pdf = attached_pdf(documents, scope) or (None if documents else beside)
    body = LaboratoryReport(
        chapters=structured,
        status="active" if any(is_partial(request) for request in found) else "completed",
        comments=(*comments(said, scope), *_comments_of_texts(found, scope)),
        clinical_information=_clinical_information(found),
        full_text=_full_text(found),
    )
    simplest = _simplest(body, pdf)
    if simplest is not body:
        scope.remarks.add("hl7v2.level_one", found[0].view.segment)
    by_result = (one.validators for one in made.results.values())
    return Report(simplest, structured, validators(by_request.values(), by_result, scope), pdf)


def collected(request: Request, scope: Scope) -> Timestamp | None:
    """OBR-7, else SPM-17 of its first sample."""
    for segment, inside in ((request.view.segment, "7"), *((one, "17.1.1") for one in request.group.specimens)):
        if (when := scope.time(segment, inside)) is not None:
            return when
    return None


def _made(found: tuple[Request, ...], by_request: dict[Request, Professional | None], scope: Scope) -> Made:
    results, tests = {}, {}
    for request in found:
        specimen, when = _specimen_code(request), collected(request, scope)
        answered = by_request[request] not in (None, NOBODY)
        for entry in request.entries:
            tests[entry] = line_of_table(entry.view, specimen, when, scope)
            results[entry] = result(entry, tests[entry], when, answered, scope)
    known = {one: () if who is None or who is NOBODY else (who,) for one, who in by_request.items()}
    return Made(results, tests, known, {request: act_status(request) for request in found})


def _specimen_code(request: Request) -> str:
    """The kind of sample, for the laboratory's table; nothing when the request has samples of several kinds."""
    kinds = {text(one, "4.1") for one in request.group.specimens} or {text(request.view.segment, "15.1.1")}
    return kinds.pop() if len(kinds) == 1 else ""


def _simplest(body: LaboratoryReport, pdf: bytes | None) -> Body:
    """Nothing but a PDF, or nothing but the report as text: a level-1 document; never results guessed from text."""
    if any(act.items for chapter in body.chapters for act in chapter.acts):
        return body
    if pdf is not None and body.full_text is None and not body.comments:
        return PdfBody(pdf)
    if pdf is None and body.full_text is not None:
        words = (body.full_text, *body.comments)
        return TextBody(tuple("\n\n".join(one.text for one in words).split("\n")))
    return body


def _full_text(found: tuple[Request, ...]) -> Comment | None:
    """The whole report as text, all its parts in order."""
    texts = [entry.view for request in found for entry in request.full_texts]
    if not texts:
        return None
    return Comment("\n\n".join(one.text for one in texts), str(texts[0].segment.path()))


def _comments_of_texts(found: tuple[Request, ...], scope: Scope) -> tuple[Comment, ...]:
    """What was said of the whole text or of a document: about the report, for these are no results."""
    entries: list[Entry] = [one for request in found for one in request.full_texts + request.documents]
    return tuple(comment for entry in entries for comment in comments(entry.notes, scope))


def _clinical_information(found: tuple[Request, ...]) -> Comment | None:
    """OBR-13, then OBR-31, each once."""
    lines: dict[str, str] = {}
    for request in found:
        view = request.view
        if view.clinical_information.strip():
            lines.setdefault(view.clinical_information.strip(), str(view.segment.path("13")))
        for reason in view.reasons:
            lines.setdefault(reason.words, str(view.segment.path("31")))
    return Comment("\n".join(lines), next(iter(lines.values()))) if lines else None
