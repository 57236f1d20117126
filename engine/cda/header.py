"""The CDA header, in the order of the schema (CI-SIS structuration minimale, CR-BIO 2024.01)."""

from __future__ import annotations

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
from engine.model.document import Author, ClinicalDocument, DocumentVersion, Participant, ServiceEvent, Signature
from engine.model.parties import Organization, Professional
from engine.model.values import Code, Identifier

_TYPE_ID = Identifier("2.16.840.1.113883.1.3", "POCD_HD000040")


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
    """The P segment, where the source is one of HPRIM Santé: only there do requests read `OBR[n]`."""
    chapters = getattr(document.body, "chapters", ())
    hprim = any(act.origin.startswith("OBR[") for chapter in chapters for act in chapter.acts)
    return "P" if hprim else ""


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
