"""Who does what for each requirement: for the homologation file of a host software."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.callers import Anybody
from engine.catalogue.delegation import Delegation, delegations

router = APIRouter(tags=["catalogue"])


@router.get(
    "/delegation", summary="Par exigence : ce que fait Passeur, ce que montre votre logiciel, quelle preuve reste"
)
async def get_delegation(_caller: Anybody) -> list[Delegation]:
    return list(delegations())
