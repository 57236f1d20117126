"""routes.yaml: everything wrong at once, at its line and column, with what was probably meant."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from engine import app, registry
from engine.config.load import load

ROOT = Path(__file__).resolve().parents[3]
GOOD = (ROOT / "routes.yaml").read_text(encoding="utf-8")


def problems_of(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """Each problem as `passeur check` prints it."""
    file = tmp_path / "routes.yaml"
    file.write_text(text.replace("deploy/demo/", f"{ROOT}/deploy/demo/"), encoding="utf-8")
    _, problems = load(file, app.known_connectors(), tuple(registry.formats()), environ or {})
    return [str(problem) for problem in problems]


def place(text: str, needle: str) -> str:
    """`line:column` of the first occurrence of `needle`."""
    before = text[: text.index(needle)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_the_example_has_no_problem() -> None:
    installation, problems = app.configured(ROOT / "routes.yaml")
    assert problems == ()
    assert installation is not None
    assert [one.name for one in installation.destinations] == ["dmp", "medecins", "patient"]
    assert installation.laboratories[0].biologists["99900000029"].id is not None


def test_five_mistakes_give_five_findings_with_their_place_and_a_suggestion(tmp_path: Path) -> None:
    text = (
        GOOD.replace("poll_seconds: 0.5", "pol_seconds: 0.5")
        .replace("format: hprim", "format: hprin")
        .replace("type: dmp", "type: dpm")
        .replace("from: [depot, api]", "from: [depo, depot, api]")
        .replace("environment: test ", "environment: tset ")
    )
    found = problems_of(tmp_path, text)
    assert len(found) == 5, found
    for needle, suggestion in (
        ("environment: tset", "test"),
        ("pol_seconds", "poll_seconds"),
        ("type: dpm", "« dmp »"),
        ("depo, ", "« depot »"),
        ("format: hprin", "« hprim »"),
    ):
        line = next(one for one in found if one.startswith(f"routes.yaml:{place(text, needle)}:"))
        assert suggestion in line.partition(" — ")[2], line


def test_a_secret_in_clear_is_a_problem(tmp_path: Path) -> None:
    text = GOOD.replace("{file: deploy/demo/homologation.txt}", "12345")
    assert any("secret en clair" in one for one in problems_of(tmp_path, text))


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    text = GOOD.replace("{file: deploy/demo/homologation.txt}", "{env: HOMOLOGATION}")
    assert problems_of(tmp_path, text, {"HOMOLOGATION": "x"}) == []
    (only,) = problems_of(tmp_path, text)
    assert "HOMOLOGATION" in only


def test_a_missing_secret_file_names_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("homologation.txt", "nulle-part.txt")
    (only,) = problems_of(tmp_path, text)
    assert "nulle-part.txt" in only
    assert place(text, "homologation_number") in only


def test_one_sender_code_names_one_laboratory(tmp_path: Path) -> None:
    start, end = GOOD.index("  labo-fictif:"), GOOD.index("\nstructures:")
    second = GOOD[start:end].replace("labo-fictif:", "labo-deux:")
    found = problems_of(tmp_path, GOOD[:end] + "\n" + second + GOOD[end:])
    (first, *_) = (one for one in found if "désigne déjà" in one)
    assert first.endswith("un code ne désigne qu'un laboratoire")


def test_an_api_open_to_the_network_asks_for_a_key(tmp_path: Path) -> None:
    text = GOOD.replace("host: 127.0.0.1", "host: 0.0.0.0", 1)
    (only,) = problems_of(tmp_path, text)
    assert "demande une clé" in only


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("a: [1, 2\nb: 3", "syntaxe YAML"),
        ("environment: test\nenvironment: test\n", "clé en double"),
        ("", "option obligatoire absente"),
        ("- une\n- liste\n", "un groupe d'options"),
    ],
)
def test_a_file_that_is_no_configuration_says_where(tmp_path: Path, broken: str, words: str) -> None:
    found = problems_of(tmp_path, broken)
    assert words in " ".join(found)
    assert all(re.match(r"routes\.yaml:\d+:\d+: ", one) for one in found)


def test_a_source_without_a_route_is_said(tmp_path: Path) -> None:
    text = GOOD.replace("from: [depot, api]", "from: [api]")
    (only,) = problems_of(tmp_path, text)
    assert "aucune route ne part de la source « depot »" in only


def test_an_unknown_biologist_by_default_is_said(tmp_path: Path) -> None:
    text = GOOD.replace('default_biologist: "99900000029"', 'default_biologist: "99900000028"')
    (only,) = problems_of(tmp_path, text)
    assert "default_biologist" in only
    assert "99900000029" in only


def test_problems_of_a_table_are_said_at_their_line_in_the_table(tmp_path: Path) -> None:
    table = tmp_path / "tests.csv"
    table.write_text("local_code;loinc\nGLU;40193-6\n", encoding="utf-8")
    text = GOOD.replace("tests: deploy/demo/tables/tests.csv", f"tests: {table}")
    assert any("tests.csv:2:" in one for one in problems_of(tmp_path, text)), os.fspath(table)


def test_receipts_go_to_a_destination_that_can_carry_them(tmp_path: Path) -> None:
    text = GOOD.replace("    format: hprim\n", "    format: hprim\n    receipts: dmp\n")
    (told,) = problems_of(tmp_path, text)
    assert "ne sait pas porter d'accusés de réception" in told
    unknown = GOOD.replace("    format: hprim\n", "    format: hprim\n    receipts: dmpp\n")
    assert "destination inconnue « dmpp »" in problems_of(tmp_path, unknown)[0]
