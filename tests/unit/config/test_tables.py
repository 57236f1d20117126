"""CSV tables of a laboratory: read as written, every fault told at its line and column."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import tables
from engine.findings import Finding
from engine.model.directory import MappedTest
from engine.model.parties import INS_NIR_TEST
from engine.model.values import Code, Timestamp

HEAD = (
    "local_code;local_label;specimen;unit_sent;loinc;loinc_display;unit_ucum;value_kind;chapter;valid_from;valid_to\n"
)
GLU = "GLU;Glucose;;g/L;53049-3;Glucose [Masse/Volume];g/L;quantity;18719-5;2025-01-01;\n"
IDENTITY_HEAD = "ipp;matricule;oid;birth_name;birth_given_names;birth_date;gender;birth_cog;used_name;used_given_name\n"
IDENTITY = f"IPP1;285039900000193;{INS_NIR_TEST};FICTIVE;Hélène Marie;12/03/1985;F;99100;MARTIN;\n"


def places(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in found]


def of_tests(text: str) -> tuple[tuple[MappedTest, ...], tuple[Finding, ...]]:
    return tables.tests(text.encode(), "tests.csv")


def test_a_line_of_the_tests_table_is_read_whole() -> None:
    (line,), found = of_tests(HEAD + GLU)
    assert found == ()
    assert line == MappedTest(
        local_code="GLU",
        local_label="Glucose",
        unit_sent="g/L",
        loinc="53049-3",
        loinc_display="Glucose [Masse/Volume]",
        unit_ucum="g/L",
        value_kind="quantity",
        chapter="18719-5",
        valid_from=date(2025, 1, 1),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_usual_encodings_and_line_ends_are_read(encoding: str, end: str) -> None:
    text = f"local_code;loinc;loinc_display{end}CREA;14682-9;Créatinine{end}"
    (line,), found = tables.tests(text.encode(encoding), "tests.csv")
    assert (line.loinc_display, found) == ("Créatinine", ())


def test_commas_may_part_the_columns() -> None:
    (line,), found = of_tests('loinc,local_code,loinc_display\n14682-9,CREA,"Créatinine, sérum"\n')
    assert (line.local_code, line.loinc_display, found) == ("CREA", "Créatinine, sérum", ())


def test_blank_lines_and_a_code_without_loinc_are_allowed() -> None:
    lines, found = of_tests("local_code;loinc\n\nX;\n;\n")
    assert ([line.local_code for line in lines], lines[0].loinc, found) == (["X"], None, ())


def test_every_fault_is_told_at_once_where_it_stands() -> None:
    _, found = of_tests(
        HEAD + "GLU;;;;53049-4;Glucose;µmol/L;nombre;18719-6;2025-02-30;\n" + ";;;;53049-3;;;;;2025-12-31;2025-01-01\n"
    )
    assert set(places(found)) == {
        ("tests.csv:2:5", "config.loinc"),
        ("tests.csv:2:7", "config.ucum"),
        ("tests.csv:2:8", "config.value_kind"),
        ("tests.csv:2:9", "config.loinc"),
        ("tests.csv:2:10", "config.date"),
        ("tests.csv:3:1", "config.cell_missing"),
        ("tests.csv:3:6", "config.cell_missing"),
        ("tests.csv:3:11", "config.dates"),
    }


@pytest.mark.parametrize("code", ["53049-3", "40193-5", "2345-7", "14682-9", "718-7", "4544-3", "101792-0"])
def test_a_loinc_code_has_a_key(code: str) -> None:
    number, _, key = code.partition("-")
    assert tables.loinc_is_valid(code)
    assert not any(tables.loinc_is_valid(f"{number}-{other}") for other in range(10) if str(other) != key)


@pytest.mark.parametrize("code", ["", "53049", "53049-", "A-1", "53049-33", " 53049-3", "LP7057-5"])
def test_anything_else_is_no_loinc_code(code: str) -> None:
    assert not tables.loinc_is_valid(code)


def test_the_same_code_unit_and_specimen_may_not_be_said_twice() -> None:
    _, found = of_tests(HEAD + GLU + GLU.replace("53049-3", "2345-7").replace("GLU;", " GLU ;"))
    assert places(found) == [("tests.csv:3:1", "config.duplicate")]
    assert "ligne 2" in found[0].message


def test_periods_that_do_not_meet_are_two_lines() -> None:
    old = GLU.replace("2025-01-01;", "2020-01-01;31/12/2024")
    lines, found = of_tests(HEAD + old + GLU)
    assert (len(lines), found) == (2, ())
    _, found = of_tests(HEAD + old.replace("31/12/2024", "20250101") + GLU)
    assert [finding.code for finding in found] == ["config.duplicate"]


def test_another_unit_is_no_duplicate() -> None:
    _, found = of_tests(HEAD + GLU + GLU.replace(";g/L;", ";mmol/L;", 1))
    assert found == ()


def test_columns_are_checked_with_a_suggestion() -> None:
    _, found = of_tests("local_code;lonc;local_code\nX;1;2\n")
    assert places(found) == [
        ("tests.csv:1:2", "config.table_column"),
        ("tests.csv:1:3", "config.table_column"),
        ("tests.csv:1:1", "config.table_column"),
    ]
    assert "« loinc »" in found[0].remedy


def test_a_line_longer_than_the_table_is_told() -> None:
    _, found = of_tests("local_code;loinc\nX;;trop\n")
    assert places(found) == [("tests.csv:2:3", "config.table_cells")]


def test_a_broken_quotation_is_told_and_what_came_before_is_read() -> None:
    lines, found = of_tests('local_code;loinc\nX;\n"Y"z;\nZ;\n')
    assert [line.local_code for line in lines] == ["X"]
    assert places(found) == [("tests.csv:3:1", "config.table_syntax")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_table_is_told(content: bytes) -> None:
    lines, found = tables.tests(content, "tests.csv")
    assert (lines, places(found)) == ((), [("tests.csv:1:1", "config.table_empty")])


def test_a_sign_in_no_encoding_is_told_at_its_line() -> None:
    _, found = tables.tests(b"local_code;loinc\nA;\nB\x81\xe9;\n", "tests.csv")
    assert places(found) == [("tests.csv:3:1", "config.table_encoding")]


def test_values_are_read_and_checked() -> None:
    text = "local_code;code;system;display\nECO;112283007;2.16.840.1.113883.6.96;Escherichia coli\n"
    (line,), found = tables.values(text.encode(), "values.csv")
    assert line.code == Code("112283007", "2.16.840.1.113883.6.96", "Escherichia coli")
    assert found == ()
    _, found = tables.values((text + "ECO;1;SNOMED;x\n;;2.16;y\n").encode(), "values.csv")
    assert set(places(found)) == {
        ("values.csv:3:1", "config.duplicate"),
        ("values.csv:3:3", "config.oid"),
        ("values.csv:4:1", "config.cell_missing"),
        ("values.csv:4:2", "config.cell_missing"),
    }


def test_units_are_read_and_checked() -> None:
    found_units, found = tables.units("unit_sent;unit_ucum\nUI/L;U/L\nµg;ug\n".encode(), "units.csv")
    assert (dict(found_units), found) == ({"UI/L": "U/L", "µg": "ug"}, ())
    _, found = tables.units(b"unit_sent;unit_ucum\nUI/L;U / L\nUI/L;U/L\nX;\n", "units.csv")
    assert set(places(found)) == {
        ("units.csv:2:2", "config.ucum"),
        ("units.csv:3:1", "config.duplicate"),
        ("units.csv:4:2", "config.cell_missing"),
    }


def test_an_identity_is_read_whole_and_counts_as_qualified() -> None:
    known, found = tables.identities((IDENTITY_HEAD + IDENTITY).encode(), "identities.csv")
    assert found == ()
    one = known["IPP1"]
    assert (one.ins.matricule, one.ins.oid, one.ins.qualified) == ("285039900000193", INS_NIR_TEST, True)
    assert (one.birth_name, one.birth_given_names, one.birth_date) == (
        "FICTIVE",
        ("Hélène", "Marie"),
        Timestamp("19850312"),
    )
    assert (one.gender, one.birth_cog, one.used_name, one.used_given_name) == ("F", "99100", "MARTIN", None)


@pytest.mark.parametrize(
    ("before", "after", "place", "code"),
    [
        ("285039900000193", "285039900000194", "identities.csv:2:2", "config.ins_invalid"),
        (";F;", ";M;", "identities.csv:2:2", "config.ins_traits_inconsistent"),
        ("12/03/1985", "12/04/1985", "identities.csv:2:2", "config.ins_traits_inconsistent"),
        ("12/03/1985", "31/02/1985", "identities.csv:2:6", "config.date"),
        (INS_NIR_TEST, "1.2.250.1.213.1.4.2", "identities.csv:2:3", "config.ins_oid"),
        (";F;", ";X;", "identities.csv:2:7", "config.gender"),
        ("99100", "Paris", "identities.csv:2:8", "config.cog"),
        ("FICTIVE", "", "identities.csv:2:4", "config.cell_missing"),
    ],
)
def test_an_identity_with_a_fault_is_never_known(before: str, after: str, place: str, code: str) -> None:
    text = IDENTITY_HEAD + IDENTITY.replace(before, after)
    known, found = tables.identities(text.encode(), "identities.csv")
    assert (place, code) in places(found)
    assert known == {}


def test_a_fault_of_an_identity_holds_none_of_it() -> None:
    text = IDENTITY_HEAD + IDENTITY.replace(";F;", ";M;") + IDENTITY.replace("285039900000193", "1")
    _, found = tables.identities(text.encode(), "identities.csv")
    assert len(found) >= 3
    for finding in found:
        for secret in ("FICTIVE", "Hélène", "2850399", "1985", "IPP1", "MARTIN"):
            assert secret not in finding.message + finding.remedy + finding.where


def test_two_identities_under_one_ipp_are_told() -> None:
    _, found = tables.identities((IDENTITY_HEAD + IDENTITY + IDENTITY).encode(), "identities.csv")
    assert places(found) == [("identities.csv:3:1", "config.duplicate")]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_raising(content: bytes) -> None:
    for read in (tables.tests, tables.values, tables.units, tables.identities):
        read(content, "t.csv")


CELLS = st.text(alphabet='aé"; ,\n\r\x00-1/', max_size=12)


@given(st.lists(CELLS, max_size=30))
def test_any_lines_under_a_good_heading_are_read_without_raising(cells: list[str]) -> None:
    for head, read in ((HEAD, tables.tests), (IDENTITY_HEAD, tables.identities)):
        read((head + ";".join(cells)).encode(), "t.csv")
