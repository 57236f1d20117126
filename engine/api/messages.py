"""Messages: send one, see what became of it, convert it again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from engine.api.body import body, body_of
from engine.api.callers import Caller, ForAdmin, ForMessages, Serving, caller_of
from engine.api.problems import RefusedCall, responses
from engine.exchange import InboundMessage
from engine.records import DocumentRow, Event, MessageRow, MessageState
from engine.route import API, Right

router = APIRouter(tags=["messages"])


async def _own_or_all(request: Request) -> Caller:
    """Every message for who has the right to messages, its own requests for who asks for documents."""
    caller = caller_of(request)
    if caller.rights.isdisjoint({Right.MESSAGES, Right.DOCUMENTS}):
        raise RefusedCall(403, "api.forbidden", "cette clé n'a ni le droit « messages » ni le droit « documents »")
    return caller


OwnOrAll = Annotated[Caller, Depends(_own_or_all)]


class Kept(BaseModel):
    """The message is durably kept; what it becomes is read at `href`."""

    id: str
    duplicate: bool
    """True when the same bytes were already here: nothing new is made of them."""
    href: str


class MessageDetail(BaseModel):
    """A message, its documents with their orders, and its history."""

    message: MessageRow
    documents: list[DocumentRow]
    events: list[Event]


@router.post(
    "/messages",
    status_code=202,
    summary="Déposer un message (HPRIM), tel quel dans le corps",
    responses=responses(413, 422),
    openapi_extra=body_of("application/octet-stream"),
)
async def post_message(
    request: Request,
    _caller: ForMessages,
    given: Serving,
    name: Annotated[str, Query(description="Nom de fichier, pour s'y retrouver")] = "message.hpr",
) -> Kept:
    content = await body(request, given.max_body_bytes)
    if not content:
        raise RefusedCall(422, "api.empty_body", "corps vide : envoyez le fichier HPRIM tel quel")
    media_type = request.headers.get("content-type")
    message = InboundMessage(content, API, name, datetime.now(UTC), media_type=media_type)
    accepted = await given.accept(message)
    return Kept(id=accepted.message_id, duplicate=accepted.duplicate, href=f"/v1/messages/{accepted.message_id}")


@router.get("/messages", summary="Derniers messages", responses=responses(422))
async def get_messages(
    _caller: ForMessages,
    given: Serving,
    state: MessageState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: str | None = None,
) -> list[MessageRow]:
    return list(await given.store.messages(state=state, limit=limit, before=before))


@router.get(
    "/messages/{message_id}", summary="Un message, ses documents, leurs envois, son histoire", responses=responses(404)
)
async def get_message(message_id: str, caller: OwnOrAll, given: Serving) -> MessageDetail:
    message = await given.store.message(message_id)
    if Right.MESSAGES not in caller.rights:
        owner = await given.store.owner(message_id)
        message = message if owner is not None and owner.structure and caller.sees(owner) else None
    if message is None:
        raise RefusedCall(404, "api.unknown_message", "aucun message de ce numéro")
    documents = await given.store.documents(message_id)
    events = await given.store.events(message_id)
    return MessageDetail(message=message, documents=list(documents), events=list(events))


@router.get(
    "/messages/{message_id}/content",
    summary="Le message tel que reçu",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **responses(404)},
)
async def get_content(message_id: str, _caller: ForMessages, given: Serving) -> Response:
    kept = await given.store.message_body(message_id)
    if kept is None:
        raise RefusedCall(404, "api.unknown_message", "aucun message de ce numéro")
    return Response(kept.content, media_type="application/octet-stream")


@router.post(
    "/messages/{message_id}/replay",
    status_code=202,
    summary="Convertir à nouveau (droit admin)",
    responses=responses(404),
)
async def replay(message_id: str, _caller: ForAdmin, given: Serving) -> Kept:
    await given.operations.replay(message_id)
    given.wake()
    return Kept(id=message_id, duplicate=False, href=f"/v1/messages/{message_id}")
