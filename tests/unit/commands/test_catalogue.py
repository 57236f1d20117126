"""`passeur catalogue`: the documents, the sheet of a vendor, who does what."""

from __future__ import annotations

from pathlib import Path

from engine.catalogue.catalogue import catalogue, entries_of
from tests.unit.commands.shell import passeur


def test_the_documents_are_shown_with_what_is_built(tmp_path: Path) -> None:
    shown = passeur(tmp_path, "catalogue", "--profession", "pharmacien")
    assert shown.code == 0
    for one in entries_of("pharmacien"):
        assert one.doc_id in shown.out
    wrong = passeur(tmp_path, "catalogue", "--profession", "pharmaciens")
    assert wrong.code == 1
    assert "« pharmacien »" in wrong.err


def test_a_sheet_is_written_filled_in_and_checked(tmp_path: Path) -> None:
    sheet = tmp_path / "genres.csv"
    written = passeur(tmp_path, "catalogue", "--sheet", str(sheet))
    assert written.code == 0
    assert f"{len(catalogue())} lignes" in written.out
    empty = passeur(tmp_path, "catalogue", "--check", str(sheet))
    assert (empty.code, "Aucun genre" in empty.out) == (1, True)
    text = sheet.read_text(encoding="utf-8-sig")
    filled = text.replace(";medecin;general;lettre-adressage", "COURRIER;medecin;general;lettre-adressage")
    sheet.write_text(filled, encoding="utf-8")
    assert "1 genres reliés" in passeur(tmp_path, "catalogue", "--check", str(sheet)).out
    sheet.write_text(filled.replace("general;lettre-adressage", "general;letre"), encoding="utf-8")
    wrong = passeur(tmp_path, "catalogue", "--check", str(sheet))
    assert wrong.code == 1
    assert wrong.out.startswith("genres.csv:")
    assert passeur(tmp_path, "catalogue", "--check", "nowhere.csv").code == 1


def test_who_does_what_is_told(tmp_path: Path) -> None:
    told = passeur(tmp_path, "catalogue", "--delegation")
    assert told.code == 0
    assert "votre logiciel" in told.out.lower()
    assert "SC.DMP" in told.out
