"""HPRIM Santé → drafts: one report per patient and request number (9.4.2); other contexts hold nothing to publish."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import replace

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hprim.policy import finding
from engine.formats.hprim.sante.mapping.attachments import base_name, is_attachment
from engine.formats.hprim.sante.mapping.document import draft
from engine.formats.hprim.sante.mapping.entries import requests
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.mapping.status import has_something_validated
from engine.formats.hprim.sante.reading import Reading, reading
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.coverage import coverage_findings
from engine.formats.hprim.sante.view.header import CONTEXTS
from engine.formats.hprim.sante.view.hierarchy import PatientGroup, RequestGroup
from engine.formats.hprim.sante.view.patient import patient_view
from engine.formats.hprim.sante.view.request import CANCELLED as CANCELLED_REQUEST
from engine.formats.hprim.sante.view.request import VALIDATED, request_view
from engine.formats.hprim.sante.view.result import result_view
from engine.model.directory import Laboratory

RESULTS = "ORU"


def convert(message: InboundMessage, context: Context) -> Conversion:
    """Read everything that can be read. Never raises on bad input: a finding that refuses says why."""
    remarks = Remarks(None)
    read = reading(message.content, context, remarks, message.sender)
    if read is None:
        return Conversion((), remarks.findings, kind="HPRIM Santé")
    kind = " ".join(word for word in ("HPRIM Santé", read.header.context, read.header.version) if word)
    drafts: tuple[Draft, ...] = ()
    if read.header.context == RESULTS:
        drafts = _drafts(read, message, context, remarks)
    elif read.message.errors:
        remarks.add("hprim.err_received", read.message.errors[0], count=len(read.message.errors))
    if read.header.context in CONTEXTS - {RESULTS}:
        remarks.add("hprim.nothing_to_publish", read.message.header, context=read.header.context)
    if disposition(remarks.findings) is Disposition.REFUSE:
        for made in drafts:
            for one in made.findings:
                remarks.keep(one)
        drafts = ()
    return Conversion(drafts, remarks.findings, read.header.sender_code, kind)


def _drafts(read: Reading, message: InboundMessage, context: Context, remarks: Remarks) -> tuple[Draft, ...]:
    laboratory = read.laboratory
    if laboratory is None:
        remarks.add("hprim.unknown_sender", read.message.header, 5)
        return ()
    if not read.message.patients:
        remarks.add("hprim.no_patient", read.message.header)
        return ()
    coverage_findings(read.message.header, remarks)
    if read.header.sender_code and read.header.sender_code not in laboratory.sender_codes:
        remarks.add("hprim.sender_not_declared", read.message.header, 5)
    for stray in read.message.errors:
        remarks.add("hprim.segment_out_of_place", stray, name=stray.name)
    files = {base_name(one.name): one.content for one in message.attachments}
    sources = [
        _Source(read, patient, groups, laboratory, files, message)
        for patient in _merged(read.message.patients)
        for groups in _by_number(patient, remarks)
    ]
    shared = _shared_comments(read, remarks)
    beside = _beside(sources, files, message, remarks)
    drafts = tuple(made for source in sources if (made := source.draft(shared, beside, remarks)) is not None)
    return _of_one_patient_each(drafts, laboratory)


class _Source:
    """One patient's requests of one number."""

    def __init__(
        self,
        read: Reading,
        patient: PatientGroup,
        groups: list[RequestGroup],
        laboratory: Laboratory,
        files: Mapping[str, bytes],
        message: InboundMessage,
    ) -> None:
        self.read = read
        self.patient = patient
        self.groups = groups
        zone = zoneinfo.ZoneInfo(laboratory.time_zone)
        self.scope = Scope(laboratory, zone, message.received_at, files, Remarks(laboratory))

    def draft(self, shared: list[Segment], beside: bytes | None, remarks: Remarks) -> Draft | None:
        """The draft, or None with a finding about the message when there is nothing validated to publish."""
        self._hierarchy_findings()
        found = requests(self.groups, self.scope)
        if not has_something_validated(found) and not _is_done(self.groups):
            pending = any(group.results for group in self.groups)
            code = "hprim.request_not_validated" if pending else "hprim.request_without_result"
            remarks.add(code, self.groups[0].segment)
            return None
        view = patient_view(self.patient.segment)
        said = shared + self.patient.comments
        return draft(self.read.header, view, said, found, beside, self.scope)

    def _hierarchy_findings(self) -> None:
        for orphan in self.patient.orphans:
            self.scope.remarks.add("hprim.obx_before_obr", orphan.segment)
        for other in self.patient.others:
            self.scope.remarks.once("hprim.segment_out_of_place", other, name=other.name)


