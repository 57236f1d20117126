"""Strict traits of an identity (traits stricts, RNIV) and how two sets of them compare.

Names are compared in the form the INSi teleservice gives them: capitals, without accents; hyphens and apostrophes
count. The form serves comparison and the INS datamatrix only: nothing sent is ever replaced by it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.findings import Finding
from engine.identity.rules import finding
from engine.model.parties import Patient
from engine.model.values import Timestamp

_LETTERS = {
    **dict(zip("œæøłđðþßı", ("oe", "ae", "o", "l", "d", "d", "th", "ss", "i"), strict=True)),
    **dict(zip("ŒÆØŁĐÐÞẞ", ("OE", "AE", "O", "L", "D", "D", "TH", "SS"), strict=True)),
}
_EQUIVALENTS = str.maketrans({**_LETTERS, **dict.fromkeys("’‘ʼ`´", "'"), **dict.fromkeys("‐‑‒–—−", "-")})
_INS_NAME = re.compile(r"['A-Z]['A-Z -]*")


class Trait(StrEnum):
    """The strict traits, by their French names."""

    BIRTH_NAME = "nom de naissance"
    FIRST_GIVEN_NAME = "premier prénom de naissance"
    GIVEN_NAMES = "liste des prénoms de naissance"
    BIRTH_DATE = "date de naissance"
    GENDER = "sexe"
    BIRTH_PLACE = "code du lieu de naissance"


@dataclass(frozen=True, slots=True)
class StrictTraits:
    """Strict traits as sent; None (or no name) for one that was not sent."""

    birth_name: str | None = None
    first_given_name: str | None = None
    given_names: tuple[str, ...] = ()
    """Liste des prénoms de naissance, in the order of the civil record."""
    birth_date: Timestamp | None = None
    """To the day, where it is known to the day."""
    gender: str | None = None
    """F, M or UN."""
    birth_cog: str | None = None
    """INSEE code of the place of birth (99xxx abroad)."""

    @property
    def missing(self) -> tuple[Trait, ...]:
        """Those that an INS needs and that are absent: sex F or M, a birth date to the day."""
        day = self.birth_date is not None and len(self.birth_date.digits) >= 8
        wanted = {
            Trait.BIRTH_NAME: self.birth_name,
            Trait.FIRST_GIVEN_NAME: self.first_given_name or self.given_names,
            Trait.BIRTH_DATE: day,
            Trait.GENDER: self.gender in {"F", "M"},
            Trait.BIRTH_PLACE: self.birth_cog,
        }
        return tuple(trait for trait, present in wanted.items() if not present)


def strict_traits(patient: Patient) -> StrictTraits:
    """recordTarget: family BR · given BR · given without qualifier · birthTime · gender · birthplace county."""
    return StrictTraits(
        birth_name=patient.birth_name,
        first_given_name=patient.first_given_name,
        given_names=patient.birth_given_names,
        birth_date=patient.birth_time,
        gender=patient.gender,
        birth_cog=patient.birth_place.cog if patient.birth_place else None,
    )


def comparable(name: str) -> str:
    """A name for comparison: capitals, no accent, no ligature, plain apostrophes and hyphens, single spaces."""
    plain = unicodedata.normalize("NFKD", name.translate(_EQUIVALENTS))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(letters.translate(_EQUIVALENTS).upper().split())


def ins_form(name: str) -> str | None:
    """The name as an INS trait: A to Z, space, hyphen, apostrophe, neither space nor hyphen first; None if it has none.

    Signs without an equivalent (digits, other alphabets) are never removed: the name then has no such form.
    """
    form = comparable(name)
    return form if _INS_NAME.fullmatch(form) else None


def differing(one: StrictTraits, other: StrictTraits) -> tuple[Trait, ...]:
    """The traits that both sets hold and that contradict each other; an absent trait contradicts nothing."""
    pairs = {
        Trait.BIRTH_NAME: _differ(one.birth_name, other.birth_name),
        Trait.FIRST_GIVEN_NAME: _differ(one.first_given_name, other.first_given_name),
        Trait.GIVEN_NAMES: _differ(" ".join(one.given_names) or None, " ".join(other.given_names) or None),
        Trait.BIRTH_DATE: _dates_differ(one.birth_date, other.birth_date),
        Trait.GENDER: one.gender is not None and other.gender is not None and one.gender != other.gender,
        Trait.BIRTH_PLACE: _differ(one.birth_cog, other.birth_cog),
    }
    return tuple(trait for trait, differ in pairs.items() if differ)


def completed(known: StrictTraits, other: StrictTraits) -> StrictTraits:
    """The known traits, those that are absent taken from the other set."""
    return replace(
        known,
        birth_name=known.birth_name or other.birth_name,
        first_given_name=known.first_given_name or other.first_given_name,
        given_names=known.given_names or other.given_names,
        birth_date=_more_precise(known.birth_date, other.birth_date),
        gender=known.gender or other.gender,
        birth_cog=known.birth_cog or other.birth_cog,
    )


def trait_findings(traits: StrictTraits, *, where: str = "") -> tuple[Finding, ...]:
    """What is odd between the traits themselves: the first given name must begin the list (hyphens as spaces)."""
    if not traits.first_given_name or not traits.given_names:
        return ()
    first = _words(traits.first_given_name)
    if _words(" ".join(traits.given_names))[: len(first)] == first:
        return ()
    return (finding("identity.first_name_not_in_list", where=where),)


def listed(traits: tuple[Trait, ...]) -> str:
    """Names of traits, for a message."""
    return ", ".join(traits)


def _words(name: str) -> list[str]:
    return comparable(name).replace("-", " ").replace("'", " ").split()


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and comparable(one or "") != comparable(other or "")


def _dates_differ(one: Timestamp | None, other: Timestamp | None) -> bool:
    """A year is contradicted by another year, not by a day of that year."""
    if one is None or other is None:
        return False
    length = min(len(one.digits), len(other.digits), 8)
    return one.digits[:length] != other.digits[:length]


def _more_precise(one: Timestamp | None, other: Timestamp | None) -> Timestamp | None:
    if one is None or other is None:
        return one or other
    return other if len(one.digits) < 8 and len(other.digits) > len(one.digits) else one
