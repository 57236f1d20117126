"""OBX: one result (HL7 v2.5, 7.4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.view.datatypes import Coded, coded, local_first
from engine.formats.hl7v2.results.view.fields import lines, repetitions, text
from engine.formats.hl7v2.results.view.formatted import formatted, paragraph

PUBLISHED = frozenset({"F", "C", "U"})
"""OBX-11 (table 0085): final, corrected, confirmed."""
PENDING = frozenset({"R", "P", "I", "S"})
"""Not verified, preliminary, pending, partial."""
WITHDRAWN = frozenset({"D", "W"})
"""Deleted, or posted as wrong."""
CANCELLED = frozenset({"X", *WITHDRAWN})
NO_RESULT = frozenset({"N", "O"})
"""Not asked for, or a detail of the order: no result is meant."""
CODED = frozenset({"CE", "CWE", "CNE", "CF"})
TEXTS = frozenset({"TX", "FT"})
TIMES = frozenset({"DT", "TM", "TS", "DTM", "DT1"})
DOCUMENTS = frozenset({"ED"})
TYPES = frozenset({"NM", "SN", "ST", "IS", "ID", "RP", *CODED, *TEXTS, *TIMES, *DOCUMENTS})
SUSCEPTIBILITIES = frozenset({"R", "I", "S", "MS", "VS", "SDD", "NS"})
"""A drug's effect on a germ: flags of OBX-8 (table 0078), and those of EUCAST and CLSI."""
REPORT_CODES = frozenset({"11502-2", "CR_EDITABLE", "CREDITABLE"})
"""The whole report: its LOINC type, and the names HPRIM Santé gave it."""
_POWER = re.compile(r"x?10\Z")
_AFTER_POWER = re.compile(r"-?[0-9]+(/.*)?\Z")


@dataclass(frozen=True, slots=True, eq=False)
class ResultView:
    """The result as sent; texts are empty when absent."""

    segment: Segment
    type: str
    """OBX-2."""
    test: Coded
    """OBX-3, the laboratory's own code."""
    second: Coded
    """OBX-3, the other one."""
    sub_id: str
    """OBX-4."""
    text: str
    """OBX-5 of a text type: all of it, a line break for each repetition."""
    unit: Coded
    """OBX-6: code, label, system."""
    range: str
    """OBX-7."""
    flags: tuple[str, ...]
    """OBX-8."""
    status: str
    """OBX-11."""
    obtained: str
    """OBX-14."""

    @property
    def label(self) -> str:
        return self.test.label or self.second.label

    @property
    def code(self) -> str:
        """What names the test in a finding: its code, else its label."""
        return self.test.code or self.label

    @property
    def is_full_text(self) -> bool:
        """The whole report as text."""
        named = {self.test.code.upper(), self.second.code.upper()}
        return self.type in TEXTS and not named.isdisjoint(REPORT_CODES)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells a result from the others of its request."""
        return (self.test.system, self.test.code or self.label, self.sub_id, self.obtained)


def result_view(segment: Segment) -> ResultView:
    """Name the fields of an OBX."""
    test, second = local_first(segment, 3)
    kind = text(segment, "2.1").upper()
    return ResultView(
        segment=segment,
        type=kind,
        test=test,
        second=second,
        sub_id=text(segment, "4.1"),
        text=_text(segment, kind),
        unit=_unit(segment),
        range="\n".join(lines(segment, 7)).strip(),
        flags=tuple(flag for rank in repetitions(segment, 8) if (flag := text(segment, f"8[{rank}].1"))),
        status=text(segment, "11.1").upper(),
        obtained=text(segment, "14.1"),
    )


def _text(segment: Segment, kind: str) -> str:
    """A document is never decoded as text."""
    if kind in DOCUMENTS:
        return ""
    if kind in TEXTS:
        return paragraph(segment, 5)
    return formatted("\n".join(lines(segment, 5))).strip()


def _unit(segment: Segment) -> Coded:
    """A power whose hat was not escaped (`10^9/L`) is one unit, never two components."""
    found = coded(segment, 6)
    if _POWER.match(found.code) and _AFTER_POWER.match(found.label):
        return Coded(f"{found.code}^{found.label}", "", "")
    return found


def unit_is_split(view: ResultView) -> bool:
    """True when the unit was put together again."""
    return view.unit.code.startswith(("10^", "x10^")) and text(view.segment, "6.1") != view.unit.code
