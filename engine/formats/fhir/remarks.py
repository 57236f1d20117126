"""The remarks made while a Bundle is read: collected, never raised."""

from __future__ import annotations

from engine.findings import Disposition, Finding, disposition
from engine.formats.fhir.rules import finding


class Remarks:
    """Findings in the order they were made; the same code at the same place with the same words only once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Finding] = {}
        self._said: set[tuple[str, str]] = set()

    def add(self, code: str, where: str = "", /, **words: object) -> None:
        """A finding at an element, or about the whole."""
        self.keep(finding(code, where, **words))

    def once(self, code: str, where: str, /, **words: object) -> None:
        """A finding said only at its first place, however often its words come back."""
        made = finding(code, where, **words)
        if (made.code, made.message) not in self._said:
            self.keep(made)

    def keep(self, one: Finding) -> None:
        self._said.add((one.code, one.message))
        self._found.setdefault((one.code, one.where, one.message), one)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._found.values())

    @property
    def refused(self) -> bool:
        return disposition(self._found.values()) is Disposition.REFUSE
