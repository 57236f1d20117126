"""Orders that must be looked at again when an identity changes: a decision, made here and carried out elsewhere.

A document made for the identity before says its traits and, when it was qualified, its matricule. So each order not
yet sent is rebuilt, wakes or waits; what has left is told to those who have it.
Ségur wave 1, rules 25, 26, 28 and 31.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.exchange import OrderState
from engine.identity.status import Identity, IdentityStatus
from engine.identity.traits import differing


@dataclass(frozen=True, slots=True)
class ConcernedOrder:
    """An order of a document about the identity."""

    id: str
    state: OrderState
    needs_qualified: bool
    """The destination takes qualified identities only (DMP, patient mailbox)."""
    waits_for_identity: bool = False
    """WAITING with the cause `identity`."""


class OrderFate(StrEnum):
    WAIT = "wait"
    """It waits for the identity; its document is rebuilt before it leaves."""
    REBUILD = "rebuild"
    """Its document is rebuilt; its state stays (a person's hold included)."""
    WAKE = "wake"
    """The identity is qualified now: its document is rebuilt with the matricule, then it is due."""
    ASK = "ask"
    """Being sent, or sent without an answer: a person decides once its end is known."""
    TELL = "tell"
    """Delivered: its recipient is on the list of the correction notice (rule 31)."""


@dataclass(frozen=True, slots=True)
class OrderReview:
    order_id: str
    fate: OrderFate


_OVER = frozenset({OrderState.REJECTED, OrderState.CANCELLED, OrderState.SUPERSEDED})
_GONE = frozenset({OrderState.SENDING, OrderState.UNCERTAIN})
_STOPPED = frozenset({OrderState.HELD, OrderState.BLOCKED})


def order_reviews(before: Identity, after: Identity, orders: Iterable[ConcernedOrder]) -> tuple[OrderReview, ...]:
    """What becomes of each order; none when what a document says of the identity has not changed."""
    withdrawn = _qualified(before) and before.ins != after.ins
    gained = _qualified(after) and before.ins != after.ins
    contradicted = bool(differing(before.traits, after.traits))
    if not (withdrawn or gained or contradicted):
        return ()
    reviews = []
    for order in orders:
        fate = _fate(order, qualified=_qualified(after), wrong=withdrawn or contradicted)
        if fate is not None:
            reviews.append(OrderReview(order.id, fate))
    return tuple(reviews)


def _fate(order: ConcernedOrder, *, qualified: bool, wrong: bool) -> OrderFate | None:
    """`wrong`: what was made before says something that no longer holds, not only less than is known now."""
    if order.state in _OVER:
        return None
    if order.state is OrderState.DELIVERED:
        return OrderFate.TELL if wrong else None
    if order.state in _GONE:
        return OrderFate.ASK if wrong else None
    if order.state in _STOPPED:
        return OrderFate.REBUILD
    if order.needs_qualified and not qualified:
        return OrderFate.WAIT
    return OrderFate.WAKE if order.waits_for_identity else OrderFate.REBUILD


def _qualified(identity: Identity) -> bool:
    return identity.status is IdentityStatus.QUALIFIED
