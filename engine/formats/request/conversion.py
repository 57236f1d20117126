"""DocumentRequest → Draft: the catalogue gives level, codes and routing; the request gives the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.catalogue.availability import document_type_of
from engine.catalogue.catalogue import entry
from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.kinds import entry_of_kind
from engine.catalogue.legal_entity import with_legal_entity
from engine.catalogue.minimal import minimal_document
from engine.context import Context, stable_uuid
from engine.declarations import Draft
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding
from engine.formats.request.body import body
from engine.formats.request.faults import fault
from engine.formats.request.fields import DocumentRequest
from engine.formats.request.people import Sound, correspondents, patient, patient_findings, professional
from engine.formats.request.reading import Reading
from engine.model.directory import Structure
from engine.model.document import Body, ReportStatus
from engine.model.instructions import Instructions
from engine.model.parties import Professional
from engine.model.values import Identifier, Timestamp
from engine.registry import document_types

_ALWAYS = frozenset({"addressee", "copy"})
"""Roles of the correspondents that are written to whatever the catalogue says."""


def converted(
    reading: Reading, message: InboundMessage, context: Context
) -> tuple[tuple[Draft, ...], tuple[Finding, ...]]:
    """The draft, or every fault of the request: of its form, and of what its sound parts say."""
    request, faults = reading.request, list(reading.faults)
    structure = context.structure(message.sender)
    if structure is None:
        words = "cette clé d'API n'est celle d'aucune structure de routes.yaml"
        faults.append(fault("unknown_structure", "", words, "Ajoutez « structures: … » et nommez-la à la clé."))
    if request is None or structure is None:
        return (), tuple(faults)
    if reading.sound("patient"):
        faults += patient_findings(request.patient, reading.sound)
    line, document_type = _line(request, structure, faults, reading.sound)
    author = _author(request, structure, faults, reading.sound)
    people, found = correspondents(request.correspondents, structure, reading.sound)
    faults += found
    content, found = body(request.content, message, reading.sound)
    faults += found
    if faults or line is None or author is None or content is None:
        return (), tuple(one for one in faults if one in reading.faults or reading.sound(one.where))
    try:
        draft = _draft(request, line, document_type, author, people, content, structure, context)
    except DocumentError as error:
        return (), error.findings or (fault("incomplete", "", error.message),)
    return (draft,), ()


def _author(request: DocumentRequest, structure: Structure, faults: list[Finding], sound: Sound) -> Professional | None:
    if not sound("author.rpps", "author.code"):
        return None
    author, found = professional(request.author, structure, "author")
    faults += found
    return author


def _line(
    request: DocumentRequest, structure: Structure, faults: list[Finding], sound: Sound
) -> tuple[CatalogueEntry | None, str]:
    """The line of the catalogue and the type that renders it; what the caller tried to decide itself is refused."""
    if not sound("document", "kind", "profession", "profile"):
        return None, ""
    profession, profile = request.profession or structure.profession, request.profile or structure.profile
    if (request.document is None) == (request.kind is None):
        words = "dites « document » (nom du catalogue) ou « kind » (votre genre), l'un des deux"
        faults.append(fault("which_document", "document", words))
        return None, ""
    try:
        if request.document is not None:
            line = entry(profession, profile, request.document)
        else:
            line = entry_of_kind(structure.kinds, request.kind or "", profession, profile)
        document_type = document_type_of(line, document_types())
    except DocumentError as error:
        where = "document" if request.document is not None else "kind"
        faults += [
            replace(one, where=_field(one.where, where), disposition=Disposition.REFUSE) for one in error.findings
        ]
        return None, ""
    faults += _decided(request, line)
    return line, document_type


def _field(told: str, otherwise: str) -> str:
    return told if told in ("profession", "profile") else otherwise


def _decided(request: DocumentRequest, line: CatalogueEntry) -> list[Finding]:
    """R-DOC-01: level, type, class, format and template come from the catalogue, never from the caller."""
    decided = {
        "type_code": {line.type.code},
        "class_code": {line.class_code.code},
        "format_code": {one.code for one in line.formats},
        "template": set(line.templates),
    }
    words = "le catalogue en décide autrement pour ce document : n'envoyez pas ce champ"
    asked = {name: getattr(request, name) for name in decided}
    return [
        fault("decided_by_catalogue", name, words)
        for name, value in asked.items()
        if value not in (None, *decided[name])
    ]


def _draft(
    request: DocumentRequest,
    line: CatalogueEntry,
    document_type: str,
    author: Professional,
    people: tuple[Professional, ...],
    body: Body,
    structure: Structure,
    context: Context,
) -> Draft:
    zone = ZoneInfo(structure.time_zone)
    received = context.received_at.astimezone(zone)
    who = patient(request.patient, structure, production=context.production, today=received.date())
    act = request.act
    number = act.number if act is not None else None
    document = minimal_document(
        line,
        body,
        patient=who,
        professional=author,
        created_at=Timestamp.of(request.created_at or received),
        document_type=document_type,
        title=request.title or "",
        signed_at=_time(request.signed_at),
        act_start=_time(act.start) if act else None,
        act_stop=_time(act.stop) if act else None,
        act_id=Identifier(structure.oid, number) if number else None,
    )
    asked = request.order_number
    orders = (Identifier(asked.authority or structure.oid, asked.value),) if asked else ()
    if request.author.no_longer_practises:
        document = with_legal_entity(document, structure.organization)
    return Draft(
        set_id=set_id(structure, request.number),
        status=ReportStatus.FINAL,
        document=replace(document, recipients=people, orders=orders),
        patient_key=stable_uuid("patient", who.ids[0].root, who.ids[0].extension or ""),
        instructions=_instructions(request, line, people),
    )


def set_id(structure: Structure, number: str) -> Identifier:
    """All versions of a document that a structure's software numbers so."""
    return Identifier(structure.oid, f"document/{number}")


def _instructions(request: DocumentRequest, line: CatalogueEntry, people: tuple[Professional, ...]) -> Instructions:
    """What this call says, else what the catalogue says; never what another call said."""
    sending = request.sending
    mailboxes = tuple(
        telecom.value.removeprefix("mailto:")
        for sent, person in zip(request.correspondents, people, strict=True)
        if sent.role in _ALWAYS or line.mssante_professional
        for telecom in person.telecoms
        if telecom.value.startswith("mailto:")
    )
    return Instructions(
        dmp=line.dmp if sending.dmp is None else sending.dmp,
        professionals=sending.professionals,
        patient=bool(sending.patient),
        mailboxes=mailboxes,
        visibility=sending.visibility,
        patient_may_reply=sending.patient_may_reply,
        deferral_minutes=sending.deferral_minutes,
    )


def _time(instant: datetime | None) -> Timestamp | None:
    return None if instant is None else Timestamp.of(instant)
