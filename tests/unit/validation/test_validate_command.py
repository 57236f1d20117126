"""`passeur validate`: one report on the standard output, or one file per document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from lxml import etree
from typer.testing import CliRunner, Result

from engine.commands import files
from tests.unit.validation.samples import CR_BIO, given
from tests.unit.validation.test_report import SVRL


@pytest.fixture
def documents(tmp_path: Path) -> tuple[Path, Path]:
    """A sound document and a faulty one, of the same name."""
    sound, faulty = tmp_path / "un" / "cr.xml", tmp_path / "deux" / "cr.xml"
    for path, content in ((sound, CR_BIO), (faulty, given("/*/cda:realmCode", "code", "US"))):
        path.parent.mkdir()
        path.write_bytes(content)
    return sound, faulty


command = typer.Typer()
command.command()(files.validate)


def validate(tmp_path: Path, *arguments: object) -> Result:
    return CliRunner().invoke(command, ["--home", str(tmp_path / "home"), *map(str, arguments)])


def test_an_svrl_report_comes_on_the_standard_output(documents: tuple[Path, Path], tmp_path: Path) -> None:
    result = validate(tmp_path, documents[1], "-f", "svrl")
    assert result.exit_code == 1
    report = etree.fromstring(result.stdout.encode())
    assert SVRL.validate(report), SVRL.error_log
    assert "passeur.realm" in report.xpath("//@id")


@pytest.mark.parametrize("form", ["svrl", "html"])
def test_reports_that_speak_of_one_document_are_not_run_together(
    documents: tuple[Path, Path], tmp_path: Path, form: str
) -> None:
    result = validate(tmp_path, *documents, "-f", form)
    assert result.exit_code == 1
    assert "--output" in result.output
    assert "<" not in result.stdout


@pytest.mark.parametrize(
    ("form", "suffix"), [("svrl", "svrl.xml"), ("html", "html"), ("json", "json"), ("text", "txt")]
)
def test_each_document_has_its_report_in_the_folder(
    documents: tuple[Path, Path], tmp_path: Path, form: str, suffix: str
) -> None:
    out = tmp_path / "rapports"
    result = validate(tmp_path, *documents, "-f", form, "-o", out)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert sorted(path.name for path in out.iterdir()) == [f"cr-2.report.{suffix}", f"cr.report.{suffix}"]
    first, second = ((out / f"{stem}.report.{suffix}").read_text(encoding="utf-8") for stem in ("cr", "cr-2"))
    assert "passeur.realm" not in first
    assert "passeur.realm" in second
    if form == "json":
        assert [one["may_leave"] for text in (first, second) for one in json.loads(text)] == [True, False]
