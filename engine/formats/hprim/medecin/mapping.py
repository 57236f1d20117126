"""An HPRIM Médecin file → canonical documents: one per dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from engine.context import Context, stable_oid
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.hprim.encodings import Decoded, decode
from engine.formats.hprim.medecin.block import Entry, Res, entries
from engine.formats.hprim.medecin.dates import dossier_date
from engine.formats.hprim.medecin.file import HEADER_LINES, Dossier, MedecinFile, medecin_file
from engine.formats.hprim.medecin.header import Header, has_thirteenth_line, header, shift_findings
from engine.formats.hprim.medecin.identity import Identified, identified
from engine.formats.hprim.medecin.judgement import block_findings
from engine.formats.hprim.medecin.markup import plain
from engine.formats.hprim.medecin.page import page
from engine.formats.hprim.medecin.parties import performer, recipients, sender, signatory
from engine.formats.hprim.medecin.results import structured
from engine.formats.hprim.policy import finding
from engine.model.directory import Laboratory
from engine.model.document import (
    Author,
    Body,
    ClinicalDocument,
    Encounter,
    ReportStatus,
    ServiceEvent,
    Signature,
    TextBody,
)
from engine.model.laboratory import LaboratoryReport
from engine.model.values import Identifier, Timestamp

KIND = "HPRIM Médecin"
TITLE = "Compte rendu d'examens biologiques"
LEVEL_1 = "cr_bio_n1"
LEVEL_3 = "cr_bio"
_OLDEST_YEAR = 1990
"""A dossier date before is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of one dossier."""

    draft: Draft | None
    findings: tuple[Finding, ...]
    """About the whole message: a dossier that could not become a document holds them all."""
    sender: str = ""


def convert(message: InboundMessage, context: Context) -> Conversion:
    """Read a file and make one document per dossier; never raises on bad input.

    A dossier becomes a level-1 document (its page as text), or a structured one (CR-BIO) when the site's qualified
    identity supplies what the file lacks. Where even the patient, the number or the signatory is not known, there is
    no document: the message waits, with every reason.
    """
    file, reading = _read(message, context)
    made = [_dossier(dossier, message, context, file) for dossier in file.dossiers]
    laboratory = _laboratory_of(file, message, context)
    local = tuple(finding(f.code, f.where, laboratory, line=f.line) for f in file.findings)
    drafts, repeated = _distinct([one.draft for one in made if one.draft is not None], laboratory)
    unknown = tuple(remark for one in made for remark in one.findings)
    senders = [one.sender for one in made if one.sender]
    found = (*_encoding(reading, laboratory), *local, *unknown, *repeated)
    return Conversion(drafts, found, senders[0] if senders else message.sender, KIND)


def _read(message: InboundMessage, context: Context) -> tuple[MedecinFile, Decoded]:
    """The file in its sender's encoding, when the configuration names one."""
    first = decode(message.content)
    file = medecin_file(first.text)
    laboratory = _laboratory_of(file, message, context)
    if laboratory is None or laboratory.encoding is None:
        return file, first
    declared = decode(message.content, laboratory.encoding)
    return medecin_file(declared.text), declared


def _laboratory_of(file: MedecinFile, message: InboundMessage, context: Context) -> Laboratory | None:
    whole = next((one for one in file.dossiers if len(one.header) == HEADER_LINES), None)
    return sender(header(whole), context, message.sender)[1] if whole else context.laboratory(message.sender)


def _encoding(reading: Decoded, laboratory: Laboratory | None) -> tuple[Finding, ...]:
    found = []
    if reading.guessed and not reading.repaired:
        found.append(finding("hprim.encoding_guessed", "", laboratory, encoding=reading.encoding))
    if reading.repaired:
        found.append(finding("hprim.encoding_repaired", "", laboratory))
    if reading.lossy:
        found.append(finding("hprim.encoding_unsure", "", laboratory))
    return tuple(found)


def _dossier(dossier: Dossier, message: InboundMessage, context: Context, file: MedecinFile) -> _Made:
    if len(dossier.header) < HEADER_LINES:
        return _Made(None, ())
    head = header(dossier)
    shifted = shift_findings(head)
    if shifted:
        return _Made(None, shifted)
    said, laboratory = sender(head, context, message.sender)
    if laboratory is None:
        return _Made(None, (finding("hprim.unknown_sender", "H.11", line=head.line(11)),), said)
    who = identified(head, laboratory, message.received_at)
    block = entries(dossier.block)
    closed = not any(remark.code == "hprim.end_missing" for remark in file.findings)
    found = [*who.findings, *_remarks(dossier, head, block, laboratory, closed=closed)]
    blocking = _blocking(head, laboratory)
    if blocking:
        return _Made(None, (*found, *blocking), said)
    document, more = _document(dossier, head, who, block, laboratory, message)
    return _Made(_draft(document, head, who, block, laboratory, (*found, *more)), (), said)


def _blocking(head: Header, laboratory: Laboratory) -> tuple[Finding, ...]:
    """What no document can be made without."""
    missing = (
        (not head.number, "hprim.dossier_number_missing", "H.9", head.line(9)),
        (laboratory.default_biologist is None, "mapping.validator_missing", "", None),
        (laboratory.organization.facility_type is None, "mapping.facility_type_missing", "", None),
    )
    return tuple(finding(code, where, laboratory, line=line) for wrong, code, where, line in missing if wrong)


