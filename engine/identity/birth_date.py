"""Birth dates of which a part is unknown: the dates that stand for them in France.

Rules EXI ID 11 and 12 of the guide d'implémentation de l'INS (as others quote it, not checked against the text): an
unknown day is the 1st, an unknown month is January, both unknown are 31 December. Such a date only stands for one: it
is kept with the fact that it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class InterpretedDate:
    """A birth date as it is written, and whether a part of it only stands for an unknown one."""

    value: Timestamp
    conventional: bool


def interpreted_birth_date(year: int, month: int | None, day: int | None) -> InterpretedDate:
    """The date to write for what is known. Raises ValueError when it is no calendar date."""
    conventional = month is None or day is None
    if month is None and day is None:
        month, day = 12, 31
    known = date(year, 1 if month is None else month, 1 if day is None else day)
    return InterpretedDate(Timestamp(f"{known.year:04}{known.month:02}{known.day:02}"), conventional)


def has_unknown_part(day: str, month: str) -> bool:
    """True for a date written with a zero day or month, as in old civil records: an INS has none (rules 11, 12)."""
    return day.strip("0") == "" or month.strip("0") == ""
