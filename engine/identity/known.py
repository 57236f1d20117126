"""An identity qualified here, found again by its IPP: compared trait by trait with the one a message gives."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from engine.model.directory import KnownIdentity
from engine.model.parties import BirthPlace, Patient


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names, in French, of the strict traits that differ, and of those that were not sent."""

    differing: tuple[str, ...]
    missing: tuple[str, ...]


def compared(sent: Patient, known: KnownIdentity) -> Comparison:
    """Strict traits, case and accents aside; a list of given names or a birth place is compared when it was sent."""
    given = {_folded(" ".join(known.birth_given_names)), _folded(next(iter(known.birth_given_names), ""))}
    names = sent.birth_given_names
    cog = sent.birth_place.cog if sent.birth_place else None
    equal: dict[str, bool | None] = {
        "nom de naissance": _same(sent.birth_name, known.birth_name),
        "prénom": None if sent.first_given_name is None else _folded(sent.first_given_name) in given,
        "prénoms": len(names) < 2 or _folded(" ".join(names)) == _folded(" ".join(known.birth_given_names)),
        "date de naissance": None if sent.birth_time is None else sent.birth_time.date == known.birth_date.date,
        "sexe": _same(sent.gender, known.gender),
        "lieu de naissance": cog is None or cog == known.birth_cog,
    }
    differing = tuple(name for name, same in equal.items() if same is False)
    return Comparison(differing, tuple(name for name, same in equal.items() if same is None))


def completed(sent: Patient, known: KnownIdentity) -> Patient:
    """The patient with the matricule and the traits qualified here, once they were found equal."""
    return replace(
        sent,
        ins=replace(known.ins, qualified=True),
        birth_name=known.birth_name,
        birth_given_names=known.birth_given_names,
        first_given_name=next(iter(known.birth_given_names), sent.first_given_name),
        birth_place=BirthPlace(known.birth_cog, sent.birth_place.city if sent.birth_place else None),
    )


def _same(sent: str | None, known: str) -> bool | None:
    return None if sent is None else _folded(sent) == _folded(known)


def _folded(text: str) -> str:
    """Hyphens are part of a strict trait; typographic apostrophes are not."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "OE"))
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).upper().split())
