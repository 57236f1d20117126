"""What happened, to be read page by page: a host that keeps the cursor misses nothing and asks for nothing twice."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from engine.api.callers import Caller, ForDocuments, Serving
from engine.api.problems import responses
from engine.api.services import Services
from engine.calls import LoggedEvent, Subject
from engine.route import Right

router = APIRouter(tags=["évènements"])
_LOOKED_AT = 1000
_LOOK_SECONDS = 0.5


class HappenedEvent(BaseModel):
    at: datetime
    subject: Subject
    id: str
    what: str
    """`document.ready`, `order.delivered`, `order.waiting`…"""
    detail: str
    href: str


class Events(BaseModel):
    events: list[HappenedEvent]
    """Oldest first."""
    next: int
    """The cursor to ask the next page with, also when this one is empty."""


@router.get(
    "/events",
    summary="Ce qui est arrivé depuis un curseur",
    description="`after=0` : depuis toujours ; `after=-1` : rien, mais le curseur du moment. À appeler de loin en loin "
    "avec le `next` de la réponse précédente, ou en attendant (`wait_seconds`) ; une clé de structure "
    "ne voit que ses documents.",
    responses=responses(422),
)
async def get_events(
    caller: ForDocuments,
    given: Serving,
    after: Annotated[int, Query(ge=-1, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=_LOOKED_AT)] = 100,
    wait_seconds: Annotated[int, Query(ge=0, le=25, description="Attendre qu'il arrive quelque chose")] = 0,
) -> Events:
    if after < 0:
        return Events(events=[], next=await given.store.last_event())
    deadline = time.monotonic() + wait_seconds
    while True:
        page = await _page(after, limit, caller, given)
        if page.events or page.next > after or time.monotonic() >= deadline:
            return page
        await asyncio.sleep(_LOOK_SECONDS)


async def _page(after: int, limit: int, caller: Caller, given: Services) -> Events:
    """What the caller may see of the next events; its cursor is past those it may not."""
    found: list[LoggedEvent] = []
    whole = not caller.structure and Right.MESSAGES in caller.rights
    for one in await given.store.events_since(after, _LOOKED_AT):
        after = one.cursor
        if whole or (one.structure and caller.structure in ("", one.structure)):
            found.append(one)
            if len(found) == limit:
                break
    return Events(events=[_told(one) for one in found], next=after)


def _told(one: LoggedEvent) -> HappenedEvent:
    subject = one.event.subject_id
    return HappenedEvent(
        at=one.event.at,
        subject=one.subject,
        id=subject,
        what=one.event.what,
        detail=one.event.detail,
        href="/v1/lanes" if one.subject == "lane" else f"/v1/{one.subject}s/{subject}",
    )
