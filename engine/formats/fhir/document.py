"""DocumentReference → Draft of a level 1 document: the catalogue gives level, codes and routing.

identifier (else masterIdentifier) number · type, category catalogue line · subject patient · author author ·
authenticator who signs · date, attachment.creation creation · description title · securityLabel confidentiality and
visibility · content file · context.period act · context.encounter act's number · context.related order ·
ihe-intendedRecipient recipients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.minimal import minimal_document
from engine.context import stable_uuid
from engine.declarations import Draft
from engine.errors import DocumentError
from engine.formats.fhir.asked import Asked, asked
from engine.formats.fhir.authors import author
from engine.formats.fhir.content import body, file
from engine.formats.fhir.datatypes import identifier
from engine.formats.fhir.line import line
from engine.formats.fhir.node import Node
from engine.formats.fhir.patient import VALIDATED, patient
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import known_oid
from engine.identity.contract import under_contract
from engine.model.directory import Structure
from engine.model.document import Author, Body, ReportStatus, Signature
from engine.model.parties import Patient, Professional
from engine.model.values import Identifier, Timestamp


@dataclass(frozen=True, slots=True)
class _Parts:
    """All that a document is made of, once each was found."""

    number: str
    entry: CatalogueEntry
    document_type: str
    patient: Patient
    authors: tuple[Professional, ...]
    signer: Professional
    body: Body
    asked: Asked


def draft(node: Node, structure: Structure, scope: Scope) -> Draft | None:
    """None when something refuses; every fault is said at once."""
    _status_findings(node, scope)
    number = _number(node, structure, scope)
    found = line(node, structure, scope)
    about = scope.bundle.followed(node.node("subject"), "Patient")
    if about is None and not (node.node("subject") or node).text("reference"):
        scope.remarks.add("fhir.missing", node.at("subject"))
    _same_patient(node, about, scope)
    who = _patient(about, structure, scope) if about is not None else None
    authors = tuple(made for one in node.nodes("author") if (made := author(one, structure, scope)) is not None)
    if not node.nodes("author"):
        scope.remarks.add("fhir.missing", node.at("author"))
    signer = author(node.node("authenticator"), structure, scope)
    content = _content(node, scope)
    wanted = asked(node, about, scope)
    if scope.remarks.refused or found is None or who is None or not authors or content is None or number is None:
        return None
    parts = _Parts(number, *found, who, authors, signer or authors[0], content, wanted)
    try:
        return _draft(node, parts, structure, scope)
    except DocumentError as error:
        for one in error.findings:
            scope.remarks.keep(one)
        if not scope.remarks.refused:
            scope.remarks.add("fhir.incomplete", node.where)
        return None


def set_id(structure: Structure, number: str) -> Identifier:
    """All versions of a document that a structure's software numbers so: the same as in POST /v1/documents."""
    return Identifier(structure.oid, f"document/{number}")


def _status_findings(node: Node, scope: Scope) -> None:
    """status, docStatus and relatesTo: what they forbid."""
    status, of_content = node.text("status"), node.text("docStatus")
    if "entered-in-error" in (status, of_content):
        scope.remarks.add("fhir.entered_in_error", node.at("status"))
    if status == "superseded":
        scope.remarks.add("fhir.superseded", node.at("status"))
    if of_content == "preliminary":
        scope.remarks.add("fhir.preliminary", node.at("docStatus"))
    for one in node.nodes("relatesTo"):
        if one.text("code") != "replaces":
            scope.remarks.add("fhir.relation", one.at("code"))
        elif not any(known.text("value") for known in node.nodes("identifier")):
            scope.remarks.add("fhir.replaces_without_number", one.where)


def _number(node: Node, structure: Structure, scope: Scope) -> str | None:
    """What all its versions bear: `identifier`, else `masterIdentifier`, which names one version."""
    sent = [one for one in node.nodes("identifier") if one.text("value") and one.text("use") != "old"]
    if len(sent) > 1:
        official = [one for one in sent if one.text("use") == "official"]
        sent = official if len(official) == 1 else sent
    if len(sent) > 1:
        scope.remarks.add("fhir.several_numbers", node.at("identifier"))
        return None
    chosen = sent[0] if sent else node.node("masterIdentifier")
    if chosen is None or not chosen.text("value"):
        scope.remarks.add("fhir.missing", node.at("identifier"))
        return None
    system = chosen.text("system")
    own = known_oid(system) == structure.oid or not system
    return chosen.text("value") if own else f"{system}|{chosen.text('value')}"


