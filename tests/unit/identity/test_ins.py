"""INS matricules: shape, key, and what they say against the traits sent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings import Disposition
from engine.identity.ins import ins_findings, nir_key_is_valid
from engine.model.parties import INS_NIR_TEST, Ins

WOMAN = "285039900000193"


def key(number: str, department: str) -> str:
    counted = number.replace("2A", "19", 1) if department == "2A" else number.replace("2B", "18", 1)
    return f"{97 - int(counted) % 97:02d}"


@pytest.mark.parametrize("matricule", [WOMAN, "162079900000272"])
def test_the_keys_of_the_samples_are_right(matricule: str) -> None:
    assert nir_key_is_valid(matricule)


@given(st.integers(0, 99))
def test_only_one_key_is_right(value: int) -> None:
    assert nir_key_is_valid(f"{WOMAN[:13]}{value:02d}") == (value == 93)


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_corsica_has_letters(department: str) -> None:
    number = f"18503{department}004005"
    assert nir_key_is_valid(number + key(number, department))
    assert not nir_key_is_valid(number.replace(department, "20") + key(number, department))


@pytest.mark.parametrize(
    "matricule", ["", "2", WOMAN[:14], WOMAN + "1", WOMAN.replace("2", "9", 1), "2850399000001é3", "28503 9900000193"]
)
def test_another_shape_is_no_matricule(matricule: str) -> None:
    assert not nir_key_is_valid(matricule)


@given(st.text(max_size=20))
def test_any_text_is_judged_and_never_raises(text: str) -> None:
    assert nir_key_is_valid(text) in {True, False}


@pytest.mark.parametrize(
    ("gender", "born", "code"),
    [
        ("F", date(1985, 3, 12), None),
        (None, None, None),
        ("UN", date(1985, 3, 12), None),
        ("M", date(1985, 3, 12), "identity.ins_traits_inconsistent"),
        ("F", date(1984, 3, 12), "identity.ins_traits_inconsistent"),
        ("F", date(1985, 4, 12), "identity.ins_traits_inconsistent"),
    ],
)
def test_a_matricule_is_compared_with_the_sex_and_the_birth_date(
    gender: str | None, born: date | None, code: str | None
) -> None:
    found = ins_findings(Ins(WOMAN, INS_NIR_TEST, False), gender=gender, birth_date=born, where="P[1].8.12")
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.disposition is Disposition.HOLD and one.where == "P[1].8.12" for one in found)


def test_an_unknown_birth_month_is_not_compared() -> None:
    number = "2853099000001"
    ins = Ins(number + f"{97 - int(number) % 97:02d}", INS_NIR_TEST, False)
    assert ins_findings(ins, gender="F", birth_date=date(1985, 3, 12)) == ()


def test_a_wrong_key_is_said_without_the_matricule() -> None:
    (found,) = ins_findings(Ins("285039900000194", INS_NIR_TEST, False), gender="F", birth_date=None)
    assert found.code == "identity.ins_invalid"
    assert "2850" not in found.message + found.remedy
