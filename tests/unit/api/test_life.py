"""A document after it was sent: hidden, shown, taken back; each at the simulated DMP, and never by accident."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2

from engine.api.examples import TEXT
from tests.unit.api.api_bench import Called, called, is_problem

MASKED = {"visibility": ["MASQUE_PS"]}


async def asked(api: Called, **changes: Any) -> dict[str, Any]:
    """A document asked for, made."""
    answer = await api.http.post("/v1/documents", json=TEXT | changes)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    await api.settled(told["message"].rsplit("/", 1)[1])
    return told


async def post(api: Called, document: str, action: str, body: dict[str, Any], **headers: str) -> httpx2.Response:
    return await api.http.post(f"/v1/documents/{document}/{action}", json=body, headers=headers)


async def ended(api: Called, document: str) -> dict[str, str]:
    """Destination → state of the orders of a document, once none moves."""
    async with asyncio.timeout(60):
        while True:
            orders = (await api.get(f"/v1/documents/{document}"))["orders"]
            if not {one["state"] for one in orders} & {"ready", "sending", "deferred"}:
                return {one["destination"]: one["state"] for one in orders}
            await asyncio.sleep(0.05)


async def versions(api: Called) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await api.get("/v1/documents", number=TEXT["number"])
    return found


async def test_a_document_is_taken_back_from_whom_it_was_sent_to(tmp_path: Path) -> None:
    async with called(tmp_path, simulators=True) as api:
        made = await asked(api)
        assert await ended(api, made["id"]) == {"dmp": "delivered", "medecins": "delivered"}
        assert (await versions(api))[0]["fed"] is True
        answer = await post(api, made["id"], "delete", {"motive": "wrong_patient"})
        assert answer.status_code == 202, answer.text
        deletion = answer.json()
        assert deletion["id"] != made["id"]
        assert (await ended(api, deletion["id"]))["dmp"] == "delivered"
        listed = await versions(api)
        assert [(one["kind"], one["fed"]) for one in listed] == [("delete", False), ("send", False)]
        again = await post(api, made["id"], "delete", {"motive": "wrong_patient"})
        assert again.json()["id"] == deletion["id"], "asked twice, it is the same deletion"


async def test_what_had_not_left_never_does_once_it_is_deleted(tmp_path: Path) -> None:
    def later(text: str) -> str:
        return text.replace("deferral_minutes: 0", "deferral_minutes: 10")

    async with called(tmp_path, change=later) as api:
        made = await asked(api)
        deletion = (await post(api, made["id"], "delete", {"motive": "patient_request"})).json()
        assert set((await ended(api, deletion["id"])).values()) == {"cancelled"}
        assert set((await ended(api, made["id"])).values()) == {"superseded"}


async def test_a_deleted_document_never_comes_back_by_its_number(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        made = await asked(api)
        await post(api, made["id"], "delete", {"motive": "wrong_document"})
        for content in (TEXT["content"], {"text": "Autre"}):
            refused = await api.http.post("/v1/documents", json=TEXT | {"content": content})
            assert refused.status_code == 422
            assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [
                ("number", "request.deleted_number")
            ]
        assert is_problem(await post(api, made["id"], "visibility", MASKED), 409, "operations.already_deleted")


async def test_hiding_a_document_replaces_it_at_the_dmp_and_writes_to_nobody_again(tmp_path: Path) -> None:
    async with called(tmp_path, simulators=True) as api:
        made = await asked(api)
        await ended(api, made["id"])
        hidden = (await post(api, made["id"], "visibility", MASKED)).json()
        assert hidden["number"] == 2
        assert [one["destination"] for one in hidden["orders"]] == ["dmp"]
        assert await ended(api, hidden["id"]) == {"dmp": "delivered"}
        same = (await post(api, hidden["id"], "visibility", MASKED)).json()
        assert same["id"] == hidden["id"]
        assert is_problem(await post(api, made["id"], "visibility", MASKED), 409, "operations.not_latest")
        shown = (await post(api, hidden["id"], "visibility", {"visibility": []})).json()
        assert shown["number"] == 3
        assert await ended(api, shown["id"]) == {"dmp": "delivered"}


async def test_a_correction_of_a_hidden_document_stays_hidden(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        await asked(api, sending=MASKED)
        corrected = await asked(api, content={"text": "Cher confrère,\nautre chose."}, sending={"visibility": []})
        assert corrected["number"] == 2
        remarks = (await api.get(corrected["href"]))["findings"]
        assert "line.visibility_kept" in {one["code"] for one in remarks}
        again = await api.http.post("/v1/documents", json=TEXT | {"content": {"text": "Cher confrère,\nautre chose."}})
        assert again.json()["number"] == 2, "the same content, silent about who sees it, changes nothing"


async def test_the_same_content_hidden_otherwise_is_another_version(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        await asked(api)
        assert (await asked(api, sending=MASKED))["number"] == 2


async def test_showing_to_legal_representatives_is_confirmed(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        made = await asked(api, sending={"visibility": ["INVISIBLE_REPRESENTANTS_LEGAUX"]})
        refused = await post(api, made["id"], "visibility", {"visibility": []})
        assert is_problem(refused, 409, "operations.needs_confirmation")
        shown = await post(api, made["id"], "visibility", {"visibility": [], "confirm": True})
        assert shown.status_code == 202, shown.text


async def test_a_held_document_has_nothing_to_take_back(tmp_path: Path) -> None:
    plain = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
    async with called(tmp_path) as api:
        asked_for = {name: value for name, value in TEXT.items() if name != "content"}
        answer = await api.http.post(
            "/v1/documents", data={"request": json.dumps(asked_for)}, files={"file": ("a.pdf", plain)}
        )
        told = answer.json()
        await api.settled(told["message"].rsplit("/", 1)[1])
        for action, body in (("delete", {"motive": "wrong_patient"}), ("visibility", MASKED)):
            assert is_problem(await post(api, told["id"], action, body), 409, "operations.not_ready")


async def test_a_call_made_again_with_its_key_is_answered_the_same(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        made = await asked(api)
        answers = [await post(api, made["id"], "visibility", MASKED, **{"idempotency-key": "once"}) for _ in range(2)]
        assert answers[0].content == answers[1].content
        other = await post(api, made["id"], "visibility", {"visibility": []}, **{"idempotency-key": "once"})
        assert is_problem(other, 409, "api.idempotency_conflict")
