"""JSON → DocumentRequest, or every fault at once, each named by the caller's own field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.findings import Disposition, Finding, Severity
from engine.formats.request.fields import DocumentRequest

_WORDS: Mapping[str, str] = {
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
    "dataclass_type": "un objet est attendu",
}


def read(content: bytes) -> tuple[DocumentRequest | None, tuple[Finding, ...]]:
    """The request, or what is wrong with it; the values sent are never quoted."""
    try:
        return DocumentRequest.model_validate_json(content.removeprefix(b"\xef\xbb\xbf")), ()
    except ValidationError as error:
        return None, tuple(_fault(one) for one in error.errors(include_url=False, include_input=False))


def fault(code: str, where: str, message: str, remedy: str = "") -> Finding:
    """A fault of the request that only its sender can mend."""
    return Finding(f"request.{code}", Severity.ERROR, where, message, remedy, "request", Disposition.REFUSE)


def _fault(error: Any) -> Finding:
    kind = str(error["type"])
    given = {name: str(value).replace(" or ", " ou ") for name, value in (error.get("ctx") or {}).items()}
    words = _WORDS.get(kind, "valeur invalide")
    return fault(kind if kind in _WORDS else "invalid", _where(error["loc"]), words.format_map(_Known(given)))


def _where(place: tuple[int | str, ...]) -> str:
    """`correspondents[1].mailbox`."""
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"
