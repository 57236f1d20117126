"""Lanes: the state of each destination as a whole, and of the engine."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from engine import __version__
from engine.api.callers import ForAdmin, ForState, Serving
from engine.api.problems import responses
from engine.records import Lane, MessageState

router = APIRouter(tags=["exploitation"])


class Health(BaseModel):
    version: str
    messages: dict[MessageState, int]
    lanes: list[Lane]


@router.get("/health", summary="Le moteur répond ; combien de messages et d'ordres dans chaque état")
async def health(_caller: ForState, given: Serving) -> Health:
    counts = await given.store.message_counts()
    return Health(version=__version__, messages=counts, lanes=list(await given.store.lanes()))


@router.get("/lanes", summary="État de chaque destination")
async def get_lanes(_caller: ForState, given: Serving) -> list[Lane]:
    return list(await given.store.lanes())


@router.post(
    "/lanes/{destination}/start",
    status_code=202,
    summary="Rouvrir une voie arrêtée (droit admin)",
    responses=responses(404),
)
async def start(destination: str, _caller: ForAdmin, given: Serving) -> list[Lane]:
    await given.operations.start_lane(destination)
    given.wake()
    return list(await given.store.lanes())
