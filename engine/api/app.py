"""The engine's HTTP API: intake, state, operations, validation. One file per resource."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine import __version__
from engine.api import documents, lanes, messages, orders, problems, requests, validation
from engine.api.services import Services

_bearer = HTTPBearer(auto_error=False, description="Clé de routes.yaml (api: key).")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def api(services: Services, key: str | None) -> FastAPI:
    """The application. `key`, when there is one, is asked of every call as `Authorization: Bearer …`."""
    application = FastAPI(
        title="Passeur",
        version=__version__,
        summary="Moteur d'interopérabilité : HPRIM → CDA CI-SIS → DMP et MSSanté",
        dependencies=[Depends(_authorised(key))] if key is not None else [],
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    application.state.services = services
    for resource in (requests, messages, documents, orders, lanes, validation):
        application.include_router(resource.router, prefix="/v1")
    problems.add_to(application)
    application.openapi = lambda: _document(application, asks_key=key is not None)  # type: ignore[method-assign]
    return application


def _authorised(key: str) -> Callable[[Given], None]:
    expected = key.encode()

    def authorised(given: Given) -> None:
        # Headers are read as ISO 8859-1; back to the bytes that were sent.
        sent = given.credentials.encode("iso-8859-1") if given is not None else b""
        if not hmac.compare_digest(sent, expected):
            raise problems.RefusedCall(401, "api.unauthorised", "clé d'API absente ou incorrecte")

    return authorised


def _document(application: FastAPI, *, asks_key: bool) -> dict[str, Any]:
    """The OpenAPI document: only statuses that a route can answer, every refusal as a problem."""
    if application.openapi_schema is not None:
        return application.openapi_schema
    document = get_openapi(
        title=application.title, version=application.version, summary=application.summary, routes=application.routes
    )
    for operation in (one for path in document["paths"].values() for one in path.values()):
        answers = operation["responses"]
        if "HTTPValidationError" in str(answers.get("422")):
            del answers["422"]
        if asks_key:
            answers |= {str(status): told for status, told in problems.responses(401).items()}
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (problems.Problem, *requests.SCHEMAS):
        told = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= told.pop("$defs", {})
        schemas[model.__name__] = told
    application.openapi_schema = document
    return document
