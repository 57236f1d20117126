"""National identifiers, from what senders write."""

from __future__ import annotations

import pytest

from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID
from engine.model.values import Identifier
from engine.xds.national import professional, structure


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("810101010101", "810101010101"),
        ("10101010101", "810101010101"),
        (" 810101010101 ", "810101010101"),
        ("0751234567", "0751234567"),
        ("2A1234567", "02A1234567"),
        ("1300017985/DURAND", "1300017985/DURAND"),
        ("800000000000", None),
        ("99999999999", None),
        ("paul", None),
        ("", None),
        (None, None),
    ],
)
def test_a_person(written: str | None, expected: str | None) -> None:
    found = professional(Identifier(PROFESSIONAL_OID, written))
    assert (found and found.extension) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1300017985", "1300017985"),
        ("300017985", "1300017985"),
        ("2A0017985", "12A0017985"),
        ("312345678900011", "312345678900011"),
        ("12345678900011", "312345678900011"),
        ("2123456789", "2123456789"),
        ("10B0000000", "10B0000000"),
        ("hopital", None),
        (None, None),
    ],
)
def test_a_structure(written: str | None, expected: str | None) -> None:
    found = structure(Identifier(STRUCTURE_OID, written))
    assert (found and found.extension) == expected


def test_another_directory_s_number_is_not_national() -> None:
    assert professional(Identifier("1.2.3", "810101010101")) is None
    assert structure(Identifier("1.2.3", "1300017985")) is None
    assert (professional(None), structure(None)) == (None, None)
