"""Germs and their antibiograms: OBX tied by 10.16.6, else by 10.5 → Isolate.

A drug is tied to a germ only when one germ, and one alone, can be meant; else the drug stays a plain result and the
document is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.hprim.sante.mapping.entries import Entry, Request
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import SUSCEPTIBILITIES, ResultView
from engine.formats.terminology.chapters import chapter
from engine.formats.terminology.mapping import mapped_value
from engine.formats.terminology.words import folded

_ANTIBIOGRAM = "18769-0"
_CODED = frozenset({"CE", "CK"})
_GERM_WORDS = frozenset(
    {"GERME", "BACTERIE", "LEVURE", "CHAMPIGNON", "MICROORGANISME", "ORGANISME", "IDENTIFICATION", "ISOLAT"}
)


@dataclass(slots=True)
class Culture:
    """One germ and the entries tied to it, in the order sent."""

    germ: Entry
    request: Request
    others: list[Entry] = field(default_factory=list)
    drugs: list[Entry] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [self.germ, *self.others, *self.drugs]


def cultures(requests: tuple[Request, ...], scope: Scope) -> list[Culture]:
    """The germs of a report with what is tied to them; entries tied to none are left to the caller.

    A tie is looked for among the germs of the same request, and among those of the whole report when it has none.
    """
    by_request = [[Culture(entry, request) for entry in _germs(request.entries, scope)] for request in requests]
    everywhere = [one for found in by_request for one in found]
    germs = {one.germ for one in everywhere}
    for request, here in zip(requests, by_request, strict=True):
        for entry in request.entries:
            if entry not in germs:
                _tie(entry, here or everywhere, scope)
    return [one for one in everywhere if one.drugs or one.others or _official(one.germ.view, scope)]


def _tie(entry: Entry, found: list[Culture], scope: Scope) -> None:
    is_drug = is_susceptibility(entry.view, scope)
    owner = _owner(entry.view, is_drug, found)
    if owner is None:
        if is_drug:
            scope.remarks.add("hprim.isolate_ambiguous", entry.view.segment, code=entry.view.code)
        return
    (owner.drugs if is_drug else owner.others).append(entry)
    if is_drug and not _ties(entry.view):
        scope.remarks.once("hprim.isolate_by_order", entry.view.segment)


def is_susceptibility(view: ResultView, scope: Scope) -> bool:
    """A drug against a germ: its value or its flag is R, I, S…, or its battery is an antibiogram."""
    if _is_named_germ(view):
        return False
    code = view.segment.get(6).upper() if view.type in _CODED else ""
    if code in SUSCEPTIBILITIES or any(flag.upper() in SUSCEPTIBILITIES for flag in view.flags):
        return True
    words = tuple(word for word in (view.place.battery, view.place.sector) if word)
    found, _ = chapter(words, scope.laboratory)
    return found.code == _ANTIBIOGRAM


def _germs(entries: list[Entry], scope: Scope) -> list[Entry]:
    """Results named as a germ; and for a tie that has none, the only coded result there, or the only one mapped."""
    found = [entry for entry in entries if _is_named_germ(entry.view)]
    covered = {tie for entry in found for tie in _ties(entry.view)}
    wanted: dict[str, list[Entry]] = {}
    for entry in entries:
        if is_susceptibility(entry.view, scope) and not covered.intersection(_ties(entry.view)):
            for tie in _ties(entry.view)[:1]:
                wanted.setdefault(tie, [])
    for tie, candidates in wanted.items():
        coded = [e for e in entries if tie in _ties(e.view) and e.view.type in _CODED]
        candidates += [e for e in coded if not is_susceptibility(e.view, scope)]
        official = [e for e in candidates if _official(e.view, scope)]
        chosen = official if len(official) == 1 else candidates
        found += chosen if len(chosen) == 1 and chosen[0] not in found else []
    return [entry for entry in entries if entry in found]


def _is_named_germ(view: ResultView) -> bool:
    if view.type not in _CODED or not view.text or view.segment.get(6).upper() in SUSCEPTIBILITIES:
        return False
    return bool(_GERM_WORDS.intersection(folded(f"{view.test.code} {view.label}").split()))


def _official(view: ResultView, scope: Scope) -> bool:
    return mapped_value(scope.laboratory, view.segment.get(6)) is not None


def _ties(view: ResultView) -> tuple[str, ...]:
    """What ties a result to a germ: its key, then its number."""
    keys = (f"10.16.6 {view.place.key}" if view.place.key else "", f"10.5 {view.sub_id}" if view.sub_id else "")
    return tuple(key for key in keys if key)


def _owner(view: ResultView, is_drug: bool, found: list[Culture]) -> Culture | None:
    """The only germ that has the same 10.16.6, else the same 10.5; for a drug with neither, the only germ."""
    candidates = found if is_drug else [one for one in found if _same_sector(one.germ.view, view)]
    if not _ties(view) and not is_drug:
        return None
    if view.place.key and any(one.germ.view.place.key for one in candidates):
        candidates = [one for one in candidates if one.germ.view.place.key == view.place.key]
        if len(candidates) == 1:
            return candidates[0]
    if view.sub_id:
        candidates = [one for one in candidates if one.germ.view.sub_id == view.sub_id]
    elif view.place.key and not any(one.germ.view.place.key for one in candidates):
        candidates = candidates if is_drug else []
    return candidates[0] if len(candidates) == 1 else None


def _same_sector(germ: ResultView, other: ResultView) -> bool:
    return germ.place.sector == other.place.sector
