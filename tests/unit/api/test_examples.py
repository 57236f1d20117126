"""The clients of deploy/examples, run as they are against an engine and its simulators: their document is delivered."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from engine.api.examples import FILE, TEXT
from tests.unit.api.api_bench import Called, address, called

EXAMPLES = Path(__file__).resolve().parents[3] / "deploy" / "examples"


async def ran(api: Called, *command: str) -> tuple[int, str]:
    environment = {**os.environ, "PASSEUR_URL": address(api.engine.installation)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=STDOUT)
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def delivered(api: Called, number: str) -> None:
    async with asyncio.timeout(60):
        while True:
            found = await api.get("/v1/documents", number=number)
            if found and set(found[0]["orders"]) == {"delivered"}:
                assert found[0]["fed"] is True
                assert found[0]["fed_at"]
                assert len(found) == 1
                return
            await asyncio.sleep(0.1)


async def test_the_python_client_sees_its_letter_delivered(tmp_path: Path) -> None:
    async with called(tmp_path, simulators=True) as api:
        status, said = await ran(api, sys.executable, str(EXAMPLES / "call.py"))
        assert status == 0, said
        assert "dmp : delivered" in said, said
        assert "medecins paul.durand@medecin.mssante.example: delivered" in said
        again, repeated = await ran(api, sys.executable, str(EXAMPLES / "call.py"))
        assert (again, repeated) == (0, said), "the same call again is the same document"
        await delivered(api, "LETTRE-2026-0001")


async def test_the_python_client_is_told_every_fault(tmp_path: Path) -> None:
    asked = json.loads((EXAMPLES / "request.json").read_text(encoding="utf-8"))
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(asked | {"document": "lettre-adresage", "number": ""}), encoding="utf-8")
    async with called(tmp_path) as api:
        status, said = await ran(api, sys.executable, str(EXAMPLES / "call.py"), str(wrong))
        assert status == 1
        assert "document: " in said
        assert "« lettre-adressage »" in said
        assert "number: " in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_shell_client_sees_its_letter_delivered(tmp_path: Path) -> None:
    async with called(tmp_path, simulators=True) as api:
        status, said = await ran(api, str(EXAMPLES / "call.sh"))
        assert status == 0, said
        assert json.loads(said)["number"] == 1
        await delivered(api, "LETTRE-2026-0001")


async def test_the_examples_of_the_openapi_document_may_leave(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        text = await api.http.post("/v1/documents?dry_run=true", json=TEXT)
        assert text.json()["may_leave"] is True, text.text
        file = {"file": ("cr.pdf", (EXAMPLES / "lettre.pdf").read_bytes(), "application/pdf")}
        form = await api.http.post("/v1/documents?dry_run=true", data={"request": json.dumps(FILE)}, files=file)
        assert form.json()["may_leave"] is True, form.text
