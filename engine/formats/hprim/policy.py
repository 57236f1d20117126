"""What each remark about an HPRIM message does to it, and how a laboratory may change that.

The rules themselves are in `rules`. Dispositions are our proposal (clinical safety first), not the recommendation's.
"""

from __future__ import annotations

from engine.findings import Disposition, Finding, disposition
from engine.formats.hprim.rules import RULES, Rule
from engine.model.directory import Laboratory


def rule(code: str) -> Rule:
    """The rule of a finding code; KeyError for a code that is in no table, which is our bug."""
    return RULES[code]


def finding(
    code: str, where: str = "", laboratory: Laboratory | None = None, /, *, line: int | None = None, **words: object
) -> Finding:
    """A finding made from the table.

    `words` fill the message and the remedy; they hold local codes, units, counts or file names, never patient data.
    """
    found = rule(code)
    return Finding(
        code=code,
        severity=found.severity,
        where=where,
        message=found.message.format_map(words),
        remedy=found.remedy.format_map(words),
        layer=_layer(code),
        disposition=_disposition(code, found, laboratory),
        line=line,
    )


def _disposition(code: str, found: Rule, laboratory: Laboratory | None) -> Disposition:
    """The laboratory's choice where it may choose; a rule that is never overridden may only be made stricter."""
    chosen = laboratory.policy.get(code) if laboratory is not None else None
    if chosen is None or chosen not in tuple(Disposition):
        return found.disposition
    wanted = Disposition(chosen)
    if found.may_override:
        return wanted
    stricter = Finding(code, found.severity, "", "", disposition=wanted)
    return disposition((stricter, Finding(code, found.severity, "", "", disposition=found.disposition)))


def _layer(code: str) -> str:
    area = code.split(".", 1)[0]
    return "format" if area == "hprim" else area
