"""The CDA header, in the order of the schema (CI-SIS structuration minimale, CR-BIO 2024.01)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.cda.care import component_of, documentation_of
from engine.cda.codes import CONFIDENTIALITIES, PRESCRIBER, RECIPIENT, VALIDATING_BIOLOGIST
from engine.cda.datatypes import addrs, coded, ii, null, telecoms, template_ids, ts
from engine.cda.parties import (
    assigned_author,
    assigned_entity,
    associated_entity,
    custodian_organization,
    is_national_professional,
    organization,
    person,
)
from engine.cda.patient import record_target
from engine.cda.xml import Element, Origins, el
from engine.model.document import Author, Body, ClinicalDocument, DocumentVersion, Participant, ServiceEvent, Signature
from engine.model.laboratory import PREVIOUS_VERSION, Comment, Isolate, Item, LaboratoryReport, Result
from engine.model.parties import Organization, Professional
from engine.model.values import Code, Identifier

_TYPE_ID = Identifier("2.16.840.1.113883.1.3", "POCD_HD000040")
_HL7V2 = re.compile(r"(SPM|NTE)\b|[A-Z][A-Z0-9]{2}(\[\d+\])?-\d")
"""A segment that HPRIM Santé has not, or a field as HL7v2 writes it: `OBR[1]-15`."""
_HPRIM_SANTE = re.compile(r"C\[|(OBR|OBX|P)(\[\d+\])?\.\d")
"""A comment segment, or a field as HPRIM Santé writes it: `OBR[1].9.16`."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What a volet fixes in the header."""

    templates: tuple[tuple[str, str | None], ...]
    """(root, extension), in order."""
    code: Code
    title: str


def clinical_document(
    kind: DocumentKind,
    document: ClinicalDocument,
    version: DocumentVersion,
    acts: tuple[ServiceEvent | Code, ...],
    body: Element,
    origins: Origins,
) -> Element:
    """The whole document: its header, then `component` around `body`.

    `acts` are the documented acts, main one first; a bare Code is a chapter of which nothing more is said.
    """
    root = el("ClinicalDocument")
    root.extend(_identification(kind, document, version))
    root.append(origins.mark(record_target(document.patient), _patient_origin(document)))
    root.extend(_author(author) for author in document.authors)
    root.append(_custodian(document.custodian))
    root.extend(_recipient(recipient) for recipient in document.recipients)
    root.append(_signature("legalAuthenticator", document.legal_authenticator))
    root.extend(_signature("authenticator", signature, VALIDATING_BIOLOGIST) for signature in document.authenticators)
    root.extend(_participant(participant) for participant in document.participants)
    root.extend(el("inFulfillmentOf", el("order", ii(order))) for order in dict.fromkeys(document.orders))
    root.extend(documentation_of(act) for act in acts)
    if version.replaces is not None:
        root.append(el("relatedDocument", el("parentDocument", ii(version.replaces)), typeCode="RPLC"))
    root.append(component_of(document.encounter))
    root.append(el("component", body))
    return root


def _identification(kind: DocumentKind, document: ClinicalDocument, version: DocumentVersion) -> tuple[Element, ...]:
    confidentiality = document.confidentiality
    words = confidentiality.display or CONFIDENTIALITIES.get(confidentiality.code)
    return (
        el("realmCode", code="FR"),
        ii(_TYPE_ID, "typeId"),
        *(el("templateId", root=root, extension=extension) for root, extension in kind.templates),
        ii(version.id),
        coded("code", kind.code),
        el("title", kind.title),
        ts("effectiveTime", document.created_at),
        coded("confidentialityCode", Code(confidentiality.code, confidentiality.system, words)),
        el("languageCode", code=document.language),
        ii(version.set_id, "setId"),
        el("versionNumber", value=str(version.number)),
    )


def _patient_origin(document: ClinicalDocument) -> str:
    """The segment the patient was read in: PID in HL7v2, P in HPRIM Santé; nothing where no place tells which."""
    places = [one for one in _places(document.body) if not one.endswith(PREVIOUS_VERSION)]
    if any(_HL7V2.match(place) for place in places):
        return "PID"
    return "P" if any(_HPRIM_SANTE.match(place) for place in places) else ""


def _places(body: Body) -> Iterator[str]:
    """Where samples and comments stand in the source: requests and results stand at `OBR[1]` and `OBX[1]` in both."""
    if not isinstance(body, LaboratoryReport):
        return
    about_all = (body.clinical_information, body.full_text)
    yield from (comment.origin for comment in (*body.comments, *about_all) if comment is not None)
    for act in (act for chapter in body.chapters for act in chapter.acts):
        yield from (specimen.origin for specimen in act.specimens)
        for item in act.items:
            yield from _comment_places(item)


def _comment_places(item: Item) -> Iterator[str]:
    if isinstance(item, Comment):
        yield item.origin
        return
    yield from (comment.origin for comment in item.comments)
    if not isinstance(item, Result):
        results = (*item.results, *item.antibiogram) if isinstance(item, Isolate) else item.results
        yield from (comment.origin for result in results for comment in result.comments)


def _author(author: Author) -> Element:
    return el("author", ts("time", author.time), assigned_author(author.professional))


def _custodian(custodian: Organization) -> Element:
    return el("custodian", el("assignedCustodian", custodian_organization(custodian)))


def _recipient(recipient: Professional) -> Element:
    """informationRecipient: national identifiers only, the other ones are not admitted there."""
    return el(
        "informationRecipient",
        el(
            "intendedRecipient",
            template_ids(RECIPIENT),
            ii(recipient.id) if recipient.id is not None and is_national_professional(recipient.id) else None,
            addrs(recipient.addresses),
            telecoms(recipient.telecoms),
            person("informationRecipient", recipient),
            organization("receivedOrganization", recipient.organization, setting=False),
        ),
    )


def _signature(tag: str, signature: Signature, templates: tuple[str, ...] = ()) -> Element:
    return el(
        tag,
        template_ids(templates),
        ts("time", signature.time),
        el("signatureCode", code="S"),
        assigned_entity(signature.professional),
    )


def _participant(participant: Participant) -> Element:
    """participant: `time/high` says when it was prescribed or done."""
    time = participant.time
    return el(
        "participant",
        template_ids(PRESCRIBER) if participant.type_code == "REF" else None,
        None if participant.function is None else coded("functionCode", participant.function),
        null("time") if time is None else el("time", el("high", value=time.value)),
        associated_entity(participant.professional),
        typeCode=participant.type_code,
    )
