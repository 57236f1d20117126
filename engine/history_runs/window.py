"""Hours during which a catch-up may feed: nights, by the clock of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
_HOUR = 60


@dataclass(frozen=True, slots=True)
class NightWindow:
    """From one minute of the day (included) to another (excluded); over midnight where the first comes after."""

    opens: int
    """Minutes since midnight."""
    closes: int
    zone: str = "Europe/Paris"

    def __post_init__(self) -> None:
        if self.opens == self.closes or not (0 <= self.opens < 24 * _HOUR and 0 <= self.closes < 24 * _HOUR):
            raise ValueError("a window opens and closes at two different minutes of the day")
        ZoneInfo(self.zone)

    def is_open(self, now: datetime) -> bool:
        """`now` is aware. The hour that a clock change repeats or skips is read as clocks show it."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * _HOUR + local.minute
        if self.opens < self.closes:
            return self.opens <= minute < self.closes
        return minute >= self.opens or minute < self.closes

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


def window(written: str, zone: str = "Europe/Paris") -> NightWindow:
    """`22:00-06:00`. Raises ValueError on anything else."""
    match = _WRITTEN.match(written)
    if match is None:
        raise ValueError("not HH:MM-HH:MM")
    hours = [int(part) for part in match.groups()]
    return NightWindow(hours[0] * _HOUR + hours[1], hours[2] * _HOUR + hours[3], zone)


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02}:{minutes % _HOUR:02}"