def _patient(about: Node, structure: Structure, scope: Scope) -> Patient:
    """Every trait a document must bear; an identity said qualified counts under the structure's contract only."""
    read = patient(about, structure.patient_ids_oid, scope)
    who = read.patient
    lacks = {
        "identifier": who.ids,
        "name": who.birth_name and who.birth_given_names,
        "gender": who.gender,
        "birthDate": who.birth_time,
    }
    for name, value in lacks.items():
        if not value:
            scope.remarks.add("fhir.patient_incomplete", about.at(name))
    if who.ins is None:
        return who
    claims = VALIDATED in read.statuses
    if claims and not (who.birth_place and who.birth_place.cog):
        scope.remarks.add("fhir.birth_place_missing", about.where)
    ins = under_contract(who.ins, structure.identity_contract, says_qualified=claims, today=scope.today)
    if not ins.qualified:
        scope.remarks.add("identity.ins_not_qualified", about.where)
    return replace(who, ins=ins)


def _same_patient(node: Node, about: Node | None, scope: Scope) -> None:
    """context.sourcePatientInfo, where it is sent, is the document's own Patient."""
    context = node.node("context")
    other = context.node("sourcePatientInfo") if context is not None else None
    if other is not None and about is not None and not scope.bundle.same(other, about):
        scope.remarks.add("fhir.other_patient", other.where)


def _content(node: Node, scope: Scope) -> Body | None:
    held = node.nodes("content")
    if len(held) != 1:
        scope.remarks.add("fhir.one_content", node.at("content"))
        return None
    attachment = held[0].node("attachment")
    if attachment is None:
        return None
    found = file(attachment, scope)
    return None if found is None else body(found, scope)


def _draft(node: Node, parts: _Parts, structure: Structure, scope: Scope) -> Draft:
    """Raises DocumentError as `minimal_document` does."""
    context = node.node("context")
    period = context.node("period") if context is not None else None
    attachment = node.nodes("content")[0].node("attachment")
    created = scope.time(attachment, "creation") or scope.time(node, "date") or Timestamp.of(scope.received)
    document = minimal_document(
        parts.entry,
        parts.body,
        patient=parts.patient,
        professional=parts.authors[0],
        created_at=created,
        document_type=parts.document_type,
        title=node.text("description") or (attachment.text("title") if attachment is not None else ""),
        act_start=scope.time(period, "start"),
        act_stop=scope.time(period, "end"),
        act_id=_act_number(context, structure, scope),
    )
    document = replace(
        document,
        authors=tuple(Author(created, one) for one in dict.fromkeys(parts.authors)),
        legal_authenticator=Signature(created, parts.signer),
        recipients=parts.asked.people,
        orders=_orders(context, structure, scope),
        confidentiality=parts.asked.confidentiality,
    )
    said = parts.asked.instructions
    return Draft(
        set_id=set_id(structure, parts.number),
        status=ReportStatus.FINAL,
        document=document,
        patient_key=_patient_key(parts.patient),
        instructions=replace(said, dmp=parts.entry.dmp if said.dmp is None else said.dmp),
    )


def _patient_key(who: Patient) -> str:
    return stable_uuid("patient", who.ids[0].root, who.ids[0].extension or "")


def _act_number(context: Node | None, structure: Structure, scope: Scope) -> Identifier | None:
    """The number of the only Encounter, followed in the Bundle or named by its identifier."""
    encounters = context.nodes("encounter") if context is not None else ()
    if len(encounters) != 1:
        return None
    found = scope.bundle.followed(encounters[0], "Encounter")
    numbers = found.nodes("identifier") if found is not None else ()
    alone = encounters[0].node("identifier")
    return next(
        (made for one in (*numbers, *((alone,) if alone else ())) if (made := identifier(one, structure.oid))), None
    )


def _orders(context: Node | None, structure: Structure, scope: Scope) -> tuple[Identifier, ...]:
    """Numbers of the requests it answers."""
    made: list[Identifier] = []
    for one in context.nodes("related") if context is not None else ():
        found = scope.bundle.followed(one, "ServiceRequest")
        numbers = found.nodes("identifier") if found is not None else ()
        alone = one.node("identifier")
        for number in (*numbers, *((alone,) if alone else ())):
            order = identifier(number, structure.oid)
            made += [order] if order is not None else []
    return tuple(dict.fromkeys(made))
