"""The same call as a FHIR R4 Bundle: a document or a laboratory report, answered as POST /v1/documents is.

Described by its CapabilityStatement, not by the OpenAPI document: faults are OperationOutcomes, in French.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from engine.api.answers import AcceptedDocument, DryRun, PlannedOrder, remarks
from engine.api.body import body
from engine.api.callers import Caller, ForDocuments, Serving
from engine.api.fhir_resources import MEDIA_TYPE, capability_statement, outcome
from engine.api.once import Answer, CallKey, once
from engine.api.problems import Fault, RefusedCall, refused_fields
from engine.api.services import Services
from engine.catalogue.information import with_information
from engine.conversion import interpret
from engine.declarations import Draft
from engine.exchange import InboundMessage
from engine.expectation import Expectation, expectation
from engine.findings import Disposition, Finding, Severity, disposition
from engine.formats.fhir.rules import finding
from engine.outcome import no_route
from engine.records import DocumentRow, MessageState
from engine.registry import formats
from engine.route import FHIR

router = APIRouter(tags=["fhir"], include_in_schema=False)

_DATE = "2026-11-21"
"""Of this version of the interface."""
_KINDS = frozenset({MEDIA_TYPE, "application/json", ""})
_PATIENCE_SECONDS = 0.15
"""How long a call waits for its document to be made; the answer says what is known by then."""
_LOOK_SECONDS = 0.01
_UNSETTLED = frozenset({MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED})


@router.post("/fhir", status_code=202, summary="Déposer un Bundle FHIR R4", response_model=None)
async def post_bundle(
    request: Request,
    caller: ForDocuments,
    given: Serving,
    call_key: CallKey = None,
    dry_run: Annotated[bool, Query(description="Montrer ce qui partirait, sans rien garder ni envoyer")] = False,
) -> Response:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        message = await _message(request, caller, given)

        async def answer() -> Answer:
            return await _answer(message, given, dry_run, deadline)

        return await once(request, caller, given, None if dry_run else call_key, (message.content,), answer)
    except RefusedCall as refused:
        faults = refused.errors or (Fault(field="", code=refused.code, message=refused.message),)
        return outcome(refused.status, faults, refused.headers)


@router.get("/fhir/metadata", summary="Ce que l'interface FHIR prend", response_model=None)
async def metadata(_caller: ForDocuments) -> JSONResponse:
    return JSONResponse(capability_statement(_DATE), media_type=MEDIA_TYPE)


async def _message(request: Request, caller: Caller, given: Services) -> InboundMessage:
    """What was sent, never altered, from the structure whose key was borne."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise RefusedCall(415, "api.media_type", f"envoyez un Bundle FHIR R4 en JSON ({MEDIA_TYPE})")
    content = await body(request, given.max_body_bytes)
    return InboundMessage(content, FHIR, "bundle.json", datetime.now(UTC), caller.structure, MEDIA_TYPE)


async def _answer(message: InboundMessage, given: Services, dry_run: bool, deadline: float) -> Answer:
    draft, told = await _draft(message, given)
    expected = await expectation(draft, message, given.installation, given.store)
    if expected.deleted:
        raise refused_fields([Fault.of(finding("fhir.deleted_number", "Bundle"))])
    message = _owned(message, draft, given)
    if dry_run:
        information = given.installation.information(message)
        informed = replace(draft, document=with_information(draft.document, information))
        return 200, await _dry_run(informed, told, expected, given)
    accepted = await given.accept(message)
    made = await _settled(accepted.message_id, deadline, expected, given, told)
    return 202, made.model_copy(update={"duplicate": accepted.duplicate})


def _owned(message: InboundMessage, draft: Draft, given: Services) -> InboundMessage:
    """A structure's document is kept as its own, whatever key it came with; a laboratory's is nobody else's."""
    if message.sender or draft.document.catalogue is None:
        return message
    makers = (one.name for one in given.installation.structures if one.organization == draft.document.custodian)
    return replace(message, sender=next(makers, ""))


async def _draft(message: InboundMessage, given: Services) -> tuple[Draft, tuple[Finding, ...]]:
    """Raises RefusedCall with every fault, each at the caller's own element."""
    route = given.installation.route(FHIR)
    if route is None:
        raise RefusedCall(422, "api.no_route", no_route(FHIR).message)
    context = given.installation.context(FHIR, message.received_at)
    conversion = await asyncio.to_thread(interpret, message, context, formats()[route.format])
    if disposition(conversion.findings) is Disposition.REFUSE or len(conversion.drafts) != 1:
        raise refused_fields(Fault.of(one) for one in conversion.findings if one.severity is Severity.ERROR)
    draft = conversion.drafts[0]
    if disposition(draft.findings) is Disposition.REFUSE:
        raise refused_fields(Fault.of(one) for one in draft.findings if one.severity is Severity.ERROR)
    return draft, (*conversion.findings, *draft.findings)


async def _settled(
    message_id: str, deadline: float, expected: Expectation, given: Services, told: tuple[Finding, ...]
) -> AcceptedDocument:
    """The document as made, if it is made soon; else as it will be."""
    while time.monotonic() < deadline:
        row = await given.store.message(message_id)
        if row is not None and row.state not in _UNSETTLED:
            made = await given.store.documents(message_id)
            if made:
                return _made(made[0], message_id)
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return AcceptedDocument(
        id=expected.document_id,
        number=expected.number,
        state=expected.state,
        duplicate=False,
        message=f"/v1/messages/{message_id}",
        href=f"/v1/documents/{expected.document_id}",
        orders=[PlannedOrder.of(one) for one in expected.orders],
        remarks=remarks((*told, *expected.findings), "fr"),
    )


def _made(row: DocumentRow, message_id: str) -> AcceptedDocument:
    return AcceptedDocument(
        id=row.id,
        number=row.version.number,
        state=row.state,
        duplicate=False,
        message=f"/v1/messages/{message_id}",
        href=f"/v1/documents/{row.id}",
        orders=[PlannedOrder.of(one) for one in row.orders],
        remarks=remarks(row.findings, "fr"),
    )


async def _dry_run(draft: Draft, told: tuple[Finding, ...], expected: Expectation, given: Services) -> DryRun:
    installation = given.installation
    findings = (*told, *expected.findings)
    file_name = ""
    if expected.version is not None:
        built = await given.pool.build(
            draft.document, expected.version, expected.previous, installation.software, installation.production
        )
        findings, file_name = (*findings, *built.findings), built.file_name
    return DryRun(
        may_leave=disposition(findings) is Disposition.PUBLISH,
        document=expected.document_id,
        type=draft.document.type,
        title=draft.document.title,
        file_name=file_name,
        orders=[PlannedOrder.of(one) for one in expected.orders],
        remarks=remarks(findings, "fr"),
    )
