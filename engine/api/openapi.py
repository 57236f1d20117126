"""The OpenAPI document: only statuses that a route can answer, every refusal as a problem."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from engine.api import problems, requests

DESCRIPTION = """\
Un document se demande en **un appel** (`POST /v1/documents`) ; niveau, codes et envois viennent du catalogue.

* **Clé** : `Authorization: Bearer …` ; chaque clé n'ouvre que ses droits (routes.yaml, `api: keys`).
* **Deux fois le même appel** : en-tête `Idempotency-Key` ; sans elle, les mêmes octets ne font rien de nouveau.
* **Erreurs** : `application/problem+json` (RFC 9457), un `code` stable par faute, à *votre* champ ; en français, ou
  en anglais avec `Accept-Language: en`.
* **429, 503** : revenez après `Retry-After` ; rien n'a été fait.
"""
_SECURED = (401, 403)
_EVERYWHERE = (429, 503)


def document(application: FastAPI, *, asks_key: bool) -> dict[str, Any]:
    if application.openapi_schema is not None:
        return application.openapi_schema
    made = get_openapi(
        title=application.title,
        version=application.version,
        summary=application.summary,
        description=application.description,
        routes=application.routes,
    )
    everywhere = problems.responses(*_EVERYWHERE, *(_SECURED if asks_key else ()))
    for operation in (one for path in made["paths"].values() for one in path.values()):
        answers = operation["responses"]
        if "HTTPValidationError" in str(answers.get("422")):
            del answers["422"]
        answers |= {str(status): told for status, told in everywhere.items()}
        if "requestBody" in operation:
            answers |= {str(status): told for status, told in problems.responses(408, 413).items()}
        if not asks_key:
            operation.pop("security", None)
    _schemas(made)
    if not asks_key:
        made["components"].pop("securitySchemes", None)
    application.openapi_schema = made
    return made


def _schemas(made: dict[str, Any]) -> None:
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (problems.Problem, *requests.SCHEMAS):
        told = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= told.pop("$defs", {})
        schemas[model.__name__] = told
