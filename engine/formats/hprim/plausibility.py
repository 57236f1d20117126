"""How much a text looks like a French laboratory report: a score to compare readings of the same bytes."""

from __future__ import annotations

import re

_LOWER = frozenset("éèàùçâêîôûëïüœ")
_UPPER = frozenset("ÉÈÀÙÇÂÊÎÔÛËÏÜŒ")
_TOLERATED = frozenset("áíóúñöäÁÍÓÚÑÖÄæÆÿ")
"""Letters of foreign names: neither for nor against."""
_TYPOGRAPHY = frozenset("’‘“”«»–—…€•\u00a0")
_SIGNS = re.compile(
    r"µ(?=g|mol|[lLmUk]|3|\b)|(?<=[0-9nNC ])°|°(?=C)|(?<=[0-9mM])[²³]|[±×÷≤≥](?= ?[0-9])|(?<=[a-zA-Z])’(?=\w)"
)
_WORDS = re.compile(
    r"\b(?:h[ée]moglobine glyqu[ée]e|h[ée]matocrite|h[ée]maties|h[ée]matologie|cr[ée]atinine|cr[ée]atinin[ée]mie"
    r"|glyc[ée]mie|pr[ée]lèvement|prélevé|protéines?|protéine|rés?ultats? antérieurs?|sérum|sérologie|bactériologie"
    r"|hématologie|hématies|hémoglobine|hématocrite|créatinine|créatininémie|glycémie|urée|ferritine sérique"
    r"|référence|validé|édité|médecin|édition|à jeun|numération|leucocytes éosinophiles|polynucléaires"
    r"|éosinophiles|né le|née le|âge|décembre|février|août|hôpital|côte|confrère|clinique spécialisée|élevée?"
    r"|négati(?:f|ve)|présence|contrôler?|dépistage|prénom|téléphone|dosage spécifique|hélène|françoise?|jérôme"
    r"|thérèse|geneviève|andrée?|rené|renée|rhône|église)\b",
    re.IGNORECASE,
)
_RUN = re.compile("[^\x00-\x7f]+")
_WINDOW = 60_000
"""Characters looked at, from the first that is not ASCII; more would not change the answer."""


def plausibility(text: str) -> int:
    """Points for French letters in words and the signs of units, against frames, controls and foreign letters."""
    first = _RUN.search(text)
    if first is None:
        return 0
    start = max(0, first.start() - 40)
    text = text[start : start + _WINDOW]
    score = sum(_points(text, place) for run in _RUN.finditer(text) for place in range(run.start(), run.end()))
    accented = (word for word in _WORDS.finditer(text) if not word.group().isascii())
    signs = sum(1 for _ in _SIGNS.finditer(text))
    return score + 4 * sum(1 for _ in accented) + 3 * signs


def _points(text: str, place: int) -> int:
    sign = text[place]
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    if sign in _LOWER:
        return _lower(before, after)
    if sign in _UPPER:
        return _upper(before, after)
    if sign in _TOLERATED:
        return -1 if before.islower() and sign.isupper() else 0
    if "\u2500" <= sign <= "\u259f":
        return 1 if "\u2500" <= before <= "\u259f" or "\u2500" <= after <= "\u259f" else -4
    if sign == "\ufffd" or "\x80" <= sign <= "\x9f":
        return -6
    if sign in _TYPOGRAPHY or sign in "µ°²³±×÷≤≥":
        return -1 if before.isalpha() and after.isalpha() and sign not in "’‘–" else 0
    return -3


def _lower(before: str, after: str) -> int:
    if before.isupper() and after.isupper():
        return -2
    return 3 if before.isalpha() or after.isalpha() else 1


def _upper(before: str, after: str) -> int:
    if before.islower():
        return -4
    return 2 if before.isupper() or after.isalpha() else 0
