"""What will become of a draft, said before it is made: its number, its document, its orders."""

from __future__ import annotations

from dataclasses import dataclass

from engine.context import document_id
from engine.declarations import Draft
from engine.exchange import InboundMessage, OrderKind, Package
from engine.findings import Finding
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.orders import new_orders
from engine.ports import Store
from engine.records import DocumentState, NewOrder
from engine.rendering.file_name import file_name
from engine.route import Installation
from engine.versions import hidden_as_before, plan

_LAST = "~"
"""Sorts after every message id: a draft is planned as if it came after all that is kept."""


@dataclass(frozen=True, slots=True)
class Expectation:
    document_id: str
    number: int
    version: DocumentVersion | None
    """None when the content is that of the latest version: nothing new will be made."""
    previous: ClinicalDocument | None
    state: DocumentState | None
    """Of the document kept already, when nothing new will be made."""
    orders: tuple[NewOrder, ...]
    findings: tuple[Finding, ...]
    deleted: bool = False
    """Its deletion was asked for: the number is of a document that is no more."""


async def expectation(draft: Draft, message: InboundMessage, installation: Installation, store: Store) -> Expectation:
    """As the pipeline would decide now; another message of the same report may still come in between."""
    history = await store.history(draft.set_id)
    draft = hidden_as_before(draft, history)
    planned = plan(draft, history, _LAST, installation.instance_oid)
    deleted = history.latest is not None and history.latest.kind is OrderKind.DELETE
    if planned.version is None:
        latest = history.latest
        if latest is None:
            raise ValueError("a draft is not planned only because of a version that is kept")
        return Expectation(
            latest.document_id, latest.version.number, None, None, latest.state, (), planned.findings, deleted
        )
    package = Package(
        document_id=document_id(planned.version.id),
        version=planned.version,
        type=draft.document.type,
        title=draft.document.title,
        cda=b"",
        pdf=None,
        patient=draft.document.patient,
        recipients=draft.document.recipients,
        file_name=file_name(draft.document),
        instructions=draft.instructions,
    )
    route = installation.route(message.source)
    destinations = tuple(installation.destination(name) for name in route.destinations) if route else ()
    orders, told = new_orders(package, draft.status, destinations, message.received_at, draft.kind)
    return Expectation(
        package.document_id,
        planned.version.number,
        planned.version,
        planned.previous,
        None,
        orders,
        (*planned.findings, *told),
        deleted,
    )
