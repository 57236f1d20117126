"""Numbers as a RES line writes them (fields 5 and 11), read without ever guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_DECORATED = re.compile(r"^\*+\s*(.*?)\s*\*+$|^\*+\s*(.+)$|^(.+?)\s*\*+$")
_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_GROUPED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?"
_UNIT = r"%|[A-Za-zµ%]*/\S+|1?0[*^]\d+/\S+"
_READING = re.compile(rf"^(<=|>=|[<>≤≥])?\s*({_GROUPED}|{_NUMBER})(?:\s+({_UNIT}))?$")
_THOUSANDS = re.compile(r"^[1-9]\d{0,2}[.,]\d{3}$")
_PLAIN_DECIMAL = re.compile(r"^[+-]?(?:0?\.\d+|0\.\d+|\d+\.(?:\d{1,2}|\d{4,}))$")
_DATE = re.compile(r"^(\d{2})[/.-]?(\d{2})[/.-]?((?:19|20)\d{2})$")
_COUNT_UNITS = re.compile(r"/\s*(?:mm3|mm³|µl|ul|ml)\b|^(?:ufc|g|t)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a value field."""

    text: str
    """As sent, stars aside."""
    value: Decimal | None = None
    """None when it is no number, or an ambiguous one."""
    comparator: str | None = None
    """`<`, `>`, `<=` or `>=`."""
    unit: str | None = None
    """A unit written after the number, in the same field."""
    comma: bool = False
    grouped: bool = False
    decorated: bool = False
    ambiguous: bool = False
    """`2.920` may be 2920: a point that may part thousands."""


def reading(sent: str, *, unit: str = "", bounds: tuple[str, ...] = ()) -> Reading:
    """Read a value field.

    A single comma is a decimal one; a value with both signs is text. A point before exactly three digits is ambiguous
    unless a bound of the same line uses the point for decimals; with a unit of counting a point or a comma always is.
    """
    text, decorated = _undecorated(sent.strip())
    match = _READING.match(text)
    if match is None:
        return Reading(text, decorated=decorated)
    number = match.group(2)
    if _THOUSANDS.match(number) and not _is_decimal(number, match.group(3) or unit, bounds):
        return Reading(text, decorated=decorated, ambiguous=True)
    bare = re.sub(r"[ \u00a0\u202f]", "", number)
    return Reading(
        text,
        Decimal(bare.replace(",", ".")),
        {"≤": "<=", "≥": ">="}.get(match.group(1), match.group(1)),
        match.group(3),
        "," in bare,
        bare != number,
        decorated,
    )


def is_date(sent: str) -> bool:
    """True when a value is a day (`02012021`, `02/01/2021`), which laboratories send as a number."""
    match = _DATE.match(sent.strip())
    if match is None:
        return False
    try:
        date(int(match.group(3)), int(match.group(2)), int(match.group(1)))
    except ValueError:
        return False
    return True


def _undecorated(text: str) -> tuple[str, bool]:
    match = _DECORATED.match(text)
    if match is None:
        return text, False
    return next((part for part in match.groups() if part is not None), ""), True


def _is_decimal(number: str, unit: str, bounds: tuple[str, ...]) -> bool:
    if _COUNT_UNITS.search(unit):
        return False
    return "," in number or any(_PLAIN_DECIMAL.match(bound.strip().lstrip("<>≤≥= ")) for bound in bounds)
