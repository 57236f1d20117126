"""Validation of any CDA, without keeping it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from engine.api.body import body, body_of
from engine.api.problems import RefusedCall, responses
from engine.api.services import Services, services
from engine.validation.report import as_html, as_json, as_text

router = APIRouter(tags=["validation"])
Given = Annotated[Services, Depends(services)]


@router.post(
    "/validate",
    summary="Le rapport d'un CDA envoyé tel quel dans le corps",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}, "text/plain": {}, "text/html": {}}},
        **responses(413, 422),
    },
    openapi_extra=body_of("application/xml"),
)
async def validate(request: Request, given: Given, format: Literal["json", "text", "html"] = "json") -> Response:
    content = await body(request, given.max_body_bytes)
    if not content:
        raise RefusedCall(422, "api.empty_body", "corps vide : envoyez le document CDA tel quel")
    report = await given.pool.validate(content)
    if format == "html":
        return Response(as_html(report, "document"), media_type="text/html; charset=utf-8")
    if format == "text":
        return Response(as_text(report, "document"), media_type="text/plain; charset=utf-8")
    return Response(as_json((("document", report),)), media_type="application/json")
