"""The results of one act in the order the laboratory prints them: batteries, results, germs, titles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.formats.hprim.sante.datatypes import Coded
from engine.formats.hprim.sante.mapping.comments import comments
from engine.formats.hprim.sante.mapping.concepts import local_code, loinc
from engine.formats.hprim.sante.mapping.entries import Entry, Request
from engine.formats.hprim.sante.mapping.microbiology import Culture
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.terminology.mapping import mapped_test
from engine.model.laboratory import Battery, CodedValue, Comment, Concept, Isolate, Item, Result


@dataclass(frozen=True, slots=True)
class Group:
    """What one battery, or one title, holds together."""

    battery: str
    title: Entry | None


def in_print_order(entries: list[Entry]) -> list[Entry]:
    """By rank of battery (10.16.4), of test (10.16.5), then as sent; as sent when a rank is missing."""
    ranks = [(one.view.place.battery_rank, one.view.place.test_rank) for one in entries]
    if any(rank is None for pair in ranks for rank in pair):
        return list(entries)
    return sorted(entries, key=lambda one: (one.view.place.battery_rank or 0, one.view.place.test_rank or 0))


def items(
    request: Request, entries: list[Entry], results: Mapping[Entry, Result], found: list[Culture], scope: Scope
) -> tuple[Item, ...]:
    """Batteries in order, each with its results; a germ stands after the battery it was found in."""
    tied = {entry for culture in found for entry in culture.entries}
    groups: dict[Group, list[Entry]] = {}
    for entry in in_print_order(entries):
        groups.setdefault(_group(entry, request), []).append(entry)
    made: list[Item] = []
    for group, members in groups.items():
        plain = tuple(results[one] for one in members if one not in tied)
        made += _battery(group, plain, request, scope)
        made += [_isolate(one, results) for one in found if one.germ in members]
    return tuple(made)


def lone_titles(request: Request, entries: list[Entry], scope: Scope) -> tuple[Comment, ...]:
    """Titles under which nothing stands: kept as words."""
    used = {_group(entry, request).title for entry in entries}
    lone = [one for one in request.titles if one not in used and one.view.label]
    made: list[Comment] = []
    for one in lone:
        made.append(Comment(one.view.label, one.view.segment.origin))
        made.extend(comments(one.said, scope))
    return tuple(made)


def _group(entry: Entry, request: Request) -> Group:
    """The battery of 10.16.3 with its title; without one, the last title sent before the result."""
    battery = entry.view.place.battery
    if battery:
        title = next((one for one in request.titles if one.view.place.battery == battery), None)
        return Group(battery, title)
    number = entry.view.segment.number
    before = [one for one in request.titles if one.view.segment.number < number and not one.view.place.battery]
    return Group("", before[-1] if before else None)


def _battery(group: Group, results: tuple[Result, ...], request: Request, scope: Scope) -> list[Item]:
    if not group.battery and group.title is None:
        return list(results)
    said = () if group.title is None else comments(group.title.said, scope)
    if not results:
        words = group.title.view.label if group.title is not None else ""
        return [Comment(words, group.title.view.segment.origin), *said] if group.title is not None and words else []
    origin = group.title.view.segment.origin if group.title is not None else results[0].origin
    return [Battery(_concept(group, request, scope), results, origin, said)]


def _concept(group: Group, request: Request, scope: Scope) -> Concept:
    """Title, else the words of 9.5 for this code, else the code; LOINC by the laboratory's table."""
    asked = next((one.label for one in request.view.analyses if one.code == group.battery and one.label), "")
    if not group.battery:
        assert group.title is not None
        local = local_code(group.title.view.test, scope)
        return Concept(group.title.view.label or group.title.view.test.code, None, () if local is None else (local,))
    title = group.title.view.label if group.title is not None else ""
    label = title or asked or group.battery
    known = mapped_test(scope.laboratory, group.battery, unit=None, specimen=None, on=None)
    local = local_code(Coded(group.battery, asked or title, ""), scope)
    return Concept(label, loinc(known), () if local is None else (local,))


def _isolate(culture: Culture, results: Mapping[Entry, Result]) -> Isolate:
    germ = results[culture.germ]
    organism = germ.value if isinstance(germ.value, CodedValue) else CodedValue(germ.value_as_sent)
    about = tuple(results[one] for one in (culture.germ, *culture.others))
    return Isolate(organism, germ.origin, about, tuple(results[one] for one in culture.drugs))