def _remarks(
    dossier: Dossier, head: Header, block: tuple[Entry, ...], laboratory: Laboratory, *, closed: bool
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if not dossier.ended and closed:
        code = "hprim.fin_missing_refused" if laboratory.missing_fin_is_refused else "hprim.fin_missing"
        found.append(finding(code, "FIN", laboratory))
    if has_thirteenth_line(dossier, head):
        found.append(finding("hprim.header_thirteen_lines", "H.13", laboratory, line=dossier.text[0].number))
    found += _plainness(dossier, laboratory)
    return (*found, *block_findings(block, laboratory))


def _plainness(dossier: Dossier, laboratory: Laboratory) -> list[Finding]:
    """Markup and control characters taken out, told once each, at their first line."""
    found: list[Finding] = []
    read = [(line, plain(line.text)) for line in (*dossier.header, *dossier.text, *dossier.block)]
    for code, odd in (
        ("hprim.markup_removed", [line for line, words in read if words.had_markup]),
        ("hprim.control_characters", [line for line, words in read if words.had_controls and not line.blank]),
    ):
        if odd:
            found.append(finding(code, "", laboratory, line=odd[0].number))
    return found


def _document(
    dossier: Dossier,
    head: Header,
    who: Identified,
    block: tuple[Entry, ...],
    laboratory: Laboratory,
    message: InboundMessage,
) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
    received = message.received_at.astimezone(ZoneInfo(laboratory.time_zone))
    created = Timestamp.of(received)
    day = dossier_date(head.dossier_date, received.date()) if head.dossier_date else None
    body, found = _body(dossier, block, who, laboratory, day)
    people, about = recipients(head, laboratory)
    biologist = signatory(laboratory)
    facility = laboratory.organization.facility_type
    assert biologist is not None and facility is not None
    start, dated = _start(head, day, created, laboratory)
    structured_body = isinstance(body, LaboratoryReport)
    act = ServiceEvent(
        code=body.chapters[0].code if isinstance(body, LaboratoryReport) else None,
        performer=performer(biologist, laboratory),
        start=start,
        id=Identifier(laboratory.oid, head.number),
        status="completed" if structured_body else None,
    )
    document = ClinicalDocument(
        type=LEVEL_3 if structured_body else LEVEL_1,
        title=TITLE,
        created_at=created,
        patient=who.patient,
        authors=(Author(created, biologist),),
        custodian=laboratory.organization,
        legal_authenticator=Signature(created, biologist),
        act=act,
        encounter=Encounter(facility, responsible=biologist),
        body=body,
        recipients=people,
    )
    signed = finding("mapping.default_biologist", "H.11", laboratory, line=head.line(11))
    return document, (signed, *about, *dated, *found)


def _start(
    head: Header, day: date | None, created: Timestamp, laboratory: Laboratory
) -> tuple[Timestamp, tuple[Finding, ...]]:
    """Start of the act: the dossier's date (line 10), which is not a sampling date; else the document's."""
    if day is not None and day.year >= _OLDEST_YEAR:
        return Timestamp(f"{day:%Y%m%d}"), ()
    found = [finding("mapping.act_start_missing", "H.10", laboratory, line=head.line(10))]
    if head.dossier_date:
        found.insert(0, finding("hprim.dossier_date_unreadable", "H.10", laboratory, line=head.line(10)))
    return created, tuple(found)


def _body(
    dossier: Dossier, block: tuple[Entry, ...], who: Identified, laboratory: Laboratory, on: date | None
) -> tuple[Body, tuple[Finding, ...]]:
    """Level 3 when there are results and the site's identity gives the sex; else the page as text."""
    results = [entry for entry in block if isinstance(entry, Res) and entry.field(5)]
    shown = page(dossier.text, block, laboratory)
    if results and who.known and not any(entry.shifted for entry in results):
        report = structured(block, shown.lines, laboratory, on)
        return report.report, (*shown.findings, *report.findings)
    if results:
        what = "le sexe du patient, que le format ne transmet pas"
        told = finding("hprim.structured_as_text", "LAB", laboratory, missing=what)
    else:
        empty = not any(line.strip() for line in shown.lines)
        told = finding("hprim.dossier_empty" if empty else "hprim.text_only", "", laboratory)
    return TextBody(shown.lines), (*shown.findings, told)


def _draft(
    document: ClinicalDocument,
    head: Header,
    who: Identified,
    block: tuple[Entry, ...],
    laboratory: Laboratory,
    found: tuple[Finding, ...],
) -> Draft:
    return Draft(
        set_id=Identifier(stable_oid("set", laboratory.oid, head.number)),
        status=_status(block),
        document=document,
        findings=found,
        patient_key=who.key,
    )


def _status(block: tuple[Entry, ...]) -> ReportStatus:
    said = {entry.field(10).upper() for entry in block if isinstance(entry, Res)}
    if "R" in said:
        return ReportStatus.PARTIAL
    return ReportStatus.CORRECTED if "C" in said else ReportStatus.FINAL


def _distinct(drafts: list[Draft], laboratory: Laboratory | None) -> tuple[tuple[Draft, ...], tuple[Finding, ...]]:
    """One draft per dossier number; the same dossier twice counts once, two different ones hold the message."""
    kept: dict[Identifier, Draft] = {}
    found: list[Finding] = []
    for draft in drafts:
        other = kept.setdefault(draft.set_id, draft)
        if other is draft:
            continue
        if other.patient_key != draft.patient_key:
            found.append(finding("hprim.dossier_of_two_patients", "H.9", laboratory))
        elif other.document != draft.document:
            found.append(finding("hprim.dossier_repeated", "H.9", laboratory))
        else:
            found.append(finding("hprim.dossier_twice", "H.9", laboratory))
    return tuple(kept.values()), tuple(found)
