"""The remarks made while one message, or one document of it, is read: collected, never raised."""

from __future__ import annotations

from engine.findings import Finding
from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.policy import finding
from engine.model.directory import Laboratory


class Remarks:
    """Findings in the order they were made; the same code at the same place with the same words only once."""

    def __init__(self, laboratory: Laboratory | None) -> None:
        self.laboratory = laboratory
        self._found: dict[tuple[str, str, str], Finding] = {}
        self._said: set[tuple[str, str]] = set()

    def add(self, code: str, segment: Segment | None = None, inside: str = "", /, **words: object) -> None:
        """A finding at a place of a segment (`5.1`, `3[2].4`), at the segment, or about the whole.

        The word `field` is the place without numbers of segment: `OBX-5`.
        """
        where = "" if segment is None else str(segment.path(inside))
        if segment is not None:
            words.setdefault("field", f"{segment.name}-{inside}" if inside else segment.name)
        self.keep(finding(code, where, self.laboratory, **words))

    def once(self, code: str, segment: Segment, inside: str = "", /, **words: object) -> None:
        """A finding said only at its first place, however often its words come back."""
        words.setdefault("field", f"{segment.name}-{inside}" if inside else segment.name)
        made = finding(code, str(segment.path(inside)), self.laboratory, **words)
        if (made.code, made.message) not in self._said:
            self.keep(made)

    def keep(self, one: Finding) -> None:
        self._said.add((one.code, one.message))
        self._found.setdefault((one.code, one.where, one.message), one)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._found.values())
