"""Which fields have a place in the report; every other field that holds something is said, once per kind of field."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment

ALL: tuple[int, ...] = ()
"""Every sub-field of the field has its place."""

_PLACES: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "H": {2: ALL, 3: ALL, 4: ALL, 5: ALL, 6: ALL, 7: ALL, 8: ALL, 10: ALL, 12: ALL, 13: ALL, 14: ALL},
    "P": {
        2: ALL, 3: (1,), 4: ALL, 5: (1, 2), 6: (1, 2, 5), 7: (1, 2, 3), 8: ALL, 9: ALL, 11: ALL, 12: ALL, 13: ALL,
        14: ALL, 24: ALL, 25: ALL, 26: (1, 2, 3), 35: (1, 2), 39: ALL, 42: ALL,
    },
    "OBR": {
        2: ALL, 3: (2,), 4: ALL, 5: ALL, 7: ALL, 8: ALL, 9: ALL, 11: ALL, 12: ALL, 14: ALL, 15: ALL, 16: (1, 2),
        17: (1, 2, 3, 4), 18: ALL, 23: ALL, 25: ALL, 26: ALL, 29: ALL, 32: ALL, 33: ALL,
    },
    "OBX": {
        2: ALL, 3: ALL, 4: ALL, 5: ALL, 6: ALL, 7: (1, 2, 3), 8: ALL, 9: ALL, 12: ALL, 15: ALL, 16: ALL, 17: ALL,
    },
    "C": {2: ALL, 3: ALL, 4: ALL},
}  # fmt: skip
"""Segment → field → sub-fields that are carried, or read and meant for nothing else (ranks, 9.12 in an ORU).

The password (7.4) is never repeated; the sender's address and phone (7.6, 7.8) are those of its directory."""

_LAST: Mapping[str, int] = {"H": 14, "P": 42, "OBR": 37, "OBX": 18, "C": 4}
_FORBIDDEN: Mapping[str, tuple[int, ...]] = {"P": (10, 28)}


def coverage_findings(segment: Segment, remarks: Remarks) -> None:
    """Fields with content that have no place, forbidden ones, and those no version of the recommendation has."""
    places = _PLACES[segment.name]
    for number in range(2, len(segment.fields) + 1):
        if not segment.filled(number):
            continue
        if number > _LAST[segment.name]:
            remarks.once("hprim.field_beyond_segment", segment, name=segment.name)
        elif number in _FORBIDDEN.get(segment.name, ()):
            remarks.once("hprim.forbidden_field", segment, number)
        elif number not in places:
            remarks.once("hprim.field_not_carried", segment, number)
        elif places[number]:
            _subfields(segment, number, places[number], remarks)


def _subfields(segment: Segment, number: int, carried: tuple[int, ...], remarks: Remarks) -> None:
    sent = segment.field(number)
    assert sent is not None
    most = max(len(one.split(sent.delimiters.subfield)) for one in sent.repetitions)
    for sub in range(1, most + 1):
        if sub in carried:
            continue
        values = (sent.sub(sub, repetition=n) for n in range(1, len(sent.repetitions) + 1))
        if any(value and value.strip(sent.delimiters.signs + " ") for value in values):
            field = segment.where(number, sub).removeprefix(f"{segment.origin}.")
            remarks.once("hprim.field_not_carried", segment, number, sub, field=field)
