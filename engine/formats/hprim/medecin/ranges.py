"""Normal ranges of a RES line (fields 7–8 and 13–14): two bounds, one, both in one field, or filling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.formats.hprim.medecin.numbers import reading

_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_COMBINED = re.compile(rf"^({_NUMBER})\s*(?:-|–|à|a)\s*({_NUMBER})$", re.IGNORECASE)
_FILLING = re.compile(r"^9{4,}(?:[.,][09]*)?$")
_ZERO = re.compile(r"^0+(?:[.,]0*)?$")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A normal range in the unit of its result."""

    text: str
    """As sent, for a person; empty when there is none."""
    low: Decimal | None = None
    high: Decimal | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True
    combined: bool = False
    """Both bounds stood in one field."""
    sentinel: bool = False
    """A bound was only filling (9999, or 0–0)."""
    unreadable: bool = False
    reversed: bool = False


def bounds(low: str, high: str) -> Bounds:
    """Read the two fields of a range; what cannot be read for sure stays text without bounds."""
    low, high = low.strip(), high.strip()
    if bool(low) != bool(high) and (combined := _combined(low or high)) is not None:
        return combined
    if _ZERO.match(low) and _ZERO.match(high):
        return Bounds("", sentinel=True)
    sentinel = bool(_FILLING.match(high))
    return _pair(low, "" if sentinel else high, sentinel)


def _pair(low: str, high: str, sentinel: bool) -> Bounds:
    text = _text(low, high)
    low_value, low_open, low_read = _bound(low, lower=True)
    high_value, high_open, high_read = _bound(high, lower=False)
    if not (low_read and high_read):
        return Bounds(text, sentinel=sentinel, unreadable=True)
    if low_value is not None and high_value is not None and low_value > high_value:
        return Bounds(text, sentinel=sentinel, reversed=True)
    return Bounds(text, low_value, high_value, not low_open, not high_open, sentinel=sentinel)


def _combined(field: str) -> Bounds | None:
    """`2.20-2.60`, `-2 - 2`; a lone `-5.0` is not: its sign may be a minus or an absent bound."""
    match = _COMBINED.match(field)
    if match is None:
        return Bounds(field, unreadable=True) if re.match(r"^-\s*\d", field) else None
    low, high = reading(match.group(1)).value, reading(match.group(2)).value
    if low is None or high is None:
        return Bounds(field, combined=True, unreadable=True)
    if low > high:
        return Bounds(field, combined=True, reversed=True)
    return Bounds(field, low, high, combined=True)


def _bound(field: str, *, lower: bool) -> tuple[Decimal | None, bool, bool]:
    """(value, whether it is excluded, whether the field could be read)."""
    if not field:
        return None, False, True
    read = reading(field, bounds=(field,))
    wrong_way = read.comparator in (("<", "<=") if lower else (">", ">="))
    if read.value is None or read.unit is not None or wrong_way:
        return None, False, False
    return read.value, read.comparator in ("<", ">"), True


def _text(low: str, high: str) -> str:
    """Both bounds, or one with what it is; words are left as they are."""
    if low and high:
        return f"{low} - {high}"
    lone = low or high
    return f"{'min.' if low else 'max.'} {lone}" if re.match(r"[+-]?[.,]?\d", lone) else lone
