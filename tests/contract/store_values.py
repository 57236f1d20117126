"""Values that the behaviours of a store are tried with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.exchange import Attachment, InboundMessage, OrderState
from engine.findings import Disposition, Finding, Severity
from engine.model.codec import content_hash
from engine.model.document import (
    Author,
    ClinicalDocument,
    DocumentVersion,
    Encounter,
    PdfBody,
    ReportStatus,
    ServiceEvent,
    Signature,
)
from engine.model.parties import Organization, Patient, Professional
from engine.model.values import Code, Identifier, Timestamp
from engine.records import DocumentState, NewDocument, NewOrder

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FINDING = Finding("mapping.unmapped_code", Severity.WARNING, "OBX[3]", "Code d'analyse sans code LOINC")
HOLDS = Finding("identity.missing", Severity.ERROR, "PID-3", "Identité absente", disposition=Disposition.HOLD)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def message(content: bytes = b"H|~^\\&|", *, at: float = 0, **given: Any) -> InboundMessage:
    values: dict[str, Any] = {"source": "labo", "name": "ORU1.hpr", "received_at": after(at), "sender": "LABO1"}
    return InboundMessage(content, **{**values, **given})


def pdf(content: bytes, name: str = "CR.pdf") -> Attachment:
    return Attachment(name, content)


def clinical_document(title: str = "CR d'examens biologiques") -> ClinicalDocument:
    time = Timestamp("20261121110000+0100")
    biologist = Professional(Identifier("1.2.250.1.71.4.2.1", "810000000001"), None)
    return ClinicalDocument(
        type="cr_bio",
        title=title,
        created_at=time,
        patient=Patient((), None, "PATIENT", None, (), None, None, None, None),
        authors=(Author(time, biologist),),
        custodian=Organization(Identifier("1.2.250.1.71.4.2.2", "1750000000"), "LABORATOIRE DE TEST"),
        legal_authenticator=Signature(time, biologist),
        act=ServiceEvent(None, biologist, time),
        encounter=Encounter(Code("SA25", "1.2.250.1.71.4.2.4")),
        body=PdfBody(b"%PDF-1.4"),
    )


DOCUMENT = clinical_document()


def version(report: str, number: int = 1) -> DocumentVersion:
    return DocumentVersion(
        id=Identifier(f"2.25.{number}{sum(report.encode())}"), set_id=Identifier("1.2.3", report), number=number
    )


def document(report: str, number: int = 1, **given: Any) -> NewDocument:
    values: dict[str, Any] = {
        "id": f"doc-{report}-{number}",
        "version": version(report, number),
        "type": "cr_bio",
        "title": "CR d'examens biologiques",
        "status": ReportStatus.FINAL,
        "state": DocumentState.READY,
        "patient_key": "1.2.3.4^42",
        "content_hash": content_hash(DOCUMENT),
        "document": DOCUMENT,
        "findings": (FINDING,),
        "file_name": "CR_bio_20261121",
        "cda": b"<ClinicalDocument/>",
        "pdf": b"%PDF-1.4",
        "pack": "2026.10",
    }
    return NewDocument(**{**values, **given})


def order(order_id: str, destination: str = "dmp", **given: Any) -> NewOrder:
    values: dict[str, Any] = {"recipient": "", "state": OrderState.READY}
    return NewOrder(order_id, destination, **{**values, **given})


def ready(order_id: str, destination: str = "dmp", recipient: str = "") -> NewOrder:
    return order(order_id, destination, recipient=recipient)
