"""What a matricule says by itself (NIR or NIA, INSEE): sex, year and month of birth, place of birth.

A contradiction with the traits beside it is a warning: civil status is sometimes corrected after the number was given.
What holds a document is in `engine.identity.ins`.
"""

from __future__ import annotations

from engine.findings import Finding
from engine.identity.birth_place import cog_is_well_formed, places_agree
from engine.identity.ins import nir_key_is_valid
from engine.identity.rules import finding
from engine.identity.traits import StrictTraits, Trait

_SEXES = {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}


def disagreements(matricule: str, traits: StrictTraits) -> tuple[Trait, ...]:
    """The traits that the matricule contradicts: sex, birth date (year, month when it is one), birth place.

    Nothing is compared with a matricule of another shape or with a wrong key, nor with a trait that is absent.
    """
    if not nir_key_is_valid(matricule):
        return ()
    found = []
    if traits.gender in {"F", "M"} and traits.gender != _SEXES[matricule[0]]:
        found.append(Trait.GENDER)
    if traits.birth_date is not None and not _birth_agrees(matricule, traits.birth_date.digits):
        found.append(Trait.BIRTH_DATE)
    cog = traits.birth_cog
    if cog is not None and cog_is_well_formed(cog) and not places_agree(matricule[5:10], cog):
        found.append(Trait.BIRTH_PLACE)
    return tuple(found)


def agreement_findings(matricule: str, traits: StrictTraits, *, where: str = "") -> tuple[Finding, ...]:
    """The disagreements as warnings (sex, birth date) and a note (place), and a birth place that has no COG form."""
    codes = {
        Trait.GENDER: "identity.ins_sex",
        Trait.BIRTH_DATE: "identity.ins_birth",
        Trait.BIRTH_PLACE: "identity.ins_birth_place",
    }
    found = [finding(codes[trait], where=where) for trait in disagreements(matricule, traits)]
    if traits.birth_cog is not None and not cog_is_well_formed(traits.birth_cog):
        found.append(finding("identity.cog_malformed", where=where))
    return tuple(found)


def _birth_agrees(matricule: str, digits: str) -> bool:
    """A month above 12 in a matricule stands for a civil record without one, and is not compared."""
    if digits[2:4] != matricule[1:3]:
        return False
    return len(digits) < 6 or not 1 <= int(matricule[3:5]) <= 12 or digits[4:6] == matricule[3:5]
