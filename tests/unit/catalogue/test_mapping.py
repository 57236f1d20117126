"""A vendor fills the sheet in with its own kinds of documents, and hears of every mistake at once."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue.catalogue import catalogue, entries_of, entry
from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.kinds import entry_of_kind
from engine.catalogue.mapping import COLUMNS, mapping, mapping_sheet
from engine.errors import DocumentError
from engine.findings import Disposition, Severity
from engine.model.directory import HostKind


def read(*lines: str) -> tuple[tuple[HostKind, ...], list[tuple[str, str, str]]]:
    """The sheet of these lines, and (where, code, remedy) of each finding."""
    made, findings = mapping("\r\n".join(lines).encode(), "genres.csv")
    assert all((one.severity, one.disposition) == (Severity.ERROR, Disposition.REFUSE) for one in findings)
    return made, [(one.where, one.code, one.remedy) for one in findings]


def line_of(made: tuple[HostKind, ...], kind: str, profession: str, profile: str) -> CatalogueEntry:
    """What a host's kind is, for who makes it."""
    return entry_of_kind(made, kind, profession, profile)


def filled(kinds: dict[str, str]) -> bytes:
    """The sheet as the engine gives it out, filled in: key of a line → kind of the host."""
    rows = list(csv.reader(io.StringIO(mapping_sheet().decode("utf-8-sig")), delimiter=";"))
    for row in rows[1:]:
        row[0] = kinds.get("/".join(row[1:4]), "")
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    return stream.getvalue().encode()


