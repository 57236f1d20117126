"""The life of orders, whatever is done to them in whatever order, workers dying and the engine restarting included."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.exchange import FINAL_STATES, OrderState, Receipt
from engine.model.consent import ConsentAnswer, OppositionScope
from engine.ports import OrderAction
from engine.records import ClaimedOrder, MessageState
from engine.store.sqlite import SqliteStore
from tests.contract.store_consents import about, answer
from tests.contract.store_values import NOON, message, order

T = TypeVar("T")
REPORTS = ("R1", "R2")
OWNERS = ("a", "b")
LEASE = 60
AGE = timedelta(days=1)
FIRST = (OrderState.READY, OrderState.DEFERRED, OrderState.HELD, OrderState.WAITING)


class OrderLife(RuleBasedStateMachine):
    """Knows no more than a peer and a worker would: who holds which order until when, and what was handed over."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.store = SqliteStore(Path(self.folder.name) / "passeur.db")
        self.now: datetime = NOON
        self.versions: Counter[str] = Counter()
        self.orders: dict[str, tuple[str, int]] = {}
        self.leases: dict[str, tuple[str, datetime]] = {}
        self.perhaps_taken: set[str] = set()
        self.last_handed: Counter[str] = Counter()
        self.missing: set[str] = set()
        self.states: dict[str, OrderState] = {}
        self.handed: set[str] = set()
        self.obeying: set[str] = set()
        self.opposed = False

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(call)

    @initialize()
    def open(self) -> None:
        self.run(self.store.open())

    def teardown(self) -> None:
        if self.versions:
            self.drain()
        self.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    # -- what may happen ------------------------------------------------------------------------------------------

    @rule(report=st.sampled_from(REPORTS), first=st.sampled_from(FIRST), ages=st.booleans(), obeys=st.booleans())
    def a_version_is_made(self, report: str, first: OrderState, ages: bool, obeys: bool) -> None:
        self.versions[report] += 1
        number = self.versions[report]
        order_id = f"{report}.{number}"
        new = order(
            order_id,
            state=first,
            cause="identity" if first is OrderState.WAITING else "",
            not_before=self.now + timedelta(seconds=30) if first is OrderState.DEFERRED else None,
            expires_at=self.now + AGE if ages else None,
            obeys_opposition=OppositionScope.PATIENT if obeys else None,
        )
        accepted = self.run(self.store.receive(message(order_id.encode())))
        claimed = self.run(self.store.claim_messages("c", now=self.now, lease_seconds=LEASE, limit=1))
        assert [one.id for one in claimed] == [accepted.message_id]
        made = about(report, new, number=number)
        assert self.run(
            self.store.settle_message(accepted.message_id, "c", MessageState.CONVERTED, now=self.now, documents=(made,))
        )
        self.orders[order_id] = (report, number)
        if obeys:
            self.obeying.add(order_id)
        if first is OrderState.WAITING:
            self.missing.add(order_id)

    @rule(owner=st.sampled_from(OWNERS), limit=st.integers(1, 3))
    def a_worker_takes_orders(self, owner: str, limit: int) -> None:
        for claimed in self.take(owner, limit):
            self.leases[claimed.id] = (owner, self.now + timedelta(seconds=LEASE))
            self.handed.discard(claimed.id)

    def take(self, owner: str, limit: int) -> tuple[ClaimedOrder, ...]:
        before = self.read()
        taken = self.run(self.store.claim_orders("dmp", owner, now=self.now, lease_seconds=LEASE, limit=limit))
        for claimed in taken:
            report, number = self.orders[claimed.id]
            _, until = self.leases.get(claimed.id, ("", self.now))
            assert until <= self.now, "taken from a worker that still holds it"
            assert claimed.id not in self.missing, "left without the identity it waited for"
            assert before[claimed.id] not in FINAL_STATES | {OrderState.HELD, OrderState.BLOCKED}
            assert claimed.uncertain == (claimed.id in self.perhaps_taken)
            now = self.read()
            for other, (its_report, its_number) in self.orders.items():
                if its_report == report and its_number < number:
                    assert now[other] in FINAL_STATES, "an earlier version is not done with"
        assert len(taken) <= limit
        return taken

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def a_worker_hands_over(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.leases)))
        owner, until = self.leases[order_id]
        before = self.read()[order_id]
        marked = self.hand_over(order_id, owner)
        stopped = before is not OrderState.BLOCKED and self.read()[order_id] is OrderState.BLOCKED
        assert marked == (until > self.now and before is OrderState.SENDING and not stopped)
        if marked:
            report, number = self.orders[order_id]
            assert number >= self.last_handed[report], "an older version after a newer one"
            self.last_handed[report] = number
            self.perhaps_taken.add(order_id)

    def hand_over(self, order_id: str, owner: str) -> bool:
        """What a worker about to write its first byte does; it has asked about an uncertain order before."""
        marked = self.run(self.store.mark_sending(order_id, owner, now=self.now))
        if marked:
            assert not self.is_opposed(order_id) or order_id in self.handed, "left against the will of its patient"
            self.handed.add(order_id)
        elif self.read()[order_id] is OrderState.BLOCKED:
            self.perhaps_taken.discard(order_id)
        return marked

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def a_receipt_comes(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.leases)))
        owner, _ = self.leases.pop(order_id)
        before = self.read()[order_id]
        accepted = self.run(self.store.deliver_order(order_id, owner, Receipt("r"), now=self.now))
        assert accepted == (before not in FINAL_STATES)
        self.perhaps_taken.discard(order_id)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), to=st.sampled_from((OrderState.WAITING, OrderState.UNCERTAIN)), asked=st.booleans())
    def a_worker_puts_back(self, data: st.DataObject, to: OrderState, asked: bool) -> None:
        """`asked`: the peer surely did not take what was handed over in this very try."""
        order_id = data.draw(st.sampled_from(sorted(self.leases)))
        owner, _ = self.leases.pop(order_id)
        handed = asked and self.hand_over(order_id, owner)
        put = self.run(
            self.store.postpone_order(
                order_id, owner, to, now=self.now, next_at=self.now + timedelta(seconds=20), cause="link"
            )
        )
        if not put:
            return
        if to is OrderState.UNCERTAIN:
            self.perhaps_taken.add(order_id)
        elif handed or not self.was_uncertain(order_id):
            self.perhaps_taken.discard(order_id)

    def was_uncertain(self, order_id: str) -> bool:
        return self.read()[order_id] is OrderState.UNCERTAIN

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def a_peer_refuses(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.leases)))
        owner, _ = self.leases.pop(order_id)
        if self.run(
            self.store.postpone_order(order_id, owner, OrderState.REJECTED, now=self.now, next_at=None, cause="no")
        ):
            self.perhaps_taken.discard(order_id)

    @rule(opposed=st.booleans())
    def the_patient_answers(self, opposed: bool) -> None:
        said = ConsentAnswer.NO if opposed else ConsentAnswer.YES
        self.run(self.store.record_consent(answer(said, (self.now - NOON).total_seconds()), now=self.now))
        self.opposed = opposed

    def is_opposed(self, order_id: str) -> bool:
        return self.opposed and order_id in self.obeying

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), action=st.sampled_from(OrderAction))
    def a_person_decides(self, data: st.DataObject, action: OrderAction) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.orders)))
        before = self.read()[order_id]
        after = self.run(self.store.change_order(order_id, action, now=self.now))
        assert self.read()[order_id] is (after or before)
        if before is OrderState.SENDING:
            assert after is None
        if after is not None and action is OrderAction.RESEND:
            self.perhaps_taken.discard(order_id)

    @rule(seconds=st.sampled_from((1, 15, 61, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_link_is_back(self) -> None:
        self.run(self.store.wake_orders("dmp", causes=("link",), now=self.now))

    @rule()
    def identities_come(self) -> None:
        self.run(self.store.wake_orders("dmp", causes=("identity",), now=self.now))
        self.missing.clear()

    @rule()
    def the_lane_stops(self) -> None:
        self.run(self.store.stop_lane("dmp", "certificat", now=self.now))
        assert self.run(self.store.claim_orders("dmp", "a", now=self.now, lease_seconds=LEASE, limit=5)) == ()

    @rule()
    def the_lane_starts(self) -> None:
        self.run(self.store.start_lane("dmp", now=self.now))

    @rule()
    def the_engine_restarts(self) -> None:
        """Whoever held a lease is dead: nothing waits for it to end."""
        self.run(self.store.close())
        self.run(self.store.open())
        self.leases.clear()

    # -- what always holds ----------------------------------------------------------------------------------------

    def read(self) -> dict[str, OrderState]:
        return {row.id: row.state for row in self.run(self.store.orders(limit=1000))}

    @invariant()
    def no_order_is_lost_and_what_is_over_stays_over(self) -> None:
        if not self.orders:
            return
        now = self.read()
        assert now.keys() == self.orders.keys()
        for order_id, before in self.states.items():
            if before in FINAL_STATES - {OrderState.REJECTED}:
                assert now[order_id] is before
        self.states = now

    @invariant()
    def what_may_leave_is_what_its_patient_does_not_oppose(self) -> None:
        for order_id, now in self.read().items() if self.orders else ():
            if now in FIRST:
                assert not self.is_opposed(order_id)
            assert now is not OrderState.BLOCKED or self.is_opposed(order_id)

    @invariant()
    def counts_are_those_of_the_orders(self) -> None:
        if self.orders:
            (lane,) = self.run(self.store.lanes())
            assert lane.counts == Counter(self.read().values())

    @invariant()
    def the_last_line_of_history_is_the_state(self) -> None:
        for order_id, now in self.read().items() if self.orders else ():
            last = self.run(self.store.events(order_id))[-1].what.removeprefix("order.")
            assert last in {now, *({"claimed"} if now is OrderState.SENDING else {"woken"})}

    def drain(self) -> None:
        """Once everything is mended and let go, every order ends, and each peer has the last version."""
        self.the_patient_answers(opposed=False)
        self.run(self.store.start_lane("dmp", now=self.now))
        for order_id in self.orders:
            self.run(self.store.change_order(order_id, OrderAction.RELEASE, now=self.now))
        self.now += timedelta(seconds=LEASE + 30)
        self.identities_come()
        self.run(self.store.wake_orders("dmp", causes=("link", ""), now=self.now))
        for _ in range(1 + 2 * len(self.orders)):
            for claimed in self.take("a", 10):
                assert self.run(self.store.deliver_order(claimed.id, "a", Receipt("r"), now=self.now))
        assert set(self.read().values()) <= FINAL_STATES
        assert self.run(self.store.next_due("dmp")) is None


OrderLife.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOrderLife = OrderLife.TestCase
