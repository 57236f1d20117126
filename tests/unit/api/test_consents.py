"""Consents through the API: recorded, found again, in force at once; the patient is never echoed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.routes.installation import sample
from tests.unit.api.api_bench import Called, called, is_problem

INS = {"system": "1.2.250.1.213.1.4.10", "value": "285039900000193"}
IPP = {"system": "1.2.250.1.999.1.2.1", "value": "IPP0001"}
ELSEWHERE = {"system": "1.2.250.1.999.7", "value": "IPP0001"}


def given(answer: str, *patient: dict[str, str], minutes: float = 0, **changed: Any) -> bytes:
    """A call that records an answer given some minutes from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "patient": patient or (INS,),
        "subject": "feeding",
        "answer": answer,
        "collected_at": at.isoformat(),
        "author": "810000000001",
    }
    return json.dumps({**values, **changed}).encode()


async def posted(api: Called, content: bytes, path: str = "/v1/consents", status: int = 201) -> Any:
    return await api.post(path, status, content, **{"content-type": "application/json"})


async def search(api: Called, *patient: dict[str, str]) -> Any:
    return await posted(api, json.dumps({"patient": patient}).encode(), "/v1/consents/search", 200)


def waiting(text: str) -> str:
    return text.replace("deferral_minutes: 0", "deferral_minutes: 10")


async def dmp_order(api: Called, message: Any) -> Any:
    orders = {one["destination"]: one["id"] for one in message["documents"][0]["orders"]}
    return (await api.get(f"/v1/orders/{orders['dmp']}"))["order"]


async def test_an_opposition_blocks_and_a_later_answer_lets_go(tmp_path: Path) -> None:
    async with called(tmp_path, change=waiting) as api:
        message = await api.sent(sample(1))
        assert (await dmp_order(api, message))["state"] == "deferred"
        opposed = await posted(api, given("no", minutes=-2))
        order = await dmp_order(api, message)
        assert (order["state"], order["cause"]) == ("blocked", "opposition")
        assert opposed["feeding"] == "no"
        assert [one["id"] for one in opposed["orders"]] == [order["id"]]
        states = {one["destination"]: one["state"] for one in message["documents"][0]["orders"]}
        assert states == {"dmp": "deferred", "medecins": "deferred", "patient": "deferred"}
        lifted = await posted(api, given("yes", IPP, INS, minutes=-1))
        assert (lifted["feeding"], lifted["orders"][0]["state"]) == ("yes", "deferred")
        assert [one["answer"] for one in lifted["answers"]] == ["no", "yes"]


async def test_an_order_may_be_cancelled_while_it_is_blocked(tmp_path: Path) -> None:
    async with called(tmp_path, change=waiting) as api:
        await posted(api, given("no", IPP, minutes=-1))
        order = await dmp_order(api, await api.sent(sample(1)))
        assert order["state"] == "blocked"
        assert is_problem(await api.http.post(f"/v1/orders/{order['id']}/send_now"), 409)
        assert (await api.post(f"/v1/orders/{order['id']}/cancel", 200))["order"]["state"] == "cancelled"


async def test_mail_does_not_obey_an_opposition_to_the_dmp(tmp_path: Path) -> None:
    async with called(tmp_path, change=waiting) as api:
        await posted(api, given("no", minutes=-1))
        message = await api.sent(sample(1))
        states = {one["destination"]: one["state"] for one in message["documents"][0]["orders"]}
        assert states == {"dmp": "blocked", "medecins": "deferred", "patient": "deferred"}


async def test_another_patient_is_not_concerned(tmp_path: Path) -> None:
    async with called(tmp_path, change=waiting) as api:
        await posted(api, given("no", ELSEWHERE, minutes=-1))
        assert (await dmp_order(api, await api.sent(sample(1))))["state"] == "deferred"
        assert (await search(api, INS, IPP)) | {"orders": []} == {
            "feeding": None,
            "consultation": None,
            "answers": [],
            "orders": [],
        }


