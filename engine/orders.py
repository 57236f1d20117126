"""The orders a document gives rise to: one per destination and recipient. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.context import stable_uuid
from engine.exchange import OrderKind, OrderState, Package
from engine.findings import Finding, Severity
from engine.model.document import ReportStatus
from engine.records import NewOrder
from engine.route import ConfiguredDestination

AWAITS_IDENTITY = "identity"
"""Cause of the orders that wait for a qualified INS."""


def new_orders(
    package: Package,
    status: ReportStatus,
    destinations: tuple[ConfiguredDestination, ...],
    now: datetime,
    kind: OrderKind = OrderKind.SEND,
) -> tuple[tuple[NewOrder, ...], tuple[Finding, ...]]:
    """Orders of one document, and what must be said of the destinations that get none."""
    orders: list[NewOrder] = []
    findings: list[Finding] = []
    for destination in destinations:
        if kind not in destination.declaration.kinds:
            findings.append(_cannot(destination.name, kind))
            continue
        if status is ReportStatus.PARTIAL and not destination.delivery.partial_reports:
            findings.append(_no_partial(destination.name))
            continue
        recipients = destination.declaration.recipients(package, destination.settings)
        if recipients is None:
            continue
        if not recipients:
            findings.append(_no_recipient(destination.name))
        orders += [_order(package, destination, recipient, now, kind) for recipient in recipients]
    return tuple(orders), tuple(findings)


def _order(
    package: Package, destination: ConfiguredDestination, recipient: str, now: datetime, kind: OrderKind
) -> NewOrder:
    delivery = destination.delivery
    ins = package.patient.ins
    lacks_ins = destination.declaration.needs_ins(destination.settings) and not (ins is not None and ins.qualified)
    asked = package.instructions.deferral_minutes
    deferral = timedelta(seconds=delivery.deferral_seconds) if asked is None else timedelta(minutes=asked)
    state = OrderState.DEFERRED if deferral else OrderState.READY
    obeys = destination.declaration.obeys_opposition and kind is OrderKind.SEND
    return NewOrder(
        id=stable_uuid("order", package.document_id, destination.name, recipient),
        destination=destination.name,
        recipient=recipient,
        state=OrderState.WAITING if lacks_ins else state,
        cause=AWAITS_IDENTITY if lacks_ins else "",
        not_before=now + deferral,
        expires_at=now + timedelta(hours=delivery.retry.max_age_hours),
        kind=kind,
        obeys_opposition=delivery.opposition_scope if obeys else None,
        needs_answer=obeys and delivery.needs_answer,
    )


def _cannot(destination: str, kind: OrderKind) -> Finding:
    what = "supprimer un document" if kind is OrderKind.DELETE else "recevoir un document"
    words = f"la destination « {destination} » ne sait pas {what} : prévenez-la autrement"
    return Finding("line.kind_not_supported", Severity.WARNING, "", words, layer="line")


def _no_partial(destination: str) -> Finding:
    words = f"compte rendu partiel : il n'est pas envoyé à « {destination} », le compte rendu complet le sera"
    return Finding("line.partial_not_sent", Severity.INFO, "", words, layer="line")


def _no_recipient(destination: str) -> Finding:
    return Finding(
        "line.no_recipient",
        Severity.WARNING,
        "",
        f"aucun destinataire connu pour « {destination} »",
        "Ajoutez la boîte MSSanté du prescripteur (laboratories: … prescribers: … mailbox) puis rejouez le message.",
        layer="line",
    )
