"""Errors of the API, all in one form: RFC 9457 problems with a stable code, in French or English, no patient data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.words import Language, language, said
from engine.errors import ConfigError, PasseurError, TransientError
from engine.findings import Finding
from engine.log import unexpected
from engine.operations import RefusedOperation, UnknownSubject

MEDIA_TYPE = "application/problem+json"
_STATUS = {UnknownSubject: 404, RefusedOperation: 409, TransientError: 503, ConfigError: 500}
_WORDS = {
    401: "clé d'API absente ou incorrecte",
    403: "cette clé n'a pas ce droit",
    404: "rien à cette adresse",
    405: "cette adresse n'accepte pas cette méthode",
    408: "corps interrompu",
    409: "l'état actuel ne le permet pas",
    413: "corps trop volumineux",
    415: "ce type de contenu n'est pas lu ici",
    422: "demande incomplète ou invalide",
    429: "trop d'appels avec cette clé : revenez après Retry-After",
    503: "le moteur ne peut pas répondre maintenant : revenez",
}

_LATER = frozenset({429, 503})
"""Nothing was done: the same call may be made again, after Retry-After."""


class Fault(BaseModel):
    """One thing to mend in a call."""

    field: str
    """`patient.birth_date`, `correspondents[1].mailbox`; empty when it is about the whole."""
    code: str
    message: str
    remedy: str = ""

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(field=finding.where, code=finding.code, message=finding.message, remedy=finding.remedy)

    def in_language(self, tongue: Language) -> Fault:
        message, remedy = said(tongue, self.code, self.message, self.remedy)
        return self.model_copy(update={"message": message, "remedy": remedy})


class Problem(BaseModel):
    """Why a call was refused."""

    type: str
    """`urn:passeur:<code>`."""
    title: str
    """For a person, in French, or in English for who prefers it (Accept-Language)."""
    status: int
    code: str
    """Stable, for a program."""
    errors: list[Fault] = []
    """Every fault of the call, each at the caller's own field."""


class RefusedCall(PasseurError):
    """A call the API itself refuses."""

    def __init__(
        self,
        status: int,
        code: str,
        words: str,
        errors: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, words)
        self.status = status
        self.errors = errors
        self.headers = headers


def refused_fields(faults: Iterable[Fault]) -> RefusedCall:
    """422 with all that is to be mended."""
    found = tuple(faults)
    words = f"{len(found)} champs à corriger" if len(found) > 1 else "un champ à corriger"
    return RefusedCall(422, "api.invalid_request", words, found)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of the refusals of a route."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        told[status] = {"description": _WORDS[status].capitalize(), "content": content}
        if status in _LATER:
            told[status]["headers"] = {"Retry-After": {"description": "Secondes", "schema": {"type": "integer"}}}
    return told


def add_to(application: FastAPI) -> None:
    """Have every error of an application told in this form."""
    application.add_exception_handler(PasseurError, _told)
    application.add_exception_handler(HTTPException, _no_such_route)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_middleware(_LastResort)


def problem(
    status: int,
    code: str,
    words: str,
    headers: Mapping[str, str] | None = None,
    errors: tuple[Fault, ...] = (),
    tongue: Language = "fr",
) -> JSONResponse:
    faults = [one.in_language(tongue) for one in errors]
    title, _ = said(tongue, code, words)
    body = Problem(type=f"urn:passeur:{code}", title=title, status=status, code=code, errors=faults)
    told = body.model_dump(exclude=None if errors else {"errors"})
    spoken = {"Content-Language": tongue, "Vary": "Accept-Language", **(headers or {})}
    return JSONResponse(told, status, spoken, media_type=MEDIA_TYPE)


def _told(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PasseurError)
    if isinstance(error, RefusedCall):
        headers, tongue = error.headers, language(request.scope)
        return problem(error.status, error.code, error.message, headers, error.errors, tongue)
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    later = {"Retry-After": "5"} if status == 503 else None
    return problem(status, error.code, error.message, later, tongue=language(request.scope))


def _no_such_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # the framework's word for a body that is no JSON at all
        words = "le corps n'est pas du JSON lisible (UTF-8)"
        return problem(422, "api.unreadable_body", words, tongue=language(request.scope))
    words = _WORDS.get(error.status_code, "demande refusée")
    code, tongue = f"api.http_{error.status_code}", language(request.scope)
    return problem(error.status_code, code, words, error.headers, tongue=tongue)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    """The names of the parameters at fault and what they may be; never the value that was sent."""
    assert isinstance(error, RequestValidationError)
    words = []
    for one in error.errors():
        expected = str(one.get("ctx", {}).get("expected", "")).replace(" or ", " ou ")
        words.append(f"« {one['loc'][-1]} »" + (f" ({expected})" if expected else ""))
    told = "paramètre à corriger : " + " ; ".join(words)
    return problem(422, "api.invalid_parameter", told, tongue=language(request.scope))


class _LastResort:
    """A bug of ours: told without its text, logged with its frames alone, for its text could quote a message."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._application(scope, receive, noted)
        except ClientDisconnect:
            return
        except Exception as error:
            unexpected("api.failed", error)
            if not begun:
                words = "défaut de Passeur : consultez le journal, et signalez-le"
                await problem(500, "engine.unexpected", words)(scope, receive, send)
