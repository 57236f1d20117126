"""The canonical clinical document: what a CDA says, before it is one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.laboratory import LaboratoryReport
from engine.model.parties import Organization, Patient, Professional
from engine.model.values import Code, Identifier, Timestamp


@dataclass(frozen=True, slots=True)
class Author:
    time: Timestamp
    professional: Professional


@dataclass(frozen=True, slots=True)
class Signature:
    """legalAuthenticator or authenticator: who takes responsibility, and when."""

    time: Timestamp
    professional: Professional


@dataclass(frozen=True, slots=True)
class Participant:
    """participant: `type_code` REF (prescriber), INF (treating doctor), PRF (collector)…"""

    type_code: str
    professional: Professional
    time: Timestamp | None = None
    """When it was prescribed or done; nullFlavor when unknown."""
    function: Code | None = None
    """JDV_J47, e.g. PRELV, PCP."""


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """documentationOf/serviceEvent: the act the document reports; the first of a document is the main one."""

    code: Code | None
    performer: Professional
    """Its organisation carries practice_setting (1..1)."""
    start: Timestamp
    stop: Timestamp | None = None
    id: Identifier | None = None
    status: str | None = None
    """lab:statusCode: completed, or active for a partial report."""


@dataclass(frozen=True, slots=True)
class Encounter:
    """componentOf/encompassingEncounter: where and when the patient was cared for."""

    facility_type: Code
    """JDV_J02, 1..1."""
    start: Timestamp | None = None
    stop: Timestamp | None = None
    id: Identifier | None = None
    code: Code | None = None
    """JDV_J142: IMP, AMB, EMER…"""
    responsible: Professional | None = None
    location_name: str | None = None


@dataclass(frozen=True, slots=True)
class PdfBody:
    """Body of a level-1 document (N1): one PDF, kept byte for byte."""

    pdf: bytes


@dataclass(frozen=True, slots=True)
class TextBody:
    """Text to be laid out as the PDF of a level-1 document; lines as sent."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceivedCda:
    """A document that came already made as CDA; it leaves byte for byte as it came."""

    cda: bytes


NORMAL = Code("N", "2.16.840.1.113883.5.25", "Normal", "Confidentiality")

Body = LaboratoryReport | PdfBody | TextBody | ReceivedCda


@dataclass(frozen=True, slots=True)
class ClinicalDocument:
    """One document as the sender means it, without the numbers the engine gives it (see DocumentVersion)."""

    type: str
    """Name of the DocumentType that renders it, e.g. `cr_bio`."""
    title: str
    created_at: Timestamp
    """effectiveTime."""
    patient: Patient
    authors: tuple[Author, ...]
    custodian: Organization
    legal_authenticator: Signature
    act: ServiceEvent
    encounter: Encounter
    body: Body
    acts: tuple[ServiceEvent, ...] = ()
    """Further serviceEvents, after the main one."""
    authenticators: tuple[Signature, ...] = ()
    participants: tuple[Participant, ...] = ()
    recipients: tuple[Professional, ...] = ()
    """informationRecipient; their MSSanté mailboxes are `mailto:` telecoms."""
    orders: tuple[Identifier, ...] = ()
    """inFulfillmentOf/order/id: the prescription's numbers."""
    confidentiality: Code = NORMAL
    language: str = "fr-FR"
    attached_pdf: bytes | None = None
    """The sender's own PDF of the same content, when it sent one."""
    catalogue: str | None = None
    """Line of the document catalogue it was made from, `medecin/general/cr-consultation`; None outside the catalogue
    (laboratory messages)."""


class ReportStatus(StrEnum):
    """What the sender says of the whole."""

    FINAL = "final"
    PARTIAL = "partial"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """The numbers the engine gives a document; stable for one input, whatever is replayed."""

    id: Identifier
    """ClinicalDocument/id and XDS uniqueId: an OID without extension."""
    set_id: Identifier
    """The same for every version of one report."""
    number: int
    """versionNumber, from 1."""
    replaces: Identifier | None = None
    """Id of the version before, when there is one (relatedDocument RPLC)."""
