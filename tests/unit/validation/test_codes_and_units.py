"""Codes by their form and check digit, units by UCUM's grammar."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.formats.terminology.unit_spellings import SPELLINGS
from engine.validation.checks.codes import LOINC, SNOMED_CT, codes, verhoeff
from engine.validation.checks.ucum import is_ucum
from engine.validation.checks.units import units


def _document(inner: str) -> etree._Element:
    return etree.fromstring(f"<ClinicalDocument xmlns='urn:hl7-org:v3'>{inner}</ClinicalDocument>")


def _faults(code: str, system: str) -> int:
    return len(list(codes(_document(f"<code code='{code}' codeSystem='{system}'/>"))))


def test_loinc_codes_are_checked_by_their_key() -> None:
    for code, expected in {"14749-6": 0, "14749-7": 1, "LA6576-8": 0, "xx-MCH-PsychoMDev": 0, "GLU": 1}.items():
        assert _faults(code, LOINC) == expected
        assert _faults(code, "1.2") == 0


@given(st.integers(10**5, 10**16))
def test_exactly_one_verhoeff_key_is_right(number: int) -> None:
    assert sum(verhoeff(f"{number}{key}") for key in range(10)) == 1


@given(st.integers(10**6, 10**16), st.integers(0, 5), st.integers(1, 9))
def test_a_mistyped_digit_of_a_snomed_code_is_seen(number: int, position: int, shift: int) -> None:
    right = next(f"{number}{key}" for key in range(10) if verhoeff(f"{number}{key}"))
    digit = str((int(right[position]) + shift) % 10)
    assert not verhoeff(right[:position] + digit + right[position + 1 :])


@given(st.integers(10**6, 10**16), st.integers(0, 5))
def test_two_digits_of_a_snomed_code_that_changed_places_are_seen(number: int, position: int) -> None:
    right = next(f"{number}{key}" for key in range(10) if verhoeff(f"{number}{key}"))
    one, other = right[position], right[position + 1]
    swapped = right[:position] + other + one + right[position + 2 :]
    assert one == other or not verhoeff(swapped)


RIGHT = {
    SNOMED_CT: ("860642002", "11429006"),
    "2.16.840.1.113883.6.3": ("O82.9", "P22", "B95.+8"),
    "2.16.840.1.113883.6.347": ("NF0A.4", "NE61"),
    "2.16.840.1.113883.6.73": ("J07CA01", "J07", "J"),
    "0.4.0.127.0.16.1.1.2.1": ("20035000",),
    "1.2.3": ("tout",),
}
WRONG = {
    SNOMED_CT: ("860642003", "12", "A860642002"),
    "2.16.840.1.113883.6.3": ("82.9", "O82.9.1"),
    "2.16.840.1.113883.6.347": ("NF",),
    "2.16.840.1.113883.6.73": ("J07CA1", "07CA01"),
    "0.4.0.127.0.16.1.1.2.1": ("voie",),
}


def test_codes_have_the_form_of_their_code_system() -> None:
    for expected, table in ((0, RIGHT), (1, WRONG)):
        for system, written in table.items():
            for code in written:
                assert _faults(code, system) == expected, code


UNITS = """
kg m[IU]/L 10*9/L 10*12/L /uL mm[Hg] % [pH] {score} {tbl} mL/min/{1.73_m2} kg/m2 mmol/mol Cel mo wk a g/(kg.h) ug/mL
[diop] mGy.cm 1 10^3/uL kat nkat/L m2 s-1 [degF] {copies}/mL
"""
NOT_UNITS = "livres mmolles UI/L gr/L mg/24h (g/L g/L) µg/L {a a} g//L L- ."


def test_units_are_those_of_ucum() -> None:
    for unit in UNITS.split():
        assert is_ucum(unit), unit
    for unit in (*NOT_UNITS.split(), "", "g L"):
        assert not is_ucum(unit), unit


@given(st.text())
def test_any_text_may_be_asked_for_as_a_unit(text: str) -> None:
    assert is_ucum(text) in (True, False)


@given(st.sampled_from(sorted(SPELLINGS)), st.sampled_from(sorted(SPELLINGS)))
def test_the_quotient_of_two_units_is_a_unit(one: str, other: str) -> None:
    assert is_ucum(f"({one})/({other})")


def test_doses_may_be_counted_in_units_of_presentation() -> None:
    assert list(units(_document("<doseQuantity value='1' unit='30009000'/><value value='3' unit='g/L'/>"))) == []
    (finding,) = units(_document("<value value='3' unit='gr/L'/>"))
    assert finding.code == "passeur.unit"
