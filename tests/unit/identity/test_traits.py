"""Strict traits: how they compare, and what the matricule, the birth place and the birth date say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Disposition, Severity
from engine.identity.birth_date import has_unknown_part, interpreted_birth_date
from engine.identity.birth_place import cog_is_well_formed, is_abroad, places_agree
from engine.identity.datamatrix import GS, ins_datamatrix, written
from engine.identity.matricule import agreement_findings, disagreements
from engine.identity.rules import RULES
from engine.identity.traits import (
    StrictTraits,
    Trait,
    comparable,
    completed,
    differing,
    ins_form,
    strict_traits,
    trait_findings,
)
from engine.model.parties import INS_NIR, INS_NIR_TEST, Ins
from engine.model.values import Timestamp
from tests.unit.documents_fixture import PATIENT

TRAITS = strict_traits(PATIENT)
WOMAN = "285039900000193"


def test_the_traits_of_a_patient_are_those_sent_letter_for_letter() -> None:
    sent = StrictTraits("TESTNAISSANCE", "Hélène", ("Hélène", "Zoé"), Timestamp("19850312"), "F", "99000")
    assert strict_traits(PATIENT) == sent


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Hélène", "HELENE"),
        ("d’Ormœuf", "D'ORMOEUF"),
        ("  Le   Goff ", "LE GOFF"),
        ("Jean‑Noël", "JEAN-NOEL"),
        ("Çelik-Østergård", "CELIK-OSTERGARD"),
        ("LÆTITIA Weiß", "LAETITIA WEISS"),
    ],
)
def test_names_are_compared_in_capitals_without_accents(name: str, form: str) -> None:
    assert comparable(name) == form
    assert ins_form(name) == form


@pytest.mark.parametrize("name", ["", "TEST2", "Анна", "-MARIE", "A/B", "_"])
def test_a_name_of_other_signs_has_no_ins_form_and_loses_none(name: str) -> None:
    assert ins_form(name) is None


@settings(deadline=None)
@given(st.text(max_size=40))
def test_comparing_any_name_twice_is_comparing_it_once(name: str) -> None:
    assert comparable(comparable(name)) == comparable(name)


def test_an_absent_trait_contradicts_nothing() -> None:
    assert differing(TRAITS, StrictTraits()) == ()
    assert differing(TRAITS, replace(TRAITS, birth_date=Timestamp("198503"))) == ()
    assert completed(StrictTraits(birth_date=Timestamp("1985")), TRAITS) == TRAITS


@pytest.mark.parametrize(
    ("change", "trait"),
    [
        ({"birth_name": "AUTRE"}, Trait.BIRTH_NAME),
        ({"first_given_name": "Anne"}, Trait.FIRST_GIVEN_NAME),
        ({"given_names": ("Hélène-Zoé",)}, Trait.GIVEN_NAMES),
        ({"birth_date": Timestamp("198504")}, Trait.BIRTH_DATE),
        ({"gender": "M"}, Trait.GENDER),
        ({"birth_cog": "75056"}, Trait.BIRTH_PLACE),
    ],
)
def test_a_contradiction_names_its_trait(change: dict[str, object], trait: Trait) -> None:
    assert differing(TRAITS, replace(TRAITS, **change)) == (trait,)


def test_the_first_given_name_begins_the_list_hyphens_aside() -> None:
    composed = replace(TRAITS, first_given_name="Anne-Marie", given_names=("Anne Marie", "Zoé"))
    assert trait_findings(composed) == ()
    assert [f.code for f in trait_findings(replace(TRAITS, first_given_name="Zoé"))] == [
        "identity.first_name_not_in_list"
    ]


@pytest.mark.parametrize(
    ("change", "traits"),
    [
        ({}, ()),
        ({"gender": "M"}, (Trait.GENDER,)),
        ({"gender": "UN"}, ()),
        ({"birth_date": Timestamp("1985")}, ()),
        ({"birth_date": Timestamp("1984")}, (Trait.BIRTH_DATE,)),
        ({"birth_date": Timestamp("19850412")}, (Trait.BIRTH_DATE,)),
        ({"birth_cog": "75056"}, (Trait.BIRTH_PLACE,)),
        ({"birth_cog": "?"}, ()),
    ],
)
def test_a_matricule_is_compared_with_sex_birth_date_and_place(
    change: dict[str, object], traits: tuple[Trait, ...]
) -> None:
    assert disagreements(WOMAN, replace(TRAITS, **change)) == traits


@pytest.mark.parametrize(
    ("number", "born", "agrees"),
    [
        ("1850399000001", "19850312", True),
        ("1851299000001", "19851231", True),
        ("1851299000001", "19851130", False),
        ("1851399000001", "19851130", True),
        ("1850099000001", "19851130", True),
        ("1850199000001", "19851130", False),
    ],
)
def test_a_month_is_compared_when_it_is_one(number: str, born: str, agrees: bool) -> None:
    matricule = f"{number}{97 - int(number) % 97:02}"
    man = StrictTraits(gender="M", birth_date=Timestamp(born))
    assert disagreements(matricule, man) == (() if agrees else (Trait.BIRTH_DATE,))
    assert Trait.GENDER in disagreements(matricule, replace(man, gender="F"))


def test_nothing_is_said_of_a_matricule_whose_key_is_wrong() -> None:
    assert disagreements("285039900000194", replace(TRAITS, gender="M")) == ()


def test_what_a_matricule_contradicts_is_warned_of_and_blocks_nothing() -> None:
    found = agreement_findings(WOMAN, replace(TRAITS, gender="M", birth_cog="?"), where="PID-3")
    assert [one.code for one in found] == ["identity.ins_sex", "identity.cog_malformed"]
    assert all((one.severity, one.disposition) == (Severity.WARNING, Disposition.PUBLISH) for one in found)
    assert all(one.where == "PID-3" for one in found)


@pytest.mark.parametrize("cog", ["01001", "75056", "2A004", "2B033", "20004", "97105", "98718", "99100", "99999"])
def test_a_cog_code_is_recognised(cog: str) -> None:
    assert cog_is_well_formed(cog)


@pytest.mark.parametrize("cog", ["", "7505", "750560", "00001", "96001", "2C001", "PARIS", "75 56"])
def test_another_form_is_no_cog_code(cog: str) -> None:
    assert not cog_is_well_formed(cog)


def test_corsica_was_one_department_and_an_unknown_place_contradicts_none() -> None:
    assert places_agree("20004", "2A004")
    assert not places_agree("2B004", "2A004")
    assert not places_agree("20004", "2A005")
    assert not places_agree("20004", "2A104")
    assert places_agree("75056", "99999")
    assert is_abroad("99100")
    assert not is_abroad("75056")


@pytest.mark.parametrize(
    ("month", "day", "written", "conventional"),
    [
        (5, 17, "19400517", False),
        (5, None, "19400501", True),
        (None, 17, "19400117", True),
        (None, None, "19401231", True),
    ],
)
def test_an_unknown_day_or_month_has_its_conventional_date(
    month: int | None, day: int | None, written: str, conventional: bool
) -> None:
    read = interpreted_birth_date(1940, month, day)
    assert (read.value.value, read.conventional) == (written, conventional)


def test_a_date_that_cannot_be_is_not_mended() -> None:
    with pytest.raises(ValueError, match="day"):
        interpreted_birth_date(1940, 2, 30)
    assert has_unknown_part("00", "05")
    assert has_unknown_part("12", "00")
    assert not has_unknown_part("10", "10")


def test_only_a_qualified_identity_has_a_datamatrix() -> None:
    qualified = ins_datamatrix(Ins(WOMAN, INS_NIR_TEST, True), TRAITS)
    assert qualified.text == (
        "IS010000000000000000000000S1285039900000193S21.2.250.1.213.1.4.10S3HELENE ZOE\x1dS4TESTNAISSANCE\x1d"
        "S5FS612-03-1985S799000"
    )
    for ins in (None, Ins(WOMAN, INS_NIR_TEST, False)):
        made = ins_datamatrix(ins, TRAITS)
        assert made.text is None
        assert [one.code for one in made.findings] == ["identity.datamatrix_not_qualified"]


def test_the_last_value_has_no_separator_whatever_its_length() -> None:
    assert written((("S5", "F"), ("S4", "DUPONT"))) == "S5FS4DUPONT"
    assert written((("S4", "DUPONT"), ("S5", "F"))) == f"S4DUPONT{GS}S5F"


def test_a_value_at_its_greatest_length_has_no_separator() -> None:
    text = ins_datamatrix(Ins(WOMAN, INS_NIR, True), replace(TRAITS, birth_name="A" * 100)).text
    assert text is not None
    assert f"S21.2.250.1.213.1.4.8{GS}S3" in text
    assert f"S4{'A' * 100}S5F" in text


@pytest.mark.parametrize(
    "change",
    [
        {"birth_name": "Анна"},
        {"birth_name": "A" * 101},
        {"gender": "UN"},
        {"birth_date": Timestamp("1985")},
        {"birth_date": None},
        {"birth_name": None},
        {"birth_cog": "PARIS"},
        {"given_names": (), "first_given_name": None},
    ],
)
def test_a_trait_that_does_not_fit_gives_no_datamatrix(change: dict[str, object]) -> None:
    made = ins_datamatrix(Ins(WOMAN, INS_NIR, True), replace(TRAITS, **change))
    assert made.text is None
    assert [one.code for one in made.findings] == ["identity.datamatrix_trait"]


def test_every_rule_speaks_french_and_says_what_to_do_when_it_holds() -> None:
    for rule in RULES.values():
        assert rule.message.endswith((".", ")."))
        assert rule.remedy or rule.severity is Severity.INFO
