"""The language of what is told, and a word for every code in both."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.api.english import ENGLISH
from engine.api.words import language, said
from engine.formats.request.reading import WORDS
from tests.unit.api.api_bench import called
from tests.unit.request.requests import patient, request

ROOT = Path(__file__).resolve().parents[3] / "engine"
_NAMED = re.compile(r'"((?:api|request|catalogue|operations)\.[a-z_0-9]+)"')
_INTERNAL = {"api.failed", "api.port"}
"""For the log and for who starts the engine: no caller meets them."""


def codes() -> set[str]:
    """Every code the API, the request, the catalogue and the operations give, read in their code."""
    files = [
        *(ROOT / "api").glob("*.py"),
        *(ROOT / "formats" / "request").glob("*.py"),
        *(ROOT / "catalogue").glob("*.py"),
        ROOT / "operations.py",
        ROOT / "life.py",
    ]
    found = {f"request.{kind}" for kind in (*WORDS, "invalid")}
    for file in files:
        if file.name == "english.py":
            continue
        text = file.read_text(encoding="utf-8")
        found |= set(_NAMED.findall(text))
        found |= {f"request.{code}" for code in re.findall(r'\bfault\(\s*"(\w+)"', text)}
        if file.parent.name == "catalogue":
            found |= {f"catalogue.unknown_{what}" for what in re.findall(r'\bunknown\(\s*"(\w+)"', text)}
            found |= {f"n1.{code}" for code in re.findall(r'_refuse\(\s*"(html_\w+)"', text)}
            found |= {f"cda.missing_{what}" for what in re.findall(r'_missing\(\s*"(\w+)"', text)}
    return found - _INTERNAL


def test_every_code_is_said_in_english() -> None:
    assert sorted(codes() - set(ENGLISH)) == []


def test_nothing_is_said_in_english_that_is_never_said() -> None:
    other = {"engine.unexpected", "api.http_404", "api.http_405"}
    assert sorted(set(ENGLISH) - codes() - other) == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.5", "en"),
        ("fr-FR, en;q=0.8", "fr"),
        ("fr;q=0.3, en;q=0.8", "en"),
        ("de, *;q=0.1", "fr"),
        ("en;q=0", "fr"),
        ("\xff;;;q=,en;q=nan", "fr"),
    ],
)
def test_french_is_spoken_unless_english_is_preferred(header: str, expected: str) -> None:
    scope = {"type": "http", "headers": [(b"accept-language", header.encode("latin-1"))]}
    assert language(scope) == expected


def test_numbers_and_choices_are_kept_in_english() -> None:
    assert said("en", "request.string_too_long", "ce texte est trop long (64 caractères au plus)") == (
        "this text is too long (64 characters at most)",
        "",
    )
    told = said("en", "request.literal_error", "une des valeurs suivantes est attendue : 'F', 'M' ou 'UN'")
    assert told[0].endswith(": 'F', 'M' or 'UN'")
    advice = said("en", "catalogue.unknown_document", "x", "Vouliez-vous dire « a » ou « b » ?")[1]
    assert advice == "Did you mean « a » or « b »?"


async def test_a_call_is_answered_in_the_language_it_prefers(tmp_path: Path) -> None:
    async with called(tmp_path) as api:
        wrong = json.dumps(request(document="letre-adressage", patient=patient(sex="X"))).encode()
        told = {}
        for tongue in ("fr", "en"):
            headers = {"content-type": "application/json", "accept-language": tongue}
            answer = await api.http.post("/v1/documents", content=wrong, headers=headers)
            assert (answer.status_code, answer.headers["content-language"]) == (422, tongue)
            told[tongue] = answer.json()
        assert [(one["field"], one["code"]) for one in told["fr"]["errors"]] == [
            (one["field"], one["code"]) for one in told["en"]["errors"]
        ]
        assert {one["field"] for one in told["en"]["errors"]} == {"document", "patient.sex"}
        assert told["fr"]["title"] == "2 champs à corriger"
        assert "fields need mending" in told["en"]["title"]
        assert any(one["remedy"].startswith("Did you mean") for one in told["en"]["errors"])
