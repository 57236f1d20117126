"""The results of one report, sorted out: what is published, what is withdrawn, what is not a result at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.hprim.sante.mapping.attachments import is_attachment
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.coverage import coverage_findings
from engine.formats.hprim.sante.view.hierarchy import RequestGroup
from engine.formats.hprim.sante.view.request import RequestView, request_view
from engine.formats.hprim.sante.view.result import CANCELLED, PENDING, PUBLISHED, ResultView, result_view


@dataclass(slots=True, eq=False)
class Entry:
    """One OBX with what was said of it."""

    view: ResultView
    said: list[Segment]


@dataclass(slots=True, eq=False)
class Request:
    """One OBR and its OBX, by what they are."""

    view: RequestView
    said: list[Segment]
    entries: list[Entry] = field(default_factory=list)
    """Results to publish, cancelled ones among them."""
    titles: list[Entry] = field(default_factory=list)
    full_texts: list[Entry] = field(default_factory=list)
    documents: list[Entry] = field(default_factory=list)
    pending: list[Entry] = field(default_factory=list)
    """Not validated, or of unknown status: never published."""

    @property
    def published(self) -> list[Entry]:
        return self.entries + self.full_texts + self.documents


def requests(groups: list[RequestGroup], scope: Scope) -> tuple[Request, ...]:
    """Read the OBR of one report; the same test sent several times keeps its last valid result."""
    found = tuple(_request(group, scope) for group in groups)
    _keep_last(found, scope)
    return found


def _request(group: RequestGroup, scope: Scope) -> Request:
    made = Request(request_view(group.segment), list(group.comments))
    coverage_findings(group.segment, scope.remarks)
    for result in group.results:
        entry = Entry(result_view(result.segment), list(result.comments))
        coverage_findings(result.segment, scope.remarks)
        _place_of(entry, made, scope).append(entry)
    return made


def _place_of(entry: Entry, made: Request, scope: Scope) -> list[Entry]:
    view = entry.view
    if view.is_title:
        return made.titles
    if view.status in PENDING:
        scope.remarks.add("hprim.result_not_published", view.segment, 12, code=view.code, status=view.status)
        return made.pending
    if view.status not in PUBLISHED | CANCELLED:
        scope.remarks.add("hprim.status_unknown", view.segment, 12, status=view.status[:2])
        return made.pending
    if view.is_full_text and view.status not in CANCELLED:
        return made.full_texts
    if is_attachment(view) and view.status not in CANCELLED:
        return made.documents
    return made.entries


def _keep_last(found: tuple[Request, ...], scope: Scope) -> None:
    """Same test, sub-id and germ key in one report: the last one is valid (2.4); comments of the others go with it."""
    last: dict[tuple[str, ...], Entry] = {}
    replaced: set[Entry] = set()
    for request in found:
        for entry in request.entries:
            key = _key(entry.view)
            before = last.get(key) if entry.view.test.code else None
            if before is not None:
                replaced.add(before)
                entry.said = before.said + entry.said
                _say(before.view, entry.view, scope)
            last[key] = entry
    for request in found:
        request.entries = [entry for entry in request.entries if entry not in replaced]


def _key(view: ResultView) -> tuple[str, ...]:
    return (view.test.code, view.test.table, view.sub_id, view.place.key)


def _say(before: ResultView, after: ResultView, scope: Scope) -> None:
    """A correction after the result it corrects is expected; two valid results that differ need a person."""
    same = before.text == after.text and before.unit == after.unit
    expected = same or after.status in {"C", "X", "D"}
    code = "hprim.repeated_test" if expected else "hprim.repeated_test_differs"
    scope.remarks.add(code, after.segment, code=after.code)
