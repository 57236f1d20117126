"""`passeur check`: everything wrong at once, where it is, and an exit code that a program can trust."""

from __future__ import annotations

import re
from pathlib import Path

from tests.routes.installation import ROOT
from tests.unit.commands.shell import passeur

GOOD = (ROOT / "routes.yaml").read_text(encoding="utf-8").replace("deploy/demo/", f"{ROOT}/deploy/demo/")
FIVE = (
    GOOD.replace("poll_seconds: 0.5", "pol_seconds: 0.5")
    .replace("format: hprim", "format: hprin")
    .replace("type: dmp", "type: dpm")
    .replace("from: [depot, api]", "from: [depo, depot, api]")
    .replace("environment: test ", "environment: tset ")
)


def routes(folder: Path, text: str) -> None:
    (folder / "routes.yaml").write_text(text, encoding="utf-8")


def test_a_sound_file_is_said_to_be_so(tmp_path: Path) -> None:
    routes(tmp_path, GOOD)
    said = passeur(tmp_path, "check")
    assert (said.code, said.err) == (0, "")
    assert "aucun problème" in said.out
    assert passeur(tmp_path, "check", "--json").json == []


def test_five_mistakes_are_five_lines_and_exit_1(tmp_path: Path) -> None:
    routes(tmp_path, FIVE)
    said = passeur(tmp_path, "check")
    lines = said.out.splitlines()
    assert (said.code, len(lines)) == (1, 5)
    assert all(re.match(r"routes\.yaml:\d+:\d+: \S", line) for line in lines), lines
    told = passeur(tmp_path, "check", "--json")
    assert (told.code, len(told.json)) == (1, 5)


def test_no_command_starts_on_a_configuration_with_mistakes(tmp_path: Path) -> None:
    routes(tmp_path, FIVE)
    for command in (("run",), ("messages",), ("convert", ROOT / "routes.yaml")):
        said = passeur(tmp_path, *command)
        assert (said.code, said.out) == (1, "")
        assert len(said.err.splitlines()) == 5
        assert not (tmp_path / "var").exists()


def test_a_file_that_is_not_there_or_not_text_is_one_plain_line(tmp_path: Path) -> None:
    missing = passeur(tmp_path, "check")
    assert (missing.code, len(missing.err.splitlines())) == (1, 1)
    assert "introuvable" in missing.err
    (tmp_path / "routes.yaml").write_bytes(b"# \xe0 relire\n" + GOOD.encode())
    garbled = passeur(tmp_path, "messages")
    assert (garbled.code, len(garbled.err.splitlines())) == (1, 1)
    assert "UTF-8" in garbled.err


def test_the_schema_of_the_file_is_written_for_editors(tmp_path: Path) -> None:
    schema = passeur(tmp_path, "check", "--schema").json
    assert schema["type"] == "object"
    assert "routes" in schema["properties"]
