"""One patient and one report → one draft (cr_bio, or cr_bio_n1 for a PDF or text)."""

from __future__ import annotations

from dataclasses import replace

from engine.declarations import Draft
from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.grouping import ReportKey
from engine.formats.hl7v2.results.mapping.entries import Request
from engine.formats.hl7v2.results.mapping.identity import patient, patient_key
from engine.formats.hl7v2.results.mapping.parties import encounter, orders, participants, prescriber, recipients
from engine.formats.hl7v2.results.mapping.report import Report, collected, report
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.status import report_status
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.datatypes import timestamp
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.hl7v2.results.view.patient import patient_view
from engine.formats.hl7v2.results.view.tree import PatientGroup
from engine.model.document import NORMAL, Author, ClinicalDocument, ReportStatus, ServiceEvent, Signature
from engine.model.laboratory import LaboratoryReport
from engine.model.values import Code, Identifier, Timestamp

STRUCTURED, LEVEL_1 = "cr_bio", "cr_bio_n1"
"""The document types of a structured report, and of one PDF or text."""
TITLE = "Compte rendu d'examens biologiques"
_USUAL = frozenset({"", "U", "N"})
_CONFIDENTIALITY = {"R": "Restreint", "V": "Très restreint"}


def draft(
    header: Segment,
    group: PatientGroup,
    key: ReportKey,
    found: tuple[Request, ...],
    said: list[Segment],
    beside: bytes | None,
    scope: Scope,
) -> Draft:
    """The document of one report. Every finding is kept; the strictest decides what becomes of it."""
    view = patient_view(group.segment)
    coverage_findings(view.segment, scope.remarks)
    status = report_status(found, scope)
    made = report(found, said, beside, scope)
    _number_findings(key, found, scope)
    created_at = _created_at(header, found, scope)
    ordering = prescriber(found, scope)
    responsible = made.validators.main
    acts = _acts(found, status, made, created_at, scope)
    document = ClinicalDocument(
        type=STRUCTURED if isinstance(made.body, LaboratoryReport) else LEVEL_1,
        title=TITLE,
        created_at=created_at,
        patient=patient(view, scope),
        authors=(Author(created_at, responsible),),
        custodian=scope.laboratory.organization,
        legal_authenticator=Signature(created_at, responsible),
        act=acts[0],
        acts=acts[1:],
        encounter=replace(encounter(group.visit, scope), responsible=responsible),
        body=made.body,
        authenticators=tuple(Signature(created_at, one) for one in made.validators.others),
        participants=participants(found, ordering, scope),
        recipients=recipients(found, ordering, scope),
        orders=orders(found, scope),
        confidentiality=_confidentiality(found, scope),
        attached_pdf=made.attached_pdf,
    )
    return Draft(
        set_id=Identifier(key.oid(scope.laboratory.oid)),
        status=status,
        document=document,
        findings=scope.remarks.findings,
        patient_key=patient_key(view, scope),
        test=text(header, "11.1").upper() in {"T", "D"},
    )


def _number_findings(key: ReportKey, found: tuple[Request, ...], scope: Scope) -> None:
    if not key.is_stable:
        scope.remarks.add("hl7v2.request_number_missing", found[0].view.segment, "3")
    for request in found:
        own, order = text(request.view.segment, "3.1"), text(request.view.order, "3.1")
        if own and order and own != order:
            scope.remarks.add("hl7v2.numbers_differ", request.view.segment, "3")


def _created_at(header: Segment, found: tuple[Request, ...], scope: Scope) -> Timestamp:
    """OBR-22, the last one; else MSH-7; else the reception."""
    reported = _times(found, "22", scope)
    if reported:
        return max(reported, key=lambda when: when.instant(scope.zone))
    sent = timestamp(text(header, "7.1"), scope.zone)
    if sent is not None:
        return sent
    scope.remarks.add("mapping.created_at_reception")
    return Timestamp.of(scope.received_at.astimezone(scope.zone))


def _acts(
    found: tuple[Request, ...], status: ReportStatus, made: Report, created_at: Timestamp, scope: Scope
) -> tuple[ServiceEvent, ...]:
    """One per chapter, the first complete: id OBR-3 · start OBR-14 or SPM-18, else OBR-7 or SPM-17 · stop OBR-22."""
    start = _start(found, scope)
    if start is None:
        scope.remarks.once("mapping.act_start_missing", found[0].view.segment, "14")
    reported = _times(found, "22", scope)
    stop = max(reported, key=lambda when: when.instant(scope.zone)) if reported else None
    number = found[0].view.filler.id
    performer = replace(made.validators.main, organization=scope.laboratory.organization)
    codes: list[Code | None] = [chapter.code for chapter in made.chapters] or [None]
    return tuple(
        ServiceEvent(
            code=code,
            performer=performer,
            start=start or created_at,
            stop=stop,
            id=Identifier(scope.laboratory.oid, number) if number and rank == 0 else None,
            status=_act_status(status, made),
        )
        for rank, code in enumerate(codes)
    )


def _start(found: tuple[Request, ...], scope: Scope) -> Timestamp | None:
    """The earliest reception; without any, the earliest collection."""
    received = _times(found, "14", scope)
    received += [when for one in found for spm in one.group.specimens if (when := scope.time(spm, "18")) is not None]
    taken = received or [when for one in found if (when := collected(one, scope)) is not None]
    return min(taken, key=lambda when: when.instant(scope.zone)) if taken else None


def _times(found: tuple[Request, ...], inside: str, scope: Scope) -> list[Timestamp]:
    return [when for one in found if (when := scope.time(one.view.segment, inside)) is not None]


def _act_status(status: ReportStatus, made: Report) -> str:
    if status is ReportStatus.CANCELLED:
        return "aborted"
    return made.body.status if isinstance(made.body, LaboratoryReport) else "completed"


def _confidentiality(found: tuple[Request, ...], scope: Scope) -> Code:
    """ORC-28 (table 0177): anything but usual control holds the report, which says V, else R."""
    marked = {
        code: request.view.order
        for request in found
        if (code := text(request.view.order, "28.1").upper()) not in _USUAL and request.view.order is not None
    }
    if not marked:
        return NORMAL
    scope.remarks.add("hl7v2.confidential", next(iter(marked.values())), "28")
    code = "V" if "V" in marked else "R"
    return replace(NORMAL, code=code, display=_CONFIDENTIALITY[code])
