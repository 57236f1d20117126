"""Dates of the HPRIM Médecin header (lines 7 and 10), in every form met in the field."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    "JAN": 1, "FEV": 2, "FEB": 2, "MAR": 3, "AVR": 4, "APR": 4, "MAI": 5, "MAY": 5, "JUN": 6, "JUIN": 6, "JUIL": 7,
    "JUL": 7, "AOU": 8, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
_NUMERIC = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_NAMED = re.compile(r"^(\d{1,2}) +([A-Z]{3,9})\.? +(\d{4})$")
_ACCENTS = str.maketrans("ÉÈÛ", "EEU")
_SPELT = re.compile(r"(?:^|[^0-9])(\d{2}/\d{2}/\d{2}(?:\d{2})?)$")


def looks_like_date(text: str) -> bool:
    """True when a header line has the shape of a date, possible or not."""
    text = text.strip()
    return bool(_NUMERIC.match(text) or _ISO.match(text) or _named(text))


def four_digit_date(text: str) -> date | None:
    """The date when the text gives a whole one with its century; None otherwise, or when no calendar has it."""
    year, month, day = _parts(text.strip()) or ("", 0, 0)
    return _date(year, month, day) if len(year) == 4 else None


def has_short_year(text: str) -> bool:
    """True when the year has two digits: a century is never guessed for a birth."""
    parts = _parts(text.strip())
    return parts is not None and len(parts[0]) == 2


def dossier_date(text: str, received: date) -> date | None:
    """The date of line 10: it may carry a prefix and a two-digit year (then the century that is not in the future)."""
    text = text.strip()
    spelt = _SPELT.search(text)
    year, month, day = _parts(spelt.group(1) if spelt else text) or ("", 0, 0)
    if len(year) != 2:
        return _date(year, month, day)
    century = received.year // 100
    recent = _date(f"{century}{year}", month, day)
    return recent if recent is not None and recent <= received else _date(f"{century - 1}{year}", month, day)


def _named(text: str) -> re.Match[str] | None:
    match = _NAMED.match(text.upper().translate(_ACCENTS))
    return match if match is not None and _month(match.group(2)) else None


def _month(name: str) -> int:
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0)


def _parts(text: str) -> tuple[str, int, int] | None:
    if match := _NUMERIC.match(text):
        return match.group(3), int(match.group(2)), int(match.group(1))
    if match := _ISO.match(text):
        return match.group(1), int(match.group(2)), int(match.group(3))
    if match := _named(text):
        return match.group(3), _month(match.group(2)), int(match.group(1))
    return None


def _date(year: str, month: int, day: int) -> date | None:
    try:
        return date(int(year), month, day)
    except ValueError:
        return None
