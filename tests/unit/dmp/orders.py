"""Orders as the engine hands them, for the DMP tests."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.exchange import Order, OrderKind, Package, PriorDelivery
from engine.model.document import DocumentVersion
from engine.model.instructions import AS_ROUTED, Instructions
from engine.model.parties import Ins, Patient
from engine.model.values import Identifier, Timestamp
from tests.unit.xds import documents

CREATED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def patient(ins: Ins | None) -> Patient:
    return Patient(
        ids=(Identifier("1.2.3.4.5", "IPP42"),),
        ins=ins,
        birth_name="PAT-TROIS",
        used_name="DURAND",
        birth_given_names=("DOMINIQUE", "MARIE-LOUISE"),
        first_given_name="DOMINIQUE",
        used_given_name="MARIE",
        gender="F",
        birth_time=Timestamp("19790328"),
    )


QUALIFIED = Ins(documents.INS, documents.INS_TEST_OID, True)


def order(
    order_id: str = "order-1",
    *,
    cda: bytes | None = None,
    unique_id: str = documents.REPORT_ID,
    ins: Ins | None = QUALIFIED,
    attempt: int = 1,
    replaced: str | None = None,
    created_at: datetime = CREATED_AT,
    replaces: str | None = None,
    instructions: Instructions = AS_ROUTED,
    kind: OrderKind = OrderKind.SEND,
    version: DocumentVersion | None = None,
) -> Order:
    """`replaced`: the version before, delivered there; `replaces`: the one the document names."""
    content = documents.cda(unique_id=unique_id) if cda is None else cda
    before = Identifier(replaces) if replaces else None
    numbered = version or DocumentVersion(Identifier(unique_id), Identifier("2.25.1"), 1, before)
    package = Package(
        document_id="document-1",
        version=numbered,
        type="cr_bio",
        title="Compte rendu d'examens biologiques",
        cda=content,
        pdf=None,
        patient=patient(ins),
        recipients=(),
        file_name="20260105_CR",
        instructions=instructions,
    )
    prior = None if replaced is None else PriorDelivery(replaced, replaced)
    return Order(order_id, "dmp", "", package, created_at, attempt, prior, kind)
