"""What is found in a message, graded by the mode it is read in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.findings import Disposition, Finding, Severity
from engine.formats.hl7v2.path import Path
from engine.formats.hl7v2.rules import RULES, Grade


class Mode(StrEnum):
    """How a route reads its messages."""

    STRICT = "strict"
    """What a specification forbids is refused: for a sender under test."""
    TOLERANT = "tolerant"
    """Only what would harm somebody is refused; the rest is said."""
    LINT = "lint"
    """Only what would harm somebody is refused; the rest is said, and holds nothing."""


_ERROR = (Severity.ERROR, Disposition.REFUSE)
_HELD = (Severity.ERROR, Disposition.HOLD)
_SAID = (Severity.ERROR, Disposition.PUBLISH)
_WARNING = (Severity.WARNING, Disposition.PUBLISH)
_INFO = (Severity.INFO, Disposition.PUBLISH)

_MILD = {Grade.ODD: _WARNING, Grade.NOTE: _INFO}
_EFFECT: Mapping[Mode, Mapping[Grade, tuple[Severity, Disposition]]] = {
    Mode.STRICT: {Grade.FATAL: _ERROR, Grade.DOUBT: _ERROR, Grade.FAULT: _ERROR, **_MILD},
    Mode.TOLERANT: {Grade.FATAL: _ERROR, Grade.DOUBT: _HELD, Grade.FAULT: _WARNING, **_MILD},
    Mode.LINT: {Grade.FATAL: _ERROR, Grade.DOUBT: _SAID, Grade.FAULT: _SAID, **_MILD},
}


@dataclass(frozen=True, slots=True)
class Hl7Finding:
    """One broken rule, where ERR wants it."""

    code: str
    path: Path | None
    """None when it is about the whole message."""
    severity: Severity
    disposition: Disposition
    error: str
    """HL7 table 0357 (ERR-3)."""
    message: str
    remedy: str = ""
    application: str = ""
    """Application error of the volet (ERR-5); empty where there is none."""

    def finding(self) -> Finding:
        """As the rest of the engine says it."""
        where = "" if self.path is None else str(self.path)
        return Finding(self.code, self.severity, where, self.message, self.remedy, "format", self.disposition)


def hl7_finding(
    code: str, where: Path | None, mode: Mode, /, *, grade: Grade | None = None, **words: object
) -> Hl7Finding:
    """A finding made from the table; `words` hold no patient data. KeyError for an unknown code."""
    rule = RULES[code]
    severity, disposition = _EFFECT[mode][grade or rule.grade]
    place = "" if where is None else str(where)
    message, remedy = (text.format_map({"place": place} | words) for text in (rule.message, rule.remedy))
    return Hl7Finding(code, where, severity, disposition, rule.error, message, remedy, rule.application)
