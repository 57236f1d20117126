"""DocumentRequest → Draft: the catalogue gives level, codes and routing; the request gives the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.catalogue.availability import document_type_of
from engine.catalogue.catalogue import entry
from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.kinds import entry_of_kind
from engine.catalogue.minimal import minimal_document
from engine.context import Context, stable_uuid
from engine.declarations import Draft
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding
from engine.formats.request.fields import DocumentRequest
from engine.formats.request.people import correspondents, patient, patient_findings, professional
from engine.formats.request.reading import fault
from engine.model.directory import Structure
from engine.model.document import Body, PdfBody, ReportStatus, TextBody
from engine.model.instructions import Instructions
from engine.model.parties import Professional
from engine.model.values import Identifier, Timestamp
from engine.registry import document_types

_ALWAYS = frozenset({"addressee", "copy"})
"""Roles of the correspondents that are written to whatever the catalogue says."""


def converted(
    request: DocumentRequest, message: InboundMessage, context: Context
) -> tuple[tuple[Draft, ...], tuple[Finding, ...]]:
    """The draft, or every fault of the request."""
    structure = context.structure(message.sender)
    if structure is None:
        words = "cette clé d'API n'est celle d'aucune structure de routes.yaml"
        return (), (fault("unknown_structure", "", words, "Ajoutez « structures: … » et nommez-la à la clé."),)
    faults = [*patient_findings(request.patient)]
    line, document_type = _line(request, structure, faults)
    author, found = professional(request.author, structure, "author")
    faults += found
    people, found = correspondents(request.correspondents, structure)
    faults += found
    body = _body(request, message, faults)
    if faults or line is None or author is None or body is None:
        return (), tuple(faults)
    try:
        draft = _draft(request, line, document_type, author, people, body, structure, context)
    except DocumentError as error:
        return (), error.findings or (fault("incomplete", "", error.message),)
    return (draft,), ()


def _line(request: DocumentRequest, structure: Structure, faults: list[Finding]) -> tuple[CatalogueEntry | None, str]:
    """The line of the catalogue and the type that renders it; what the caller tried to decide itself is refused."""
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


def _body(request: DocumentRequest, message: InboundMessage, faults: list[Finding]) -> Body | None:
    files = [one.content for one in message.attachments]
    if request.content.pdf is not None:
        files.append(request.content.pdf)
    if len(files) + (request.content.text is not None) != 1:
        words = "envoyez le document une fois : un PDF joint, « content.pdf » ou « content.text »"
        faults.append(fault("one_content", "content", words))
        return None
    if request.content.text is not None:
        if not request.content.text.strip():
            faults.append(fault("empty", "content.text", "le document est vide"))
            return None
        return TextBody(tuple(request.content.text.splitlines()))
    if not files[0].startswith(b"%PDF-"):
        where = "content.pdf" if request.content.pdf is not None else "fichier joint"
        faults.append(fault("not_a_pdf", where, "ce fichier n'est pas un PDF", "Produisez un PDF/A-1."))
        return None
    return PdfBody(files[0])


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
    return Draft(
        set_id=Identifier(structure.oid, f"document/{request.number}"),
        status=ReportStatus.FINAL,
        document=replace(document, recipients=people, orders=orders),
        patient_key=stable_uuid("patient", who.ids[0].root, who.ids[0].extension or ""),
        instructions=_instructions(request, line, people),
    )


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
