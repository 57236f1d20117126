"""What protects a peer from us: a breaker when its link is down, a limiter of what it is sent per second.

Both are values: a transition returns the next one, and the time is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class BreakerState(StrEnum):
    CLOSED = "closed"
    """Orders go through."""
    OPEN = "open"
    """The link is down: nothing goes until the next probe."""
    HALF_OPEN = "half_open"
    """One order is out to see whether the link is back."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Opens after so many link failures in a row; then lets one order through, after a pause that doubles each time.

    Only failures of the link count (no route, no TLS, no answer, 5xx): a refused document says nothing about the link.
    """

    failures_to_open: int = 5
    first_pause_seconds: float = 5.0
    max_pause_seconds: float = 300.0
    probe_timeout_seconds: float = 300.0
    """A probe that never reported: another one may go."""
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    """In a row."""
    pauses: int = 0
    """Since it opened."""
    since: datetime | None = None
    """When it opened, opened again, or let the probe out; None while closed."""

    def __post_init__(self) -> None:
        if self.failures_to_open < 1:
            raise ValueError("failures_to_open must be at least 1")
        if not 0 < self.first_pause_seconds <= self.max_pause_seconds:
            raise ValueError("first_pause_seconds must be above 0 and no more than max_pause_seconds")
        if not self.probe_timeout_seconds > 0:
            raise ValueError("probe_timeout_seconds must be above 0")

    @property
    def next_probe_at(self) -> datetime | None:
        """When an order may next go through; None while closed: at once."""
        if self.since is None:
            return None
        return self.since + timedelta(seconds=self._pause_seconds())

    def admit(self, now: datetime) -> tuple[Breaker, bool]:
        """Whether one order may go now. Whoever was admitted says how it ended: succeeded, failed or withdrawn."""
        if self.since is None:
            return self, True
        if self.since <= now < self.since + timedelta(seconds=self._pause_seconds()):
            return self, False
        return replace(self, state=BreakerState.HALF_OPEN, since=now), True

    def succeeded(self) -> Breaker:
        """The peer answered, even to say no to the document: the link is there."""
        if self.state is BreakerState.CLOSED and self.failures == 0:
            return self
        return replace(self, state=BreakerState.CLOSED, failures=0, pauses=0, since=None)

    def failed(self, now: datetime) -> Breaker:
        """The link failed."""
        failures = self.failures + 1
        if self.state is BreakerState.OPEN:
            return replace(self, failures=failures)
        if self.state is BreakerState.CLOSED and failures < self.failures_to_open:
            return replace(self, failures=failures)
        return replace(self, state=BreakerState.OPEN, failures=failures, pauses=self.pauses + 1, since=now)

    def withdrawn(self) -> Breaker:
        """The order admitted never reached the link (it was parked first): another may take its place at once."""
        if self.state is not BreakerState.HALF_OPEN or self.since is None:
            return self
        return replace(self, state=BreakerState.OPEN, since=self.since - timedelta(seconds=self.max_pause_seconds))

    def _pause_seconds(self) -> float:
        if self.state is BreakerState.HALF_OPEN:
            return self.probe_timeout_seconds
        return min(self.first_pause_seconds * 2.0 ** min(self.pauses - 1, 40), self.max_pause_seconds)


@dataclass(frozen=True, slots=True)
class Limiter:
    """A bucket of one token, filled `max_per_second` times a second: sendings are spread evenly, and no second,
    wherever it begins, holds more of them than that (rounded up when it is not whole).

    Raises ValueError when the ceiling is not above 0.
    """

    max_per_second: float
    last: datetime | None = None
    """When the last token was taken."""

    def __post_init__(self) -> None:
        if not (self.max_per_second > 0 and math.isfinite(self.max_per_second)):
            raise ValueError("max_per_second must be above 0")

    def take(self, now: datetime) -> tuple[Limiter, float]:
        """The token, and 0: send now. Or no token, and the seconds to wait before asking again: nothing is reserved."""
        if self.last is None:
            return replace(self, last=now), 0.0
        spacing = timedelta(microseconds=math.ceil(1_000_000 / self.max_per_second))
        if now < self.last:
            # The clock was set back: count from its new time, or a lane would stand still until the old one is met.
            return replace(self, last=now), spacing.total_seconds()
        wait = self.last + spacing - now
        if wait > timedelta(0):
            return self, wait.total_seconds()
        return replace(self, last=now), 0.0
