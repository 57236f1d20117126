"""The language of an answer: French, or English for who prefers it (Accept-Language)."""

from __future__ import annotations

import re
from typing import Literal

from starlette.datastructures import Headers
from starlette.types import Scope

from engine.api.english import ENGLISH, PHRASES

Language = Literal["fr", "en"]
_RANGE = re.compile(r"\s*([a-zA-Z*]{1,8})(?:-[a-zA-Z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


def language(scope: Scope) -> Language:
    """The one of the two that the caller prefers (RFC 9110, 12.5.4); French when it prefers neither."""
    weights = {"fr": 0.0, "en": 0.0}
    for one in Headers(scope=scope).get("accept-language", "").split(","):
        match = _RANGE.fullmatch(one)
        if match is None or (name := match.group(1).lower()) not in weights:
            continue
        weights[name] = max(weights[name], float(match.group(2) or 1))
    return "en" if weights["en"] > weights["fr"] else "fr"


def said(tongue: Language, code: str, message: str, remedy: str = "") -> tuple[str, str]:
    """(message, remedy) of a code, in a language; the French ones as they are, for a code nobody put in English."""
    told = ENGLISH.get(code)
    if tongue == "fr" or told is None:
        return message, remedy
    words, advice = told
    listed = message.partition(" : ")[2].replace(" ou ", " or ")
    number = re.search(r"\d+", message)
    words = words.format(list=listed, number=number.group() if number else "?")
    return words, advice or _advice(remedy)


def _advice(remedy: str) -> str:
    """What to do, where it names what would have done."""
    for before, after in PHRASES:
        remedy = remedy.replace(before, after)
    return remedy
