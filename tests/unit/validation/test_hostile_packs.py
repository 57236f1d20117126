"""Packs made to harm: refused or held, without a call, a file read elsewhere, nor a swollen disk."""

from __future__ import annotations

import contextlib
import stat
import tempfile
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.findings import Disposition
from engine.validation import pack as packs
from engine.validation import pack_files
from engine.validation.layers import PROFILES
from engine.validation.outcome import Report
from engine.validation.validator import Validator
from tests.unit.validation.listener import Listener
from tests.unit.validation.packs import SCHEMA, small_pack, titled_pack, zipped
from tests.unit.validation.samples import CR_BIO

_RULE = (
    '<ns prefix="cda" uri="urn:hl7-org:v3"/><pattern><rule context="cda:ClinicalDocument">'
    '<assert test="{test}">Règle.</assert></rule></pattern>'
)


def refused(source: Path, home: Path) -> str:
    with pytest.raises(ConfigError) as refusal:
        packs.install(source, home)
    assert list((home / "packs").iterdir()) == [], "nothing half made stays behind"
    return refusal.value.code


@pytest.mark.parametrize(
    "name", ["../../evil.sch", "/etc/evil.sch", "schematrons/../../evil.sch", "a\\..\\evil.sch", "C:evil.sch"]
)
def test_an_archive_never_writes_outside_its_folder(tmp_path: Path, name: str) -> None:
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "pack.zip")
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr(zipfile.ZipInfo(name), "<x/>")
    assert refused(archive, tmp_path / "home") == "pack.path"
    assert not list(tmp_path.rglob("evil.sch"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_an_archive_with_a_link_or_a_device_is_refused(tmp_path: Path, kind: int) -> None:
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "pack.zip")
    link = zipfile.ZipInfo("schematrons/lien.sch")
    link.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr(link, "/etc/passwd")
    assert refused(archive, tmp_path / "home") == "pack.link"


def test_a_folder_with_a_link_is_refused(tmp_path: Path) -> None:
    source = small_pack(tmp_path / "source")
    (source / "schematrons" / "lien.sch").symlink_to("/etc/hostname")
    assert refused(source, tmp_path / "home") == "pack.link"


def test_an_archive_that_holds_a_file_twice_is_refused(tmp_path: Path) -> None:
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "pack.zip")
    with zipfile.ZipFile(archive, "a") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out.writestr(PROFILES["sm"], "<x/>")
    assert refused(archive, tmp_path / "home") == "pack.archive"


def test_an_archive_that_swells_is_stopped_while_it_is_read(tmp_path: Path) -> None:
    source = small_pack(tmp_path / "source")
    (source / "schematrons" / "bombe.xml").write_bytes(b" " * 3_000_000)
    archive = zipped(source, tmp_path / "bombe.zip")
    assert archive.stat().st_size < 20_000
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(ConfigError, match=r"pack\.too_large"):
        pack_files.copy(archive, target, pack_files.Limits(file_bytes=1_000_000))
    with pytest.raises(ConfigError, match=r"pack\.too_large"):
        pack_files.copy(archive, tmp_path / "other", pack_files.Limits(total_bytes=1_000_000))
    assert sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) < 3_000_000


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "pack.zip")
    with pytest.raises(ConfigError, match=r"pack\.too_many_files"):
        pack_files.copy(archive, tmp_path / "target", pack_files.Limits(files=3))


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "pack.zip")
    content = bytearray(archive.read_bytes())
    content[60:200] = b"\0" * 140
    archive.write_bytes(bytes(content))
    assert refused(archive, tmp_path / "home") == "pack.archive"


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    lost=st.integers(0, 200),
)
def test_a_damaged_archive_is_read_or_refused_and_never_breaks(
    method: int, damage: list[tuple[int, int]], lost: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = zipped(small_pack(folder / "source"), folder / "pack.zip", method=method)
        content = bytearray(archive.read_bytes())
        for place, byte in damage:
            content[place % len(content)] = byte
        archive.write_bytes(bytes(content[: len(content) - lost]))
        with contextlib.suppress(ConfigError):
            pack_files.copy(archive, folder / "target")


# -- what an installed pack may try ----------------------------------------------------------------------------


def judged(source: Path, home: Path) -> Report:
    return Validator(packs.install(source, home)).validate(CR_BIO)


def test_a_rule_that_calls_out_holds_every_document(tmp_path: Path) -> None:
    with Listener() as listener:
        source = titled_pack(tmp_path / "source", "biologiques")
        tests = {
            "ihe": f"doc('{listener.address}')",
            "mc": "unparsed-text('file:///etc/passwd')",
            "ans": "environment-variable#1('HOME')",
            "term": f"document(concat('{listener.address}', cda:title))",
            "sm": f"document('{listener.address}')",
        }
        for layer, test in tests.items():
            (source / PROFILES[layer]).write_text(SCHEMA.format(body=_RULE.format(test=test)), encoding="utf-8")
        report = judged(source, tmp_path / "home")
    assert listener.calls == 0
    held = {finding.layer for finding in report.findings if finding.disposition is Disposition.HOLD}
    assert held >= tests.keys()
    assert not report.may_leave
    words = [finding.message + finding.remedy for finding in report.findings]
    assert not any("root:" in word or "/root" in word for word in words)


@pytest.mark.parametrize("element", ["import", "include", "redefine"])
def test_an_xml_schema_never_calls_out(tmp_path: Path, element: str) -> None:
    with Listener() as listener:
        source = titled_pack(tmp_path / "source", "biologiques")
        schema = source / "infrastructure/cda/CDA_extended.xsd"
        asked = f'<xs:{element} schemaLocation="{listener.address}"{_NAMESPACE.get(element, "")}/><xs:element'
        schema.write_text(schema.read_text(encoding="utf-8").replace("<xs:element", asked, 1), encoding="utf-8")
        report = judged(source, tmp_path / "home")
    assert listener.calls == 0
    assert "xsd" in [run.name for run in report.layers]


_NAMESPACE = {"import": ' namespace="urn:x"'}


def test_a_vocabulary_never_reads_another_file(tmp_path: Path) -> None:
    source = titled_pack(tmp_path / "source", "biologiques")
    (source / "jeuxDeValeurs").mkdir()
    (source / "jeuxDeValeurs" / "jdv.xml").write_text(
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', encoding="utf-8"
    )
    test = "contains(doc('../../jeuxDeValeurs/jdv.xml')/a, 'root:')"
    (source / PROFILES["ihe"]).write_text(SCHEMA.format(body=_RULE.format(test=f"not({test})")), encoding="utf-8")
    report = judged(source, tmp_path / "home")
    found = [finding for finding in report.findings if finding.layer == "ihe"]
    assert [finding.disposition for finding in found] == [Disposition.HOLD], "not read is not valid"


def test_a_bomb_in_a_schematron_is_refused(tmp_path: Path) -> None:
    source = titled_pack(tmp_path / "source", "biologiques")
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    bomb = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{entities}]>" + SCHEMA.format(body="<title>&a11;</title>")
    (source / PROFILES["ihe"]).write_text(bomb, encoding="utf-8")
    pack = packs.install(source, tmp_path / "home")
    assert [problem.where for problem in pack.problems if problem.code == "pack.unusable_schema"] == [PROFILES["ihe"]]
    report = Validator(pack).validate(CR_BIO)
    assert [f.disposition for f in report.findings if f.layer == "ihe"] == [Disposition.HOLD]
