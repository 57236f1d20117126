"""The next version of a biology report: what a correction sends, and what it leaves as it was.

HPRIM Santé 2.4 sends again only what changes; a CDA version replaces the one before as a whole (relatedDocument RPLC).
"""

from __future__ import annotations

from dataclasses import replace

from engine.cda.parties import is_national_professional
from engine.documents.alignment import aligned
from engine.documents.corrected_act import carried_comment, corrected_act, versions
from engine.documents.correction_findings import correction_findings
from engine.documents.report_keys import keyed_acts, keyed_results
from engine.findings import Finding
from engine.model.document import ClinicalDocument, Signature
from engine.model.laboratory import Chapter, LabAct, LaboratoryReport


def merged_report(
    previous: ClinicalDocument, current: ClinicalDocument
) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
    """Both bodies are laboratory reports of one patient: the whole next version, and what a person must know of it."""
    before, sent = previous.body, current.body
    assert isinstance(before, LaboratoryReport) and isinstance(sent, LaboratoryReport)
    now, moved = aligned(before, sent)
    chapters = _chapters(before, now)
    results = [result for chapter in chapters for act in chapter.acts for _, result in keyed_results(act)]
    carried = sum(result.carried_over and result.status != "aborted" for result in results)
    body = _report(before, now, chapters, bool(carried))
    merged = replace(
        current,
        body=body,
        participants=current.participants or previous.participants,
        orders=tuple(dict.fromkeys((*current.orders, *previous.orders))),
        authenticators=_authenticators(previous, current) if carried else current.authenticators,
    )
    return merged, correction_findings(before, current, now, carried, moved)


def _report(
    before: LaboratoryReport, now: LaboratoryReport, chapters: tuple[Chapter, ...], carried: bool
) -> LaboratoryReport:
    """Words about the whole stay as long as a result they may speak of does."""
    partial = now.status == "active" or any(act.status == "active" for chapter in chapters for act in chapter.acts)
    texts = {comment.text for comment in now.comments}
    kept = tuple(carried_comment(one) for one in before.comments if carried and one.text not in texts)
    return replace(
        now,
        chapters=chapters,
        status="active" if partial else now.status,
        comments=(*now.comments, *kept),
        clinical_information=now.clinical_information or before.clinical_information,
        accreditation_note=now.accreditation_note or before.accreditation_note,
    )


def _chapters(before: LaboratoryReport, now: LaboratoryReport) -> tuple[Chapter, ...]:
    """Chapters and acts in the order of the version before, then what is new."""
    given = versions(before, now)
    sent = {key: act for key, _, act in keyed_acts(now)}
    titles = {chapter.code.code: chapter for chapter in now.chapters}
    acts: dict[str, list[LabAct]] = {chapter.code.code: [] for chapter in (*before.chapters, *now.chapters)}
    known = set()
    for key, chapter, act in keyed_acts(before):
        known.add(key)
        if (made := corrected_act(key, act, sent.get(key), given)) is not None:
            acts[chapter.code.code].append(made)
    for key, chapter, act in keyed_acts(now):
        if key not in known:
            acts[chapter.code.code].append(act)
    titled = {chapter.code.code: chapter for chapter in before.chapters} | titles
    return tuple(replace(titled[code], acts=tuple(made)) for code, made in acts.items() if made)


def _authenticators(previous: ClinicalDocument, current: ClinicalDocument) -> tuple[Signature, ...]:
    """Who validated what is carried over still answers for it, beside who signs the correction."""
    known = {current.legal_authenticator.professional.id, *(one.professional.id for one in current.authenticators)}
    others = {
        signature.professional.id: signature
        for signature in (previous.legal_authenticator, *previous.authenticators)
        if signature.professional.id not in known and is_national_professional(signature.professional.id)
    }
    return (*current.authenticators, *others.values())
