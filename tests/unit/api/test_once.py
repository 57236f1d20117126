"""Idempotency-Key: the same call is answered the same, another one is refused, at any pace."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.unit.api.api_bench import Called, called, is_problem
from tests.unit.api.keys import ONE, OTHER, ask, bearing, keyed, secrets
from tests.unit.request.requests import request

__all__ = ["secrets"]


async def post(api: Called, key: str, path: str = "/v1/documents", **changes: Any) -> httpx2.Response:
    headers = {"content-type": "application/json", "idempotency-key": key}
    return await api.http.post(path, content=json.dumps(request(**changes)).encode(), headers=headers)


async def test_the_same_call_is_answered_the_same_byte_for_byte(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        first, again = await post(api, "a1"), await post(api, "a1")
        assert (first.status_code, again.status_code) == (202, 202)
        assert again.content == first.content
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert len(await api.get("/v1/messages")) == 1


async def test_another_body_under_the_same_key_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        await post(api, "a1")
        assert is_problem(await post(api, "a1", number="L-2"), 409, "api.idempotency_conflict")
        assert len(await api.get("/v1/messages")) == 1
        assert (await post(api, "a2", number="L-2")).status_code == 202


async def test_a_refused_call_frees_its_key_so_that_it_can_be_mended(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        assert (await post(api, "a1", number="")).status_code == 422
        assert (await post(api, "a1")).status_code == 202


async def test_twins_at_the_same_instant_make_one_document(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        answers = await asyncio.gather(*(post(api, "a1") for _ in range(8)))
        assert {one.status_code for one in answers} == {202}
        assert len({one.content for one in answers}) == 1
        assert sum("idempotency-replayed" in one.headers for one in answers) == 7
        assert len(await api.get("/v1/messages")) == 1


async def test_rivals_at_the_same_instant_have_one_winner(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        answers = await asyncio.gather(*(post(api, "a1", number=f"L-{rank}") for rank in range(6)))
        assert sorted(one.status_code for one in answers) == [202, 409, 409, 409, 409, 409]
        assert len(await api.get("/v1/messages")) == 1


async def test_a_dry_run_takes_no_key(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        assert (await post(api, "a1", "/v1/documents?dry_run=true")).status_code == 200
        assert (await post(api, "a1", number="L-2")).status_code == 202


async def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        for key in ("", "a b", "x" * 256, "é".encode().decode("latin-1")):
            headers = {"content-type": "application/json", "idempotency-key": key.encode("latin-1")}
            content = json.dumps(request()).encode()
            answer = await api.http.post("/v1/documents", content=content, headers=headers)  # type: ignore[arg-type]
            assert is_problem(answer, 422, "api.idempotency_key"), key


@pytest.mark.usefixtures("secrets")
async def test_two_callers_may_choose_the_same_key(tmp_path: Path) -> None:
    async with called(tmp_path, change=keyed) as api:
        content = json.dumps(request()).encode()
        made = []
        for key in (ONE, OTHER):
            headers = bearing(key, idempotency_key="same")
            made.append(await api.http.post("/v1/documents", content=content, headers=headers))
        assert [one.status_code for one in made] == [202, 202]
        assert made[0].json()["id"] != made[1].json()["id"]
        assert (await ask(api.http, ONE)).json()["duplicate"] is True