def test_the_sheet_lists_the_whole_catalogue_with_a_column_to_fill_in() -> None:
    """R-DOC-01."""
    rows = list(csv.DictReader(io.StringIO(mapping_sheet().decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == COLUMNS
    assert [f"{row['profession']}/{row['profile']}/{row['doc_id']}" for row in rows] == [one.key for one in catalogue()]
    assert {row["host_kind"] for row in rows} == {""}


def test_the_sheet_of_one_profession_lists_its_documents_only() -> None:
    sheet = mapping_sheet(entries_of("pharmacien")).decode("utf-8-sig")
    assert len(sheet.splitlines()) == 1 + 7


def test_a_sheet_filled_in_is_read_back_whole() -> None:
    """R-DOC-01."""
    kinds = {one.key: f"Genre n° {rank}" for rank, one in enumerate(catalogue())}
    made, findings = mapping(filled(kinds), "genres.csv")
    assert findings == ()
    for one in catalogue():
        assert line_of(made, kinds[one.key], one.profession, one.profiles[0]) is one


def test_a_document_the_host_does_not_make_is_left_out() -> None:
    made, findings = mapping(filled({"medecin/general/presc-kine": " ORDO KINÉ "}), "genres.csv")
    assert (made, findings) == ((HostKind("ORDO KINÉ", "presc-kine", "medecin", "general"),), ())


def test_a_sheet_saved_by_a_spreadsheet_is_read() -> None:
    content = "host_kind,doc_id\r\nReçu,pai\r\n".encode("cp1252")
    assert mapping(content, "genres.csv") == ((HostKind("Reçu", "pai"),), ())


def test_every_problem_is_told_at_once_at_its_line_and_column() -> None:
    """R-DOC-01."""
    _, found = read(
        "host_kind;profession;profile;doc_id;notes",
        "Ordonnance;medecin;general;presc-produits-santé",
        "Kiné;medcin;general;presc-kine",
        "Courrier;medecin;;",
        "Lettre;medecin;generale;lettre-adressage",
        "Ordonnance;medecin;general;presc-biologie",
        ";medecin;general;n'importe quoi",
        "Carte;;general;carte-implant",
        "Rapide;;;trodd",
        "Bilan;pharmacien;all;bilan-ps",
    )
    assert [(where, code) for where, code, _ in found] == [
        ("genres.csv:1:5", "config.table_column"),
        ("genres.csv:2:4", "config.unknown_document"),
        ("genres.csv:3:2", "config.unknown_profession"),
        ("genres.csv:4:4", "config.cell_missing"),
        ("genres.csv:5:3", "config.unknown_profile"),
        ("genres.csv:6:1", "config.duplicate"),
        ("genres.csv:8:2", "config.cell_missing"),
        ("genres.csv:9:4", "config.unknown_document"),
        ("genres.csv:10:4", "config.unknown_document"),
    ]
    remedies = [remedy for _, _, remedy in found]
    assert remedies[0] == "Vouliez-vous dire « note » ?"
    assert remedies[1].startswith("Vouliez-vous dire « presc-produits-sante »")
    assert remedies[2] == "Vouliez-vous dire « medecin » ?"
    assert remedies[4] == "Vouliez-vous dire « general » ?"
    assert remedies[7] == "Vouliez-vous dire « trod » ?"
    assert remedies[8] == "Professions : medecin, sage-femme, paramedical."


@pytest.mark.parametrize("sheet", [b"host_kind;doc_id\r\n", b"host_kind;doc_id\r\n;pai\r\n", mapping_sheet()])
def test_a_sheet_that_maps_nothing_is_a_problem(sheet: bytes) -> None:
    """R-DOC-01: sent back as it was given out, it would map nothing in silence."""
    _, findings = mapping(sheet, "genres.csv")
    assert [one.code for one in findings] == ["config.mapping_empty"]


def test_a_sheet_without_its_columns_is_a_problem() -> None:
    _, found = read("genre;document", "Ordonnance;pai")
    assert [code for _, code, _ in found] == ["config.table_column"] * 4


def test_one_kind_may_be_one_document_for_each_profession() -> None:
    made, found = read(
        "host_kind;profession;profile;doc_id",
        "Bilan;medecin;;bilan-ps",
        "Bilan;pharmacien;all;bilan-medicamenteux",
        "Bilan;paramedical;orthoptiste;cr-bilan-fonctionnel",
        "Bilan;paramedical;ide|ipa;bilan-ps",
    )
    assert found == []
    assert line_of(made, "Bilan", "pharmacien", "all").doc_id == "bilan-medicamenteux"
    assert line_of(made, "Bilan", "paramedical", "orthoptiste").doc_id == "cr-bilan-fonctionnel"
    assert line_of(made, "Bilan", "paramedical", "ipa").doc_id == "bilan-ps"
    assert line_of(made, "Bilan", "medecin", "structure-exercice-coordonne").doc_id == "bilan-ps"


def test_a_row_of_the_profile_comes_before_one_of_the_profession_and_that_before_one_of_anybody() -> None:
    made, found = read(
        "host_kind;profession;profile;doc_id",
        "Ordo;;;plan-prevention",
        "Ordo;medecin;general;presc-produits-sante",
        "Ordo;medecin;prescription-structuree;presc-produits-sante-n3",
    )
    assert found == []
    assert line_of(made, "Ordo", "medecin", "prescription-structuree").doc_id == "presc-produits-sante-n3"
    assert line_of(made, "Ordo", "medecin", "general").doc_id == "presc-produits-sante"
    assert line_of(made, "Ordo", "pharmacien", "all").doc_id == "plan-prevention"


@pytest.mark.parametrize(
    "second", ["Ordo;medecin;general;presc-kine", "Ordo;medecin;;presc-kine", " Ordo ;medecin;;presc-produits-sante"]
)
def test_a_kind_given_twice_is_a_problem(second: str) -> None:
    _, found = read("host_kind;profession;profile;doc_id", "Ordo;medecin;general;presc-produits-sante", second)
    assert [(where, code) for where, code, _ in found] == [("genres.csv:3:1", "config.duplicate")]


def test_a_kind_given_twice_to_a_profile_of_two_lines_is_a_problem() -> None:
    _, found = read(
        "host_kind;profession;profile;doc_id", "X;paramedical;ide|ipa;bilan-ps", "X;paramedical;ipa;presc-biologie"
    )
    assert [code for _, code, _ in found] == ["config.duplicate"]


def test_a_kind_the_sheet_does_not_have_gets_the_nearest_one() -> None:
    made, _ = read("host_kind;doc_id", "ordonnance kiné;presc-kine")
    with pytest.raises(DocumentError) as caught:
        line_of(made, "ordonance kiné", "medecin", "general")
    assert caught.value.findings[0].remedy == "Vouliez-vous dire « ordonnance kiné » ?"


def test_a_kind_mapped_to_a_document_of_another_profession_is_refused_when_used() -> None:
    made, _ = read("host_kind;doc_id", "Bilan;bilan-medicamenteux")
    assert line_of(made, "Bilan", "pharmacien", "all") is entry("pharmacien", "all", "bilan-medicamenteux")
    with pytest.raises(DocumentError, match=r"catalogue\.unknown_document"):
        line_of(made, "Bilan", "medecin", "general")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_sheet_or_a_list_of_problems(content: bytes) -> None:
    made, findings = mapping(content, "genres.csv")
    assert made or findings


CELLS = st.sampled_from(["", "pai", "medecin", "general", "x", " pai ", "sage-femme", "all", '"', "trod"])


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4).map(";".join), max_size=6))
def test_whatever_is_read_without_a_problem_can_be_used(lines: list[str]) -> None:
    """Every kind read names a line of the catalogue."""
    made, findings = mapping("\r\n".join(["host_kind;profession;profile;doc_id", *lines]).encode(), "genres.csv")
    if not findings:
        for kind in made:
            lines_of = [one for one in catalogue() if one.doc_id == kind.doc_id]
            assert any(kind.profession in ("", one.profession) for one in lines_of)
