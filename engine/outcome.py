"""What becomes of a message and of its documents, once they are built and judged. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.context import document_id, stable_uuid
from engine.conversion import Built
from engine.declarations import Conversion, Draft
from engine.exchange import OrderKind, Package
from engine.findings import Disposition, Finding, Severity, disposition
from engine.orders import new_orders
from engine.policy import policy_of, under_policy
from engine.records import DocumentState, MessageState, NewDocument
from engine.route import Installation
from engine.versions import Plan

_STATE = {
    Disposition.PUBLISH: DocumentState.READY,
    Disposition.HOLD: DocumentState.HELD,
    Disposition.REFUSE: DocumentState.REFUSED,
}


_OF_WHOM = frozenset({"identity", "line", "format"})
"""Layers whose findings hold for a deletion as well."""
_UNBUILT = "cda.incomplete"


def new_document(
    draft: Draft,
    planned: Plan,
    built: Built,
    *,
    source: str,
    whole: Disposition,
    installation: Installation,
    now: datetime,
) -> NewDocument:
    """The document with its state, decided by the strictest finding made on it or on its message once its laboratory's
    policy is applied, and its orders."""
    if planned.version is None:
        raise ValueError("a draft without a version makes no document")
    test = (_test_message(),) if draft.test and installation.production else ()
    route = installation.route(source)
    policy = policy_of(draft.document, installation.laboratories, route.policy if route else {})
    judged = _of_a_deletion(built.findings) if draft.kind is OrderKind.DELETE else built.findings
    findings = under_policy((*draft.findings, *planned.findings, *test, *judged), policy)
    strictest = max(disposition(findings), whole, key=list(Disposition).index)
    if built.cda is None:
        strictest = max(strictest, Disposition.HOLD, key=list(Disposition).index)
    document = NewDocument(
        id=_id(draft, planned),
        version=planned.version,
        type=draft.document.type,
        title=draft.document.title,
        status=draft.status,
        state=_STATE[strictest],
        patient_key=draft.patient_key,
        content_hash=planned.content_hash,
        document=built.document,
        findings=findings,
        file_name=built.file_name,
        cda=built.cda,
        pdf=built.pdf,
        pack=built.pack,
        kind=draft.kind,
        position=planned.position,
        instructions=draft.instructions,
    )
    return _with_orders(document, source, installation, now)


def _of_a_deletion(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What is said of a document that is taken back: its form keeps nobody from destroying it, its patient does."""
    return tuple(
        one if one.layer in _OF_WHOM or one.code == _UNBUILT else replace(one, disposition=Disposition.PUBLISH)
        for one in findings
    )


def package_of(document: NewDocument) -> Package:
    """What destinations may know of a document that can leave."""
    if document.cda is None:
        raise ValueError("a document that could not be built has no package")
    return Package(
        document_id=document.id,
        version=document.version,
        type=document.type,
        title=document.title,
        cda=document.cda,
        pdf=document.pdf,
        patient=document.document.patient,
        recipients=document.document.recipients,
        file_name=document.file_name,
        instructions=document.instructions,
    )


def _id(draft: Draft, planned: Plan) -> str:
    """Each deletion asked for is a document of ours, beside the one it deletes; so is one sent again under the number
    of one that could not leave."""
    if planned.version is None:
        raise ValueError("a draft without a version makes no document")
    own = document_id(planned.version.id)
    if draft.kind is OrderKind.DELETE:
        return stable_uuid("deletion", own, str(planned.position))
    return stable_uuid("again", own, str(planned.position)) if planned.again else own


def message_state(
    conversion: Conversion, documents: tuple[NewDocument, ...], findings: tuple[Finding, ...]
) -> MessageState:
    """HELD as soon as one document, or one finding on the message, waits for a person; REFUSED only when none of its
    documents may leave at all."""
    states = {document.state for document in documents}
    if disposition(findings) is Disposition.HOLD or DocumentState.HELD in states:
        return MessageState.HELD
    if states == {DocumentState.REFUSED}:
        return MessageState.REFUSED
    if DocumentState.REFUSED in states:
        return MessageState.HELD
    understood = conversion.drafts or conversion.consents or conversion.notices
    return MessageState.CONVERTED if understood else MessageState.IGNORED


def no_route(source: str) -> Finding:
    return Finding(
        "line.no_route",
        Severity.ERROR,
        "",
        f"aucune route ne part de la source « {source} »",
        "Ajoutez une route pour cette source dans routes.yaml, puis rejouez le message.",
        "line",
        Disposition.HOLD,
    )


def _with_orders(document: NewDocument, source: str, installation: Installation, now: datetime) -> NewDocument:
    route = installation.route(source)
    if document.state is not DocumentState.READY or route is None:
        return document
    destinations = tuple(installation.destination(name) for name in route.destinations)
    orders, told = new_orders(package_of(document), document.status, destinations, now, document.kind)
    return replace(document, orders=orders, findings=(*document.findings, *told))


def _test_message() -> Finding:
    return Finding(
        "line.test_in_production",
        Severity.ERROR,
        "H.7.12",
        "message marqué « test » par l'émetteur, reçu par une installation de production",
        "Demandez à l'émetteur de renvoyer le message en mode production (7.12 = P) s'il doit être diffusé.",
        "line",
        Disposition.HOLD,
    )
