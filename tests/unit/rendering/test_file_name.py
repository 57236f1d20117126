from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.document import ClinicalDocument
from engine.model.values import Identifier, Timestamp
from engine.rendering.file_name import file_name, type_label
from tests.unit.rendering import situations

PATTERN = re.compile(r"[0-9]{4,8}_[A-Za-z0-9-]{1,40}_[A-Z0-9-]{1,50}_[A-Za-z0-9-]{1,50}(_[A-Za-z0-9-]{1,60})?")


def of(birth_name: str | None = "TESTNAISSANCE", given_name: str | None = "Hélène", **more: object) -> ClinicalDocument:
    document = situations.biochemistry()
    patient = replace(document.patient, birth_name=birth_name, first_given_name=given_name)
    return replace(document, patient=patient, **more)


def test_the_name_follows_the_mssante_rule() -> None:
    assert file_name(of()) == "20250310_Compte-rendu-d-examens-biologiques_TESTNAISSANCE_Helene_DEM0001"


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("d'Œuvré-Çelik", "D-OEUVRE-CELIK"),
        ("O’NÉILL", "O-NEILL"),
        ("LE  GOFF", "LE-GOFF"),
        ("Straße Łódź", "STRASSE-LODZ"),
        ("../../etc/passwd", "ETC-PASSWD"),
        ("A_B", "A-B"),
        ("日本", "INCONNU"),
        (None, "FICTIVE"),
    ],
)
def test_accents_and_apostrophes_become_ascii(sent: str | None, written: str) -> None:
    assert file_name(of(sent)).split("_")[2] == written


def test_names_of_eighty_characters_stay_within_the_pattern() -> None:
    name = file_name(of("É" * 80, "Zoé-" * 20, title="Compte rendu " * 10))
    assert PATTERN.fullmatch(name)
    assert len(name) <= 212


def test_without_a_request_number_the_last_part_is_left_out() -> None:
    document = of()
    name = file_name(replace(document, act=replace(document.act, id=None)))
    assert name == "20250310_Compte-rendu-d-examens-biologiques_TESTNAISSANCE_Helene"


def test_two_requests_of_one_day_have_two_names() -> None:
    document = of()
    other = replace(document, act=replace(document.act, id=Identifier("2.25.2003", "DEM0002")))
    assert file_name(document) != file_name(other)


def test_a_date_is_never_completed() -> None:
    document = of()
    assert file_name(replace(document, act=replace(document.act, start=Timestamp("202503")))).startswith("202503_")


def test_the_type_is_at_most_forty_characters() -> None:
    assert len(type_label(of(title="x" * 80))) == 40
    assert type_label(of()) == "Compte rendu d'examens biologiques"


@given(st.text(max_size=90), st.text(max_size=90), st.text(max_size=90), st.text(max_size=90))
def test_any_text_gives_a_name_within_the_pattern(family: str, given_name: str, title: str, number: str) -> None:
    document = of(family, given_name, title=title)
    named = file_name(replace(document, act=replace(document.act, id=Identifier("2.25.1", number))))
    assert PATTERN.fullmatch(named)
