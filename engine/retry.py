"""When an order that time will mend is tried again: a decision, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_DOUBLINGS = 40
_LONGEST_REQUEST_SECONDS = 86_400.0
"""A peer may ask for a day at most; more is taken for a mistake of its clock."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Pauses that double from the first to the longest, drawn at random below that so that orders parked together do
    not come back together. The defaults outlast a week of outage and find a peer back within a quarter of an hour.

    Raises ValueError when the numbers make no sense.
    """

    first_delay_seconds: float = 10.0
    max_delay_seconds: float = 900.0
    max_age_hours: float = 168.0
    """Past it, an order is given up and shown to a person."""
    jitter: float = 1.0
    """Share of the pause that is drawn: 1 is anything up to the whole of it, 0 always the whole of it. A drawn pause is
    never less than a tenth of the first."""

    def __post_init__(self) -> None:
        if not 0 < self.first_delay_seconds <= self.max_delay_seconds:
            raise ValueError("first_delay_seconds must be above 0 and no more than max_delay_seconds")
        if not self.max_age_hours > 0:
            raise ValueError("max_age_hours must be above 0")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter must lie between 0 and 1")

    def next_at(
        self,
        attempt: int,
        now: datetime,
        created_at: datetime,
        retry_after_seconds: float | None = None,
        random: float = 0.0,
    ) -> datetime | None:
        """The instant of the try after `attempt` (from 1); None when the order is too old: give it up.

        `random` lies in [0, 1). A pause never leaps over the end of the order's life: the last try falls on it. What
        the peer asked for (`Retry-After`) is respected, even where it leads past that end.
        """
        end = created_at + timedelta(hours=self.max_age_hours)
        if now >= end:
            return None
        pause = min(self.first_delay_seconds * 2.0 ** min(max(attempt - 1, 0), _DOUBLINGS), self.max_delay_seconds)
        drawn = now + timedelta(seconds=max(pause * (1.0 - self.jitter * random), self.first_delay_seconds / 10))
        return max(min(drawn, end), now + timedelta(seconds=_requested(retry_after_seconds)))


def _requested(seconds: float | None) -> float:
    """A pause a peer may ask for; anything that is not one counts as no request."""
    return min(seconds, _LONGEST_REQUEST_SECONDS) if seconds is not None and seconds > 0 else 0.0
