"""When an order that time will mend is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retry import RetryPolicy

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STEADY = RetryPolicy(jitter=0.0)
DRAWS = st.floats(0, 1, exclude_max=True)


def seconds(policy: RetryPolicy, attempt: int, **given: float) -> float:
    at = policy.next_at(attempt, NOON, NOON, **given)
    assert at is not None
    return (at - NOON).total_seconds()


def test_pauses_double_up_to_the_longest() -> None:
    assert [seconds(STEADY, attempt) for attempt in range(1, 10)] == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_the_thousandth_try_still_waits_the_longest_pause() -> None:
    assert seconds(STEADY, 1_000_000) == 900


@given(attempt=st.integers(1, 500), draw=DRAWS)
def test_a_drawn_pause_is_never_longer_than_the_whole_and_never_nothing(attempt: int, draw: float) -> None:
    whole = seconds(STEADY, attempt)
    assert 0 < seconds(RetryPolicy(), attempt, random=draw) <= whole
    half = seconds(RetryPolicy(jitter=0.5), attempt, random=draw)
    assert whole / 2 <= half <= whole


@given(attempt=st.integers(1, 50), draw=DRAWS, asked=st.floats(1, 86_400))
def test_a_peer_that_asks_for_time_gets_it(attempt: int, draw: float, asked: float) -> None:
    assert seconds(RetryPolicy(), attempt, random=draw, retry_after_seconds=asked) >= asked - 1e-6


@pytest.mark.parametrize("absurd", [-5.0, 0.0, float("nan")])
def test_what_is_no_pause_counts_as_no_request(absurd: float) -> None:
    assert seconds(STEADY, 1, retry_after_seconds=absurd) == 10


def test_a_peer_whose_clock_is_wrong_does_not_park_an_order_for_years() -> None:
    assert seconds(STEADY, 1, retry_after_seconds=float("inf")) == 86_400


def test_an_order_is_given_up_at_its_age_and_not_before() -> None:
    end = NOON + timedelta(days=7)
    assert STEADY.next_at(50, end - timedelta(microseconds=1), NOON) == end
    assert STEADY.next_at(50, end, NOON) is None
    assert STEADY.next_at(1, end + timedelta(days=1), NOON) is None


@given(attempt=st.integers(1, 100), draw=DRAWS, age=st.integers(0, 7 * 86_400 - 1))
def test_a_try_always_lies_ahead_and_within_the_order_s_life(attempt: int, draw: float, age: int) -> None:
    now = NOON + timedelta(seconds=age)
    at = RetryPolicy().next_at(attempt, now, NOON, random=draw)
    assert at is not None
    assert now < at <= NOON + timedelta(days=7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_delay_seconds": 0},
        {"first_delay_seconds": 10, "max_delay_seconds": 5},
        {"max_age_hours": 0},
        {"jitter": 1.5},
        {"jitter": float("nan")},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        RetryPolicy(**wrong)
