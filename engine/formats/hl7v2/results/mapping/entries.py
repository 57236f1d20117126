"""The results of one report, sorted out: what is published, what is withdrawn, what is not a result at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.request import RequestView, request_view
from engine.formats.hl7v2.results.view.result import (
    CANCELLED,
    DOCUMENTS,
    NO_RESULT,
    PENDING,
    PUBLISHED,
    TEXTS,
    ResultView,
    result_view,
)
from engine.formats.hl7v2.results.view.tree import RequestGroup, ResultGroup


@dataclass(slots=True, eq=False)
class Entry:
    """One OBX, or several that are the lines of one text, with what was said of it."""

    view: ResultView
    notes: list[Segment]


@dataclass(slots=True, eq=False)
class Request:
    """One OBR and its OBX, by what they are."""

    view: RequestView
    group: RequestGroup
    entries: list[Entry] = field(default_factory=list)
    """Results to publish, cancelled ones among them."""
    full_texts: list[Entry] = field(default_factory=list)
    documents: list[Entry] = field(default_factory=list)
    pending: list[Entry] = field(default_factory=list)
    """Not validated, or of unknown status: never published."""

    @property
    def published(self) -> list[Entry]:
        return self.entries + self.full_texts + self.documents


def requests(groups: list[RequestGroup], scope: Scope) -> tuple[Request, ...]:
    """Read the OBR of one report."""
    return tuple(_request(group, scope) for group in groups)


def _request(group: RequestGroup, scope: Scope) -> Request:
    made = Request(request_view(group), group)
    for segment in (group.segment, *((group.order,) if group.order is not None else ())):
        coverage_findings(segment, scope.remarks)
    for entry in _joined(group.results, scope):
        place = _place_of(entry, made, scope)
        if place is not None:
            place.append(entry)
    _settle(made, scope)
    return made


def _joined(groups: list[ResultGroup], scope: Scope) -> list[Entry]:
    """TX and FT that follow one another for the same test, sub-id and status are the lines of one text."""
    found: list[Entry] = []
    for group in groups:
        coverage_findings(group.segment, scope.remarks)
        _restriction_finding(group, scope)
        entry = Entry(result_view(group.segment), list(group.notes))
        last = found[-1] if found else None
        if last is not None and _is_next_line(last, entry):
            last.view = replace(last.view, text=f"{last.view.text}\n{entry.view.text}")
            last.notes += entry.notes
        else:
            found.append(entry)
    return found


def _is_next_line(last: Entry, entry: Entry) -> bool:
    """A comment in between ends the text."""
    one, other = last.view, entry.view
    same = (one.type, one.key, one.status, one.unit) == (other.type, other.key, other.status, other.unit)
    return same and one.type in TEXTS and bool(one.code) and not last.notes


def _restriction_finding(group: ResultGroup, scope: Scope) -> None:
    if (group.segment.text("13") or "").strip(' "'):
        scope.remarks.add("hl7v2.access_restricted", group.segment, "13")


def _place_of(entry: Entry, made: Request, scope: Scope) -> list[Entry] | None:
    view = entry.view
    if view.status in NO_RESULT:
        scope.remarks.add("hl7v2.no_result_meant", view.segment, "11", code=view.code, status=view.status)
        return None
    if view.status in PENDING:
        scope.remarks.add("hl7v2.result_not_published", view.segment, "11", code=view.code, status=view.status)
        return made.pending
    if not view.status:
        scope.remarks.add("hl7v2.result_status_missing", view.segment, "11", code=view.code)
    elif view.status not in PUBLISHED | CANCELLED:
        scope.remarks.add("hl7v2.status_unknown", view.segment, "11", status=view.status[:2])
        return made.pending
    if view.type == "RP":
        scope.remarks.add("hl7v2.reference_pointer", view.segment, "5", code=view.code)
    if view.status in CANCELLED:
        return made.entries
    if view.is_full_text:
        return made.full_texts
    return made.documents if view.type in DOCUMENTS else made.entries


def _settle(made: Request, scope: Scope) -> None:
    """The same result several times in one request: a correction takes the place of what it corrects; a mere repetition
    is kept once; two values that differ are both shown, and a person looks (texts of one name may well follow on)."""
    kept: dict[tuple[str, ...], list[Entry]] = {}
    dropped: set[Entry] = set()
    for entry in made.entries:
        if not entry.view.code:
            continue
        before = kept.setdefault(entry.view.key, [])
        if entry.view.status in {"C", *CANCELLED} and before:
            dropped.update(before)
            entry.notes = [note for one in before for note in one.notes] + entry.notes
            kept[entry.view.key] = []
            scope.remarks.add("hl7v2.repeated_test", entry.view.segment, code=entry.view.code)
        elif any(_same_value(one.view, entry.view) for one in before):
            dropped.add(entry)
            before[-1].notes += entry.notes
            scope.remarks.add("hl7v2.repeated_test", entry.view.segment, code=entry.view.code)
        elif before and entry.view.type not in TEXTS:
            scope.remarks.add("hl7v2.repeated_test_differs", entry.view.segment, code=entry.view.code)
        if entry not in dropped:
            kept[entry.view.key].append(entry)
    made.entries = [entry for entry in made.entries if entry not in dropped]


def _same_value(one: ResultView, other: ResultView) -> bool:
    facts = (one.type, one.text, one.unit, one.range, one.flags, one.status)
    return facts == (other.type, other.text, other.unit, other.range, other.flags, other.status)
