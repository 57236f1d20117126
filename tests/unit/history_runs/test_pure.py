"""Hours and pace of a catch-up."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.history_runs.pace import allowance, spacing
from engine.history_runs.run import Speed
from engine.history_runs.window import NightWindow, window

NIGHT = window("22:00-06:00")


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(22, 0, True), (21, 59, False), (23, 59, True), (0, 0, True), (5, 59, True), (6, 0, False), (12, 0, False)],
)
def test_a_night_spans_midnight_by_the_clock_of_the_site(hour: int, minute: int, is_open: bool) -> None:
    assert NIGHT.is_open(_paris(hour, minute)) is is_open


def _paris(hour: int, minute: int) -> datetime:
    """A day of winter."""
    return datetime(2026, 1, 15, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


def test_the_clock_of_the_site_changes_with_the_season() -> None:
    assert not NIGHT.is_open(datetime(2026, 1, 15, 20, 30, tzinfo=UTC))
    assert NIGHT.is_open(datetime(2026, 7, 15, 20, 30, tzinfo=UTC))


def test_a_window_of_the_day_closes_at_its_end() -> None:
    noon = window("12:00-14:00", "UTC")
    assert [noon.is_open(datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in (11, 12, 13, 14)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "written", ["", "22:00", "24:00-06:00", "22:00-22:00", "22h-6h", "22:00-06:60", " 22:00-06:00"]
)
def test_anything_else_is_no_window(written: str) -> None:
    with pytest.raises(ValueError, match=r"HH:MM|two different"):
        window(written)


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_a_window_is_written_as_it_was_read(opens: int, closes: int) -> None:
    if opens != closes:
        made = NightWindow(opens, closes)
        assert window(str(made)) == made


@pytest.mark.parametrize("given_speed", [(0, 10), (6_001, 10), (60, 0), (60, 101)])
def test_a_speed_has_bounds(given_speed: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        Speed(*given_speed)


@given(
    st.integers(1, 6_000),
    st.lists(st.integers(0, 20_000_000), min_size=1, max_size=60),
    st.integers(0, 3),
)
def test_no_way_of_looking_makes_a_run_faster_than_asked(per_minute: int, pauses: list[int], refused: int) -> None:
    """Whatever the instants of the looks, and whatever the lane refused of what was allowed."""
    now, fed_until, fed = 0, 0, 0
    for pause in pauses:
        now += pause
        allowed, begin = allowance(per_minute, fed_until, now)
        made = max(allowed - refused, 0)
        if made:
            fed, fed_until = fed + made, begin + made * spacing(per_minute)
        assert fed_until <= now
    assert fed * spacing(per_minute) <= now


def test_a_run_that_could_not_feed_for_long_makes_up_for_a_few_seconds_only() -> None:
    allowed, _ = allowance(60, 0, 3_600_000_000)
    assert allowed == 5
    assert allowance(2, 0, 3_600_000_000)[0] == 1


def test_a_clock_set_back_does_not_stop_a_run_until_the_old_hour() -> None:
    hour = 3_600_000_000
    allowed, begin = allowance(60, 2 * hour, hour)
    assert (allowed, begin) == (0, hour)
    assert allowance(60, begin, hour + 1_000_000)[0] == 1
