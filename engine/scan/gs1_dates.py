"""Dates of GS1 elements, YYMMDD (GS1 General Specifications, 3.4.2 to 3.4.7 and 7.12)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Gs1Date:
    """A date as printed: the day may be absent (`00`)."""

    year: int
    month: int
    day: int | None

    @property
    def last_day(self) -> date:
        """The day itself; the last of the month when no day is given."""
        return date(self.year, self.month, self.day or calendar.monthrange(self.year, self.month)[1])


def gs1_date(digits: str, *, today: date | None) -> Gs1Date | None:
    """The date of six digits, None when there is none.

    The century is 20 without `today`, else the one that puts the year within 50 years of it (7.12).
    """
    year = _year(int(digits[:2]), today)
    month, day = int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12 or day > calendar.monthrange(year, month)[1]:
        return None
    return Gs1Date(year, month, day or None)


def _year(two_digits: int, today: date | None) -> int:
    if today is None:
        return 2000 + two_digits
    century = today.year - today.year % 100
    distance = two_digits - today.year % 100
    if distance >= 51:
        century -= 100
    elif distance <= -50:
        century += 100
    return century + two_digits
