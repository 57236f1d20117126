"""One patient and one request number → one draft of a laboratory report (cr_bio, or cr_bio_n1 for a PDF or text)."""

from __future__ import annotations

from dataclasses import replace

from engine.context import stable_oid
from engine.declarations import Draft
from engine.formats.hprim.sante.datatypes import timestamp
from engine.formats.hprim.sante.mapping.entries import Request
from engine.formats.hprim.sante.mapping.identity import patient, patient_key
from engine.formats.hprim.sante.mapping.parties import encounter, orders, participants, prescriber, recipients
from engine.formats.hprim.sante.mapping.report import Report, report
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.mapping.status import report_status
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.coverage import coverage_findings
from engine.formats.hprim.sante.view.header import Header
from engine.formats.hprim.sante.view.patient import PatientView, shift_findings
from engine.model.document import Author, ClinicalDocument, ReportStatus, ServiceEvent, Signature
from engine.model.laboratory import LaboratoryReport
from engine.model.values import Code, Identifier, Timestamp

STRUCTURED, LEVEL_1 = "cr_bio", "cr_bio_n1"
"""The document types of a structured report, and of one PDF or text."""
TITLE = "Compte rendu d'examens biologiques"


def draft(
    header: Header,
    view: PatientView,
    said: list[Segment],
    found: tuple[Request, ...],
    beside: bytes | None,
    scope: Scope,
) -> Draft:
    """The document of one request number. Every finding is kept; the strictest decides what becomes of it."""
    coverage_findings(view.segment, scope.remarks)
    shift_findings(view.segment, header.version, scope.remarks)
    status = report_status(found, scope)
    made = report(found, said, beside, scope)
    document = _document(header, view, found, status, made, scope)
    if not found[0].view.number:
        scope.remarks.add("hprim.request_number_missing", found[0].view.segment, 4)
    return Draft(
        set_id=Identifier(set_oid(found, scope)),
        status=status,
        document=document,
        findings=scope.remarks.findings,
        patient_key=patient_key(view, scope.laboratory.oid),
        test=header.is_test,
    )


def set_oid(found: tuple[Request, ...], scope: Scope) -> str:
    """The stable key of the report: laboratory and 9.4.2; without a number, the request as sent."""
    view = found[0].view
    if view.number:
        return stable_oid("set", scope.laboratory.oid, view.number)
    return stable_oid("set-without-number", scope.laboratory.oid, view.segment.text, str(view.segment.number))


def _document(
    header: Header, view: PatientView, found: tuple[Request, ...], status: ReportStatus, made: Report, scope: Scope
) -> ClinicalDocument:
    created_at = _created_at(header, found, scope)
    prescribed = prescriber(found, scope)
    responsible = made.validators.main
    acts = _acts(found, status, made, created_at, scope)
    return ClinicalDocument(
        type=STRUCTURED if isinstance(made.body, LaboratoryReport) else LEVEL_1,
        title=TITLE,
        created_at=created_at,
        patient=patient(view, scope),
        authors=(Author(created_at, responsible),),
        custodian=scope.laboratory.organization,
        legal_authenticator=Signature(created_at, responsible),
        act=acts[0],
        acts=acts[1:],
        encounter=replace(encounter(view, scope), responsible=responsible),
        body=made.body,
        authenticators=tuple(Signature(created_at, one) for one in made.validators.others),
        participants=participants(view.segment, found, prescribed, scope),
        recipients=recipients(found, prescribed[0], scope),
        orders=orders(found, scope),
        attached_pdf=made.attached_pdf,
    )


def _created_at(header: Header, found: tuple[Request, ...], scope: Scope) -> Timestamp:
    """9.23, the last one; else 7.14; else the reception."""
    reported = [when for one in found if (when := scope.time(one.view.segment, 23)) is not None]
    if reported:
        return max(reported, key=lambda when: when.instant(scope.zone))
    built = timestamp(header.built_at, scope.zone)
    if built is not None:
        return built
    scope.remarks.add("mapping.created_at_reception")
    return Timestamp.of(scope.received_at.astimezone(scope.zone))


def _acts(
    found: tuple[Request, ...], status: ReportStatus, made: Report, created_at: Timestamp, scope: Scope
) -> tuple[ServiceEvent, ...]:
    """One per chapter, the first complete: id 9.4.2 · start 9.15, else 9.8, else 9.7 · stop 9.23."""
    start = _start(found, scope)
    if start is None:
        scope.remarks.once("mapping.act_start_missing", found[0].view.segment, 15)
    reported = [when for one in found if (when := scope.time(one.view.segment, 23)) is not None]
    stop = max(reported, key=lambda when: when.instant(scope.zone)) if reported else None
    number = found[0].view.number
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
    """The earliest of the first field that any request fills."""
    for field in (15, 8, 7):
        sent = [when for one in found if (when := scope.time(one.view.segment, field)) is not None]
        if sent:
            return min(sent, key=lambda when: when.instant(scope.zone))
    return None


def _act_status(status: ReportStatus, made: Report) -> str:
    if status is ReportStatus.CANCELLED:
        return "aborted"
    return made.body.status if isinstance(made.body, LaboratoryReport) else "completed"
