"""Code of the place of birth (code officiel géographique, INSEE): its form, and the place a matricule says.

A commune is a département and three digits (two overseas), Corsica is 2A or 2B (20 for those born before 1976), a
foreign country is 99 and three digits; 99999 stands for a place nobody knows.
"""

from __future__ import annotations

import re

UNKNOWN_PLACE = "99999"
_COG = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB])[0-9]{3}|9[78][0-9]{3}|99[0-9]{3}")
_CORSICA = frozenset({"20", "2A", "2B"})


def cog_is_well_formed(cog: str) -> bool:
    """True when the five signs have the form of a COG code; whether the commune exists is not known here."""
    return _COG.fullmatch(cog) is not None


def is_abroad(cog: str) -> bool:
    return cog.startswith("99")


def places_agree(said: str, cog: str) -> bool:
    """Whether the five signs of place of a matricule (6 to 10) name the place of a COG code."""
    if said == cog or UNKNOWN_PLACE in (said, cog):
        return True
    return said[:2] in _CORSICA and cog[:2] in _CORSICA and "20" in (said[:2], cog[:2]) and said[2:] == cog[2:]
