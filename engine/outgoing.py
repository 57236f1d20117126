"""From a claimed row of the store to the order a destination is given. Pure."""

from __future__ import annotations

from engine.exchange import Order, OrderOutcome, Package
from engine.records import ClaimedOrder, OrderRow


def order_of(claimed: ClaimedOrder) -> Order:
    """All a destination may know; every identifier a peer will see derives from it."""
    document = claimed.document
    package = Package(
        document_id=claimed.document_id,
        version=claimed.version,
        type=claimed.type,
        title=claimed.title,
        cda=claimed.cda,
        pdf=claimed.pdf,
        patient=document.patient,
        recipients=document.recipients,
        file_name=claimed.file_name,
        instructions=claimed.instructions,
    )
    return Order(
        id=claimed.id,
        destination=claimed.destination,
        recipient=claimed.recipient,
        package=package,
        created_at=claimed.created_at,
        attempt=claimed.attempt,
        replaced=claimed.replaced,
        kind=claimed.kind,
        about=_outcome(claimed.about) if claimed.about else None,
    )


def _outcome(told: OrderRow) -> OrderOutcome:
    return OrderOutcome(
        destination=told.destination,
        recipient=told.recipient,
        state=told.state,
        cause=told.cause,
        detail=told.detail,
        reference=told.reference,
        at=told.updated_at,
    )
