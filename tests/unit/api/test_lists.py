"""Documents found again, what happened since, the catalogue, the scans: what a host's screens are made of."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.catalogue.catalogue import catalogue
from engine.catalogue.delegation import delegations
from engine.catalogue.mapping import COLUMNS
from tests.unit.api.api_bench import Called, called, is_problem
from tests.unit.request.requests import request


async def made(api: Called, *numbers: str) -> list[str]:
    ids = []
    for number in numbers:
        told = (await api.http.post("/v1/documents", json=request(number=number))).json()
        await api.settled(told["message"].rsplit("/", 1)[1])
        ids.append(told["id"])
    return ids


async def test_documents_are_found_by_number_state_date_and_page(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        ids = await made(api, "A-1", "A-2", "A-3")
        listed = await api.get("/v1/documents")
        assert [one["id"] for one in listed] == ids[::-1]
        assert [one["number"] for one in listed] == ["A-3", "A-2", "A-1"]
        assert {one["fed"] for one in listed} == {False}
        page = await api.get("/v1/documents", limit=2)
        assert [one["id"] for one in await api.get("/v1/documents", before=page[-1]["id"])] == ids[:1]
        assert [one["id"] for one in await api.get("/v1/documents", number="A-2")] == [ids[1]]
        assert await api.get("/v1/documents", number="A-4") == []
        assert [one["id"] for one in await api.get("/v1/documents", structure="cabinet-fictif")] == ids[::-1]
        assert await api.get("/v1/documents", structure="ailleurs") == []
        assert [one["id"] for one in await api.get("/v1/documents", state="ready")] == ids[::-1]
        assert await api.get("/v1/documents", state="held") == []
        middle = listed[1]["created_at"]
        assert [one["id"] for one in await api.get("/v1/documents", since=middle)] == ids[:0:-1]
        assert [one["id"] for one in await api.get("/v1/documents", until=middle)] == ids[:1]
        assert [one["id"] for one in await api.get("/v1/documents", until=middle, structure="cabinet-fictif")] == ids[
            :1
        ]
        assert await api.get("/v1/documents", since="2999-01-01T00:00:00Z") == []
        naive = await api.http.get("/v1/documents?since=2026-01-01T00:00:00")
        assert is_problem(naive, 422, "api.invalid_parameter")


async def test_what_happened_is_read_page_by_page_and_nothing_twice(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        (first,) = await made(api, "A-1")
        seen: list[tuple[str, str]] = []
        cursor = 0
        while (page := await api.get("/v1/events", after=cursor, limit=3))["events"]:
            seen += [(one["subject"], one["what"]) for one in page["events"]]
            cursor = page["next"]
        assert ("message", "received") in seen
        assert ("document", "document.ready") in seen
        assert ("order", "order.waiting") in seen
        now = (await api.get("/v1/events", after=-1))["next"]
        assert now >= cursor
        (second,) = await made(api, "A-2")
        since = (await api.get("/v1/events", after=now))["events"]
        ids = {one["id"] for one in since}
        assert second in ids
        assert first not in ids
        last = (await api.get("/v1/events", after=-1))["next"]
        awaited = asyncio.create_task(api.get("/v1/events", after=last, wait_seconds=20))
        await made(api, "A-3")
        assert (await awaited)["events"], "answered as soon as something happens"
        for one in since:
            if one["subject"] in ("document", "order"):
                assert (await api.http.get(one["href"])).status_code == 200


async def test_the_catalogue_says_what_is_built_and_what_is_not(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        lines = await api.get("/v1/catalogue")
        assert len(lines) == len(catalogue())
        letter = next(one for one in lines if one["key"] == "medecin/general/lettre-adressage")
        assert (letter["built"], letter["instead"], letter["level"]) == (True, "", "N1")
        assert letter["type"]["code"] == "96349-6"
        note = next(one for one in lines if one["document"] == "note-vaccination")
        assert note["built"] is False
        assert note["instead"]
        some = await api.get("/v1/catalogue", profession="pharmacien", level="N1")
        assert some
        assert {(one["profession"], one["level"]) for one in some} == {("pharmacien", "N1")}
        child = await api.get("/v1/catalogue", profession="medecin", profile="medecin-traitant-suivi-enfant")
        assert {tuple(one["profiles"]) for one in child} == {("medecin-traitant-suivi-enfant",)}
        wrong = await api.http.get("/v1/catalogue?profession=medecins")
        assert wrong.status_code == 422
        assert [(one["field"], one["code"]) for one in wrong.json()["errors"]] == [
            ("profession", "catalogue.unknown_profession")
        ]
        assert "« medecin »" in wrong.json()["errors"][0]["remedy"]


async def test_a_sheet_is_given_filled_in_and_checked(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        sheet = await api.http.get("/v1/catalogue/sheet.csv?profession=medecin")
        assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
        text = sheet.content.decode("utf-8-sig")
        assert text.splitlines()[0] == ";".join(COLUMNS)
        filled = text.replace(";medecin;general;lettre-adressage", "COURRIER;medecin;general;lettre-adressage")
        checked = (await api.http.post("/v1/catalogue/sheet", content=filled.encode())).json()
        assert checked == {"sound": True, "kinds": 1, "problems": []}
        wrong = filled.replace("general;lettre-adressage", "general;letre-adressage") + "X;;;;;;;;;\r\n"
        told = (await api.http.post("/v1/catalogue/sheet", content=wrong.encode("cp1252"))).json()
        assert told["sound"] is False
        assert len(told["problems"]) == 2
        assert all(one["field"].startswith("genres.csv:") for one in told["problems"])


async def test_who_does_what_is_told_for_every_line(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        told = await api.get("/v1/delegation")
        assert len(told) == len(delegations())
        for one in told:
            assert one["requirement"]
            assert one["engine"]
            assert one["host"]
            assert one["proof"] or one["coverage"] != "engine"


async def test_a_scanned_code_is_read_and_nothing_is_kept(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        box = (await api.http.post("/v1/scan/gs1", json={"text": "]d2010340093000120917280100\x1d10LOT1"})).json()
        assert box["cip13"] is None or len(box["cip13"]) == 13
        assert set(box) >= {"gtin", "lot", "expiry", "remarks", "keyboard"}
        ins = (await api.http.post("/v1/scan/ins", json={"text": "bonjour"})).json()
        assert ins["identity"] is None
        assert [one["code"] for one in ins["remarks"]] == ["scan.not_ins"]
        assert await api.get("/v1/messages") == []