def _is_done(groups: list[RequestGroup]) -> bool:
    """True when a request is said to be over, with or without results."""
    return any(group.segment.get(26).upper() in VALIDATED | CANCELLED_REQUEST for group in groups)


def _merged(patients: list[PatientGroup]) -> list[PatientGroup]:
    """The same P sent again, rank aside, is the same patient."""
    kept: dict[tuple[str, ...], PatientGroup] = {}
    for patient in patients:
        key = patient.segment.fields[2:]
        first = kept.setdefault(key, patient)
        if first is not patient:
            first.requests += patient.requests
            first.comments += patient.comments
            first.orphans += patient.orphans
            first.others += patient.others
    return list(kept.values())


def _by_number(patient: PatientGroup, remarks: Remarks) -> list[list[RequestGroup]]:
    """The requests of a patient by 9.4.2; one without a number stands alone.

    Results that stand before any request are shown in a request of their own, so that the patient is refused with
    them in sight.
    """
    groups = list(patient.requests)
    if patient.orphans and not groups:
        first = patient.orphans[0].segment
        empty = Segment("OBR", first.number, first.line, "OBR", first.delimiters)
        groups.append(RequestGroup(empty, [], list(patient.orphans)))
    if not groups:
        remarks.add("hprim.patient_without_request", patient.segment)
    found: dict[str, list[RequestGroup]] = {}
    for group in groups:
        number = request_view(group.segment).number
        found.setdefault(number or group.segment.origin, []).append(group)
    return list(found.values())


def _shared_comments(read: Reading, remarks: Remarks) -> list[Segment]:
    """Comments of the header belong to the only patient; with several, nobody knows whose they are."""
    if read.message.comments and len(read.message.patients) > 1:
        remarks.add("hprim.comment_misplaced", read.message.comments[0])
    return read.message.comments


def _beside(
    sources: list[_Source], files: Mapping[str, bytes], message: InboundMessage, remarks: Remarks
) -> bytes | None:
    """A PDF that came beside the message and that no result names: the report's own, when there is only one report."""
    views = (result_view(one.segment) for source in sources for group in source.groups for one in group.results)
    named = {base_name(view.segment.get(6, 2)) for view in views if is_attachment(view)}
    loose = {name: content for name, content in files.items() if name not in named}
    pdfs = [content for content in loose.values() if content[:1024].lstrip()[:4] == b"%PDF"]
    if len(pdfs) < len(loose):
        remarks.add("hprim.attachment_unused")
    if len(pdfs) == 1 and len(sources) == 1:
        return pdfs[0]
    if pdfs:
        remarks.add("hprim.attachment_unassigned")
    return None


def _of_one_patient_each(drafts: tuple[Draft, ...], laboratory: Laboratory) -> tuple[Draft, ...]:
    """Two drafts of one request number are two patients under one number: both are held."""
    sets = [draft.set_id for draft in drafts]
    remark = finding("hprim.request_of_two_patients", "", laboratory)
    return tuple(
        replace(one, findings=(*one.findings, remark)) if sets.count(one.set_id) > 1 else one for one in drafts
    )
