"""One request → one act of a chapter: its samples, its comments, its results and its germs, in the order sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.formats.hl7v2.results.mapping.comments import comments
from engine.formats.hl7v2.results.mapping.concepts import loinc
from engine.formats.hl7v2.results.mapping.entries import Entry, Request
from engine.formats.hl7v2.results.mapping.microbiology import Culture
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.specimens import specimens
from engine.formats.hl7v2.results.view.datatypes import coded
from engine.formats.hl7v2.results.view.fields import repetitions
from engine.formats.terminology.mapping import mapped_test
from engine.model.directory import MappedTest
from engine.model.laboratory import CodedValue, Comment, Isolate, Item, LabAct, Result, Specimen
from engine.model.parties import Professional
from engine.model.values import Code


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of each entry and request before they are arranged."""

    results: Mapping[Entry, Result]
    tests: Mapping[Entry, MappedTest | None]
    validators: Mapping[Request, tuple[Professional, ...]]
    statuses: Mapping[Request, str]


def act(
    request: Request, entries: list[Entry], first: bool, germs: list[Culture], made: Made, scope: Scope
) -> LabAct | None:
    """OBR-4 title · 22 time · SPM samples. Comments of the request go with its first act (`first`).

    None, with a finding, for a request that has nothing to show.
    """
    here = [one for one in germs if one.germ in entries]
    together = [request, *(follower for one in here for follower in one.followers)]
    head = (*comments(request.group.notes, scope), *_collector_comments(request)) if first else ()
    shown = head + _items(entries, germs, made, scope)
    samples = _samples(together, scope)
    if not (shown or samples):
        if not (request.full_texts or request.documents):
            scope.remarks.once("hl7v2.request_without_result", request.view.segment)
        return None
    return LabAct(
        title=_title(together),
        origin=str(request.view.segment.path()),
        items=shown,
        code=_code(request, scope),
        status=_status(together, made),
        specimens=samples,
        validators=tuple(dict.fromkeys(one for each in together for one in made.validators[each])),
        time=scope.time(request.view.segment, "22"),
    )


def _items(entries: list[Entry], germs: list[Culture], made: Made, scope: Scope) -> tuple[Item, ...]:
    """A germ stands where it was sent, with all that is tied to it."""
    tied = {entry for culture in germs for entry in culture.entries}
    by_germ = {culture.germ: culture for culture in germs}
    found: list[Item] = []
    for entry in entries:
        if entry in by_germ:
            found.append(_isolate(by_germ[entry], made.results, scope))
        elif entry not in tied:
            found.append(made.results[entry])
    return tuple(found)


def _isolate(culture: Culture, results: Mapping[Entry, Result], scope: Scope) -> Isolate:
    """Comments of the requests that follow the germ go with it."""
    germ = results[culture.germ]
    organism = germ.value if isinstance(germ.value, CodedValue) else CodedValue(germ.value_as_sent)
    about = tuple(results[one] for one in (culture.germ, *culture.others))
    said = tuple(
        one
        for follower in culture.followers
        for one in (*comments(follower.group.notes, scope), *_collector_comments(follower))
    )
    return Isolate(organism, germ.origin, about, tuple(results[one] for one in culture.drugs), said)


def _collector_comments(request: Request) -> tuple[Comment, ...]:
    """OBR-39, the collector's comment."""
    segment = request.view.segment
    words = [one.words for rank in repetitions(segment, 39) if (one := coded(segment, 39, repetition=rank)).words]
    return tuple(Comment(one, str(segment.path("39"))) for one in words)


def _title(together: list[Request]) -> str:
    titles = dict.fromkeys(one.view.words for one in together if one.view.words)
    service = together[0].view.service
    return ", ".join(titles) or service.words or "Examens"


def _samples(together: list[Request], scope: Scope) -> tuple[Specimen, ...]:
    """Those of the request, then those of its followers that have another number."""
    found: list[Specimen] = list(specimens(together[0].group, scope))
    for follower in together[1:]:
        known = {one.id for one in found}
        found += [one for one in specimens(follower.group, scope) if one.id is not None and one.id not in known]
    return tuple(found)


def _status(together: list[Request], made: Made) -> str:
    statuses = {made.statuses[one] for one in together}
    return "active" if "active" in statuses else made.statuses[together[0]]


def _code(request: Request, scope: Scope) -> Code | None:
    code = request.view.analysis.code
    return loinc(mapped_test(scope.laboratory, code, unit=None, specimen=None, on=None)) if code else None
