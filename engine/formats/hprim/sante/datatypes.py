"""HPRIM Santé data types (2.4, "types de données"): numbers, instants, names, addresses, codes, phones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.formats.hprim.sante.segments import Segment
from engine.model.values import Address, PersonName, Telecom, Timestamp

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+\Z")
_SPACED = re.compile(r"[+-]?[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?\Z")
_CIVILITIES = {"M": "M", "MR": "M", "MONSIEUR": "M", "MME": "MME", "MADAME": "MME"}
_TITLES = frozenset({"DR", "PR", "MC", "MG", "PC", "PG"})


@dataclass(frozen=True, slots=True)
class Coded:
    """CE: code, label, table."""

    code: str
    label: str
    table: str


def number(text: str) -> Decimal | None:
    """NM: digits, one point, a sign; `.52` is legal. Decimals are kept as sent. None when it is no such number."""
    return Decimal(text) if len(text) <= 40 and _NUMBER.match(text) else None


def loose_number(text: str) -> tuple[Decimal | None, str | None]:
    """A number written against the recommendation in a way that leaves no doubt, and the finding that says so."""
    if (found := number(text)) is not None:
        return found, None
    if len(text) <= 40 and _SPACED.match(text):
        return number(re.sub(r"[ \u00a0\u202f]", "", text).replace(",", ".")), "hprim.spaces_in_number"
    if len(text) <= 40 and _COMMA.match(text):
        return number(text.replace(",", ".")), "hprim.decimal_comma"
    return None, None


def timestamp(text: str, zone: ZoneInfo) -> Timestamp | None:
    """TS: as precise as sent, in the laboratory's zone. None when it is no date."""
    digits = text.strip()
    try:
        return Timestamp.local(digits, zone) if len(digits) >= 8 else None
    except (ValueError, OverflowError):
        return None


def coded(segment: Segment, field: int, *, repetition: int = 1, triplet: int = 1) -> Coded:
    """CE, first or second triplet."""
    first = 3 * (triplet - 1) + 1
    code, label, table = (segment.get(field, first + n, repetition=repetition) for n in range(3))
    return Coded(code, label, table)


def person_name(segment: Segment, field: int, sub: int, *, repetition: int = 1) -> PersonName | None:
    """PN inside a sub-field: family & given & second & alias & civility & degree. None without a family name."""
    parts = [segment.get(field, sub, repetition=repetition, subsub=n) for n in range(1, 7)]
    family, given, _, _, civility, degree = parts
    if not family:
        return None
    title = degree.rstrip(".").upper()
    return PersonName(family, given or None, prefix(civility), title if title in _TITLES else None)


def prefix(civility: str) -> str | None:
    """Civility as M or MME (JDV_J245); None when it is none of those."""
    return _CIVILITIES.get(civility.rstrip(".").upper())


def address(parts: tuple[str, ...], use: str | None = None) -> Address | None:
    """AD: line 1, line 2, city, department, postal code, country. None when nothing was sent."""
    line1, line2, city, county, postal_code, country = (*parts, *[""] * 6)[:6]
    lines = tuple(one for one in (line1, line2, county) if one)
    if not (lines or city or postal_code or country):
        return None
    return Address(lines, postal_code or None, city or None, country or None, use)


def telecoms(segment: Segment, field: int, use: str | None = None) -> tuple[Telecom, ...]:
    """TN, repeated: day and night numbers as `tel:`."""
    numbers = (segment.get(field, repetition=n) for n in range(1, segment.repetitions(field) + 1))
    return tuple(Telecom("tel:" + re.sub(r"[\s.]", "", one), use) for one in dict.fromkeys(numbers) if one)
