"""Which requests make one report, and the key that stays the same for all its versions.

Default: the requests of one group number (ORC-4), for a laboratory that numbers each of its tests; without one, those
of one filler number (OBR-3, else ORC-3), for one that numbers the whole. A request that follows another one (OBR-26,
OBR-29: an antibiogram) goes with it, whatever its own number.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.context import stable_oid
from engine.formats.hl7v2.results.mapping.microbiology import is_follower
from engine.formats.hl7v2.results.view.request import RequestView, request_view
from engine.formats.hl7v2.results.view.tree import RequestGroup


@dataclass(frozen=True, slots=True)
class ReportKey:
    """What names a report at its laboratory."""

    kind: str
    """`group`, `number`, or `nothing` where no number was sent."""
    parts: tuple[str, ...]

    @property
    def is_stable(self) -> bool:
        return self.kind != "nothing"

    def oid(self, laboratory_oid: str) -> str:
        """The set id. Of a filler number, the same as for the same number sent in HPRIM."""
        prefix = {"number": "set", "group": "set-of-group", "nothing": "set-without-number"}[self.kind]
        return stable_oid(prefix, laboratory_oid, *self.parts)


def reports(groups: list[RequestGroup]) -> list[tuple[ReportKey, list[RequestGroup]]]:
    """The requests of one patient by report, in the order sent."""
    views = [request_view(group) for group in groups]
    found: dict[ReportKey, list[RequestGroup]] = {}
    for group, view in zip(groups, views, strict=True):
        found.setdefault(_key(view, views), []).append(group)
    return list(found.items())


def _key(view: RequestView, views: list[RequestView]) -> ReportKey:
    seen = {id(view)}
    while is_follower(view) and (above := _above(view, views)) is not None and id(above) not in seen:
        seen.add(id(above))
        view = above
    if view.group:
        return ReportKey("group", (view.group.authority, view.group.id))
    followed = view.parent[1] if is_follower(view) else ""
    if followed or view.filler:
        return ReportKey("number", (followed or view.filler.id,))
    return ReportKey("nothing", (view.segment.raw.hex(), str(view.segment.number)))


def _above(view: RequestView, views: list[RequestView]) -> RequestView | None:
    """The request that OBR-29 names; OBR-26 alone names none unless the message has only one other."""
    others = [one for one in views if one is not view]
    placer, filler = view.parent
    for wanted, name in ((filler, "filler"), (placer, "placer")):
        found = [one for one in others if wanted and getattr(one, name).id == wanted]
        if found:
            return next((one for one in found if not is_follower(one)), found[0])
    if filler or placer:
        return None
    parents = [one for one in others if not is_follower(one)]
    return parents[0] if len(parents) == 1 else None
