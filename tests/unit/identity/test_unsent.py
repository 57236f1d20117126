"""Orders looked at again when an identity changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from engine.exchange import OrderState
from engine.identity.events import AttributeSet, DocumentChecked, InsiFound, InsiVerified, TraitsChanged
from engine.identity.status import Identity, IdentityAttribute
from engine.identity.traits import StrictTraits
from engine.identity.transitions import IdentityPolicy, transition
from engine.identity.unsent import ConcernedOrder, OrderFate, order_reviews
from engine.model.parties import INS_NIR
from engine.model.values import Timestamp

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TRAITS = StrictTraits("TESTNAISSANCE", "HELENE", ("HELENE",), Timestamp("19850312"), "F", "99000")
POLICY = IdentityPolicy(production=True)
RETRIEVED = transition(Identity(TRAITS), InsiFound("285039900000193", INS_NIR, TRAITS, AT), POLICY).after
QUALIFIED = transition(RETRIEVED, DocumentChecked("cni", True, AT), POLICY).after
CHANGED = transition(
    QUALIFIED, TraitsChanged(replace(TRAITS, birth_date=Timestamp("19850313")), deliberate=True), POLICY
).after


def order(state: OrderState, *, dmp: bool = True, waits: bool = False) -> ConcernedOrder:
    return ConcernedOrder(state.value, state, needs_qualified=dmp, waits_for_identity=waits)


def fate(before: Identity, after: Identity, one: ConcernedOrder) -> OrderFate | None:
    reviews = order_reviews(before, after, [one])
    assert all(review.order_id == one.id for review in reviews)
    return reviews[0].fate if reviews else None


def test_three_parked_orders_wait_when_the_birth_date_changes() -> None:
    orders = [ConcernedOrder(str(rank), OrderState.WAITING, needs_qualified=True) for rank in range(3)]
    reviews = order_reviews(QUALIFIED, CHANGED, orders)
    assert [(one.order_id, one.fate) for one in reviews] == [(str(rank), OrderFate.WAIT) for rank in range(3)]


def test_they_wake_and_are_rebuilt_once_the_identity_is_qualified_again() -> None:
    assert fate(CHANGED, QUALIFIED, order(OrderState.WAITING, waits=True)) is OrderFate.WAKE


def test_an_order_that_needs_no_qualified_identity_is_rebuilt_without_matricule() -> None:
    assert fate(QUALIFIED, CHANGED, order(OrderState.DEFERRED, dmp=False)) is OrderFate.REBUILD
    assert fate(QUALIFIED, CHANGED, order(OrderState.READY, dmp=False)) is OrderFate.REBUILD


def test_an_order_held_by_a_person_stays_held() -> None:
    assert fate(QUALIFIED, CHANGED, order(OrderState.HELD)) is OrderFate.REBUILD
    assert fate(QUALIFIED, CHANGED, order(OrderState.BLOCKED)) is OrderFate.REBUILD


def test_what_is_leaving_is_asked_and_what_has_left_is_told() -> None:
    assert fate(QUALIFIED, CHANGED, order(OrderState.SENDING)) is OrderFate.ASK
    assert fate(QUALIFIED, CHANGED, order(OrderState.UNCERTAIN)) is OrderFate.ASK
    assert fate(QUALIFIED, CHANGED, order(OrderState.DELIVERED, dmp=False)) is OrderFate.TELL


def test_what_will_never_leave_is_left_alone() -> None:
    for state in (OrderState.REJECTED, OrderState.CANCELLED, OrderState.SUPERSEDED):
        assert fate(QUALIFIED, CHANGED, order(state)) is None


def test_nothing_is_told_to_those_who_have_less_than_is_known_now() -> None:
    assert fate(RETRIEVED, QUALIFIED, order(OrderState.DELIVERED, dmp=False)) is None
    assert fate(RETRIEVED, QUALIFIED, order(OrderState.SENDING, dmp=False)) is None


def test_a_withdrawn_matricule_is_told_even_when_no_trait_changed() -> None:
    refuted = transition(QUALIFIED, InsiVerified("285039900000193", INS_NIR, False, AT), POLICY).after
    doubtful = transition(QUALIFIED, AttributeSet(IdentityAttribute.DOUBTFUL), POLICY).after
    for after in (refuted, doubtful):
        assert fate(QUALIFIED, after, order(OrderState.DELIVERED)) is OrderFate.TELL
        assert fate(QUALIFIED, after, order(OrderState.READY)) is OrderFate.WAIT


def test_nothing_is_looked_at_when_nothing_said_has_changed() -> None:
    again = transition(QUALIFIED, InsiVerified("285039900000193", INS_NIR, True, AT), POLICY).after
    every = [ConcernedOrder(state.value, state, needs_qualified=True) for state in OrderState]
    assert order_reviews(QUALIFIED, again, every) == ()
    assert order_reviews(Identity(TRAITS), RETRIEVED, every) == ()
