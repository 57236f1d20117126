"""A laboratory's tables read for one result: which line of the tests table holds, which official code a value has."""

from __future__ import annotations

from datetime import date

from engine.formats.terminology.units import unit_key
from engine.formats.terminology.words import local_key
from engine.model.directory import Laboratory, MappedTest
from engine.model.values import Code


def mapped_test(
    laboratory: Laboratory, code: str, *, unit: str | None, specimen: str | None, on: date | None
) -> MappedTest | None:
    """The line of the laboratory's tests table that holds for a local code, or None.

    A line that names a unit or a specimen holds for these only; among those that hold, the most specific wins, a unit
    weighing more than a specimen (another unit family is another LOINC). A line holds from `valid_from` to `valid_to`,
    both included; when the date of the result is unknown, lines with an end are left aside. Two lines equally specific
    that say different things decide nothing.
    """
    key = local_key(code)
    found = [
        (specificity, test)
        for test in laboratory.tests
        if key and local_key(test.local_code) == key and _in_force(test, on)
        for specificity in [_specificity(test, unit, specimen)]
        if specificity is not None
    ]
    if not found:
        return None
    most = max(specificity for specificity, _ in found)
    best = [test for specificity, test in found if specificity == most]
    meanings = {(test.loinc, test.unit_ucum, test.value_kind, test.chapter) for test in best}
    return best[0] if len(meanings) == 1 else None


def mapped_value(laboratory: Laboratory, code: str) -> Code | None:
    """The official code of a local value code (germ, aspect…), or None."""
    key = local_key(code)
    return next((line.code for line in laboratory.values if key and local_key(line.local_code) == key), None)


def _in_force(test: MappedTest, on: date | None) -> bool:
    if on is None:
        return test.valid_to is None
    return (test.valid_from is None or test.valid_from <= on) and (test.valid_to is None or on <= test.valid_to)


def _specificity(test: MappedTest, unit: str | None, specimen: str | None) -> int | None:
    """How much of the line's conditions the result meets; None when it misses one."""
    points = 0
    if test.unit_sent is not None:
        if unit is None or unit_key(test.unit_sent) != unit_key(unit):
            return None
        points += 2
    if test.specimen is not None:
        if specimen is None or local_key(test.specimen) != local_key(specimen):
            return None
        points += 1
    return points
