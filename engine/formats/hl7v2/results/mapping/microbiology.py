"""Germs and their antibiograms → Isolate: tied by the parent links of OBR-26 and OBR-29, else by OBX-4.

A drug is tied to a germ only when one germ, and one alone, can be meant; else the drug stays a plain result and the
document is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.hl7v2.results.mapping.entries import Entry, Request
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.values import codes, value_as_sent
from engine.formats.hl7v2.results.view.request import ParentResult, RequestView
from engine.formats.hl7v2.results.view.result import CODED, SUSCEPTIBILITIES, TEXTS, ResultView
from engine.formats.terminology.chapters import chapter
from engine.formats.terminology.mapping import mapped_value
from engine.formats.terminology.words import folded

_ANTIBIOGRAM = "18769-0"
_GERM_WORDS = frozenset(
    {"GERME", "BACTERIE", "LEVURE", "CHAMPIGNON", "MICROORGANISME", "ORGANISME", "IDENTIFICATION", "ISOLAT"}
    | {"BACTERIA", "MICROORGANISM", "ORGANISM"}
)
_GERM_LOINC = frozenset({"600-7", "630-4", "634-6", "6463-4"})
"""Bacteria identified in blood, in urine, and in any specimen, by culture."""


@dataclass(slots=True)
class Culture:
    """One germ and the entries tied to it, in the order sent."""

    germ: Entry
    request: Request
    others: list[Entry] = field(default_factory=list)
    drugs: list[Entry] = field(default_factory=list)
    followers: list[Request] = field(default_factory=list)
    """Requests that follow this germ and hold nothing else (OBR-26)."""

    @property
    def entries(self) -> list[Entry]:
        return [self.germ, *self.others, *self.drugs]


def cultures(requests: tuple[Request, ...], scope: Scope) -> list[Culture]:
    """The germs of a report with what is tied to them; entries tied to none are left to the caller."""
    found = [Culture(germ, request) for request in requests for germ in _germs(request, requests, scope)]
    germs = {one.germ for one in found}
    for request in requests:
        if is_follower(request.view):
            _tie_follower(request, requests, found, scope)
        else:
            _tie_siblings(request, found, germs, scope)
    return [one for one in found if one.drugs or one.others or _is_official(one.germ.view, scope)]


def parent_of(view: RequestView, requests: tuple[Request, ...]) -> Request | None:
    """The one request whose filler number, else placer number, OBR-29 gives."""
    placer, filler = view.parent
    for wanted, number in ((filler, "filler"), (placer, "placer")):
        found = [one for one in requests if wanted and getattr(one.view, number).id == wanted and one.view is not view]
        found = [one for one in found if not is_follower(one.view)] or found
        if len(found) == 1:
            return found[0]
    return None


def is_follower(view: RequestView) -> bool:
    """A request made because of a result of another one: it names that result, or that request."""
    return bool(view.parent_result) or any(view.parent)


def is_susceptibility(view: ResultView) -> bool:
    """A drug against a germ: its value or its flag is R, I, S…"""
    if _is_named_germ(view):
        return False
    said = {one.code.upper() for one in codes(view)} if view.type in CODED else {view.text.upper()}
    return bool(SUSCEPTIBILITIES & said) or any(flag.upper() in SUSCEPTIBILITIES for flag in view.flags)


def _tie_follower(request: Request, requests: tuple[Request, ...], found: list[Culture], scope: Scope) -> None:
    """All that a follower holds is about the germ it follows."""
    parent = parent_of(request.view, requests)
    candidates = [one for one in found if parent is None or one.request is parent]
    owners = [one for one in candidates if _is_meant(request.view.parent_result, one.germ.view, scope)]
    is_antibiogram = _is_antibiogram(request, scope)
    if len(owners) != 1:
        for entry in request.entries:
            if is_antibiogram or is_susceptibility(entry.view):
                scope.remarks.add("hl7v2.isolate_ambiguous", entry.view.segment, code=entry.view.code)
        return
    (owner,) = owners
    for entry in request.entries:
        is_drug = is_susceptibility(entry.view) or (is_antibiogram and entry.view.type not in TEXTS)
        (owner.drugs if is_drug else owner.others).append(entry)
    owner.followers.append(request)


def _tie_siblings(request: Request, found: list[Culture], germs: set[Entry], scope: Scope) -> None:
    """In the request of the germs themselves, OBX-4 says which one; a lone germ needs no number."""
    here = [one for one in found if one.request is request]
    for entry in request.entries:
        if entry in germs:
            continue
        is_drug = is_susceptibility(entry.view)
        owner = _owner(entry, is_drug, here or (found if is_drug else []))
        if owner is not None:
            (owner.drugs if is_drug else owner.others).append(entry)
        if is_drug and owner is None:
            scope.remarks.add("hl7v2.isolate_ambiguous", entry.view.segment, code=entry.view.code)
        elif is_drug and not entry.view.sub_id:
            scope.remarks.once("hl7v2.isolate_by_order", entry.view.segment)


def _owner(entry: Entry, is_drug: bool, candidates: list[Culture]) -> Culture | None:
    """The only germ whose OBX-4 is that of the entry, or its beginning (`1` and `1.2`); without one, the only germ."""
    sub = entry.view.sub_id
    if not sub:
        return candidates[0] if is_drug and len(candidates) == 1 else None
    number = entry.view.segment.number
    same = [
        one
        for one in candidates
        if one.germ.view.sub_id
        and (sub == one.germ.view.sub_id or sub.startswith(one.germ.view.sub_id + "."))
        and (is_drug or number > one.germ.view.segment.number)
    ]
    if not same and is_drug and len(candidates) == 1 and not candidates[0].germ.view.sub_id:
        return candidates[0]
    return same[0] if len(same) == 1 else None


def _is_meant(parent: ParentResult, germ: ResultView, scope: Scope) -> bool:
    """OBR-26 names the germ by its test, its OBX-4 and its words; what it leaves out may be anything."""
    if parent.code and parent.code not in {germ.test.code, germ.second.code}:
        return False
    if parent.sub_id and parent.sub_id != germ.sub_id:
        return False
    named = {folded(value_as_sent(germ, scope)), *(folded(one.code) for one in codes(germ))}
    return not parent.words or bool(parent.sub_id) or folded(parent.words) in named


def _germs(request: Request, requests: tuple[Request, ...], scope: Scope) -> list[Entry]:
    """Results named as a germ, or that a follower names; else, for drugs of the same OBX-4, the only coded result
    whose value is a germ in the laboratory's table."""
    if is_follower(request.view):
        return []
    followed = [
        one.view.parent_result
        for one in requests
        if one.view.parent_result.code and parent_of(one.view, requests) in {request, None}
    ]
    found = [
        entry
        for entry in request.entries
        if _is_named_germ(entry.view) or any(_is_followed(one, entry.view, scope) for one in followed)
    ]
    covered = {entry.view.sub_id for entry in found}
    drugs = {one.view.sub_id for one in request.entries if is_susceptibility(one.view)} - covered
    for sub in sorted(drugs):
        official = [one for one in request.entries if one.view.sub_id == sub and _is_official(one.view, scope)]
        found += official if len(official) == 1 else []
    return [entry for entry in request.entries if entry in found]


def _is_followed(parent: ParentResult, view: ResultView, scope: Scope) -> bool:
    return bool(view.text) and _is_meant(parent, view, scope)


def _is_named_germ(view: ResultView) -> bool:
    if view.type not in CODED or not view.text or any(one.code.upper() in SUSCEPTIBILITIES for one in codes(view)):
        return False
    if _GERM_LOINC & {one.code for one in (view.test, view.second) if one.is_loinc}:
        return True
    return bool(_GERM_WORDS.intersection(folded(f"{view.test.code} {view.label}").split()))


def _is_official(view: ResultView, scope: Scope) -> bool:
    return view.type in CODED and any(mapped_value(scope.laboratory, one.code) is not None for one in codes(view))


def _is_antibiogram(request: Request, scope: Scope) -> bool:
    """By its words, or because one of its results is a drug's effect."""
    words = tuple(word for word in (request.view.analysis.code, request.view.words) if word)
    found, _ = chapter(words, scope.laboratory)
    return found.code == _ANTIBIOGRAM or any(is_susceptibility(one.view) for one in request.entries)
