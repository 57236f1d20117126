"""Laboratory results as they are read: rows of a table, as sent, with their flags in words and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.model.laboratory import (
    PREVIOUS_VERSION,
    CodedValue,
    Comment,
    Concept,
    Interpretation,
    Interval,
    PreviousResult,
    Quantity,
    ReferenceRange,
    Result,
    TextValue,
    Value,
)
from engine.model.parties import Professional
from engine.model.values import Timestamp
from engine.rendering.french_dates import french_date
from engine.rendering.heading import professional
from engine.rendering.typesetting import Data

FLAG_SIGNS = {
    "L": "↓ L",
    "H": "↑ H",
    "LL": "↓↓ LL",
    "HH": "↑↑ HH",
    "LU": "↓↓ LU",
    "HU": "↑↑ HU",
    "A": "! A",
    "AA": "!! AA",
}
FLAG_WORDS = {
    "L": "inférieur aux valeurs de référence",
    "H": "supérieur aux valeurs de référence",
    "LL": "inférieur au seuil critique bas",
    "HH": "supérieur au seuil critique haut",
    "LU": "nettement inférieur aux valeurs de référence",
    "HU": "nettement supérieur aux valeurs de référence",
    "<": "inférieur à la limite de mesure",
    ">": "supérieur à la limite de mesure",
    "A": "anormal",
    "AA": "très anormal",
    "U": "forte hausse",
    "D": "forte baisse",
    "B": "amélioration",
    "W": "aggravation",
}
"""Meaning of a flag (HPRIM Santé 2.4, 10.9; HL7 v3 ObservationInterpretation), for the legend of a report."""
_CRITICAL = frozenset({"LL", "HH", "AA"})
_UNREMARKABLE = frozenset({"N", "S", "B", "NEG"})
_STATUS_WORDS = {"C": "Résultat corrigé", "U": "Résultat confirmé sans changement"}
"""HPRIM Santé 2.4, 10.12."""
_WIDE_TEXT = 24
"""Characters from which a text result takes the width of unit and range too."""
_ROOMY_TEXT = 12
"""Characters from which a result without a unit takes the width of the unit too."""
_ONE_BOUND = re.compile(r"^(?P<to>-)?\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<from>-)?$")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the head of a sub-section already says for all its results."""

    time: Timestamp | None
    validators: tuple[Professional, ...]


def result_row(result: Result, shared: Shared) -> dict[str, Data]:
    """One line of the table `Examen | Résultat | Unité | écart | Valeurs de référence | Antériorité`."""
    cancelled = result.status == "aborted"
    value = shown_value(result.value, result.value_as_sent, result.unit_as_sent)
    unit = result.unit_as_sent or ""
    reference = reference_lines(result.reference_range)
    bare = not unit and not reference
    return {
        "kind": "result",
        "name": label(result.concept),
        "value": value,
        "unit": unit,
        "wide": bare and (len(value) > _WIDE_TEXT or "\n" in value),
        "roomy": not unit and len(value) > _ROOMY_TEXT,
        "cancelled": cancelled,
        "level": "" if cancelled else level(result.interpretations),
        "flags": [flag(interpretation) for interpretation in result.interpretations if flag(interpretation)],
        "reference": list(reference),
        "previous": [_previous(earlier, result.unit_as_sent) for earlier in result.previous],
        "notes": list(notes(result, shared)),
        "comments": [comment_text(comment) for comment in result.comments],
    }


def label(concept: Concept) -> str:
    """The words sent, else the code: a line always says what was measured."""
    codes = (*concept.local, *((concept.code,) if concept.code else ()))
    return concept.text or next((code.code for code in codes), "libellé non transmis")


def comment_text(comment: Comment) -> str:
    """A comment as sent, told apart when it comes from the version before."""
    if comment.origin.endswith(PREVIOUS_VERSION):
        return f"Commentaire de la version précédente : {comment.text}"
    return comment.text


def shown_value(value: Value | None, as_sent: str, unit_as_sent: str | None) -> str:
    """A result as sent: its own digits for a measure, its words for a coded value, its lines for a text."""
    if isinstance(value, CodedValue):
        known = not as_sent or value.text in as_sent or (value.local is not None and value.local.code == as_sent)
        return value.text if known else f"{value.text} ({as_sent})"
    if isinstance(value, TextValue) and (not unit_as_sent or not as_sent):
        return value.text
    return as_sent or _typed(value)


def _typed(value: Value | None) -> str:
    """A measure whose sender gave it typed, without words of its own."""
    if isinstance(value, Quantity):
        return _number(value.value)
    if isinstance(value, Interval):
        low = f"{'≥' if value.low_inclusive else '>'} {_number(value.low.value)}" if value.low else ""
        high = f"{'≤' if value.high_inclusive else '<'} {_number(value.high.value)}" if value.high else ""
        return " et ".join(bound for bound in (low, high) if bound)
    return ""


def _number(value: Decimal) -> str:
    return f"{value:f}"


def flag(interpretation: Interpretation) -> str:
    """What the flag column shows: a sign and the letters as sent; nothing for a normal result."""
    code = interpretation.code.code if interpretation.code else None
    sent = interpretation.as_sent.strip()
    if code is None:
        return sent
    if code == "N":
        return ""
    shown = FLAG_SIGNS.get(code, code)
    return shown if sent in ("", code) else f"{shown} ({sent})"


def level(interpretations: tuple[Interpretation, ...]) -> str:
    """`critical`, `abnormal` or nothing: how strongly a row is emphasised. A flag nobody mapped is emphasised."""
    codes = {interpretation.code.code if interpretation.code else "?" for interpretation in interpretations}
    if codes & _CRITICAL:
        return "critical"
    return "abnormal" if codes - _UNREMARKABLE else ""


def reference_lines(reference: ReferenceRange | None) -> tuple[str, ...]:
    """The range as sent; a range with one bound, which could be read as a negative number, is put in words first."""
    if reference is None:
        return ()
    text = reference.text
    match = _ONE_BOUND.match(text.strip())
    interval = reference.interval
    if match is None or interval is None:
        return tuple(text.split("\n")) if text else ()
    if match["to"] and not match["from"] and interval.low is None:
        return (f"jusqu'à {match['number']}", f"transmis : {text}")
    if match["from"] and not match["to"] and interval.high is None:
        return (f"à partir de {match['number']}", f"transmis : {text}")
    return (text,)


def _previous(earlier: PreviousResult, unit: str | None) -> dict[str, Data]:
    value = shown_value(earlier.value, earlier.value_as_sent, earlier.unit_as_sent)
    if earlier.unit_as_sent and earlier.unit_as_sent != unit:
        value = f"{value} {earlier.unit_as_sent}"
    return {"value": value, "time": french_date(earlier.time) if earlier.time else ""}


def notes(result: Result, shared: Shared) -> tuple[str, ...]:
    """Small print under the name: where it comes from, method, then hour and validators that are its own."""
    lines = []
    if result.status != "aborted":
        if result.carried_over:
            lines.append("Résultat repris de la version précédente")
        elif result.status_as_sent in _STATUS_WORDS:
            lines.append(_STATUS_WORDS[result.status_as_sent])
    if result.method is not None:
        lines.append(f"Méthode : {result.method.display or result.method.code}")
    if result.time is not None and result.time != shared.time:
        lines.append(f"Le {french_date(result.time)}")
    if result.validators and result.validators != shared.validators:
        lines.append(f"Validé par {', '.join(professional(someone) for someone in result.validators)}")
    return tuple(lines)
