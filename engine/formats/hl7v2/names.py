"""What segments, fields, components and codes of HL7 v2 are called in French, for people; nothing is decided by them.

The tables beside this module hold the parts that the flows of this package have (HL7 v2.5, IHE PAM, extension
française, volet "Transmission de document(s) CDA-R2 en HL7v2"). A part they have not has no name, and is shown all
the same.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_SAME = {"CE": "CWE", "CNE": "CWE", "DTM": "TS", "PN": "XPN", "CN": "XCN", "CK": "CX", "AD": "XAD"}
"""Types that name their components as another one does."""
_YES_NO = frozenset({"PID-24", "PID-30", "PID-31", "SPM-20", "ZBE-5", "ZFD-3", "ZFD-4"})


@dataclass(frozen=True, slots=True)
class Name:
    """A segment or a field."""

    title: str
    """Empty when the tables have it not."""
    type: str = ""
    """HL7 data type of a field; empty when it is not known, or said by another field (OBX-5)."""


_NAMELESS = Name("")


def name(place: str) -> Name:
    """Of a segment (`PID`) or of a field (`PID-3`)."""
    return _names().get(place, _NAMELESS)


def component(type_: str, number: int) -> str:
    """French name of a component of a data type; empty when it has none."""
    return _components().get((_SAME.get(type_, type_), number), "")


def meaning(place: str, code: str) -> str:
    """What a code means at `PID-8` or `MSH-9.1`; empty when the tables do not say."""
    field = place.partition(".")[0]
    found = _meanings()
    if field in _YES_NO:
        return found.get(("YN", code), "")
    return found.get((place, code)) or found.get((place.removesuffix(".1"), code), "")


def yes_or_no(code: str) -> str:
    """HL7 table 0136."""
    return _meanings().get(("YN", code), "")


@cache
def _names() -> Mapping[str, Name]:
    return {row["place"]: Name(row["title"], row["type"]) for row in _rows("field_names.csv")}


@cache
def _components() -> Mapping[tuple[str, int], str]:
    return {(row["type"], int(row["component"])): row["title"] for row in _rows("component_names.csv")}


@cache
def _meanings() -> Mapping[tuple[str, str], str]:
    return {(row["place"], row["code"]): row["meaning"] for row in _rows("code_meanings.csv")}


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / file).open(encoding="utf-8", newline="") as table:
        yield from csv.DictReader(table)
