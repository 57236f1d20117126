"""The tables of classes and formats, and the content type of an encounter."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from engine.xds import codes

CATALOGUE = Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "document_catalogue.csv"
VALUE_SETS = Path(__file__).resolve().parents[3] / ".." / "shared" / "ans" / "TestContenuCDA-3-0" / "jeuxDeValeurs"
WITHOUT_CLASS: frozenset[str] = frozenset()
"""Types of the value set that ASS_X04 (version 20240426120000) does not classify and that we do not either: the implant
card (101881-1) is filed as a report, class 10, until it says otherwise."""


@pytest.mark.parametrize(
    ("type_code", "expected"), [("11502-2", "10"), ("60591-5", "11"), ("PRESC-BIO", "42"), ("87273-9", "52")]
)
def test_a_type_has_its_class(type_code: str, expected: str) -> None:
    found = codes.class_code(type_code)
    assert found is not None
    assert (found.code, found.system) == (expected, "1.2.250.1.213.1.1.4.1")
    assert found.display


def test_an_unknown_type_has_no_class() -> None:
    assert codes.class_code("0000-0") is None


def test_a_media_type_has_its_format() -> None:
    found = codes.format_code("application/pdf")
    assert found is not None
    assert (found.code, found.system) == ("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3")


@pytest.mark.parametrize(
    ("encounter", "expected"), [("IMP", "03"), ("AMB", "07"), ("EMER", "07"), ("VR", "97"), (None, "97"), ("", "97")]
)
def test_an_encounter_has_its_content_type(encounter: str | None, expected: str) -> None:
    assert codes.content_type_code(encounter).code == expected


@pytest.mark.skipif(not CATALOGUE.exists(), reason="le catalogue n'est pas à côté du projet")
def test_every_document_of_the_catalogue_has_a_class_and_a_format() -> None:
    with CATALOGUE.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    for row in rows:
        if row["type_code"] not in WITHOUT_CLASS:
            assert codes.class_code(row["type_code"]) is not None, row["type_code"]
        for template in row["cda_template"].split("|"):
            key = "application/pdf" if template == "1.3.6.1.4.1.19376.1.2.20" else template
            found = codes.format_code(key)
            assert found is not None, template
            assert found.code in row["format_code"].split("|")


@pytest.mark.skipif(not VALUE_SETS.is_dir(), reason="les jeux de valeurs ANS ne sont pas à côté du projet")
def test_every_type_of_the_official_value_set_has_a_class() -> None:
    from lxml import etree

    found = etree.parse(str(VALUE_SETS / "JDV_J07_XdsTypeCode_CISIS.xml"))
    types = {str(one.get("code")) for one in found.iter("{urn:ihe:iti:svs:2008}Concept")} - {"E1762"}
    assert {one for one in types if codes.class_code(one) is None} == WITHOUT_CLASS
