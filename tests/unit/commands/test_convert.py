"""`passeur convert` and `passeur validate`: files in, files out, and exit codes that say what may leave."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.unit.commands.shell import Said, demo_files, passeur
from tests.unit.engine.conversion_bench import installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    installation(tmp_path)
    return tmp_path


def converted(folder: Path, *arguments: str | Path) -> Said:
    return passeur(folder, "convert", *arguments, "-o", "out")


def told(folder: Path, name: str) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "out" / f"{name}.findings.json").read_text(encoding="utf-8"))
    return content


def test_each_document_gives_its_cda_its_copy_and_its_findings(folder: Path) -> None:
    said = converted(folder, *demo_files(1))
    assert said.code == 0, said.err
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {"01_biochimie.xml", "01_biochimie.pdf", "01_biochimie.findings.json"}
    assert (folder / "out" / "01_biochimie.xml").read_bytes().startswith(b"<?xml")
    assert (folder / "out" / "01_biochimie.pdf").read_bytes().startswith(b"%PDF-")
    assert (told(folder, "01_biochimie")["state"], told(folder, "01_biochimie")["version"]) == ("ready", 1)
    assert "01_biochimie.hpr" in said.out
    assert "peut partir" in said.out


@pytest.mark.parametrize(("number", "code", "state"), [(5, 3, "held"), (6, 4, "refuse")])
def test_the_exit_code_says_what_may_leave(folder: Path, number: int, code: int, state: str) -> None:
    (file,) = demo_files(number)
    assert converted(folder, *demo_files(1), file).code == code
    content = told(folder, file.stem)
    assert content["state"] == state
    assert content["findings"]


def test_a_correction_after_its_original_is_version_2(folder: Path) -> None:
    original, correction = demo_files(1, 4)
    assert converted(folder, original, correction).code == 0
    first, second = told(folder, original.stem), told(folder, correction.stem)
    assert (first["version"], second["version"]) == (1, 2)
    assert first["set_id"] == second["set_id"]
    assert str(first["unique_id"]).encode() in (folder / "out" / f"{correction.stem}.xml").read_bytes()


def test_a_program_reads_the_same_in_json(folder: Path) -> None:
    said = converted(folder, *demo_files(1, 5, 6), "--json")
    assert said.code == 4
    assert [(Path(one["file"]).stem, one["verdict"]) for one in said.json] == [
        ("01_biochimie", "publish"),
        ("05_non_valide", "hold"),
        ("06_tronque", "refuse"),
    ]


def test_the_tables_to_complete_are_summed_up_and_written(folder: Path) -> None:
    tests = folder / "laboratory" / "tables" / "tests.csv"
    kept = [line for line in tests.read_text(encoding="utf-8").splitlines() if not line.startswith(("NA;", "K;"))]
    tests.write_text("\n".join(kept) + "\n", encoding="utf-8")
    said = converted(folder, *demo_files(1, 4), "--coverage", folder / "reports" / "coverage.csv")
    assert said.code == 0
    assert "Documents : 2" in said.out
    assert "Résultats reliés à LOINC : " in said.out
    assert "Unités reliées à UCUM : " in said.out
    ranked = [line.split()[:2] for line in said.out.splitlines() if line.strip()[:1].isdigit() and "hpr" not in line]
    assert ranked[:2] == [["2", "K"], ["1", "NA"]]
    rows = list(csv.reader(io.StringIO((folder / "reports" / "coverage.csv").read_text("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["nature", "valeur", "libellé", "système", "résultats"]
    assert [(row[0], row[1], row[4]) for row in rows[1:3]] == [("code", "K", "2"), ("code", "NA", "1")]


def test_an_unknown_source_or_an_unwritable_folder_is_one_plain_line(folder: Path) -> None:
    source = converted(folder, *demo_files(1), "--source", "nulle-part")
    assert (source.code, len(source.err.splitlines())) == (1, 1)
    assert "nulle-part" in source.err
    (folder / "out").write_text("a file where the folder should be")
    unwritable = converted(folder, *demo_files(1))
    assert (unwritable.code, len(unwritable.err.splitlines())) == (1, 1)
    assert "écriture impossible" in unwritable.err


def test_documents_are_judged_in_the_form_asked_for(folder: Path) -> None:
    assert converted(folder, *demo_files(1)).code == 0
    sound = folder / "out" / "01_biochimie.xml"
    text = passeur(folder, "validate", sound)
    assert text.code == 0
    assert str(sound) in text.out
    torn = folder / "torn.xml"
    torn.write_bytes(sound.read_bytes()[:3000])
    judged = passeur(folder, "validate", sound, torn, "--format", "json")
    assert judged.code == 1
    assert [one["may_leave"] for one in judged.json] == [True, False]
    html = passeur(folder, "validate", torn, "-f", "html")
    assert html.code == 1
    assert html.out.lstrip().lower().startswith("<!doctype html>")
