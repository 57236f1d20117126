"""Characters that XML 1.0 cannot hold (clause 2.2): found before anything is built, with the place they came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum

from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def character_findings(document: ClinicalDocument) -> tuple[Finding, ...]:
    """One finding a place of the source; replacing the character would alter what the laboratory said."""
    places = dict.fromkeys(_places(document, "en-tête"))
    return tuple(
        Finding(
            "cda.forbidden_character",
            Severity.ERROR,
            place,
            "Le texte contient un caractère de commande qu'un document XML ne peut pas porter.",
            "Faire corriger le texte par l'émetteur, puis renvoyer le message.",
            layer="volet",
            disposition=Disposition.REFUSE,
        )
        for place in places
    )


def _places(value: object, place: str) -> Iterator[str]:
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            yield place
    elif isinstance(value, tuple):
        for item in value:
            yield from _places(item, place)
    elif is_dataclass(value) and not isinstance(value, Enum):
        place = getattr(value, "origin", "") or place
        for field in fields(value):
            yield from _places(getattr(value, field.name), place)
