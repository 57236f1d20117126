"""The engine's HTTP API: intake, state, operations, validation. One file per resource."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from engine import __version__
from engine.api import (
    catalogue,
    consents,
    delegation,
    documents,
    events,
    fhir,
    history_runs,
    lanes,
    life,
    messages,
    openapi,
    orders,
    problems,
    requests,
    scan,
    validation,
)
from engine.api.callers import Callers, authorised, needs
from engine.api.crowd import Crowd
from engine.api.once import Once
from engine.api.services import Services
from engine.route import Right

_RESOURCES = (
    requests,
    documents,
    life,
    orders,
    events,
    catalogue,
    delegation,
    scan,
    messages,
    lanes,
    validation,
    fhir,
    history_runs,
)


def api(services: Services, key: str | None) -> FastAPI:
    """The application.

    Every call bears one of the installation's keys, or `key`, which opens everything, as `Authorization: Bearer …`;
    where there are none, nothing is asked.
    """
    application = FastAPI(
        title="Passeur",
        version=__version__,
        summary="Moteur d'interopérabilité : documents, HPRIM et HL7v2 → CDA CI-SIS → DMP et MSSanté",
        description=openapi.DESCRIPTION,
        dependencies=[Depends(authorised)],
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    site = services.installation.api
    application.state.services = services
    application.state.callers = Callers(site, key)
    application.state.once = Once()
    for resource in _RESOURCES:
        application.include_router(resource.router, prefix="/v1")
    for_documents = [Depends(needs(Right.DOCUMENTS))]
    application.include_router(consents.router, prefix="/v1", dependencies=for_documents)
    problems.add_to(application)
    calls = site.calls_at_once if site else 64
    application.add_middleware(Crowd, calls=calls, body_bytes=services.max_body_bytes)
    asked = application.state.callers.asked
    application.openapi = lambda: openapi.document(application, asks_key=asked)  # type: ignore[method-assign]
    return application
