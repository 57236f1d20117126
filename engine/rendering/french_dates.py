"""Dates as a French reader writes them, never more precise than they were sent."""

from __future__ import annotations

from engine.model.values import Timestamp


def french_date(time: Timestamp) -> str:
    """`2024`, `03/2024`, `10/03/2024`, `10/03/2024 à 14 h`, `10/03/2024 à 14:05`; seconds when they are not zero.

    Digits are the sender's own: no change of zone.
    """
    digits = time.digits
    parts = [digits[6:8], digits[4:6], digits[:4]]
    day = "/".join(part for part in parts if part)
    return f"{day} à {_clock(digits[8:])}" if time.has_time else day


def _clock(digits: str) -> str:
    if len(digits) == 2:
        return f"{digits} h"
    seconds = digits[4:6]
    return f"{digits[:2]}:{digits[2:4]}" + (f":{seconds}" if seconds not in ("", "00") else "")


def distinct_dates(times: list[Timestamp | None]) -> str:
    """Every different date of a list, in its order, separated by commas; empty when there is none."""
    return ", ".join(dict.fromkeys(french_date(time) for time in times if time is not None))
