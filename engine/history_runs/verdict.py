"""Whether a kept document leaves for a destination, and by which orders. Pure.

An order of a catch-up has no deferral: nobody has just validated the document, and whoever wants to stop it pauses the
run. Its id is the one the line would have given it, so that the same document is never sent twice. It lives a day at
most: one that its patient cannot take yet (no DMP) would else come back every day, before what is fresh. An order that
became too old, a run may send again; what a person or the peer ended, never.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine import consents
from engine.exchange import FINAL_STATES, OrderState
from engine.history_runs.run import Candidate, Criteria, Exclusion, Unreadable, Verdict, too_old
from engine.orders import AWAITS_IDENTITY, new_orders
from engine.records import DocumentState, NewOrder
from engine.route import ConfiguredDestination

_LIFE = timedelta(hours=24)


def verdict(
    found: Candidate | Unreadable, criteria: Criteria, destination: ConfiguredDestination, now: datetime
) -> Verdict:
    """The first reason to leave it out, those of the run before those of the document; else its orders."""
    if isinstance(found, Unreadable):
        return Verdict(found.place, Exclusion.UNREADABLE)
    exclusion = _filtered(found, criteria) or _standing(found) or _sent(found)
    if exclusion is not None:
        return Verdict(found.place, exclusion, found.act_at)
    orders, exclusion = _orders(found, destination, now)
    exclusion = exclusion or _opposed(found, orders)
    return Verdict(found.place, exclusion, found.act_at, () if exclusion else orders)


def _filtered(found: Candidate, criteria: Criteria) -> Exclusion | None:
    if criteria.since is not None and found.act_date < criteria.since:
        return Exclusion.DATE
    if criteria.until is not None and found.act_date > criteria.until:
        return Exclusion.DATE
    if criteria.senders and not {found.sender, found.structure} & set(criteria.senders):
        return Exclusion.SENDER
    doc_id = (found.catalogue or "").rpartition("/")[2]
    if criteria.types and not {found.package.type, doc_id} & set(criteria.types):
        return Exclusion.TYPE
    return Exclusion.STATUS if criteria.statuses and found.status not in criteria.statuses else None


def _standing(found: Candidate) -> Exclusion | None:
    """A document in whose place something newer was asked for never leaves."""
    if found.deletion or any(one.deletion for one in found.newer):
        return Exclusion.DELETED
    if any(one.state is not DocumentState.READY for one in found.newer):
        return Exclusion.NEWER_NOT_READY
    if found.newer:
        return Exclusion.REPLACED
    return None if found.state is DocumentState.READY and found.built else Exclusion.NOT_READY


def _sent(found: Candidate) -> Exclusion | None:
    states = {order.state for order in found.orders if not too_old(order)}
    if not states:
        return None
    if OrderState.DELIVERED in states:
        return Exclusion.ALREADY_SENT
    return Exclusion.ENDED if states <= FINAL_STATES else Exclusion.UNDER_WAY


def _orders(
    found: Candidate, destination: ConfiguredDestination, now: datetime
) -> tuple[tuple[NewOrder, ...], Exclusion | None]:
    orders, findings = new_orders(found.package, found.status, (destination,), now)
    if any(order.cause == AWAITS_IDENTITY for order in orders):
        return (), Exclusion.IDENTITY
    if orders:
        return tuple(_at_once(one, now) for one in orders), None
    codes = {finding.code for finding in findings}
    if "line.partial_not_sent" in codes:
        return (), Exclusion.PARTIAL
    return (), Exclusion.NO_RECIPIENT if codes else Exclusion.NOT_ASKED


def _at_once(order: NewOrder, now: datetime) -> NewOrder:
    end = now + _LIFE if order.expires_at is None else min(order.expires_at, now + _LIFE)
    return replace(order, state=OrderState.READY, not_before=None, expires_at=end)


def _opposed(found: Candidate, orders: tuple[NewOrder, ...]) -> Exclusion | None:
    for order in orders:
        if order.obeys_opposition is None:
            continue
        obstacle = consents.obstacle(
            found.answers,
            episode=found.episode,
            scope=order.obeys_opposition,
            needs_answer=order.needs_answer,
        )
        if obstacle is not None:
            return Exclusion(obstacle)
    return None
