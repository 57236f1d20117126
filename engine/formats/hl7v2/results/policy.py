"""What each remark about a results message does to it, and how a laboratory may change that.

The rules themselves are in `rules`. Dispositions are our proposal (clinical safety first), not the standard's.
"""

from __future__ import annotations

from engine.findings import Disposition, Finding, disposition
from engine.formats.hl7v2.results.rules import RULES, Rule
from engine.model.directory import Laboratory


def finding(code: str, where: str = "", laboratory: Laboratory | None = None, /, **words: object) -> Finding:
    """A finding made from the table; KeyError for a code that is in no table, which is our bug.

    `words` fill the message and the remedy; they hold local codes, units, statuses or field numbers, never patient
    data.
    """
    found = RULES[code]
    return Finding(
        code=code,
        severity=found.severity,
        where=where,
        message=found.message.format_map(words),
        remedy=found.remedy.format_map(words),
        layer=_layer(code),
        disposition=_disposition(code, found, laboratory),
    )


def _disposition(code: str, found: Rule, laboratory: Laboratory | None) -> Disposition:
    """The laboratory's choice where it may choose; a rule that is never overridden may only be made stricter."""
    chosen = laboratory.policy.get(code) if laboratory is not None else None
    if chosen is None or chosen not in tuple(Disposition):
        return found.disposition
    wanted = Disposition(chosen)
    if found.may_override:
        return wanted
    both = (Finding(code, found.severity, "", "", disposition=one) for one in (wanted, found.disposition))
    return disposition(both)


def _layer(code: str) -> str:
    area = code.split(".", 1)[0]
    return "format" if area == "hl7v2" else area
