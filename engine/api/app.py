"""The engine's HTTP API: intake, state, operations, validation. One file per resource."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from engine import __version__
from engine.api import documents, lanes, messages, orders, validation
from engine.api.services import Services
from engine.errors import ConfigError, PasseurError, TransientError
from engine.operations import RefusedOperation, UnknownSubject

_STATUS = {UnknownSubject: 404, RefusedOperation: 409, TransientError: 503, ConfigError: 500}


def api(services: Services, key: str | None) -> FastAPI:
    """The application. `key`, when there is one, is asked of every call as `Authorization: Bearer …`."""

    def authorised(authorization: Annotated[str | None, Header()] = None) -> None:
        if key is not None and not hmac.compare_digest(authorization or "", f"Bearer {key}"):
            raise HTTPException(401, "clé d'API absente ou incorrecte", {"WWW-Authenticate": "Bearer"})

    application = FastAPI(
        title="Passeur",
        version=__version__,
        summary="Moteur d'interopérabilité : HPRIM → CDA CI-SIS → DMP et MSSanté",
        dependencies=[Depends(authorised)],
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    application.state.services = services
    for resource in (messages, documents, orders, lanes, validation):
        application.include_router(resource.router, prefix="/v1")
    application.add_exception_handler(PasseurError, _problem)
    return application


def _problem(request: Request, error: Exception) -> JSONResponse:
    """RFC 9457 problem details."""
    if not isinstance(error, PasseurError):
        raise error
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    body = {"type": f"urn:passeur:{error.code}", "title": error.message, "status": status, "code": error.code}
    return JSONResponse(body, status, media_type="application/problem+json")
