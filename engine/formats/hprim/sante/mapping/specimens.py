"""9.16, 9.4.1, 9.8, 9.15 → Specimen."""

from __future__ import annotations

from engine.formats.hprim.sante.mapping.professionals import correspondent
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.request import RequestView
from engine.formats.terminology.specimens import specimen_type
from engine.model.laboratory import Specimen
from engine.model.values import Identifier


def specimen(view: RequestView, scope: Scope) -> Specimen | None:
    """9.16.1 kind · 9.16.2 additive · 9.4.1 number · 9.8 collected · 9.15 received · 9.11 collector.

    None when the request says nothing of its sample. The body site is never deduced.
    """
    segment = view.segment
    code, label = (segment.get(16, 1, subsub=n) for n in (1, 2))
    additive = segment.get(16, 2, subsub=2) or segment.get(16, 2, subsub=1)
    collected, received = scope.time(segment, 8), scope.time(segment, 15)
    if not (code or label or additive or view.sample or collected or received):
        return None
    known = specimen_type(code or None, label or None, scope.laboratory)
    if known is None and (code or label):
        scope.remarks.once("mapping.unmapped_specimen", segment, 16, code=code or label)
    return Specimen(
        text=label or code or None,
        origin=segment.where(16),
        type=known,
        id=Identifier(scope.laboratory.oid, view.sample) if view.sample else None,
        collected=collected or scope.time(segment, 9),
        received=received,
        additive=additive or None,
        collector=correspondent(segment, 11, scope),
    )
