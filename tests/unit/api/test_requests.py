"""POST /v1/documents over a socket: accepted, shown without sending, refused field by field."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.api.api_bench import called, is_problem
from tests.unit.rendering.reading import words
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


async def test_the_same_content_written_otherwise_at_another_time_is_the_same_document(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first = (await api.http.post("/v1/documents", **body(ASKED))).json()
        await api.settled(first["message"].rsplit("/", 1)[1])
        await asyncio.sleep(1.1)  # instants are written to the second
        spaced = json.dumps(ASKED, indent=2).encode()
        again = (await api.http.post("/v1/documents", content=spaced)).json()
        assert (again["id"], again["number"]) == (first["id"], 1)
        assert [one["code"] for one in again["remarks"]] == ["line.unchanged"]


async def test_the_same_number_with_another_content_is_the_next_version(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first = (await api.http.post("/v1/documents", **body(ASKED))).json()
        await api.settled(first["message"].rsplit("/", 1)[1])
        second = (await api.http.post("/v1/documents", **body(ASKED | {"content": {"text": "Autre"}}))).json()
        assert (second["number"], second["id"] != first["id"]) == (2, True)


async def test_the_text_of_the_site_is_laid_out_and_makes_no_version_by_itself(tmp_path: Path) -> None:
    """SC.DOC.01."""

    def told(words: str) -> Callable[[str], str]:
        return lambda text: text.replace("    profile: general\n", f"    profile: general\n    information: {words}\n")

    async with called(tmp_path, change=told("Vos données sont protégées.")) as api:
        first = (await api.http.post("/v1/documents", **body(ASKED))).json()
        await api.settled(first["message"].rsplit("/", 1)[1])
        pdf = (await api.http.get(f"{first['href']}/pdf")).content
        assert "Vos données sont protégées." in words(pdf)
    async with called(tmp_path, change=told("Un autre texte.")) as api:
        again = (await api.http.post("/v1/documents", content=json.dumps(ASKED, indent=1).encode())).json()
        assert (again["id"], again["number"]) == (first["id"], 1)


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


def form(asked: bytes, *names: bytes) -> dict[str, Any]:
    """A form by hand: the request, then a PDF, under names written as given."""
    boundary = b"b0"
    head = b"--b0\r\nContent-Disposition: form-data; name="
    pdf = b"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--b0--\r\n"
    content = head + names[0] + b"\r\n\r\n" + asked + b"\r\n" + head + names[1] + b"; filename=a.pdf" + pdf
    return {"content": content, "headers": {"content-type": f"multipart/form-data; boundary={boundary.decode()}"}}


async def test_a_form_is_read_whatever_its_quotes_and_never_with_another_name_of_a_patient(tmp_path: Path) -> None:
    """.NET writes `name=request`; old clients send Windows-1252, of which only what ISO 8859-1 has can be told."""
    beside = {name: value for name, value in ASKED.items() if name != "content"}

    def named(birth_name: str) -> str:
        return json.dumps(beside | {"patient": patient(birth_name=birth_name)}, ensure_ascii=False)

    async with called(tmp_path) as api:
        for names in ((b'"request"', b'"file"'), (b"request", b"file")):
            answer = await api.http.post("/v1/documents?dry_run=true", **form(named("BÉRÉNICE").encode(), *names))
            assert answer.status_code == 200, answer.text
        old = await api.http.post("/v1/documents?dry_run=true", **form(named("BÉRÉNICE").encode("cp1252"), *names))
        assert old.json()["file_name"] == answer.json()["file_name"]
        assert "BERENICE" in old.json()["file_name"]
        other = await api.http.post("/v1/documents?dry_run=true", **form(named("LŒWE").encode("cp1252"), *names))
        assert [one["code"] for one in other.json()["errors"]] == ["request.not_utf8"]
        torn = form(b"{}", b"request", b"file")
        torn["content"] = torn["content"][:40]
        assert (await api.http.post("/v1/documents", **torn)).status_code == 422


async def test_every_fault_is_told_at_its_field(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        wrong = ASKED | {"patient": patient(sex="X"), "document": None, "kind": None}
        answer = await api.http.post("/v1/documents", **body(wrong))
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == ["patient.sex", "document"]
        assert await api.get("/v1/messages") == []


async def test_another_kind_of_body_is_refused_by_its_name(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        answer = await api.http.post("/v1/documents", content=b"<a/>", headers={"content-type": "text/xml"})
        assert is_problem(answer, 415, "api.media_type")
