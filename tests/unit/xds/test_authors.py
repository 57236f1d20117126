"""The author of a submission set, from who asks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Code, Identifier, PersonName
from engine.xds.authors import author

ASKING = Professional(
    Identifier(PROFESSIONAL_OID, "810101010101"),
    PersonName("DEMANDEUR", "Paul"),
    Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecine générale"),
    organization=Organization(Identifier(STRUCTURE_OID, "1300017985"), "Clinique & Cie"),
)


def test_a_professional_is_written_as_an_author_with_their_structure() -> None:
    found = author(ASKING)
    assert found is not None
    assert found.person == "810101010101^DEMANDEUR^Paul^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert found.institutions == ("Clinique \\T\\ Cie^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1300017985",)
    assert found.specialties == ("G15_10/SM26^Médecine générale^1.2.250.1.213.1.1.4.5",)


def test_a_structure_s_name_stands_in_for_a_name_that_is_not_known() -> None:
    found = author(replace(ASKING, name=None))
    assert found is not None
    assert found.person.startswith("810101010101^Clinique \\T\\ Cie^Clinique \\T\\ Cie^")


@pytest.mark.parametrize(
    "asking",
    [
        replace(ASKING, id=None),
        replace(ASKING, id=Identifier(PROFESSIONAL_OID)),
        replace(ASKING, id=Identifier(PROFESSIONAL_OID, "paul")),
        replace(ASKING, id=Identifier("1.2.3", "810101010101")),
        replace(ASKING, name=None, organization=None),
        replace(ASKING, name=PersonName("D" * 300, "Paul")),
    ],
    ids=["no number", "no extension", "no national number", "another directory", "no name", "too long"],
)
def test_nobody_is_made_up(asking: Professional) -> None:
    assert author(asking) is None


def test_a_bare_number_is_completed() -> None:
    organization = Organization(Identifier(STRUCTURE_OID, "300017985"), "Clinique")
    found = author(replace(ASKING, id=Identifier(PROFESSIONAL_OID, "10101010101"), organization=organization))
    assert found is not None
    assert found.person.startswith("810101010101^")
    assert found.institutions[0].endswith("^IDNST^^^1300017985")


@pytest.mark.parametrize(
    "changes",
    [
        {"specialty": None, "organization": None},
        {
            "specialty": Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5"),
            "organization": Organization(Identifier("1.2.3", "42"), "Service"),
        },
        {"specialty": None, "organization": Organization(None, "Service")},
    ],
)
def test_nothing_is_said_of_what_is_not_known(changes: dict[str, object]) -> None:
    found = author(replace(ASKING, **changes))  # type: ignore[arg-type]
    assert found is not None
    assert (found.institutions, found.specialties) == ((), ())
