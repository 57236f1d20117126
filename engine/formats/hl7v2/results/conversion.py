"""A results message → drafts: one per patient and report."""

from __future__ import annotations

import zoneinfo
from dataclasses import replace

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, disposition
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.results.grouping import ReportKey, reports
from engine.formats.hl7v2.results.mapping.attachments import is_pdf
from engine.formats.hl7v2.results.mapping.document import draft
from engine.formats.hl7v2.results.mapping.entries import requests
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.status import has_something_validated, is_over
from engine.formats.hl7v2.results.policy import finding
from engine.formats.hl7v2.results.remarks import Remarks
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.hl7v2.results.view.result import DOCUMENTS
from engine.formats.hl7v2.results.view.tree import PatientGroup, RequestGroup, Tree, tree
from engine.model.directory import Laboratory


def convert(parsed: Message, message: InboundMessage, context: Context, judged: tuple[Finding, ...]) -> Conversion:
    """Read everything that can be read. Never raises on bad input: a finding that refuses says why.

    `judged` are the findings already made on the message as such; when one of them refuses, no draft leaves.
    """
    header = parsed.segments[0]
    laboratory = laboratory_of(header, message.sender, context)
    remarks = Remarks(laboratory)
    for one in judged:
        remarks.keep(one)
    drafts = () if laboratory is None else _drafts(tree(parsed), laboratory, message, remarks)
    if disposition(remarks.findings) is Disposition.REFUSE:
        for made in drafts:
            for one in made.findings:
                remarks.keep(one)
        drafts = ()
    return Conversion(drafts, remarks.findings)


def message_findings(parsed: Message, known: str, context: Context) -> tuple[Finding, ...]:
    """What refuses the message whatever its results say: nobody knows who sends it, it is not whole, or its segments
    are in disorder."""
    header, read = parsed.segments[0], tree(parsed)
    remarks = Remarks(None)
    if laboratory_of(header, known, context) is None:
        remarks.add("hl7v2.unknown_sender", header, "4")
    for segment, inside in ((header, "14"), (read.continuation, "1")):
        if segment is not None and text(segment, inside):
            remarks.add("hl7v2.continued_elsewhere", segment, inside)
    for stray in read.strays:
        remarks.add("hl7v2.before_patient", stray, name=stray.name)
    for patient in read.patients:
        for orphan in patient.orphans:
            remarks.add("hl7v2.result_before_request", orphan.segment)
    return remarks.findings


def sender_codes(header: Segment) -> tuple[str, ...]:
    """How the sender names itself: MSH-4 (facility: identifier, then name), then MSH-3 (application)."""
    codes = (text(header, place) for place in ("4.2", "4.1", "3.2", "3.1"))
    return tuple(one for one in codes if one)


def laboratory_of(header: Segment, known: str, context: Context) -> Laboratory | None:
    """By MSH-4, then MSH-3, then what the source knows, else the laboratory the source serves."""
    for said in (*sender_codes(header), known):
        found = [one for one in context.laboratories if said and said in one.sender_codes]
        if found:
            return found[0]
    return context.laboratory(known)


def _drafts(read: Tree, laboratory: Laboratory, message: InboundMessage, remarks: Remarks) -> tuple[Draft, ...]:
    header = read.header
    if not set(sender_codes(header)) & set(laboratory.sender_codes):
        remarks.add("hl7v2.sender_not_declared", header, "4")
    _header_findings(header, remarks)
    _other_findings(read, remarks)
    sources = [
        _Source(header, patient, key, groups, laboratory, message)
        for patient in _merged(read.patients)
        for key, groups in _reports(patient, remarks)
    ]
    beside = _beside(sources, message, remarks)
    said = read.notes if len(read.patients) == 1 else []
    if read.notes and not said:
        remarks.add("hl7v2.comment_misplaced", read.notes[0])
    drafts = tuple(made for source in sources if (made := source.draft(said, beside, remarks)) is not None)
    return _of_one_patient_each(drafts, laboratory)


class _Source:
    """One patient's requests of one report."""

    def __init__(
        self,
        header: Segment,
        patient: PatientGroup,
        key: ReportKey,
        groups: list[RequestGroup],
        laboratory: Laboratory,
        message: InboundMessage,
    ) -> None:
        self.header = header
        self.patient = patient
        self.key = key
        self.groups = groups
        zone = zoneinfo.ZoneInfo(laboratory.time_zone)
        names = frozenset(sender_codes(header))
        self.scope = Scope(laboratory, zone, message.received_at, names, Remarks(laboratory))

    def draft(self, shared: list[Segment], beside: bytes | None, remarks: Remarks) -> Draft | None:
        """The draft, or None with a finding about the message when there is nothing validated to publish."""
        found = requests(self.groups, self.scope)
        if not has_something_validated(found) and not is_over(found):
            pending = any(group.results for group in self.groups)
            code = "hl7v2.request_not_validated" if pending else "hl7v2.request_without_result"
            remarks.add(code, self.groups[0].segment)
            return None
        said = shared + self.patient.notes
        return draft(self.header, self.patient, self.key, found, said, beside, self.scope)


def _header_findings(header: Segment, remarks: Remarks) -> None:
    coverage_findings(header, remarks)
    mode = text(header, "11.1").upper()
    if mode in {"T", "D"}:
        remarks.add("hl7v2.test_mode", header, "11")
    elif mode != "P":
        remarks.add("hl7v2.processing_unknown", header, "11")


def _other_findings(read: Tree, remarks: Remarks) -> None:
    for other in read.others:
        code = "hl7v2.segment_out_of_place" if other.name in {"ORC", "PRT", "PV1"} else "hl7v2.segment_not_carried"
        remarks.once(code, other, name=other.name)


def _merged(patients: list[PatientGroup]) -> list[PatientGroup]:
    """The same PID sent again, rank aside, is the same patient."""
    kept: dict[tuple[bytes, ...], PatientGroup] = {}
    for patient in patients:
        key = tuple(one.raw for one in patient.segment.fields[1:])
        first = kept.setdefault(key, patient)
        if first is not patient:
            first.requests += patient.requests
            first.notes += patient.notes
            first.visit = first.visit or patient.visit
    return list(kept.values())


def _reports(patient: PatientGroup, remarks: Remarks) -> list[tuple[ReportKey, list[RequestGroup]]]:
    if not patient.requests:
        remarks.add("hl7v2.patient_without_request", patient.segment)
    return reports(patient.requests)


def _beside(sources: list[_Source], message: InboundMessage, remarks: Remarks) -> bytes | None:
    """A PDF that came beside the message: the report's own, when there is only one report and no PDF inside."""
    pdfs = [one.content for one in message.attachments if is_pdf(one.content)]
    inside = any(
        text(result.segment, "2.1").upper() in DOCUMENTS
        for source in sources
        for group in source.groups
        for result in group.results
    )
    if len(pdfs) < len(message.attachments) or (pdfs and inside):
        remarks.add("hl7v2.attachment_unused")
    if inside or not pdfs:
        return None
    if len(pdfs) == 1 and len(sources) == 1:
        return pdfs[0]
    remarks.add("hl7v2.attachment_unassigned")
    return None


def _of_one_patient_each(drafts: tuple[Draft, ...], laboratory: Laboratory) -> tuple[Draft, ...]:
    """Two drafts of one number are two patients under one number: both are held."""
    sets = [one.set_id for one in drafts]
    remark = finding("hl7v2.request_of_two_patients", "", laboratory)
    return tuple(
        replace(one, findings=(*one.findings, remark)) if sets.count(one.set_id) > 1 else one for one in drafts
    )
