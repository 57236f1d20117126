"""date, dateTime and instant → TS, with the precision and the zone sent; fractions of a second are left out."""

from __future__ import annotations

import re

from engine.model.values import Timestamp

_SENT = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.[0-9]+)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}))?)?)?\Z"
)


def timestamp(sent: str) -> Timestamp | None:
    """`2026-03` → 202603, `2026-03-14T10:30:00+01:00` → 20260314103000+0100; None for what no calendar has."""
    match = _SENT.match(sent)
    if match is None:
        return None
    digits = "".join(match.group(name) or "" for name in ("year", "month", "day", "hour", "minute", "second"))
    zone = (match.group("zone") or "").replace(":", "").replace("Z", "+0000")
    try:
        made = Timestamp(digits + zone)
        made.instant()
    except (ValueError, OverflowError):
        return None
    return made
