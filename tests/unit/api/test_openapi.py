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
from tests.routes.test_history_runs import closed_now
from tests.unit.api.api_bench import Called, called
from tests.unit.api.test_consents import INS, given
from tests.unit.request.requests import request

BIG = bytes(60_000)
TAKING = (
    ("/v1/documents/{document_id}/visibility", "x"),
    ("/v1/documents/{document_id}/delete", "x"),
    ("/v1/scan/ins", ""),
    ("/v1/scan/gs1", ""),
    ("/v1/consents", ""),
    ("/v1/consents/search", ""),
)
"""What takes JSON of a model, beside the routes that read their body themselves."""
EVERYWHERE = {401, 403, 408, 429, 503}
"""Answers of any call, whatever it asks: each is proved elsewhere (test_callers, test_crowd, test_faults)."""
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
            if int(status) not in EVERYWHERE
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
    made = await a_document(api)
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
        ("GET", "/v1/documents", "?number=L-1", b""),
        ("GET", "/v1/documents", "?state=x", b""),
        ("POST", "/v1/documents/{document_id}/visibility", made, b'{"visibility": ["MASQUE_PS"]}'),
        ("POST", "/v1/documents/{document_id}/visibility", made, b'{"visibility": []}'),
        ("POST", "/v1/documents/{document_id}/visibility", "nowhere", b'{"visibility": []}'),
        ("POST", "/v1/documents/{document_id}/visibility", made, b"{}"),
        ("POST", "/v1/documents/{document_id}/delete", document, b'{"motive": "wrong_patient"}'),
        ("POST", "/v1/documents/{document_id}/delete", made, b'{"motive": "wrong_patient"}'),
        ("POST", "/v1/documents/{document_id}/delete", "nowhere", b'{"motive": "wrong_patient"}'),
        ("POST", "/v1/documents/{document_id}/delete", made, b'{"motive": "x"}'),
        *((("POST", path, given, BIG)) for path, given in TAKING),
        ("POST", "/v1/scan/ins", "", b"{\xff"),
        ("GET", "/v1/events", "", b""),
        ("GET", "/v1/events", "?after=x", b""),
        ("GET", "/v1/catalogue", "", b""),
        ("GET", "/v1/catalogue", "?profession=x", b""),
        ("GET", "/v1/catalogue/sheet.csv", "", b""),
        ("GET", "/v1/catalogue/sheet.csv", "?profession=x", b""),
        ("POST", "/v1/catalogue/sheet", "", b"host_kind;doc_id\nA;cr-consultation\n"),
        ("POST", "/v1/catalogue/sheet", "", b""),
        ("POST", "/v1/catalogue/sheet", "", BIG),
        ("GET", "/v1/delegation", "", b""),
        ("POST", "/v1/scan/ins", "", b'{"text": "IS01"}'),
        ("POST", "/v1/scan/ins", "", b"{}"),
        ("POST", "/v1/scan/gs1", "", b'{"text": "IS01"}'),
        ("POST", "/v1/scan/gs1", "", b"{}"),
    ]
    asked += [
        ("POST", "/v1/consents", "", given("no", minutes=-1)),
        ("POST", "/v1/consents", "", b"{}"),
        ("GET", "/v1/consents", "", b""),
        ("GET", "/v1/consents", "?limit=0", b""),
        ("GET", "/v1/consents/{consent_id}", "1", b""),
        ("GET", "/v1/consents/{consent_id}", "99", b""),
        ("GET", "/v1/consents/{consent_id}", "nowhere", b""),
        ("POST", "/v1/consents/search", "", json.dumps({"patient": [INS]}).encode()),
        ("POST", "/v1/consents/search", "", b"{}"),
    ]
    history = json.dumps({"destination": "dmp", "window": closed_now()}).encode()
    run = (await api.http.post("/v1/history-runs", content=history, headers=kind_of(history))).json()["id"]
    path = "/v1/history-runs/{run_id}"
    asked += [
        ("POST", "/v1/history-runs", "", history.replace(b"dmp", b"patient")),
        ("POST", "/v1/history-runs", "", history),
        ("POST", "/v1/history-runs", "", b"{}"),
        ("POST", "/v1/history-runs", "", BIG),
        ("GET", "/v1/history-runs", "", b""),
        ("GET", "/v1/history-runs", "?limit=0", b""),
        ("GET", path, run, b""),
        ("GET", path, "nowhere", b""),
        ("POST", path + "/{action}", f"{run}/pause", b""),
        ("POST", path + "/{action}", f"{run}/pause", b""),
        ("POST", path + "/{action}", "nowhere/pause", b""),
        ("POST", path + "/{action}", f"{run}/explode", b""),
    ]
    given_kind = {"content-type": "text/xml"}
    kind = await api.http.post("/v1/documents", content=b"<a/>", headers=given_kind)
    mine = {"content-type": "application/json", "idempotency-key": "k"}
    first, other_body = [
        await api.http.post("/v1/documents", content=json.dumps(request(number=one)).encode(), headers=mine)
        for one in ("L-7", "L-8")
    ]
    return [
        ("POST", "/v1/documents", kind),
        ("POST", "/v1/documents", first),
        ("POST", "/v1/documents", other_body),
        *[
            (
                method,
                template,
                await api.http.request(method, filled(template, place), content=content, headers=kind_of(content)),
            )
            for method, template, place, content in asked
        ],
    ]


def kind_of(content: bytes) -> dict[str, str]:
    return {"content-type": "application/json"} if content.startswith(b"{") else {}


async def a_document(api: Called) -> str:
    """That a host software asked for, made."""
    answer = await api.http.post("/v1/documents", content=json.dumps(request(number="L-9")).encode())
    told = answer.json()
    await api.settled(told["message"].rsplit("/", 1)[1])
    return str(told["id"])


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
                assert {"401", "403"} <= set(operation["responses"])
