"""The body: a laboratory report, or the laboratory's own PDF or text when it sent nothing structured."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hprim.sante.mapping.attachments import attached_pdf
from engine.formats.hprim.sante.mapping.chapters import Made, chapters
from engine.formats.hprim.sante.mapping.comments import comments
from engine.formats.hprim.sante.mapping.entries import Entry, Request
from engine.formats.hprim.sante.mapping.results import line_of_table, result
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.mapping.status import act_status, is_partial
from engine.formats.hprim.sante.mapping.validators import NOBODY, Validators, request_validator, validators
from engine.formats.hprim.sante.segments import Segment
from engine.model.document import Body, PdfBody, TextBody
from engine.model.laboratory import Chapter, Comment, LaboratoryReport
from engine.model.parties import Professional


@dataclass(frozen=True, slots=True)
class Report:
    """What the body is made of, and what the header takes from it."""

    body: Body
    chapters: tuple[Chapter, ...]
    validators: Validators
    attached_pdf: bytes | None


def report(found: tuple[Request, ...], said: list[Segment], beside: bytes | None, scope: Scope) -> Report:
    """`said`: comments of the patient; `beside`: a PDF that came with the message and is named by no result."""
    by_request = {request: request_validator(request.view.segment, scope) for request in found}
    made = _made(found, by_request, scope)
    structured = chapters(found, made, scope)
    documents = [entry.view for request in found for entry in request.documents]
    pdf = attached_pdf(documents, scope) or (None if documents else beside)
    about = (*comments(said, scope), *_comments_of_texts(found, scope))
    text = _full_text(found)
    body = LaboratoryReport(
        chapters=structured,
        status="active" if any(is_partial(request) for request in found) else "completed",
        comments=about,
        clinical_information=_clinical_information(found),
        full_text=text,
    )
    simplest = _simplest(body, pdf)
    if simplest is not body:
        scope.remarks.add("hprim.level_one", found[0].view.segment)
    return Report(simplest, structured, _responsible(by_request, made, scope), pdf)


def _made(found: tuple[Request, ...], by_request: dict[Request, Professional | None], scope: Scope) -> Made:
    results, tests = {}, {}
    for request in found:
        code = request.view.segment.get(16, 1, subsub=1)
        collected = scope.time(request.view.segment, 8)
        for entry in request.entries:
            tests[entry] = line_of_table(entry.view, code, collected, scope)
            results[entry] = result(entry.view, entry.said, tests[entry], collected, scope)
    known = {one: () if who is None or who is NOBODY else (who,) for one, who in by_request.items()}
    return Made(results, tests, known, {request: act_status(request) for request in found})


def _responsible(by_request: dict[Request, Professional | None], made: Made, scope: Scope) -> Validators:
    by_result = tuple(one.validators[0] if one.validators else None for one in made.results.values())
    return validators(tuple(by_request.values()), by_result, scope)


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
    """CR_EDITABLE, all of them, in order."""
    texts = [entry for request in found for entry in request.full_texts]
    if not texts:
        return None
    lines = ("\n".join(one.view.value.lines) if one.view.value is not None else "" for one in texts)
    return Comment("\n\n".join(lines), texts[0].view.segment.origin)


def _comments_of_texts(found: tuple[Request, ...], scope: Scope) -> tuple[Comment, ...]:
    """What was said of the whole text or of a document: about the report, for these are no results."""
    entries: list[Entry] = [one for request in found for one in request.full_texts + request.documents]
    return tuple(comment for entry in entries for comment in comments(entry.said, scope))


def _clinical_information(found: tuple[Request, ...]) -> Comment | None:
    """9.14 clinical information, then 9.32 reasons."""
    lines: dict[str, str] = {}
    for request in found:
        view = request.view
        if view.clinical_information.strip():
            lines.setdefault(view.clinical_information.strip(), view.segment.where(14))
        for reason in view.reasons:
            lines.setdefault(reason.label or reason.code, view.segment.where(32))
    return Comment("\n".join(lines), next(iter(lines.values()))) if lines else None
