"""Ask for a document: one call when the professional validates it; level, codes and routing come from the catalogue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from engine.api import examples
from engine.api.answers import AcceptedDocument, DryRun, PlannedOrder, remarks
from engine.api.callers import ForDocuments, Serving
from engine.api.once import Answer, CallKey, once
from engine.api.problems import Fault, RefusedCall, refused_fields, responses
from engine.api.sent import message_of
from engine.api.services import Services
from engine.api.words import Language, language
from engine.catalogue.information import with_information
from engine.conversion import interpret
from engine.declarations import Draft
from engine.exchange import InboundMessage
from engine.expectation import Expectation, expectation
from engine.findings import Disposition, Finding, disposition
from engine.formats.request.faults import fault
from engine.formats.request.fields import DocumentRequest
from engine.outcome import no_route
from engine.records import DocumentRow, MessageState
from engine.registry import formats
from engine.route import DOCUMENTS

router = APIRouter(tags=["documents"])

_PATIENCE_SECONDS = 0.12
"""How long after it came a call may still wait for its document to be made; the answer says what is known by then."""
_LOOK_SECONDS = 0.03
_UNSETTLED = frozenset({MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED})


@router.post(
    "/documents",
    status_code=202,
    summary="Demander un document",
    description="Au moment où le professionnel valide : un appel, et le document part là où le catalogue le dit. "
    "Le même `number` avec un autre contenu remplace la version précédente. La réponse ne dépend d'aucun pair.",
    response_model=AcceptedDocument,
    responses={200: {"model": DryRun, "description": "À blanc : ce qui partirait"}, **responses(409, 413, 415, 422)},
    openapi_extra=examples.REQUEST_BODY,
)
async def post_document(
    request: Request,
    caller: ForDocuments,
    given: Serving,
    call_key: CallKey = None,
    dry_run: Annotated[bool, Query(description="Montrer ce qui partirait, sans rien garder ni envoyer")] = False,
) -> Response:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    message, tongue = await message_of(request, caller, given), language(request.scope)

    async def answer() -> Answer:
        draft, told = await _draft(message, given)
        expected = await expectation(draft, message, given.installation, given.store)
        _still_there(expected)
        if dry_run:
            informed = replace(
                draft, document=with_information(draft.document, given.installation.information(message))
            )
            return 200, await _dry_run(informed, told, expected, given, tongue)
        accepted = await given.accept(message)
        made = await _settled(accepted.message_id, deadline, expected, given, told, tongue)
        return 202, made.model_copy(update={"duplicate": accepted.duplicate})

    return await once(request, caller, given, None if dry_run else call_key, _parts(message), answer)


def _parts(message: InboundMessage) -> Iterator[bytes]:
    yield message.content
    for one in message.attachments:
        yield one.name.encode("utf-8", "backslashreplace")
        yield one.content


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


def _still_there(expected: Expectation) -> None:
    """What was deleted never comes back because its call is made again."""
    if expected.deleted:
        words, remedy = "le document de ce numéro a été supprimé", "Donnez un autre numéro au nouveau document."
        raise refused_fields([Fault.of(fault("deleted_number", "number", words, remedy))])


async def _settled(
    message_id: str,
    deadline: float,
    expected: Expectation,
    given: Services,
    told: tuple[Finding, ...],
    tongue: Language,
) -> AcceptedDocument:
    """The document as made, if it is made soon; else as it will be."""
    while time.monotonic() + _LOOK_SECONDS < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        row = await given.store.message(message_id)
        if row is None or row.state is MessageState.RECEIVED:
            break  # others are ahead: it will not be made in time
        if row.state not in _UNSETTLED:
            made = await given.store.documents(message_id)
            if made:
                return _made(made[0], message_id, tongue)
            break
    return AcceptedDocument(
        id=expected.document_id,
        number=expected.number,
        state=expected.state,
        duplicate=False,
        message=f"/v1/messages/{message_id}",
        href=f"/v1/documents/{expected.document_id}",
        orders=[PlannedOrder.of(one) for one in expected.orders],
        remarks=remarks((*told, *expected.findings), tongue),
    )


def _made(row: DocumentRow, message_id: str, tongue: Language) -> AcceptedDocument:
    return AcceptedDocument(
        id=row.id,
        number=row.version.number,
        state=row.state,
        duplicate=False,
        message=f"/v1/messages/{message_id}",
        href=f"/v1/documents/{row.id}",
        orders=[PlannedOrder.of(one) for one in row.orders],
        remarks=remarks(row.findings, tongue),
    )


async def _dry_run(
    draft: Draft, told: tuple[Finding, ...], expected: Expectation, given: Services, tongue: Language
) -> DryRun:
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
        remarks=remarks(findings, tongue),
    )


SCHEMAS = (DocumentRequest, DryRun)
"""Models that only the OpenAPI document names."""
