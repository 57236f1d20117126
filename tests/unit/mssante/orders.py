"""Orders as the engine hands them, around documents rendered by the real document types."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from connectors.destinations.mssante.recipients import PATIENT
from connectors.destinations.mssante.settings import MssanteSettings
from engine.context import Software
from engine.declarations import DocumentType, Rendered, Site
from engine.documents import cr_bio, cr_bio_n1
from engine.exchange import Order, OrderKind, Package
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.instructions import AS_ROUTED, Instructions
from engine.model.parties import Patient
from engine.model.values import Identifier
from engine.rendering.file_name import file_name
from tests.golden.cr_bio import situations
from tests.unit import documents_fixture

CREATED_AT = datetime(2026, 1, 5, 9, 30, 12, tzinfo=UTC)
SOFTWARE = Software(product_number="12345678")
SITE = Site(production=False, instance_oid="1.2.250.1.999.9", software=SOFTWARE)
PRESCRIBER = "francoise.medtest@medecin.mssante.example"
FIRST = DocumentVersion(Identifier("2.25.7001"), Identifier("2.25.7000"), 1)
SECOND = DocumentVersion(Identifier("2.25.7002"), Identifier("2.25.7000"), 2, FIRST.id)

LEVEL_1 = documents_fixture.DOCUMENT
LEVEL_3 = replace(situations.patient_with_qualified_ins(), attached_pdf=None)
WITHOUT_INS = replace(situations.simple_biochemistry(), attached_pdf=None)

_TYPES: dict[str, DocumentType] = {
    "cr_bio": cr_bio.DOCUMENT_TYPE,
    "cr_bio_n1": cr_bio_n1.DOCUMENT_TYPE,
}


@cache
def rendered(document: ClinicalDocument, version: DocumentVersion) -> Rendered:
    return _TYPES[document.type].render(document, version, SOFTWARE)


def order(
    document: ClinicalDocument = LEVEL_1,
    *,
    version: DocumentVersion = FIRST,
    recipient: str = PRESCRIBER,
    order_id: str = "8c1f5d0e-4a5b-5c6d-8e7f-000000000001",
    patient: Patient | None = None,
    cda: bytes | None = None,
    pdf: bytes | None = None,
    name: str | None = None,
    instructions: Instructions = AS_ROUTED,
    kind: OrderKind = OrderKind.SEND,
) -> Order:
    made = rendered(document, version)
    package = Package(
        document_id="document-1",
        version=version,
        type=document.type,
        title=document.title,
        cda=made.cda if cda is None else cda,
        pdf=made.pdf if pdf is None else pdf,
        patient=patient or document.patient,
        recipients=document.recipients,
        file_name=file_name(document) if name is None else name,
        instructions=instructions,
    )
    return Order(order_id, "medecins", recipient, package, CREATED_AT, 1, kind=kind)


def to_patient(
    document: ClinicalDocument = LEVEL_1,
    instructions: Instructions = AS_ROUTED,
    kind: OrderKind = OrderKind.SEND,
) -> Order:
    return order(document, recipient=PATIENT, instructions=instructions, kind=kind)


def settings(**changes: object) -> MssanteSettings:
    return MssanteSettings.model_validate(
        {
            "host": "127.0.0.1",
            "sender": "labo@labo.mssante.example",
            "sender_name": "Laboratoire d'Essai",
            "certificate": Path("client.pem"),
            "key": Path("client.key"),
            "domains": ["mssante.example"],
            "patient_domain": "patient.mssante.example",
            **changes,
        }
    )


SECRETS = tuple(
    word
    for document in (LEVEL_1, LEVEL_3, WITHOUT_INS)
    for word in (
        document.patient.birth_name,
        document.patient.used_name,
        document.patient.first_given_name,
        document.patient.ins.matricule if document.patient.ins else None,
        document.patient.ids[0].extension,
        PRESCRIBER,
        "@patient.",
    )
    if word
)
"""What no error may ever say."""
