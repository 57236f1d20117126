"""Installing, choosing and verifying the official pack; refusing what is not one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.findings import Severity
from engine.validation import pack as packs
from engine.validation.layers import PROFILES
from tests.unit.validation.packs import small_pack, zipped


def test_a_folder_is_installed_with_what_validation_needs_and_nothing_else(tmp_path: Path) -> None:
    pack = packs.install(small_pack(tmp_path / "source"), tmp_path / "home")
    assert pack.path == tmp_path / "home" / "packs" / pack.version
    assert (pack.path / "infrastructure/cda/CDA_extended.xsd").is_file()
    assert not (pack.path / "ExemplesCDA").exists()
    assert not (pack.path / "schematrons/moteur").exists()
    assert not (pack.path / "schematrons/notes.txt").exists()
    assert packs.current(tmp_path / "home") == pack
    assert packs.installed(tmp_path / "home") == (pack,)
    assert packs.verify(pack) == ()


def test_what_the_pack_lacks_is_said_and_the_vocabulary_rebuilt(tmp_path: Path) -> None:
    pack = packs.install(small_pack(tmp_path / "source"), tmp_path / "home")
    said = {problem.code for problem in pack.problems}
    assert said == {"pack.empty_value_set", "pack.rebuilt_vocabulary", "pack.missing_include"}
    rebuilt = pack.path / "schematrons/profils/structurationMinimale/include/voc-1.2.9-DYNAMIC.xml"
    assert 'code="K"' in rebuilt.read_text(encoding="utf-8")


def test_an_absent_profile_is_an_error_of_the_pack(tmp_path: Path) -> None:
    source = small_pack(tmp_path / "source")
    (source / PROFILES["ihe"]).unlink()
    problems = packs.install(source, tmp_path / "home").problems
    assert [p.where for p in problems if p.severity is Severity.ERROR] == [PROFILES["ihe"]]


def test_an_archive_and_its_folder_give_the_same_content(tmp_path: Path) -> None:
    source = small_pack(tmp_path / "source")
    archive = zipped(source, tmp_path / "pack.zip", prefix="Depot-main/")
    one = packs.install(source, tmp_path / "home")
    two = packs.install(archive, tmp_path / "home")
    assert one.hash == two.hash
    assert one.version != two.version
    assert packs.current(tmp_path / "home") == one
    assert packs.use(two.version, tmp_path / "home") == two
    assert packs.current(tmp_path / "home") == two


def test_installing_twice_is_installing_once(tmp_path: Path) -> None:
    source = small_pack(tmp_path / "source")
    assert packs.install(source, tmp_path / "home") == packs.install(source, tmp_path / "home")
    assert len(packs.installed(tmp_path / "home")) == 1
    assert not list((tmp_path / "home" / "packs").glob(".incoming*"))


def test_a_file_changed_removed_or_added_is_seen(tmp_path: Path) -> None:
    pack = packs.install(small_pack(tmp_path / "source"), tmp_path / "home")
    (pack.path / PROFILES["ans"]).write_text("<x/>", encoding="utf-8")
    (pack.path / PROFILES["mc"]).unlink()
    (pack.path / "schematrons/intrus.sch").write_text("<x/>", encoding="utf-8")
    found = {finding.code: finding.where for finding in packs.verify(pack)}
    assert found == {
        "pack.file_changed": PROFILES["ans"],
        "pack.file_missing": PROFILES["mc"],
        "pack.file_added": "schematrons/intrus.sch",
    }


def test_no_pack_is_no_error(tmp_path: Path) -> None:
    assert packs.current(tmp_path) is None
    assert packs.installed(tmp_path) == ()


@pytest.mark.parametrize("version", ["absente", "../autre", ".", ""])
def test_an_unknown_version_is_refused(tmp_path: Path, version: str) -> None:
    packs.install(small_pack(tmp_path / "source"), tmp_path / "home")
    with pytest.raises(ConfigError, match=r"pack\.unknown"):
        packs.use(version, tmp_path / "home")


def test_the_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PASSEUR_HOME", str(tmp_path))
    assert packs.default_home() == tmp_path


def _refused(source: Path, home: Path) -> str:
    with pytest.raises(ConfigError) as refusal:
        packs.install(source, home)
    assert list((home / "packs").iterdir()) == [], "nothing half made stays behind"
    return refusal.value.code


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    assert _refused(tmp_path / "vide", tmp_path / "home") == "pack.content"


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    assert _refused(tmp_path / "x.zip", tmp_path / "home") == "pack.source"
