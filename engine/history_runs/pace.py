"""How many documents a run may feed now: an even pace, in whole microseconds."""

from __future__ import annotations

_MINUTE = 60_000_000
_CATCHES_UP = 5_000_000
"""Time a run may make up for at most after a pause, in microseconds: it never bursts."""


def spacing(per_minute: int) -> int:
    """Microseconds between two documents; rounded up, so that the speed is never passed."""
    return -(-_MINUTE // per_minute)


def allowance(per_minute: int, fed_until: int, now: int) -> tuple[int, int]:
    """How many may be fed at `now`, and the instant up to which the pace counts as used before them.

    `fed_until` is that instant as kept; each document fed moves it by `spacing`. A clock set back starts anew.
    """
    step = spacing(per_minute)
    if now < fed_until - step:
        fed_until = now
    begin = max(fed_until, now - max(_CATCHES_UP, step))
    return max((now - begin) // step, 0), begin
