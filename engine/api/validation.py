"""Validation of any CDA, without keeping it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from engine.api.body import body, body_of
from engine.api.callers import ForValidation, Serving
from engine.api.problems import RefusedCall, responses
from engine.validation.report import Report, as_html, as_json, as_svrl, as_text

_MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svrl": "application/xml",
}

router = APIRouter(tags=["validation"])


@router.post(
    "/validate",
    summary="Le rapport d'un CDA envoyé tel quel dans le corps",
    response_class=Response,
    responses={
        200: {"content": {media_type.split(";")[0]: {} for media_type in _MEDIA_TYPES.values()}},
        **responses(413, 422),
    },
    openapi_extra=body_of("application/xml"),
)
async def validate(
    request: Request, _caller: ForValidation, given: Serving, format: Literal["json", "text", "html", "svrl"] = "json"
) -> Response:
    content = await body(request, given.max_body_bytes)
    if not content:
        raise RefusedCall(422, "api.empty_body", "corps vide : envoyez le document CDA tel quel")
    report = await given.pool.validate(content)
    return Response(_written(report, format), media_type=_MEDIA_TYPES[format])


def _written(report: Report, form: str) -> str:
    if form == "json":
        return as_json((("document", report),))
    return {"text": as_text, "html": as_html, "svrl": as_svrl}[form](report, "document")
