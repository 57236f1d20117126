"""What is said of a name that the catalogue does not know: where, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity


def nearest(word: str, among: Iterable[str]) -> str:
    """« Vouliez-vous dire … ? » with the nearest names, at most three, or every name when none is near.

    The word itself is never repeated: a caller that mixes its fields up may have put anything there.
    """
    choices = {choice.casefold(): choice for choice in among}
    near = difflib.get_close_matches(word.strip().casefold(), choices, n=3, cutoff=0.6)
    if near:
        return f"Vouliez-vous dire {' ou '.join(f'« {choices[one]} »' for one in near)} ?"
    return f"Choix possibles : {', '.join(sorted(choices.values()))}." if choices else "Aucun choix n'est connu."


def unknown(what: str, where: str, message: str, word: str, among: Iterable[str]) -> DocumentError:
    """`catalogue.unknown_<what>`, with the nearest of the names that would have done."""
    return refusal(f"catalogue.unknown_{what}", where, message, nearest(word, among))


def refusal(code: str, where: str, message: str, remedy: str) -> DocumentError:
    """An error that carries its one finding, which refuses."""
    finding = Finding(code, Severity.ERROR, where, message, remedy, "catalogue", Disposition.REFUSE)
    return DocumentError(code, message, where=where, findings=(finding,))
