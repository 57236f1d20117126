"""The OpenAPI document: well formed, and true: each status it names is answered, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.routes.installation import sample
from tests.unit.api.api_bench import Called, called
from tests.unit.request.requests import request

BIG = bytes(60_000)
LOST = sample(1).replace(b"|139|mmol/L|136-145|N|", b"||mmol/L|136-145|N|")


def small(text: str) -> str:
    limited = text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  max_body_bytes: 50000\n")
    return limited.replace("deferral_minutes: 0", "deferral_minutes: 10")


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


async def test_the_document_is_well_formed(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        document = await api.get("/v1/openapi.json")
        assert document["openapi"].startswith("3.")
        assert document["info"]["title"] == "Passeur"
        schemas = document["components"]["schemas"]
        assert {name.removeprefix("#/components/schemas/") for name in references(document)} <= set(schemas)
        identifiers = []
        for path, operations in document["paths"].items():
            assert path.startswith("/v1/")
            for operation in operations.values():
                identifiers.append(operation["operationId"])
                assert operation["summary"]
                assert operation["tags"]
                named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
                assert named == set(re.findall(r"{(\w+)}", path))
        assert len(set(identifiers)) == len(identifiers)
        for unused in ("HTTPValidationError", "ValidationError"):
            assert unused not in schemas


async def test_every_documented_status_is_true_and_every_answer_is_documented(tmp_path: Path) -> None:
    async with called(tmp_path, change=small) as api:
        document = await api.get("/v1/openapi.json")
        expected = {
            (method.upper(), path, int(status))
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            for status in operation["responses"]
        }
        seen = set()
        for method, template, answer in await answers(api):
            seen.add((method, template, answer.status_code))
            told = document["paths"][template][method.lower()]["responses"].get(str(answer.status_code))
            assert told is not None, (method, template, answer.status_code)
            media_type = answer.headers["content-type"].partition(";")[0]
            assert media_type in told["content"], (method, template, answer.status_code, media_type)
        assert seen == expected


async def answers(api: Called) -> list[tuple[str, str, httpx2.Response]]:
    """Every route, well and badly asked."""
    converted = await api.sent(sample(1))
    message, document = converted["message"]["id"], converted["documents"][0]["id"]
    held = (await api.sent(LOST.replace(b"25031000001", b"25031000077")))["documents"][0]["id"]
    order, other = (one["id"] for one in converted["documents"][0]["orders"][:2])
    cda = (await api.http.get(f"/v1/documents/{document}/cda")).content[:40_000]
    asked: list[tuple[str, str, str, bytes]] = [
        ("POST", "/v1/messages", "", sample(2)),
        ("POST", "/v1/messages", "", b""),
        ("POST", "/v1/messages", "", BIG),
        ("GET", "/v1/messages", "", b""),
        ("GET", "/v1/messages", "?limit=0", b""),
        ("GET", "/v1/messages/{message_id}", message, b""),
        ("GET", "/v1/messages/{message_id}", "nowhere", b""),
        ("GET", "/v1/messages/{message_id}/content", message, b""),
        ("GET", "/v1/messages/{message_id}/content", "nowhere", b""),
        ("POST", "/v1/messages/{message_id}/replay", message, b""),
        ("POST", "/v1/messages/{message_id}/replay", "nowhere", b""),
        ("GET", "/v1/documents/{document_id}", document, b""),
        ("GET", "/v1/documents/{document_id}", "nowhere", b""),
        ("GET", "/v1/documents/{document_id}/cda", document, b""),
        ("GET", "/v1/documents/{document_id}/cda", "nowhere", b""),
        ("GET", "/v1/documents/{document_id}/pdf", document, b""),
        ("GET", "/v1/documents/{document_id}/pdf", "nowhere", b""),
        ("POST", "/v1/documents/{document_id}/release", held, b""),
        ("POST", "/v1/documents/{document_id}/release", held, b""),
        ("POST", "/v1/documents/{document_id}/release", "nowhere", b""),
        ("GET", "/v1/orders", "", b""),
        ("GET", "/v1/orders", "?state=x", b""),
        ("GET", "/v1/orders/{order_id}", order, b""),
        ("GET", "/v1/orders/{order_id}", "nowhere", b""),
        ("POST", "/v1/orders/{order_id}/{action}", f"{order}/cancel", b""),
        ("POST", "/v1/orders/{order_id}/{action}", f"{order}/cancel", b""),
        ("POST", "/v1/orders/{order_id}/{action}", f"{other}/explode", b""),
        ("POST", "/v1/orders/{order_id}/{action}", "nowhere/cancel", b""),
        ("GET", "/v1/health", "", b""),
        ("GET", "/v1/lanes", "", b""),
        ("POST", "/v1/lanes/{destination}/start", "dmp", b""),
        ("POST", "/v1/lanes/{destination}/start", "nowhere", b""),
        ("POST", "/v1/validate", "", cda),
        ("POST", "/v1/validate", "?format=text", cda),
        ("POST", "/v1/validate", "?format=html", cda),
        ("POST", "/v1/validate", "?format=svrl", cda),
        ("POST", "/v1/validate", "", b""),
        ("POST", "/v1/validate", "", BIG),
    ]
    asked += [
        ("POST", "/v1/documents", "", json.dumps(request()).encode()),
        ("POST", "/v1/documents", "?dry_run=true", json.dumps(request()).encode()),
        ("POST", "/v1/documents", "", b"{}"),
        ("POST", "/v1/documents", "", BIG),
    ]
    given_kind = {"content-type": "text/xml"}
    kind = await api.http.post("/v1/documents", content=b"<a/>", headers=given_kind)
    return [
        ("POST", "/v1/documents", kind),
        *[
            (method, template, await api.http.request(method, filled(template, given), content=content))
            for method, template, given, content in asked
        ],
    ]


def filled(template: str, given: str) -> str:
    if "{" not in template:
        return template + given
    values = iter(given.split("/"))
    return re.sub(r"{\w+}", lambda _: next(values), template)


async def test_the_key_is_documented_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSEUR_KEY", "k")

    def guarded(text: str) -> str:
        return text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  key: {env: PASSEUR_KEY}\n")

    async with called(tmp_path, change=guarded, key="k") as api:
        document = await api.get("/v1/openapi.json")
        (scheme,) = document["components"]["securitySchemes"].values()
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        for operations in document["paths"].values():
            for operation in operations.values():
                assert operation["security"]
                assert "401" in operation["responses"]
