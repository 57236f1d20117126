"""JSON → DocumentRequest, or every fault at once, each named by the caller's own field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.findings import Finding
from engine.formats.request.faults import fault, path
from engine.formats.request.fields import DocumentRequest
from engine.formats.request.partial import sound_part

WORDS: Mapping[str, str] = {
    "missing": "ce champ est obligatoire",
    "extra_forbidden": "ce champ n'existe pas",
    "json_invalid": "le corps n'est pas du JSON lisible",
    "string_type": "un texte est attendu",
    "string_too_short": "ce champ est vide",
    "string_too_long": "ce texte est trop long ({max_length} caractères au plus)",
    "string_pattern_mismatch": "ce champ n'a pas la forme attendue",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "greater_than_equal": "au moins {ge} est attendu",
    "less_than_equal": "au plus {le} est attendu",
    "literal_error": "une des valeurs suivantes est attendue : {expected}",
    "enum": "une des valeurs suivantes est attendue : {expected}",
    "tuple_type": "une liste est attendue",
    "too_short": "au moins {min_length} valeur est attendue",
    "too_long": "au plus {max_length} valeurs sont attendues",
    "timezone_aware": "la date et l'heure doivent porter leur fuseau (+01:00)",
    "datetime_parsing": "une date et une heure sont attendues (2026-03-14T10:30:00+01:00)",
    "datetime_from_date_parsing": "une date et une heure sont attendues (2026-03-14T10:30:00+01:00)",
    "datetime_type": "une date et une heure sont attendues (2026-03-14T10:30:00+01:00)",
    "base64_decode": "ce champ n'est pas du base64",
    "model_type": "un objet est attendu",
    "model_attributes_type": "un objet est attendu",
    "dataclass_type": "un objet est attendu",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A request as far as it could be read."""

    request: DocumentRequest | None
    """Whole when there is no fault; else its sound part alone, nothing standing for what could not be read. None when
    there is no telling what is a field."""
    faults: tuple[Finding, ...] = ()
    unsound: frozenset[str] = frozenset()
    """Places that could not be read, or lack and are required."""

    def sound(self, *places: str) -> bool:
        """Whether what was sent at these places, and above them, could be read."""
        return not any(_in(place, lost) for place in places for lost in self.unsound)


def _in(place: str, whole: str) -> bool:
    return place == whole or place.startswith((f"{whole}.", f"{whole}["))


def read(content: bytes) -> Reading:
    """The request, or what is wrong with it; the values sent are never quoted."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        words = "la demande n'est pas écrite en UTF-8"
        return Reading(None, (fault("not_utf8", "", words, "Encodez le JSON en UTF-8."),))
    try:
        return Reading(DocumentRequest.model_validate_json(content))
    except ValidationError as error:
        faults = tuple(_fault(one) for one in error.errors(include_url=False, include_input=False))
    part, unsound = _sound_part(content)
    return Reading(part, faults, unsound)


def _sound_part(content: bytes) -> tuple[DocumentRequest | None, frozenset[str]]:
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        return None, frozenset()
    return sound_part(DocumentRequest, raw) if isinstance(raw, dict) else (None, frozenset())


def _fault(error: Any) -> Finding:
    kind = str(error["type"])
    given = {name: str(value).replace(" or ", " ou ") for name, value in (error.get("ctx") or {}).items()}
    words = WORDS.get(kind, "valeur invalide")
    return fault(kind if kind in WORDS else "invalid", path(error["loc"]), words.format_map(_Known(given)))


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"
