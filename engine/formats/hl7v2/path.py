"""Places in a message: `PID-3[2].4.2` for people, ERL (`PID^1^3^2^4^2`, HL7 v2.5 chapter 2.A.28) for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PLACE = r"(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?"
_INSIDE = re.compile(_PLACE)
_FULL = re.compile(rf"(?P<segment>[A-Z][A-Z0-9]{{2}})(?:\[(?P<number>\d+)\])?(?:-{_PLACE})?")


@dataclass(frozen=True, slots=True)
class Place:
    """A field, or a part of it. All numbers count from 1; 0 means "not said"."""

    field: int = 0
    repetition: int = 0
    component: int = 0
    sub: int = 0

    def __str__(self) -> str:
        repetition = f"[{self.repetition}]" if self.repetition else ""
        return f"{self.field}{repetition}" + "".join(f".{one}" for one in (self.component, self.sub) if one)


@dataclass(frozen=True, slots=True)
class Path:
    """A segment, or a place in it."""

    segment: str
    number: int = 0
    """n-th segment of that name, from 1; 0 means the first."""
    place: Place = Place()

    def __str__(self) -> str:
        number = f"[{self.number}]" if self.number else ""
        return f"{self.segment}{number}" + (f"-{self.place}" if self.place.field else "")

    def at(self, inside: str) -> Path:
        """A place in the same segment."""
        return Path(self.segment, self.number, place(inside))

    @property
    def erl(self) -> tuple[str, ...]:
        """Components of an ERL, as far as the path goes; a component without repetition is of the first one."""
        place = self.place
        repetition = place.repetition or (1 if place.component else 0)
        numbers = (self.number or 1, place.field, repetition, place.component, place.sub)
        kept = tuple(str(one) for one in numbers if one)
        return (self.segment, *kept)


@lru_cache(maxsize=1024)
def path(text: str) -> Path:
    """`OBX[3]-5.1` → Path. Raises ValueError when it is no path: a mistake of ours, never of a sender."""
    found = _FULL.fullmatch(text)
    if found is None:
        raise ValueError(f"not a path: {text}")
    return Path(found["segment"], int(found["number"] or 0), _place(found))


@lru_cache(maxsize=1024)
def place(text: str) -> Place:
    """`3[2].4.2` → Place. Raises ValueError when it is none."""
    found = _INSIDE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a place in a segment: {text}")
    return _place(found)


def _place(found: re.Match[str]) -> Place:
    numbers = (int(found[name] or 0) for name in ("field", "repetition", "component", "sub"))
    return Place(*numbers)
