"""What the INSi teleservice answers, as an event of the status machine.

The block of traits (TIQ) is refused as a whole when a field is empty or its date has a zero day or month (rules 11 and
12): such a field becomes an absent trait, and `transition` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.identity.birth_date import has_unknown_part
from engine.identity.events import InsiFound, InsiNotFound
from engine.identity.traits import StrictTraits
from engine.model.values import Timestamp

ONE_IDENTITY = "00"
"""CodeCR; 01 is none, 02 is several."""


@dataclass(frozen=True, slots=True)
class InsiAnswer:
    """The answer of a search, field by field, as received; empty text for an absent field."""

    code: str
    """RESULTAT/CR/CodeCR."""
    number: str = ""
    """INSACTIF/IdIndividu/NumIdentifiant, 13 signs."""
    key: str = ""
    """INSACTIF/IdIndividu/Cle, 2 digits."""
    oid: str = ""
    """INSACTIF/OID."""
    birth_name: str = ""
    """TIQ/NomNaissance."""
    given_name: str = ""
    """TIQ/Prenom."""
    given_names: str = ""
    """TIQ/ListePrenom, one text: where a name ends in it cannot be told from a space."""
    sex: str = ""
    """TIQ/Sexe, M or F."""
    birth_date: str = ""
    """TIQ/DateNaissance, `YYYY-MM-DD`."""
    birth_place: str = ""
    """TIQ/LieuNaissance, COG."""


def insi_event(answer: InsiAnswer, at: datetime, *, confirmed: bool = False) -> InsiFound | InsiNotFound:
    """The event an answer is; `confirmed` as in `InsiFound`."""
    if answer.code != ONE_IDENTITY:
        return InsiNotFound(answer.code)
    traits = StrictTraits(
        birth_name=answer.birth_name or None,
        first_given_name=answer.given_name or None,
        given_names=(answer.given_names,) if answer.given_names else (),
        birth_date=_birth_date(answer.birth_date),
        gender=answer.sex or None,
        birth_cog=answer.birth_place or None,
    )
    return InsiFound(answer.number + answer.key, answer.oid, traits, at, confirmed)


def _birth_date(text: str) -> Timestamp | None:
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or has_unknown_part(parts[2], parts[1]):
        return None
    try:
        return Timestamp("".join(parts))
    except ValueError:
        return None
