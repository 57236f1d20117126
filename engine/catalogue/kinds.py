"""A host's own kinds of documents → lines of the catalogue."""

from __future__ import annotations

from engine.catalogue.catalogue import entry
from engine.catalogue.entry import EVERY_PROFILE, GENERAL_PROFILE, SEVERAL, CatalogueEntry
from engine.catalogue.unknown import unknown
from engine.model.directory import HostKind

_WHOLE_PROFESSION = ("", EVERY_PROFILE, GENERAL_PROFILE)


def entry_of_kind(kinds: tuple[HostKind, ...], host_kind: str, profession: str, profile: str) -> CatalogueEntry:
    """The catalogue line of a host's kind, for who makes it: mapped for the profile, else for the profession, else for
    anybody.

    Raises DocumentError: `catalogue.unknown_kind` with the nearest kind, or as `catalogue.entry` does.
    """
    asked = host_kind.strip()
    ranked = [(_rank(one, profession, profile), one) for one in kinds if one.kind == asked]
    found = min(((rank, one) for rank, one in ranked if rank is not None), key=lambda pair: pair[0], default=None)
    if found is None:
        message = "Ce genre de document n'est pas dans la table de correspondance."
        raise unknown("kind", "host_kind", message, asked, (one.kind for one in kinds))
    return entry(profession, profile, found[1].doc_id)


def _rank(kind: HostKind, profession: str, profile: str) -> int | None:
    """0 for the profile, 1 for the profession, 2 for anybody; None when the row is for somebody else."""
    if not kind.profession:
        return 2
    if kind.profession != profession:
        return None
    if set(profile.split(SEVERAL)) <= set(kind.profile.split(SEVERAL)):
        return 0
    return 1 if kind.profile in _WHOLE_PROFESSION else None
