"""The findings made while one message is judged: collected, never raised; the same one at the same place only once."""

from __future__ import annotations

from engine.formats.hl7v2.findings import Hl7Finding, Mode, hl7_finding
from engine.formats.hl7v2.path import Path
from engine.formats.hl7v2.rules import Grade


class Remarks:
    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self._found: dict[tuple[str, str, str], Hl7Finding] = {}

    def add(self, code: str, where: Path | None, /, *, grade: Grade | None = None, **words: object) -> None:
        """`grade` overrules that of the table, where a setting decides."""
        found = hl7_finding(code, where, self.mode, grade=grade, **words)
        self._found.setdefault((code, str(where), found.message), found)

    @property
    def findings(self) -> tuple[Hl7Finding, ...]:
        return tuple(self._found.values())
