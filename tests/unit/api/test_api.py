"""The API, as a program sees it: over a socket, every route, every refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.routes.installation import sample
from tests.unit.api.api_bench import called, is_problem

KEY = "clé secrète d'essai"


async def test_a_message_is_kept_then_becomes_documents_that_are_delivered(tmp_path: Path) -> None:
    async with called(tmp_path, simulators=True) as api:
        kept = await api.post("/v1/messages?name=01.hpr", 202, sample(1))
        assert (kept["duplicate"], kept["href"]) == (False, f"/v1/messages/{kept['id']}")
        detail = await api.settled(kept["id"])
        assert (detail["message"]["name"], detail["message"]["state"]) == ("01.hpr", "converted")
        assert detail["events"][0]["what"] == "received"
        (document,) = detail["documents"]
        assert (await api.get(f"/v1/documents/{document['id']}"))["version"]["number"] == 1
        cda = await api.http.get(f"/v1/documents/{document['id']}/cda")
        assert (cda.headers["content-type"], cda.content[:5]) == ("application/xml", b"<?xml")
        pdf = await api.http.get(f"/v1/documents/{document['id']}/pdf")
        assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        content = await api.http.get(f"/v1/messages/{kept['id']}/content")
        assert content.content == sample(1)
        for order in document["orders"]:
            while (told := await api.get(f"/v1/orders/{order['id']}"))["order"]["state"] != "delivered":
                assert told["order"]["state"] in ("ready", "sending"), told
                await asyncio.sleep(0.02)
            assert told["events"][-1]["what"] == "order.delivered"
        assert len(await api.get("/v1/orders", state="delivered", destination="dmp")) == 1
        health = await api.get("/v1/health")
        assert health["messages"] == {"converted": 1}
        assert {lane["destination"]: lane["counts"] for lane in health["lanes"]} == {
            "dmp": {"delivered": 1},
            "medecins": {"delivered": 1},
            "patient": {"delivered": 1},
        }


async def test_the_same_bytes_again_are_said_to_be_a_duplicate(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first = await api.post("/v1/messages", 202, sample(1))
        again = await api.post("/v1/messages?name=autre.hpr", 202, sample(1))
        assert (again["id"], again["duplicate"]) == (first["id"], True)
        assert len(await api.get("/v1/messages")) == 1


async def test_messages_are_listed_latest_first_page_by_page_and_by_state(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        ids = [(await api.sent(sample(number)))["message"]["id"] for number in (1, 5, 6)]
        assert [row["id"] for row in await api.get("/v1/messages")] == ids[::-1]
        page = await api.get("/v1/messages", limit=2)
        assert [row["id"] for row in await api.get("/v1/messages", before=page[-1]["id"])] == ids[:1]
        for state, message_id in zip(("converted", "held", "refused"), ids, strict=True):
            assert [row["id"] for row in await api.get("/v1/messages", state=state)] == [message_id]


async def test_a_held_document_is_released_once_over_the_api(tmp_path: Path) -> None:
    lost = sample(1).replace(b"|139|mmol/L|136-145|N|", b"||mmol/L|136-145|N|")
    async with called(tmp_path) as api:
        detail = await api.sent(lost)
        (document,) = detail["documents"]
        assert document["state"] == "held"
        released = await api.post(f"/v1/documents/{document['id']}/release", 202)
        assert (released["state"], len(released["orders"])) == ("ready", 3)
        again = await api.http.post(f"/v1/documents/{document['id']}/release")
        assert is_problem(again, 409, "operations.not_held")


async def test_an_order_is_held_released_and_cancelled_over_the_api(tmp_path: Path) -> None:
    def later(text: str) -> str:
        return text.replace("deferral_minutes: 0", "deferral_minutes: 10")

    async with called(tmp_path, change=later) as api:
        detail = await api.sent(sample(1))
        order = detail["documents"][0]["orders"][0]
        assert order["state"] == "deferred"
        for action, state in (("hold", "held"), ("release", "deferred"), ("cancel", "cancelled")):
            told = await api.post(f"/v1/orders/{order['id']}/{action}", 200)
            assert told["order"]["state"] == state
        refused = await api.http.post(f"/v1/orders/{order['id']}/send_now")
        assert is_problem(refused, 409, "operations.wrong_state")


async def test_a_message_is_converted_again_and_a_lane_started_over_the_api(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        message_id = (await api.sent(sample(5)))["message"]["id"]
        assert (await api.post(f"/v1/messages/{message_id}/replay", 202))["id"] == message_id
        events = [event["what"] for event in (await api.settled(message_id))["events"]]
        assert events.count("converting") == 2
        assert isinstance(await api.post("/v1/lanes/dmp/start", 202), list)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/messages/nowhere"),
        ("GET", "/v1/messages/nowhere/content"),
        ("POST", "/v1/messages/nowhere/replay"),
        ("GET", "/v1/documents/nowhere"),
        ("GET", "/v1/documents/nowhere/cda"),
        ("GET", "/v1/documents/nowhere/pdf"),
        ("POST", "/v1/documents/nowhere/release"),
        ("GET", "/v1/orders/nowhere"),
        ("POST", "/v1/orders/nowhere/hold"),
        ("POST", "/v1/lanes/nowhere/start"),
        ("GET", "/v1/nowhere"),
        ("GET", "/"),
    ],
)
async def test_what_is_not_there_is_a_problem_not_a_page(tmp_path: Path, method: str, path: str) -> None:
    async with called(tmp_path) as api:
        assert is_problem(await api.http.request(method, path), 404)


async def test_every_other_refusal_is_a_problem_too(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        assert is_problem(await api.http.post("/v1/messages"), 422, "api.empty_body")
        assert is_problem(await api.http.post("/v1/validate"), 422, "api.empty_body")
        assert is_problem(await api.http.delete("/v1/messages"), 405)
        for path in ("/v1/messages?limit=0", "/v1/orders?limit=abc", "/v1/messages?state=FICTIVE"):
            answer = await api.http.get(path)
            assert is_problem(answer, 422, "api.invalid_parameter")
            assert "FICTIVE" not in answer.text
        answer = await api.http.post("/v1/orders/x/explode")
        assert is_problem(answer, 422, "api.invalid_parameter")
        assert "'send_now'" in answer.json()["title"], "what could have been asked is told"


async def test_a_body_too_large_is_refused_whether_its_length_is_said_or_not(tmp_path: Path) -> None:
    def small(text: str) -> str:
        return text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  max_body_bytes: 10000\n")

    async def in_parts():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield bytes(1000)

    async with called(tmp_path, change=small) as api:
        for path in ("/v1/messages", "/v1/validate"):
            assert is_problem(await api.http.post(path, content=bytes(10_001)), 413, "api.too_large")
            assert is_problem(await api.http.post(path, content=in_parts()), 413, "api.too_large")
        assert is_problem(await api.http.post("/v1/messages", content=bytes(30_000_000)), 413)
        assert await api.get("/v1/messages") == []
        assert (await api.http.post("/v1/messages", content=bytes(10_000))).status_code == 202


async def test_without_the_key_nothing_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSEUR_KEY", KEY)

    def guarded(text: str) -> str:
        return text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  key: {env: PASSEUR_KEY}\n")

    async with called(tmp_path, change=guarded) as api:
        wrong = (None, "Bearer", "Bearer wrong", f"Basic {KEY}", f"bearer {KEY}x", b"Bearer \xe9\xff")
        for authorization in wrong:
            headers = {} if authorization is None else {"Authorization": authorization}
            encoded = {k: v.encode() if isinstance(v, str) else v for k, v in headers.items()}
            for method, path in (("GET", "/v1/messages"), ("POST", "/v1/messages"), ("GET", "/v1/health")):
                answer = await api.http.request(method, path, headers=encoded)  # type: ignore[arg-type]
                assert is_problem(answer, 401, "api.unauthorised"), authorization
                assert answer.headers["www-authenticate"] == "Bearer"
        right = {"Authorization": f"Bearer {KEY}".encode()}
        assert (await api.http.get("/v1/messages", headers=right)).status_code == 200  # type: ignore[arg-type]


async def test_a_document_is_judged_in_each_form_and_never_kept(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        document = (await api.sent(sample(1)))["documents"][0]
        cda = (await api.http.get(f"/v1/documents/{document['id']}/cda")).content
        forms = ("json", "text", "html", "svrl")
        answers = {form: await api.http.post(f"/v1/validate?format={form}", content=cda) for form in forms}
        assert {form: answer.headers["content-type"] for form, answer in answers.items()} == {
            "json": "application/json",
            "text": "text/plain; charset=utf-8",
            "html": "text/html; charset=utf-8",
            "svrl": "application/xml",
        }
        assert all(answer.status_code == 200 for answer in answers.values())
        (told,) = answers["json"].json()
        assert "findings" in told
        assert answers["text"].text
        assert answers["html"].text.lstrip().lower().startswith("<!doctype html>")
        assert "<svrl:schematron-output" in answers["svrl"].text
        torn = await api.http.post("/v1/validate?format=text", content=cda[:500])
        assert torn.status_code == 200
        assert "TESTNAISSANCE" not in torn.text
        assert is_problem(await api.http.post("/v1/validate?format=pdf", content=cda), 422)
        assert len(await api.get("/v1/messages")) == 1
