"""Keys of the API in routes.yaml: least rights, changed without a stop, and every mistake told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import app
from engine.config.problems import Problem
from engine.route import Api, Right
from tests.routes.installation import routes_text

LONG = "0123456789abcdef"


def loaded(folder: Path, keys: str) -> tuple[Api | None, tuple[Problem, ...]]:
    text = routes_text(folder, "https://localhost:1/", 1).replace("  host: 127.0.0.1\n", f"  host: 127.0.0.1\n{keys}")
    file = folder / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    installation, problems = app.configured(file)
    return installation.api if installation else None, problems


def test_a_key_opens_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW", LONG)
    monkeypatch.setenv("OLD", LONG[::-1])
    (tmp_path / "secret").write_text(f"{LONG}-of-the-site\n", encoding="utf-8")
    keys = """  keys:
    logiciel: {key: {env: NEW}, previous_key: {env: OLD}, structure: cabinet-fictif, rights: [documents, orders]}
    site: {key: {file: secret}, rights: [admin, state], calls_per_minute: 30}
"""
    api, problems = loaded(tmp_path, keys)
    assert problems == ()
    assert api is not None
    software, site = api.keys
    assert software.secrets == (LONG, LONG[::-1])
    assert (software.structure, software.rights) == ("cabinet-fictif", {Right.DOCUMENTS, Right.ORDERS})
    assert (site.calls_per_minute, site.structure) == (30, "")
    assert api.key == f"{LONG}-of-the-site", "the command line calls with the site's own key"
    assert LONG not in repr(api)


def test_every_mistake_is_told_at_its_line_and_no_key_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT", "trop-court")
    monkeypatch.setenv("TWICE", LONG)
    monkeypatch.delenv("ABSENT", raising=False)
    keys = """  keys:
    une: {key: {env: SHORT}, rights: [state]}
    deux: {key: {env: TWICE}, structure: cabinet-fictf, rights: [documents]}
    trois: {key: {env: TWICE}, structure: cabinet-fictif, rights: [documents, admin]}
    quatre: {key: en-clair-dans-le-fichier, rights: [state]}
    cinq: {key: {env: ABSENT}, rights: [tout]}
"""
    api, problems = loaded(tmp_path, keys)
    assert api is None
    told = [str(one) for one in problems]
    for wanted in ("secret en clair", "variable d'environnement absente : ABSENT", "choix possibles : 'documents'"):
        assert any(wanted in one for one in told), (wanted, told)
    assert all(one.startswith("routes.yaml:") for one in told)
    assert not any(LONG in one or "trop-court" in one or "en-clair-dans" in one for one in told)
    mended = (
        keys.replace("en-clair-dans-le-fichier", "{env: TWICE}").replace("[tout]", "[state]").replace("ABSENT", "SHORT")
    )
    _, problems = loaded(tmp_path, mended)
    told = [one.message for one in problems]
    assert "structure inconnue « cabinet-fictf »" in told
    assert "le droit « admin » ouvre toute l'installation, cette clé est celle d'une structure" in told
    assert told.count("cette clé est déjà celle de « deux »") == 1
    assert any(one.startswith("clé trop courte") for one in told)


def test_an_api_open_to_the_network_has_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", LONG)
    text = routes_text(tmp_path, "https://localhost:1/", 1).replace("host: 127.0.0.1", "host: 0.0.0.0")
    file = tmp_path / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    assert any("demande une clé" in one.message for one in app.configured(file)[1])
    keys = "host: 0.0.0.0\n  keys: {a: {key: {env: K}, rights: [state]}}"
    file.write_text(text.replace("host: 0.0.0.0", keys), encoding="utf-8")
    assert app.configured(file)[1] == ()
