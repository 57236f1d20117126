"""The breaker and the limiter of a lane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lane import Breaker, BreakerState, Limiter

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def opened(breaker: Breaker | None = None) -> Breaker:
    breaker = breaker or Breaker()
    for _ in range(breaker.failures_to_open):
        breaker = breaker.failed(NOON)
    return breaker


def test_a_closed_breaker_lets_every_order_through() -> None:
    breaker, admitted = Breaker().admit(NOON)
    assert admitted
    assert breaker == Breaker()
    assert breaker.next_probe_at is None


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(failures_to_open=3).failed(NOON).failed(NOON)
    assert breaker.admit(NOON)[1]
    breaker = breaker.failed(NOON)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.admit(after(4.9))[1]


def test_a_success_between_two_failures_starts_the_count_again() -> None:
    breaker = Breaker(failures_to_open=2).failed(NOON).succeeded().failed(NOON)
    assert breaker.state is BreakerState.CLOSED


def test_a_half_open_breaker_lets_one_probe_through() -> None:
    breaker, first = opened().admit(after(5))
    assert first
    assert breaker.state is BreakerState.HALF_OPEN
    assert not breaker.admit(after(5))[1]
    assert not breaker.admit(after(60))[1]


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker, _ = opened().admit(after(5))
    assert breaker.succeeded() == Breaker()


def test_each_probe_that_fails_makes_the_pause_longer_up_to_the_longest() -> None:
    breaker, now, pauses = opened(Breaker(max_pause_seconds=30)), NOON, []
    for _ in range(5):
        assert breaker.next_probe_at is not None
        pauses.append((breaker.next_probe_at - now).total_seconds())
        now = breaker.next_probe_at
        assert not breaker.admit(now - timedelta(microseconds=1))[1]
        breaker, admitted = breaker.admit(now)
        assert admitted
        breaker = breaker.failed(now)
    assert pauses == [5, 10, 20, 30, 30]


def test_failures_of_orders_already_out_do_not_make_the_pause_longer() -> None:
    breaker = opened()
    assert breaker.failed(after(3)).failed(after(4)).next_probe_at == breaker.next_probe_at


def test_a_late_success_of_an_order_already_out_closes_it() -> None:
    assert opened().succeeded().admit(NOON)[1]


def test_a_probe_that_never_reports_is_replaced() -> None:
    breaker, _ = opened(Breaker(probe_timeout_seconds=60)).admit(after(5))
    assert not breaker.admit(after(64))[1]
    assert breaker.admit(after(65))[1]


def test_a_probe_parked_before_it_reached_the_link_gives_its_place_to_another() -> None:
    breaker, _ = opened().admit(after(5))
    breaker, admitted = breaker.withdrawn().admit(after(5))
    assert admitted
    assert not breaker.admit(after(5))[1]
    assert Breaker().withdrawn() == Breaker()


def test_a_clock_set_back_does_not_leave_a_lane_shut() -> None:
    assert opened().admit(after(-3600))[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"failures_to_open": 0},
        {"first_pause_seconds": 0},
        {"first_pause_seconds": 9, "max_pause_seconds": 8},
        {"probe_timeout_seconds": 0},
    ],
)
def test_a_breaker_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Breaker(**wrong)  # type: ignore[arg-type]


@given(
    ceiling=st.floats(0.5, 50),
    steps=st.lists(st.integers(0, 2_000_000), min_size=1, max_size=200),
)
def test_no_second_ever_holds_more_than_the_ceiling(ceiling: float, steps: list[int]) -> None:
    limiter, now, taken = Limiter(ceiling), NOON, []
    for step in steps:
        now += timedelta(microseconds=step % (1 + int(2_000_000 / ceiling)))
        limiter, wait = limiter.take(now)
        if wait == 0:
            taken.append(now)
    for begin in taken:
        within = [at for at in taken if begin <= at < begin + timedelta(seconds=1)]
        assert len(within) <= -(-Fraction(ceiling) // 1)


def test_waiting_as_told_is_enough_and_keeps_the_pace() -> None:
    limiter, now, sent = Limiter(20), NOON, 0
    while now < after(10):
        limiter, wait = limiter.take(now)
        if wait:
            now += timedelta(seconds=wait)
        else:
            sent += 1
    assert sent == 200


def test_a_slow_lane_waits_between_two_sendings() -> None:
    limiter, wait = Limiter(0.1).take(NOON)
    assert wait == 0
    assert limiter.take(after(4))[1] == 6


def test_asking_reserves_nothing() -> None:
    limiter, _ = Limiter(1).take(NOON)
    waiting, wait = limiter.take(after(0.5))
    assert wait == 0.5
    assert waiting == limiter


def test_a_clock_set_back_does_not_make_a_lane_stand_still() -> None:
    limiter, _ = Limiter(2).take(NOON)
    limiter, wait = limiter.take(after(-3600))
    assert wait == 0.5
    assert limiter.take(after(-3599.5))[1] == 0


@pytest.mark.parametrize("ceiling", [0, -1, float("nan"), float("inf")])
def test_a_ceiling_that_makes_no_sense_is_refused(ceiling: float) -> None:
    with pytest.raises(ValueError):
        Limiter(ceiling)
