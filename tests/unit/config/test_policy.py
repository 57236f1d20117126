"""The choices of a laboratory about findings are checked: a code mistyped must not pass for a choice made."""

from __future__ import annotations

from pathlib import Path

from tests.unit.config.test_load import GOOD, place, problems_of


def checked(tmp_path: Path, *choices: str) -> list[str]:
    chosen = "".join(f"      {choice}\n" for choice in choices)
    text = GOOD.replace("    tables:  ", f"    policy:\n{chosen}    tables:  ")
    return [one.removeprefix(f"routes.yaml:{place(text, choices[0])}: ") for one in problems_of(tmp_path, text)]


def test_choices_a_laboratory_may_make_are_taken(tmp_path: Path) -> None:
    choices = (
        "pdf.not_pdfa: publish",
        "merge.fewer_results: publish",
        "hprim.truncated: refuse",
        "hl7v2.test_mode: hold",
    )
    assert checked(tmp_path, *choices) == []


def test_an_unknown_finding_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    assert checked(tmp_path, "pdf.not_pfda: publish") == [
        "constat inconnu, ou qui ne se règle pas « pdf.not_pfda » — vouliez-vous dire « pdf.not_pdfa » ?"
    ]


def test_an_unknown_finding_near_to_none_is_told_with_those_of_its_area(tmp_path: Path) -> None:
    (told,) = checked(tmp_path, "merge.x: publish")
    assert "merge.carried_over" in told
    assert "hprim." not in told


def test_what_belongs_to_no_laboratory_is_not_a_choice(tmp_path: Path) -> None:
    (told,) = checked(tmp_path, "identity.differs_from_previous_version: publish")
    assert told.startswith("constat inconnu, ou qui ne se règle pas")


def test_a_choice_that_would_loosen_what_nobody_may_loosen_is_told(tmp_path: Path) -> None:
    assert checked(tmp_path, "hprim.truncated: publish") == [
        "le constat « hprim.truncated » ne peut pas être assoupli — au moins « refuse »"
    ]


def test_the_choices_of_a_route_are_checked_as_well(tmp_path: Path) -> None:
    text = GOOD.replace("    format: hprim\n", "    format: hprim\n    policy: {pdf.not_pfda: publish}\n")
    (told,) = problems_of(tmp_path, text)
    assert "vouliez-vous dire « pdf.not_pdfa » ?" in told
