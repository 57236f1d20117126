"""Which fields have a place in the report; every other field that holds something is said, once per kind of field."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.remarks import Remarks
from engine.formats.hl7v2.results.view.fields import components, filled

ALL: tuple[int, ...] = ()
"""Every component of the field has its place."""

_CODE = (1, 2, 3, 4, 5, 6, 7, 8, 9)
_PERSON = (1, 2, 3, 6, 7, 9, 10, 13)
_PLACES: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "MSH": dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21), ALL),
    "PID": {
        1: ALL, 3: (1, 4, 5, 7, 8), 5: (1, 2, 3, 5, 7), 7: ALL, 8: ALL, 11: ALL, 13: ALL, 14: ALL, 21: ALL, 23: ALL,
        24: ALL, 25: ALL, 32: ALL,
    },
    "PV1": {1: ALL, 2: ALL, 3: (1, 2, 3), 19: (1, 4, 5), 44: ALL, 45: ALL},
    "ORC": {1: ALL, 2: ALL, 3: ALL, 4: ALL, 5: ALL, 12: _PERSON, 28: (1,)},
    "OBR": {
        1: ALL, 2: ALL, 3: ALL, 4: _CODE, 7: ALL, 10: _PERSON, 13: ALL, 14: ALL, 15: (1, 2), 16: _PERSON,
        22: ALL, 24: _CODE, 25: ALL, 26: ALL, 28: _PERSON, 29: ALL, 31: _CODE, 32: (1,), 39: _CODE,
    },
    "OBX": {
        1: ALL, 2: ALL, 3: _CODE, 4: ALL, 5: ALL, 6: _CODE, 7: ALL, 8: ALL, 11: ALL, 13: ALL, 14: ALL, 16: _PERSON,
        17: _CODE,
    },
    "NTE": {1: ALL, 2: ALL, 3: ALL},
    "SPM": {1: ALL, 2: ALL, 4: _CODE, 6: _CODE, 14: ALL, 17: (1,), 18: ALL},
    "PRT": {1: ALL, 2: ALL, 3: ALL, 4: ALL, 5: _PERSON, 15: ALL},
}  # fmt: skip
"""Segment → field → components that are carried, or read and meant for nothing else (ranks, dates of validity, PRT-2).

MSH says who speaks to whom and how; only its author, date, test mark and version concern the report."""

_FORBIDDEN: Mapping[str, tuple[int, ...]] = {"PID": (19,)}
"""PID-19, the social security number (forbidden by PAM France): never repeated."""


def coverage_findings(segment: Segment, remarks: Remarks) -> None:
    """Fields and components with content that have no place, and forbidden ones."""
    places = _PLACES[segment.name]
    for number in range(1, len(segment.fields) + 1):
        if number in places and not places[number]:
            continue
        if not filled(segment, number):
            continue
        if number in _FORBIDDEN.get(segment.name, ()):
            remarks.once("identity.nir_not_carried", segment, str(number))
        elif number not in places:
            remarks.once("hl7v2.field_not_carried", segment, str(number))
        else:
            _components(segment, number, places[number], remarks)


def _components(segment: Segment, number: int, carried: tuple[int, ...], remarks: Remarks) -> None:
    for component in range(1, components(segment, number) + 1):
        if component in carried:
            continue
        field = segment.field(number)
        assert field is not None
        parts = (repetition.component(component) for repetition in field.repetitions)
        if any(part is not None and part.text.strip(' "') for part in parts):
            remarks.once("hl7v2.field_not_carried", segment, f"{number}.{component}")
