"""Ask for a document: one call when the professional validates it; level, codes and routing come from the catalogue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from engine.api.body import body
from engine.api.problems import Fault, RefusedCall, refused_fields, responses
from engine.api.services import Services, services
from engine.conversion import interpret
from engine.declarations import Draft
from engine.exchange import Attachment, InboundMessage, OrderState
from engine.expectation import Expectation, expectation
from engine.findings import Disposition, Finding, disposition
from engine.formats.request.fields import DocumentRequest
from engine.outcome import no_route
from engine.records import DocumentRow, DocumentState, MessageState
from engine.registry import formats
from engine.route import DOCUMENTS

router = APIRouter(tags=["documents"])
Given = Annotated[Services, Depends(services)]

_PATIENCE_SECONDS = 0.15
"""How long a call waits for its document to be made; the answer says what is known by then."""
_LOOK_SECONDS = 0.01
_UNSETTLED = frozenset({MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED})


class PlannedOrder(BaseModel):
    """An order, as made or, while the document is being made, as it will be."""

    id: str
    destination: str
    recipient: str
    state: OrderState
    cause: str
    not_before: datetime | None
    """End of the window in which it can be held or cancelled."""
    href: str


class Remark(BaseModel):
    """What is worth telling the caller, in French, at its own field."""

    code: str
    field: str
    message: str
    remedy: str


class AcceptedDocument(BaseModel):
    """The request is durably kept; the document and its orders go on by themselves."""

    id: str
    """Of the document."""
    number: int
    """Version, from 1: 2 and more replace the version before."""
    state: DocumentState | None
    """None while it is being made."""
    duplicate: bool
    """True when this very request was here already: nothing new is made of it."""
    message: str
    href: str
    orders: list[PlannedOrder]
    remarks: list[Remark]


class DryRun(BaseModel):
    """What would be sent, to whom, and why; nothing was kept."""

    may_leave: bool
    document: str
    type: str
    title: str
    file_name: str
    orders: list[PlannedOrder]
    remarks: list[Remark]


@router.post(
    "/documents",
    status_code=202,
    summary="Demander un document",
    response_model=AcceptedDocument,
    responses={200: {"model": DryRun, "description": "À blanc : ce qui partirait"}, **responses(413, 415, 422)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/DocumentRequest"}},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["request"],
                        "properties": {
                            "request": {"$ref": "#/components/schemas/DocumentRequest"},
                            "file": {"type": "string", "format": "binary", "description": "Le PDF/A-1"},
                        },
                    }
                },
            },
        }
    },
)
async def post_document(
    request: Request,
    given: Given,
    dry_run: Annotated[bool, Query(description="Montrer ce qui partirait, sans rien garder ni envoyer")] = False,
) -> JSONResponse:
    message = await _message(request, given)
    draft, told = await _draft(message, given)
    expected = await expectation(draft, message, given.installation, given.store)
    if dry_run:
        return JSONResponse((await _dry_run(draft, told, expected, given)).model_dump(mode="json"), 200)
    accepted = await given.accept(message)
    answer = await _settled(accepted.message_id, expected, given, told)
    return JSONResponse(answer.model_copy(update={"duplicate": accepted.duplicate}).model_dump(mode="json"), 202)


async def _message(request: Request, given: Services) -> InboundMessage:
    """The request as received, its file beside it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    received = datetime.now(UTC)
    if kind in ("application/json", ""):
        content = await body(request, given.max_body_bytes)
        return InboundMessage(content, DOCUMENTS, "document.json", received, media_type="application/json")
    if kind != "multipart/form-data":
        words = "envoyez du JSON, ou un formulaire (multipart/form-data) avec « request » et « file »"
        raise RefusedCall(415, "api.media_type", words)
    content, files = await _parts(request, given.max_body_bytes)
    return InboundMessage(content, DOCUMENTS, "document.json", received, "", "application/json", files)


async def _parts(request: Request, limit: int) -> tuple[bytes, tuple[Attachment, ...]]:
    declared = request.headers.get("content-length", "")
    if not declared.isdecimal() or int(declared) > limit:
        words = f"corps trop volumineux, ou sans Content-Length : {limit} octets au plus"
        raise RefusedCall(413, "api.too_large", words)
    try:
        form = await request.form(max_files=1, max_fields=4, max_part_size=limit)
    except (MultiPartException, ValueError):
        raise RefusedCall(422, "api.multipart", "le formulaire est illisible") from None
    asked, file = form.get("request"), form.get("file")
    content = await asked.read() if isinstance(asked, UploadFile) else (asked or "").encode()
    files = (Attachment(file.filename or "document.pdf", await file.read()),) if isinstance(file, UploadFile) else ()
    await form.close()
    return content, files


async def _draft(message: InboundMessage, given: Services) -> tuple[Draft, tuple[Finding, ...]]:
    """Raises RefusedCall with every fault, each at the caller's own field."""
    route = given.installation.route(DOCUMENTS)
    if route is None:
        raise RefusedCall(422, "api.no_route", no_route(DOCUMENTS).message)
    context = given.installation.context(DOCUMENTS, message.received_at)
    conversion = await asyncio.to_thread(interpret, message, context, formats()[route.format])
    if disposition(conversion.findings) is Disposition.REFUSE or len(conversion.drafts) != 1:
        raise refused_fields(Fault.of(one) for one in conversion.findings)
    return conversion.drafts[0], (*conversion.findings, *conversion.drafts[0].findings)


async def _settled(
    message_id: str, expected: Expectation, given: Services, told: tuple[Finding, ...]
) -> AcceptedDocument:
    """The document as made, if it is made soon; else as it will be."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
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
        orders=_planned(expected),
        remarks=_remarks((*told, *expected.findings)),
    )


def _made(row: DocumentRow, message_id: str) -> AcceptedDocument:
    orders = [
        PlannedOrder(
            id=one.id,
            destination=one.destination,
            recipient=one.recipient,
            state=one.state,
            cause=one.cause,
            not_before=one.not_before,
            href=f"/v1/orders/{one.id}",
        )
        for one in row.orders
    ]
    return AcceptedDocument(
        id=row.id,
        number=row.version.number,
        state=row.state,
        duplicate=False,
        message=f"/v1/messages/{message_id}",
        href=f"/v1/documents/{row.id}",
        orders=orders,
        remarks=_remarks(row.findings),
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
        orders=_planned(expected),
        remarks=_remarks(findings),
    )


def _planned(expected: Expectation) -> list[PlannedOrder]:
    return [
        PlannedOrder(
            id=one.id,
            destination=one.destination,
            recipient=one.recipient,
            state=one.state,
            cause=one.cause,
            not_before=one.not_before,
            href=f"/v1/orders/{one.id}",
        )
        for one in expected.orders
    ]


def _remarks(findings: Iterable[Finding]) -> list[Remark]:
    return [
        Remark(code=one.code, field=one.source or one.where, message=one.message, remedy=one.remedy) for one in findings
    ]


SCHEMAS = (DocumentRequest, DryRun)
"""Models that only the OpenAPI document names."""
