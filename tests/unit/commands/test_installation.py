"""`passeur run | doctor | pack | demo`: an installation that starts, stops, and says what it lacks."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.routes.installation import ROOT, configured, free_port, peers
from tests.unit.commands.shell import asked, environment, passeur
from tests.unit.engine.conversion_bench import installation
from tests.unit.validation.test_pack import small_pack


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`passeur run`, once its API answers."""
    site = installation(folder)
    assert site.api is not None
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "run"], cwd=folder, env=environment(folder), stderr=subprocess.PIPE
    )
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{site.api.port}/v1/health") as answer:
                    assert answer.status == 200
                    break
            except OSError:
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_the_engine_runs_until_it_is_asked_to_stop_and_writes_one_json_line_per_event(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in err.decode().splitlines()]
    assert events == ["engine.started", "engine.stopped"]


def test_a_second_engine_on_the_same_store_is_refused_in_one_line(tmp_path: Path) -> None:
    with started(tmp_path):
        second = passeur(tmp_path, "run")
        assert (second.code, len(second.err.splitlines())) == (1, 1)
        assert "store.locked" in second.err


def test_an_engine_that_was_killed_starts_again(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with started(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


async def test_the_doctor_finds_a_sound_installation_sound(tmp_path: Path) -> None:
    async with peers(tmp_path) as (dmp, mail):
        configured(tmp_path, dmp, mail)
        said = await asked(tmp_path, "doctor")
    assert said.code == 0, said.out
    assert not [line for line in said.out.splitlines() if line.startswith("✗")]
    points = [line[2:].partition(" :")[0] for line in said.out.splitlines()]
    assert points[:4] == ["configuration", "stockage", "pack", "source depot"]
    assert points[-3:] == ["destination dmp", "destination medecins", "destination patient"]


async def test_the_doctor_names_each_point_that_fails_and_looks_at_all(tmp_path: Path) -> None:
    async with peers(tmp_path) as (dmp, mail):
        configured(tmp_path, dmp, mail)
        await dmp.down()
        said = await asked(tmp_path, "doctor")
    assert said.code == 1
    failed = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert len(failed) == 1
    assert re.match(r"✗ destination dmp : .+ \[dmp\.\w+\]", failed[0])
    assert "✓ destination medecins" in said.out


def test_the_doctor_says_that_the_pack_chosen_is_gone(tmp_path: Path) -> None:
    installation(tmp_path)
    (tmp_path / "home" / "packs").mkdir(parents=True)
    (tmp_path / "home" / "packs" / "current").write_text("2026.10-gone\n")
    said = passeur(tmp_path, "doctor")
    assert said.code == 1
    assert re.search(r"✗ pack : .*2026\.10-gone", said.out)


def test_a_pack_is_installed_chosen_and_verified(tmp_path: Path) -> None:
    first, second = small_pack(tmp_path / "pack-a"), small_pack(tmp_path / "pack-b")
    (second / "schematrons" / "CI-SIS_ESSAI_2024.01.sch").write_text(
        "<schema xmlns='http://purl.oclc.org/dsdl/schematron'/>"
    )
    none = passeur(tmp_path, "pack", "verify")
    assert (none.code, len(none.err.splitlines())) == (1, 1)
    for source in (first, second):
        said = passeur(tmp_path, "pack", "install", source)
        assert said.code == 0, said.err
        assert "installé" in said.out
    listed = passeur(tmp_path, "pack", "list").out.splitlines()
    assert [line[:8] for line in listed] == ["* pack-a", "  pack-b"]
    name = listed[1].strip()
    assert passeur(tmp_path, "pack", "use", name).code == 0
    assert f"* {name}" in passeur(tmp_path, "pack", "list").out
    assert passeur(tmp_path, "pack", "verify").code == 0
    (schema,) = (tmp_path / "home" / "packs" / name).rglob("CI-SIS_ESSAI_2024.01.sch")
    schema.write_text(schema.read_text() + " ")
    changed = passeur(tmp_path, "pack", "verify")
    assert changed.code == 1
    assert "CI-SIS_ESSAI_2024.01.sch" in changed.out
    unknown = passeur(tmp_path, "pack", "use", "2020.01")
    assert (unknown.code, len(unknown.err.splitlines())) == (1, 1)
    assert passeur(tmp_path, "pack", "install", ROOT / "README.md").code == 1


async def test_the_demonstration_shows_documents_delivered_and_ends_by_itself(tmp_path: Path) -> None:
    text = (ROOT / "routes.yaml").read_text(encoding="utf-8").replace("deploy/demo/", f"{ROOT}/deploy/demo/")
    for port in ("18443", "12525", "18080"):
        assert port in text
        text = text.replace(port, str(free_port()))
    (tmp_path / "routes.yaml").write_text(text, encoding="utf-8")
    said = await asyncio.to_thread(passeur, tmp_path, "demo", seconds=110)
    assert said.code == 0, said.err
    for words in ("01_biochimie.hpr", "dmp : remis", "medecins : remis", "patient : remis", "retenu", "refusé"):
        assert words in said.out, said.out
    made = tmp_path / "var" / "demo"
    assert list((made / "documents").glob("*.xml"))
    assert list((made / "peers" / "dmp").rglob("*"))
    log = (tmp_path / "var" / "demo.log").read_text(encoding="utf-8")
    assert "order.delivered" in log
