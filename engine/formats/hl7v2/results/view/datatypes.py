"""Data types of HL7 v2.5, chapter 2.A: numbers, instants, codes, names, addresses, phones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.model.values import Address, PersonName, Telecom, Timestamp

LOINC_NAMES = frozenset({"LN", "LOINC", "2.16.840.1.113883.6.1"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+\Z")
_SPACED = re.compile(r"[+-]?[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?\Z")
_INSTANT = re.compile(r"([0-9]{8,14})(\.[0-9]{1,4})?([+-][0-9]{4})?\Z")
_CIVILITIES = {"M": "M", "MR": "M", "MONSIEUR": "M", "MME": "MME", "MADAME": "MME"}
_TITLES = frozenset({"DR", "PR", "MC", "MG", "PC", "PG"})
_PHONE_USES = {"PRN": "H", "WPN": "WP"}
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Coded:
    """CE, CWE: code, label, name of the code system."""

    code: str
    label: str
    system: str

    @property
    def is_loinc(self) -> bool:
        return self.system.upper() in LOINC_NAMES

    @property
    def is_local(self) -> bool:
        """The laboratory's own code: `L`, `99…`, or no system at all."""
        return self.system.upper() in {"", "L"} or self.system.startswith("99")

    @property
    def words(self) -> str:
        return self.label or self.code


def number(sent: str) -> Decimal | None:
    """NM: digits, one point, a sign. Decimals are kept as sent. None when it is no such number."""
    return Decimal(sent) if len(sent) <= _LONGEST_NUMBER and _NUMBER.match(sent) else None


def loose_number(sent: str) -> tuple[Decimal | None, str | None]:
    """A number written against the standard in a way that leaves no doubt, and the finding that says so."""
    if (found := number(sent)) is not None:
        return found, None
    if len(sent) <= _LONGEST_NUMBER and _SPACED.match(sent):
        return number(re.sub(r"[ \u00a0\u202f]", "", sent).replace(",", ".")), "hl7v2.spaces_in_number"
    if len(sent) <= _LONGEST_NUMBER and _COMMA.match(sent):
        return number(sent.replace(",", ".")), "hl7v2.decimal_comma"
    return None, None


def timestamp(sent: str, zone: ZoneInfo) -> Timestamp | None:
    """TS, DTM: a day or more, as precise as sent, in its own zone or else the laboratory's. None when it is no date.

    Fractions of a second have no place in the report: they are left out.
    """
    match = _INSTANT.match(sent)
    if match is None:
        return None
    digits, _, offset = match.groups()
    try:
        if offset and len(digits) > 8:
            return Timestamp(digits + offset)
        return Timestamp.local(digits, zone)
    except (ValueError, OverflowError):
        return None


def coded(segment: Segment, number: int, *, repetition: int = 1, second: bool = False) -> Coded:
    """CE or CWE: its first code, or its second one (components 4 to 6)."""
    first = 4 if second else 1
    code, label, system = (text(segment, f"{number}[{repetition}].{first + rank}") for rank in range(3))
    if not second:
        label = label or text(segment, f"{number}[{repetition}].9")
    return Coded(code, label, system)


def local_first(segment: Segment, number: int, *, repetition: int = 1) -> tuple[Coded, Coded]:
    """The laboratory's own code and the other one, whichever of the two stands first in the message."""
    first = coded(segment, number, repetition=repetition)
    second = coded(segment, number, repetition=repetition, second=True)
    nearer = (second.is_local and not first.is_local) or (first.is_loinc and not second.is_loinc)
    return (second, first) if second.code and (nearer or not first.code) else (first, second)


def civility(sent: str) -> str | None:
    """M or MME (JDV_J245); None when it is none of those."""
    return _CIVILITIES.get(sent.rstrip(".").upper())


def professional_name(family: str, given: str, titles: tuple[str, ...]) -> PersonName | None:
    """None without a family name. `titles` are prefix, suffix and degree, in which French senders write either."""
    if not family:
        return None
    degree = next((one for sent in titles if (one := sent.rstrip(".").upper()) in _TITLES), None)
    prefix = next((found for sent in titles if (found := civility(sent)) is not None), None)
    return PersonName(family, given or None, prefix, degree)


def address(segment: Segment, number: int, repetition: int, use: str | None) -> Address | None:
    """XAD: street · other designation · city · state · postal code · country. None when nothing was sent."""
    at = f"{number}[{repetition}]"
    street = text(segment, f"{at}.1.1") or " ".join(word for sub in (3, 2) if (word := text(segment, f"{at}.1.{sub}")))
    lines = tuple(one for one in (street, text(segment, f"{at}.2"), text(segment, f"{at}.4")) if one)
    city, code, country = (text(segment, f"{at}.{component}") for component in (3, 5, 6))
    if not (lines or city or code or country):
        return None
    return Address(lines, code or None, city or None, country or None, use)


def telecoms(segment: Segment, number: int) -> tuple[Telecom, ...]:
    """XTN, repeated: whole number (12, else 1), else its parts; an e-mail address (4) as `mailto:`."""
    found: list[Telecom] = []
    for repetition in repetitions(segment, number):
        at = f"{number}[{repetition}]"
        use = _PHONE_USES.get(text(segment, f"{at}.2").upper())
        phone = text(segment, f"{at}.12") or text(segment, f"{at}.1") or _joined(segment, at)
        mail = text(segment, f"{at}.4")
        if "@" in mail and " " not in mail:
            found.append(Telecom("mailto:" + mail, use))
        if "@" in phone and " " not in phone:
            found.append(Telecom("mailto:" + phone, use))
        elif any(sign.isdigit() for sign in phone):
            found.append(Telecom("tel:" + re.sub(r"[\s.]", "", phone), use))
    return tuple(dict.fromkeys(found))


def _joined(segment: Segment, at: str) -> str:
    return "".join(text(segment, f"{at}.{component}") for component in (5, 6, 7))
