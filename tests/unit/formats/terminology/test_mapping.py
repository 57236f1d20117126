"""Which line of a laboratory's tables holds for a result."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.formats.terminology.mapping import mapped_test, mapped_value
from engine.model.directory import Laboratory, MappedTest
from tests.unit.formats.laboratory_fixture import LABORATORY

MASS = MappedTest("GLU", "53049-3", unit_sent="g/L")
MOLES = MappedTest("GLU", "40193-5", unit_sent="mmol/L")
ANY = MappedTest("GLU", "2345-7")
URINE = MappedTest("GLU", "2350-7", specimen="U")


def laboratory(*tests: MappedTest) -> Laboratory:
    return replace(LABORATORY, tests=tests)


def loinc(unit: str | None, specimen: str | None, *tests: MappedTest) -> str | None:
    found = mapped_test(laboratory(*tests), "GLU", unit=unit, specimen=specimen, on=date(2025, 3, 10))
    return found.loinc if found else None


def test_another_unit_is_another_line() -> None:
    assert loinc("g/L", None, MASS, MOLES) == "53049-3"
    assert loinc("mmol/L", None, MASS, MOLES) == "40193-5"
    assert loinc(" mmol/l ", None, MASS, MOLES) == "40193-5"
    assert loinc("G/L", None, MASS, MOLES) is None
    assert loinc("mg/L", None, MASS, MOLES) is None
    assert loinc(None, None, MASS, MOLES) is None


def test_a_unit_is_compared_whatever_the_sign_for_micro() -> None:
    micro = MappedTest("GLU", "14682-9", unit_sent="µmol/L")
    assert loinc("umol/L", None, micro) == "14682-9"
    assert loinc("\u03bcmol/L", None, micro) == "14682-9"


def test_the_most_specific_line_wins() -> None:
    assert loinc("g/L", "U", ANY, URINE, MASS) == "53049-3"
    assert loinc("mg/L", "U", ANY, URINE, MASS) == "2350-7"
    assert loinc("mg/L", "S", ANY, URINE, MASS) == "2345-7"


def test_two_equal_lines_that_disagree_decide_nothing() -> None:
    assert loinc("g/L", None, ANY, MappedTest("GLU", "2339-0")) is None
    assert loinc("g/L", None, ANY, ANY) == "2345-7"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2024, 12, 31), "1988-5"),
        (date(2025, 1, 1), "30522-7"),
        (date(2026, 1, 1), "30522-7"),
        (None, "30522-7"),
    ],
)
def test_a_line_holds_in_its_time_only(on: date | None, expected: str) -> None:
    old = MappedTest("CRP", "1988-5", valid_to=date(2024, 12, 31))
    new = MappedTest("CRP", "30522-7", valid_from=date(2025, 1, 1))
    found = mapped_test(laboratory(old, new), "CRP", unit=None, specimen=None, on=on)
    assert found is not None
    assert found.loinc == expected


def test_runs_of_blanks_in_a_code_do_not_matter() -> None:
    line = MappedTest("GLU 010", "2345-7")
    assert mapped_test(laboratory(line), " GLU   010", unit=None, specimen=None, on=None) == line


def test_an_empty_code_is_never_mapped() -> None:
    assert mapped_test(laboratory(MappedTest("", "2345-7")), " ", unit=None, specimen=None, on=None) is None


def test_nothing_is_mapped_by_likeness() -> None:
    for near in ("glu", "GLU1", "GL"):
        assert mapped_test(laboratory(ANY), near, unit=None, specimen=None, on=None) is None


def test_a_value_is_mapped_by_its_code() -> None:
    assert mapped_value(LABORATORY, "ECO") == LABORATORY.values[0].code
    assert mapped_value(LABORATORY, "eco") is None
    assert mapped_value(LABORATORY, "") is None
