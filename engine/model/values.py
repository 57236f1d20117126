"""Data types of the canonical model, close to the HL7 v3 data types of the same name (CDA R2, 2005)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self
from zoneinfo import ZoneInfo

_TS = re.compile(r"^(\d{4}(?:\d{2}(?:\d{2}(?:\d{2}(?:\d{2}(?:\d{2})?)?)?)?)?)([+-]\d{4})?$")
_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """Instance identifier (II): `root` is an OID or a UUID, `extension` the value it gave."""

    root: str
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Coded value (CE): `system` is the OID of the code system."""

    code: str
    system: str
    display: str | None = None
    system_name: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """Point in time (TS), as precise as it was sent: `yyyy[mm[dd[hh[mm[ss]]]]][±zzzz]`.

    Precision is never added: a date stays a date, an hour without minutes stays one.
    Raises ValueError when the digits are no calendar date or no clock time.
    """

    value: str

    def __post_init__(self) -> None:
        match = _TS.match(self.value)
        if match is None:
            raise ValueError("not an HL7 TS")
        _parse(match.group(1))

    @classmethod
    def local(cls, digits: str, zone: ZoneInfo) -> Self:
        """A TS sent without a zone by a site of `zone`; a zone is added only where there is an hour."""
        when = _parse(digits)
        if len(digits) <= 8:
            return cls(digits)
        return cls(digits + when.replace(tzinfo=zone).strftime("%z"))

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """An aware instant, to the second."""
        if instant.tzinfo is None:
            raise ValueError("naive datetime")
        return cls(instant.strftime("%Y%m%d%H%M%S%z"))

    @property
    def digits(self) -> str:
        return re.split("[+-]", self.value)[0]

    @property
    def has_time(self) -> bool:
        return len(self.digits) > 8

    @property
    def date(self) -> date:
        """The calendar date; first day when only a year or a month is known."""
        return _parse(self.digits).date()

    def instant(self, default_zone: ZoneInfo | None = None) -> datetime:
        """The aware start of the period named; `default_zone` where the value carries none, else UTC."""
        when = _parse(self.digits)
        if self.digits != self.value:
            return datetime.strptime(when.strftime("%Y%m%d%H%M%S") + self.value[len(self.digits) :], "%Y%m%d%H%M%S%z")
        return when.replace(tzinfo=default_zone or UTC)


def _parse(digits: str) -> datetime:
    pattern = _FORMATS.get(len(digits))
    if pattern is None or not (digits.isascii() and digits.isdigit()):
        raise ValueError("not an HL7 TS")
    return datetime.strptime(digits, pattern)  # noqa: DTZ007 - a TS may carry no zone; callers add it


@dataclass(frozen=True, slots=True)
class Address:
    """Postal address (AD). `county` holds the INSEE COG code in a birth place only."""

    lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    use: str | None = None
    """H, HP, HV, WP or TMP."""


@dataclass(frozen=True, slots=True)
class Telecom:
    """Telecommunication address (TEL): `value` with its scheme, `tel:0102030405`, `mailto:…`."""

    value: str
    use: str | None = None


@dataclass(frozen=True, slots=True)
class PersonName:
    """Name of a professional or a relative (PN)."""

    family: str
    given: str | None = None
    prefix: str | None = None
    """Civility: M or MME (JDV_J245)."""
    suffix: str | None = None
    """Title: DR, PR, MC, MG, PC, PG (JDV_J246)."""