async def test_a_destination_may_want_an_answer_before_anything_leaves(tmp_path: Path) -> None:
    def strict(text: str) -> str:
        return waiting(text).replace("deferral_minutes: 10", "deferral_minutes: 10, without_answer: block", 1)

    async with called(tmp_path, change=strict) as api:
        message = await api.sent(sample(1))
        order = await dmp_order(api, message)
        assert (order["state"], order["cause"]) == ("blocked", "not_collected")
        states = {one["destination"]: one["state"] for one in message["documents"][0]["orders"]}
        assert states["medecins"] == "deferred"
        await posted(api, given("not_collected", collected_at=None))
        assert (await dmp_order(api, message))["state"] == "blocked"
        await posted(api, given("yes", minutes=-1))
        assert (await dmp_order(api, message))["state"] == "deferred"


async def test_an_answer_is_traced(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        await posted(api, given("no", subject="consultation", channel="written", episode="V-1", minutes=-1))
        (listed,) = await api.get("/v1/consents")
        assert await api.get(f"/v1/consents/{listed['id']}") == listed
        assert (listed["subject"], listed["answer"], listed["episode"]) == ("consultation", "no", "V-1")
        assert (listed["author"], listed["channel"], listed["message_id"]) == ("810000000001", "written", "")
        found = await search(api, INS)
        assert (found["feeding"], found["consultation"], found["answers"]) == (None, "no", [listed])
        await posted(api, given("not_collected", collected_at=None))
        assert (await search(api, INS))["feeding"] == "not_collected"
        assert is_problem(await api.http.get("/v1/consents/99"), 404, "api.unknown_consent")


@pytest.mark.parametrize(
    "content",
    [
        given("no", collected_at=None),
        given("no", collected_at="2026-11-21T10:00:00"),
        given("no", collected_at="2026-11-21"),
        given("no", minutes=60),
        given("peut-être NOMSECRET"),
        given("no", subject="NOMSECRET"),
        given("no", channel="NOMSECRET"),
        given("no", author=""),
        given("no", patient=[]),
        given("no", patient=[{"system": "NOMSECRET", "value": "285039900000193"}]),
        given("no", patient=[{"system": "1.2.3", "value": ""}]),
        given("no", patient=[{"system": "1.2.3", "value": " 285039900000193"}]),
        given("no", patient=[{"system": "1.2.3"}]),
        given("no", other="NOMSECRET"),
        b"NOMSECRET",
        b"[]",
        b"",
    ],
)
async def test_what_is_incomplete_is_refused_and_never_echoed(tmp_path: Path, content: bytes) -> None:
    async with called(tmp_path) as api:
        answer = await api.http.post("/v1/consents", content=content, headers={"content-type": "application/json"})
        assert is_problem(answer, 422)
        assert "NOMSECRET" not in answer.text
        assert "285039900000193" not in answer.text
        assert await api.get("/v1/consents") == []


async def test_a_software_of_one_structure_sees_the_orders_of_its_own_documents_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_ALL", "a" * 40)
    monkeypatch.setenv("KEY_CABINET", "b" * 40)

    def keyed(text: str) -> str:
        keys = (
            "  host: 127.0.0.1\n  keys:\n"
            "    all: {key: {env: KEY_ALL}, rights: [documents, messages, state, orders]}\n"
            "    cabinet: {key: {env: KEY_CABINET}, structure: cabinet-fictif, rights: [documents]}\n"
        )
        return waiting(text).replace("  host: 127.0.0.1\n", keys)

    async with called(tmp_path, change=keyed, key="a" * 40) as api:
        await api.sent(sample(1))
        opposed = await posted(api, given("no", minutes=-1))
        assert [one["state"] for one in opposed["orders"]] == ["blocked"]
        api.http.headers["authorization"] = "Bearer " + "b" * 40
        found = await search(api, INS)
        assert (found["feeding"], found["orders"]) == ("no", [])
        assert await api.get("/v1/consents") == []
        assert is_problem(await api.http.get("/v1/consents/1"), 404)
        assert (await posted(api, given("yes")))["feeding"] == "yes"


async def test_no_answer_of_the_api_names_the_patient_nor_does_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with called(tmp_path, change=waiting) as api:
        await api.sent(sample(1))
        told = [await posted(api, given("no", INS, IPP, minutes=-1)), await search(api, INS, IPP)]
        told.append(await api.get("/v1/consents"))
    log = "".join(capsys.readouterr())
    assert "engine.stopped" in log
    for secret in ("285039900000193", "IPP0001"):
        assert secret not in json.dumps(told) + log
