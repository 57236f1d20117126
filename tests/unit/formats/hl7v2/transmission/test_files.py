"""`passeur validate` and `passeur convert` on HL7v2 files that carry documents."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.commands.shell import passeur
from tests.unit.engine.conversion_bench import installation
from tests.unit.formats.hl7v2.messages import with_value
from tests.unit.formats.hl7v2.transmission.messages import FIRST, SECOND, cda, message, saying


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_each_document_of_a_message_is_judged(tmp_path: Path) -> None:
    two = written(tmp_path, "deux.hl7", message(cda(), cda().replace(b"<title>", b"<titre>", 1), kind="ORU"))
    judged = passeur(tmp_path, "validate", two, "--format", "json")
    assert judged.code == 1
    assert [(one["may_leave"], one["name"]) for one in judged.json] == [
        (True, f"{two}#1"),
        (False, f"{two}#2"),
    ], judged.json


def test_a_sound_document_in_a_message_may_leave(tmp_path: Path) -> None:
    assert passeur(tmp_path, "validate", written(tmp_path, "un.hl7", message(cda()))).code == 0


def test_a_document_that_cannot_be_decoded_may_not_leave(tmp_path: Path) -> None:
    damaged = written(tmp_path, "abime.hl7", with_value(message(cda()), "OBX-5.5", b"QUJDR"))
    assert passeur(tmp_path, "validate", damaged).code == 1


def test_a_message_without_document_is_one_plain_line(tmp_path: Path) -> None:
    said = passeur(tmp_path, "validate", written(tmp_path, "rien.hl7", message()))
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert "aucun document CDA" in said.err


def test_messages_are_converted_to_the_documents_they_carry(tmp_path: Path) -> None:
    installation(tmp_path, lambda text: text.replace("format: hprim", "format: hl7v2"))
    first = written(tmp_path, "initial.hl7", message(cda()))
    second = cda(SECOND, saying("GLYCEMIE 1,05 g/L"))
    other = message(second, action="RO", ids=(SECOND.id.root, FIRST.id.root), control_id="MDM-2")
    said = passeur(tmp_path, "convert", first, written(tmp_path, "remplacement.hl7", other), "--output", "out")
    assert said.code == 0, said.err + said.out
    assert (tmp_path / "out" / "initial.xml").read_bytes() == cda()
    assert (tmp_path / "out" / "remplacement.xml").read_bytes() == second
    findings = json.loads((tmp_path / "out" / "remplacement.findings.json").read_text("utf-8"))
    assert (findings["unique_id"], findings["version"], findings["state"]) == (SECOND.id.root, 2, "ready")
    assert "line.unknown_target" not in [one["code"] for one in findings["findings"]]
