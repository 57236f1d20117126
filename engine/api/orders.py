"""Orders: see what is to be sent, and act on it until it is being sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from engine.api.callers import ForOrders, Serving, seen
from engine.api.problems import RefusedCall, responses
from engine.api.services import Services
from engine.exchange import OrderState
from engine.ports import OrderAction
from engine.records import Event, OrderRow

router = APIRouter(tags=["ordres d'envoi"])


class OrderDetail(BaseModel):
    order: OrderRow
    events: list[Event]


@router.get("/orders", summary="Ordres d'envoi", responses=responses(422))
async def get_orders(
    caller: ForOrders,
    given: Serving,
    state: OrderState | None = None,
    destination: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[OrderRow]:
    if caller.structure:
        own = await given.store.orders_of_structure(caller.structure, state=state, destination=destination, limit=limit)
        return list(own)
    return list(await given.store.orders(state=state, destination=destination, limit=limit))


@router.get("/orders/{order_id}", summary="Un ordre et son histoire", responses=responses(404))
async def get_order(order_id: str, caller: ForOrders, given: Serving) -> OrderDetail:
    await seen(order_id, caller, given)
    return await _detail(order_id, given)


@router.post(
    "/orders/{order_id}/{action}",
    summary="Retenir, libérer, annuler, envoyer tout de suite, renvoyer",
    responses=responses(404, 409, 422),
)
async def act(order_id: str, action: OrderAction, caller: ForOrders, given: Serving) -> OrderDetail:
    await seen(order_id, caller, given)
    await given.operations.act(order_id, action)
    given.wake()
    return await _detail(order_id, given)


async def _detail(order_id: str, given: Services) -> OrderDetail:
    order = await given.store.order(order_id)
    if order is None:
        raise RefusedCall(404, "api.unknown_order", "aucun ordre de ce numéro")
    return OrderDetail(order=order, events=list(await given.store.events(order_id)))
