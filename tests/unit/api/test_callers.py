"""Keys: what each opens, whose documents it sees, how often it calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from engine.api.callers import Caller, Callers
from engine.calls import Owner
from engine.route import Api, ApiKey, Right
from tests.routes.installation import sample
from tests.unit.api.api_bench import called, is_problem
from tests.unit.api.keys import MONITOR, OLD, ONE, OTHER, SITE, ask, bearing, keyed, secrets

__all__ = ["secrets"]
pytestmark = pytest.mark.usefixtures("secrets")


async def test_a_technical_key_reads_no_document(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        made = (await ask(api.http, ONE)).json()
        for path in (made["href"], f"{made['href']}/cda", "/v1/documents", "/v1/orders", "/v1/messages", "/v1/events"):
            answer = await api.http.get(path, headers=bearing(MONITOR))
            if answer.status_code != 429:
                assert is_problem(answer, 403, "api.forbidden"), path
                assert "routes.yaml" in answer.json()["title"]


async def test_a_monitor_that_calls_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        answers = [await api.http.get("/v1/health", headers=bearing(MONITOR)) for _ in range(6)]
        assert [one.status_code for one in answers[:5]] == [200] * 5
        assert is_problem(answers[5], 429, "api.too_many_calls")
        assert 1 <= int(answers[5].headers["retry-after"]) <= 60
        other = await api.http.get("/v1/documents", headers=bearing(ONE))
        assert other.status_code == 200, "each key has its own count"


async def test_a_key_of_a_structure_sees_its_own_documents_alone(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        mine, theirs = (await ask(api.http, ONE)).json(), (await ask(api.http, OTHER)).json()
        assert mine["id"] != theirs["id"], "the same number of two structures is two documents"
        await _made(api.http, ONE, mine["href"])
        await _made(api.http, OTHER, theirs["href"])
        order = theirs["orders"][0]["href"]
        for method, path in (
            ("GET", theirs["href"]),
            ("GET", f"{theirs['href']}/cda"),
            ("GET", f"{theirs['href']}/pdf"),
            ("POST", f"{theirs['href']}/delete"),
            ("POST", f"{theirs['href']}/visibility"),
            ("GET", theirs["message"]),
            ("GET", order),
            ("POST", f"{order}/cancel"),
        ):
            content = b'{"motive": "wrong_patient"}' if path.endswith("delete") else b'{"visibility": []}'
            answer = await api.http.request(method, path, headers=bearing(ONE), content=content)
            assert is_problem(answer, 404), (method, path)
            own = path.replace(theirs["href"], mine["href"])
            if method == "GET" and own != path:
                assert (await api.http.get(own, headers=bearing(ONE))).status_code == 200, own
        for key, expected in ((ONE, {mine["id"]}), (OTHER, {theirs["id"]}), (SITE, {mine["id"], theirs["id"]})):
            headers = bearing(key)
            listed = (await api.http.get("/v1/documents", headers=headers)).json()
            assert {one["id"] for one in listed} == expected
            orders = (await api.http.get("/v1/orders", headers=headers)).json()
            assert {one["document_id"] for one in orders} == expected
            events = (await api.http.get("/v1/events", headers=headers)).json()["events"]
            assert expected == {one["id"] for one in events if one["subject"] == "document"}


async def _made(http: httpx2.AsyncClient, key: str, href: str) -> None:
    async with asyncio.timeout(30):
        while (await http.get(href, headers=bearing(key))).status_code == 404:
            await asyncio.sleep(0.05)


async def test_the_key_before_opens_as_long_as_it_is_written(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        first = (await ask(api.http, OLD)).json()
        again = (await ask(api.http, ONE)).json()
        assert (again["id"], again["duplicate"]) == (first["id"], True)


async def test_what_the_site_decides_needs_its_key(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        headers = bearing(SITE)
        kept = (await api.http.post("/v1/messages", content=sample(1), headers=headers)).json()
        for path in ("/v1/lanes/dmp/start", f"/v1/messages/{kept['id']}/replay"):
            assert is_problem(await api.http.post(path, headers=bearing(ONE)), 403)
            assert (await api.http.post(path, headers=headers)).status_code == 202
        message = await api.http.get(f"/v1/messages/{kept['id']}", headers=bearing(ONE))
        assert is_problem(message, 404), "a message of a laboratory is no practice's"


async def test_more_calls_at_once_than_allowed_are_asked_to_come_back(tmp_path: Path) -> None:
    def few(text: str) -> str:
        return text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  calls_at_once: 1\n")

    async with called(tmp_path, change=few) as api:
        begun = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"{"
            begun.set()
            await asyncio.sleep(0.3)
            yield b"}"

        waiting = asyncio.create_task(api.http.post("/v1/scan/ins", content=slow()))
        await begun.wait()
        refused = await api.http.get("/v1/health")
        while refused.status_code == 200 and not waiting.done():
            refused = await api.http.get("/v1/health")
        assert is_problem(refused, 503, "api.busy")
        assert refused.headers["retry-after"] == "1"
        await waiting
        assert (await api.http.get("/v1/health")).status_code == 200


def test_minutes_are_counted_for_each_key() -> None:
    now = 0.0
    keys = (
        ApiKey("a", ("secret-a",), frozenset({Right.STATE}), calls_per_minute=2),
        ApiKey("b", ("secret-b", "secret-b-before"), frozenset({Right.STATE}), calls_per_minute=2),
    )
    callers = Callers(Api("127.0.0.1", 0, None, None, 1, keys), None, lambda: now)
    first, second = callers.caller(b"secret-a"), callers.caller(b"secret-b-before")
    assert first is not None
    assert second is not None
    assert [callers.wait_seconds(first) for _ in range(3)] == [0, 0, 60]
    assert callers.wait_seconds(second) == 0
    now = 59.5
    assert callers.wait_seconds(first) == 1
    now = 60.0
    assert callers.wait_seconds(first) == 0
    assert callers.caller(b"secret-") is None
    assert callers.caller(b"") is None


def test_a_caller_without_a_structure_sees_all() -> None:
    assert Caller().sees(Owner("x"))
    assert Caller().sees(Owner(""))
    assert not Caller(structure="y").sees(Owner(""))
    assert not Caller(structure="y").sees(Owner("x"))
