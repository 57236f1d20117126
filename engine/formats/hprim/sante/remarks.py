"""The remarks made while one message, or one document of it, is read: collected, never raised."""

from __future__ import annotations

from engine.findings import Finding
from engine.formats.hprim.policy import finding
from engine.formats.hprim.sante.segments import Segment
from engine.model.directory import Laboratory


class Remarks:
    """Findings in the order they were made; the same code at the same place with the same words only once."""

    def __init__(self, laboratory: Laboratory | None) -> None:
        self.laboratory = laboratory
        self._found: dict[tuple[str, str, str], Finding] = {}

    def add(
        self,
        code: str,
        segment: Segment | None = None,
        number: int | None = None,
        sub: int | None = None,
        /,
        **words: object,
    ) -> None:
        """A finding at a field or sub-field, a segment, or about the whole."""
        where = "" if segment is None else segment.origin if number is None else segment.where(number, sub)
        if number is not None and segment is not None and "field" not in words:
            words["field"] = segment.where(number).removeprefix(f"{segment.origin}.")
        line = None if segment is None else segment.line
        self.keep(finding(code, where, self.laboratory, line=line, **words))

    def once(
        self, code: str, segment: Segment, number: int | None = None, sub: int | None = None, /, **words: object
    ) -> None:
        """A finding said only at its first place, however often its words come back."""
        made = Remarks(self.laboratory)
        made.add(code, segment, number, sub, **words)
        (one,) = made.findings
        if not any(kept.code == one.code and kept.message == one.message for kept in self._found.values()):
            self.keep(one)

    def keep(self, one: Finding) -> None:
        self._found.setdefault((one.code, one.where, one.message), one)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._found.values())
