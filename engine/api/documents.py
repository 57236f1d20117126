"""Documents: what was made of a message, as it leaves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from engine.api.problems import RefusedCall, responses
from engine.api.services import Services, services
from engine.records import DocumentRow

router = APIRouter(tags=["documents"])
Given = Annotated[Services, Depends(services)]


@router.get("/documents/{document_id}", summary="Un document, ses constats, ses envois", responses=responses(404))
async def get_document(document_id: str, given: Given) -> DocumentRow:
    row = await given.store.document(document_id)
    if row is None:
        raise RefusedCall(404, "api.unknown_document", "aucun document de ce numéro")
    return row


@router.get(
    "/documents/{document_id}/cda",
    summary="Le CDA, octet pour octet",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}, **responses(404)},
)
async def get_cda(document_id: str, given: Given) -> Response:
    return Response(await _file(document_id, 0, given), media_type="application/xml")


@router.get(
    "/documents/{document_id}/pdf",
    summary="La copie lisible",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **responses(404)},
)
async def get_pdf(document_id: str, given: Given) -> Response:
    return Response(await _file(document_id, 1, given), media_type="application/pdf")


@router.post(
    "/documents/{document_id}/release",
    status_code=202,
    summary="Libérer un document retenu",
    responses=responses(404, 409),
)
async def release(document_id: str, given: Given) -> DocumentRow:
    await given.operations.release(document_id)
    given.wake()
    return await get_document(document_id, given)


async def _file(document_id: str, index: int, given: Services) -> bytes:
    files = await given.store.document_files(document_id)
    content = files[index] if files else None
    if content is None:
        raise RefusedCall(404, "api.unknown_file", "ce document n'a pas pu être construit, ou n'existe pas")
    return content
