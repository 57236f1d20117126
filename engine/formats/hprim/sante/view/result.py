"""OBX, result (10.x)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hprim.sante.datatypes import Coded, coded
from engine.formats.hprim.sante.segments import Field, Segment

PUBLISHED = frozenset({"F", "C", "U"})
PENDING = frozenset({"R", "P", "I"})
CANCELLED = frozenset({"X", "D"})
TYPES = frozenset(
    {"AD", "CE", "CK", "CNA", "DT", "TS", "NM", "PN", "ST", "TN", "TX", "FIC", "GC", "GB", "GN", "TIF", "PDF"}
)
GRAPHS = frozenset({"GC", "GB", "GN"})
SUSCEPTIBILITIES = frozenset({"R", "I", "S", "MS", "VS", "SDD", "NS"})
"""Codes of a drug's effect on a germ: flags of 10.9, and those of EUCAST and CLSI."""


@dataclass(frozen=True, slots=True)
class Place:
    """10.16: where the laboratory prints the result. Ranks are None when they were not sent as numbers."""

    sector: str
    sector_rank: int | None
    battery: str
    battery_rank: int | None
    test_rank: int | None
    key: str
    """10.16.6, which ties the drugs of an antibiogram to their germ."""


@dataclass(frozen=True, slots=True)
class ResultView:
    """The result as sent; texts are empty when absent."""

    segment: Segment
    type: str
    """10.3."""
    test: Coded
    """10.4, first triplet."""
    second: Coded
    """10.4, second triplet."""
    sub_id: str
    """10.5."""
    value: Field | None
    """10.6."""
    unit: str
    """10.7.1, else 10.7.2."""
    ranges: tuple[str, ...]
    """10.8."""
    flags: tuple[str, ...]
    """10.9."""
    status_sent: str
    """10.12 as sent."""
    obtained: str
    """10.15."""
    place: Place
    validator: Coded
    """10.17."""

    @property
    def status(self) -> str:
        """10.12; empty means F (2.4)."""
        return self.status_sent or "F"

    @property
    def text(self) -> str:
        """10.6 decoded, trimmed, a line break for each repeater."""
        return "" if self.value is None else "\n".join(self.value.lines).strip()

    @property
    def label(self) -> str:
        """10.4.2 without the dots and blanks some pad it with."""
        return self.test.label.strip().rstrip(".").strip() or self.test.label.strip()

    @property
    def code(self) -> str:
        """10.4.1, else the label: what names the test in a finding."""
        return self.test.code or self.label

    @property
    def is_title(self) -> bool:
        """A TX whose value is a dot: its label is a title."""
        return self.type in {"TX", "ST", ""} and self.text == "."

    @property
    def is_full_text(self) -> bool:
        """The whole report as text (CR_EDITABLE, CREDITABLE)."""
        return self.test.code.upper() in {"CR_EDITABLE", "CREDITABLE"}


def result_view(segment: Segment) -> ResultView:
    """Name the fields of an OBX."""
    return ResultView(
        segment=segment,
        type=segment.get(3).upper(),
        test=coded(segment, 4),
        second=coded(segment, 4, triplet=2),
        sub_id=segment.get(5),
        value=segment.field(6),
        unit=segment.get(7, 1) or segment.get(7, 2),
        ranges=_repeated(segment, 8),
        flags=_repeated(segment, 9),
        status_sent=segment.get(12).upper(),
        obtained=segment.get(15),
        place=_place(segment),
        validator=coded(segment, 17),
    )


def _repeated(segment: Segment, field: int) -> tuple[str, ...]:
    found = (segment.get(field, repetition=n) for n in range(1, segment.repetitions(field) + 1))
    return tuple(one for one in found if one)


def _place(segment: Segment) -> Place:
    sector, rank = segment.get(16, 1), segment.get(16, 2)
    if _rank(rank) is None and rank and (_rank(sector) is not None or not sector):
        sector, rank = rank, sector  # some laboratories turn the sector and its rank
    ranks = (_rank(rank), _rank(segment.get(16, 4)), _rank(segment.get(16, 5)))
    return Place(sector, ranks[0], segment.get(16, 3), ranks[1], ranks[2], segment.get(16, 6))


def _rank(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
