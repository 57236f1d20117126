"""POST /v1/documents over a socket: accepted, shown without sending, refused field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.api.api_bench import called, is_problem
from tests.unit.request.requests import patient, request

ASKED = request(correspondents=[{"family": "DURAND", "mailbox": "d.durand@medecin.mssante.example"}])


def body(asked: dict[str, Any]) -> dict[str, Any]:
    return {"content": json.dumps(asked).encode(), "headers": {"content-type": "application/json"}}


async def test_one_call_makes_the_document_and_its_orders(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        answer = await api.http.post("/v1/documents", **body(ASKED))
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert (told["number"], told["duplicate"]) == (1, False)
        orders = {one["destination"]: one["recipient"] for one in told["orders"]}
        assert orders["medecins"] == "d.durand@medecin.mssante.example"
        await api.settled(told["message"].rsplit("/", 1)[1])
        kept = await api.get(told["href"])
        assert kept["id"] == told["id"]
        assert {one["id"] for one in kept["orders"]} >= {one["id"] for one in told["orders"]}


async def test_the_same_call_again_is_the_same_document(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first = (await api.http.post("/v1/documents", **body(ASKED))).json()
        again = (await api.http.post("/v1/documents", **body(ASKED))).json()
        assert (again["id"], again["duplicate"]) == (first["id"], True)


async def test_the_same_number_with_another_content_is_the_next_version(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first = (await api.http.post("/v1/documents", **body(ASKED))).json()
        await api.settled(first["message"].rsplit("/", 1)[1])
        second = (await api.http.post("/v1/documents", **body(ASKED | {"content": {"text": "Autre"}}))).json()
        assert (second["number"], second["id"] != first["id"]) == (2, True)


async def test_a_dry_run_says_what_would_leave_and_keeps_nothing(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        told = (await api.http.post("/v1/documents?dry_run=true", **body(ASKED))).json()
        assert told["may_leave"] is True
        assert {one["destination"] for one in told["orders"]} >= {"dmp", "medecins"}
        assert await api.get("/v1/messages") == []
        real = (await api.http.post("/v1/documents", **body(ASKED))).json()
        assert real["id"] == told["document"]


async def test_a_form_with_a_file_of_an_old_client_is_read(tmp_path: Path) -> None:
    """Windows-1252 in the file name, as Delphi-era clients write it."""
    boundary = b"----passeur"
    content = b"\r\n".join(
        (
            b"--" + boundary,
            b'Content-Disposition: form-data; name="request"',
            b"",
            json.dumps(ASKED | {"content": {}}).encode(),
            b"--" + boundary,
            b'Content-Disposition: form-data; name="file"; filename="r\xe9sum\xe9.pdf"',
            b"Content-Type: application/pdf",
            b"",
            b"%PDF-1.4\n%%EOF\n",
            b"--" + boundary + b"--",
            b"",
        )
    )
    async with called(tmp_path) as api:
        headers = {"content-type": f"multipart/form-data; boundary={boundary.decode()}"}
        answer = await api.http.post("/v1/documents", content=content, headers=headers)
        assert answer.status_code == 202, answer.text


async def test_every_fault_is_told_at_its_field(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        wrong = ASKED | {"patient": patient(sex="X"), "document": None, "kind": None}
        answer = await api.http.post("/v1/documents", **body(wrong))
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == ["patient.sex"]
        assert await api.get("/v1/messages") == []


async def test_another_kind_of_body_is_refused_by_its_name(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        answer = await api.http.post("/v1/documents", content=b"<a/>", headers={"content-type": "text/xml"})
        assert is_problem(answer, 415, "api.media_type")
