"""Historic catch-ups: start one (dry first), follow it, pause, resume, cancel."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.api.callers import Caller, ForAdmin, Serving
from engine.api.problems import Fault, RefusedCall, refused_fields, responses
from engine.api.services import Services
from engine.exchange import OrderState
from engine.history_runs.run import (
    FASTEST_PER_MINUTE,
    LONGEST_QUEUE,
    Criteria,
    Exclusion,
    HistoryRun,
    RunAction,
    RunState,
    Speed,
)
from engine.history_runs.window import window
from engine.model.document import ReportStatus
from engine.store.history_store import HistoryStore
from engine.store.sqlite import SqliteStore

router = APIRouter(tags=["exploitation"])


def _whole_site(caller: ForAdmin) -> Caller:
    """A run takes the documents of every structure: a key of one of them neither starts nor sees any."""
    if caller.structure:
        raise RefusedCall(
            403, "api.forbidden", "cette clé est celle d'une structure : un rattrapage est du site entier"
        )
    return caller


ForSite = Annotated[Caller, Depends(_whole_site)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class StartedRun(BaseModel):
    """What a catch-up takes and how fast; only the destination and the speed have to be said."""

    model_config = ConfigDict(extra="forbid")

    destination: Annotated[_Name, Field(description="Nom de la destination dans routes.yaml")]
    since: Annotated[date | None, Field(description="Premier jour des actes, compris")] = None
    until: Annotated[date | None, Field(description="Dernier jour des actes, compris")] = None
    senders: Annotated[tuple[_Name, ...], Field(description="Structures ou codes d'émetteur ; vide : tous")] = ()
    types: Annotated[tuple[_Name, ...], Field(description="Types ou documents du catalogue ; vide : tous")] = ()
    statuses: Annotated[tuple[ReportStatus, ...], Field(description="Statuts de compte rendu ; vide : tous")] = ()
    per_minute: Annotated[int, Field(ge=1, le=FASTEST_PER_MINUTE, description="Documents par minute au plus")] = 60
    queue: Annotated[
        int, Field(ge=1, le=LONGEST_QUEUE, description="N'ajoute rien tant que la voie a autant d'ordres à envoyer")
    ] = 10
    window: Annotated[str | None, Field(description="Heures d'envoi, 22:00-06:00 ; absent : à toute heure")] = None
    dry_run: Annotated[bool, Field(description="Compter seulement : rien ne part")] = False

    @field_validator("window")
    @classmethod
    def _two_hours(cls, given: str | None) -> str | None:
        if given is not None:
            try:
                window(given)
            except ValueError:
                raise ValueError("deux heures différentes, sous la forme 22:00-06:00") from None
        return given


class RunShown(BaseModel):
    """A catch-up and how far it is."""

    id: str
    state: RunState
    dry_run: bool
    destination: str
    since: date | None
    until: date | None
    senders: tuple[str, ...]
    types: tuple[str, ...]
    statuses: tuple[ReportStatus, ...]
    per_minute: int
    queue: int
    window: str | None
    created_at: datetime
    updated_at: datetime
    reason: str
    """Why it is paused when nobody asked: `no_destination`, `fault`."""
    examined: int
    eligible: int
    """Documents that would leave (dry run), or are still to leave."""
    ordered: int
    """Documents for which orders were made."""
    excluded: dict[Exclusion, int]
    orders: dict[OrderState, int]

    @classmethod
    def of(cls, run: HistoryRun) -> RunShown:
        criteria, speed = run.criteria, run.speed
        return cls(
            id=run.id,
            state=run.state,
            dry_run=run.dry,
            destination=criteria.destination,
            since=criteria.since,
            until=criteria.until,
            senders=criteria.senders,
            types=criteria.types,
            statuses=criteria.statuses,
            per_minute=speed.per_minute,
            queue=speed.queue,
            window=None if speed.window is None else str(speed.window),
            created_at=run.created_at,
            updated_at=run.updated_at,
            reason=run.reason,
            examined=run.examined,
            eligible=run.eligible,
            ordered=run.ordered,
            excluded=run.excluded,
            orders=run.orders,
        )


@router.post(
    "/history-runs", status_code=202, summary="Commencer un rattrapage (droit admin)", responses=responses(409, 422)
)
async def start_run(asked: StartedRun, _caller: ForSite, given: Serving) -> RunShown:
    _check(asked, given)
    criteria = Criteria(asked.destination, asked.since, asked.until, asked.senders, asked.types, asked.statuses)
    speed = Speed(asked.per_minute, asked.queue, None if asked.window is None else window(asked.window))
    run_id = uuid.uuid4().hex
    run = await _kept(given).start(run_id, criteria, speed, dry=asked.dry_run, now=datetime.now(UTC))
    if run is None:
        words = "un rattrapage de cette destination n'est pas terminé : laissez-le finir ou annulez-le"
        raise RefusedCall(409, "history.already_one", words)
    return RunShown.of(run)


@router.get("/history-runs", summary="Rattrapages, le plus récent d'abord (droit admin)", responses=responses(422))
async def get_runs(
    _caller: ForSite, given: Serving, limit: Annotated[int, Query(ge=1, le=1000)] = 20
) -> list[RunShown]:
    return [RunShown.of(run) for run in await _kept(given).runs(limit)]


@router.get("/history-runs/{run_id}", summary="Un rattrapage (droit admin)", responses=responses(404))
async def get_run(run_id: str, _caller: ForSite, given: Serving) -> RunShown:
    return RunShown.of(await _run(run_id, given))


@router.post(
    "/history-runs/{run_id}/{action}",
    summary="Suspendre, reprendre ou annuler un rattrapage (droit admin)",
    responses=responses(404, 409, 422),
)
async def change_run(run_id: str, action: RunAction, _caller: ForSite, given: Serving) -> RunShown:
    await _run(run_id, given)
    if not await _kept(given).change(run_id, action, now=datetime.now(UTC)):
        raise RefusedCall(409, "history.wrong_state", "l'état actuel de ce rattrapage ne le permet pas")
    return RunShown.of(await _run(run_id, given))


def _check(asked: StartedRun, given: Services) -> None:
    faults = []
    names = [one.name for one in given.installation.destinations]
    if asked.destination not in names:
        words = "aucune destination de ce nom dans routes.yaml"
        known = f"Destinations : {', '.join(names)}."
        faults.append(Fault(field="destination", code="history.unknown_destination", message=words, remedy=known))
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        words = "le dernier jour vient avant le premier"
        faults.append(Fault(field="until", code="history.period", message=words))
    if faults:
        raise refused_fields(faults)


async def _run(run_id: str, given: Services) -> HistoryRun:
    run = await _kept(given).run(run_id)
    if run is None:
        raise RefusedCall(404, "history.unknown_run", "aucun rattrapage de ce numéro")
    return run


def _kept(given: Services) -> HistoryStore:
    assert isinstance(given.store, SqliteStore)
    return HistoryStore(given.store)
