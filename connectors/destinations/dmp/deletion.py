"""TD3.3c: what is said to the DMP for a document to become Deleted there. Pure: everything derives from the order."""

from __future__ import annotations

from datetime import UTC

from lxml import etree

from connectors.destinations.dmp.feeding import content_type, structure_author
from connectors.destinations.dmp.registry import RegistryEntry
from connectors.destinations.dmp.registry import deletion as update
from connectors.destinations.dmp.responsible import ResponsiblePerson
from connectors.destinations.dmp.settings import DeletionMotive, DmpSettings
from engine.context import stable_oid
from engine.errors import PermanentError
from engine.exchange import Order
from engine.xds.values import APPROVED, ARCHIVED, DELETED, SubmissionSet

_ORIGINALS = {"Approved": APPROVED, "Archived": ARCHIVED}


def motive(order: Order, settings: DmpSettings) -> DeletionMotive:
    """Why the document is deleted, as its sender says, else as routes.yaml does. Raises PermanentError when the sender
    gives a motive that is none: another one is never said in its place."""
    given = order.package.instructions.motive.strip()
    if not given:
        return settings.deletion_motive
    for known in DeletionMotive:
        if known.value.casefold() == given.casefold():
            return known
    listed = ", ".join(f"« {known.value} »" for known in DeletionMotive)
    raise PermanentError("dmp.deletion_motive", f"Motif de suppression inconnu ; attendu : {listed}.")


def deletion(
    order: Order,
    entry: RegistryEntry,
    person: ResponsiblePerson,
    patient_id: str,
    settings: DmpSettings,
    *,
    source_id: str,
) -> etree._Element:
    """The same submission set on every try of the order."""
    submission_set = SubmissionSet(
        id="SubmissionSet01",
        unique_id=stable_oid("dmp", "deletion", order.id),
        source_id=source_id,
        submission_time=order.created_at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
        content_type_code=content_type(order, settings),
        authors=(structure_author(person, settings),),
        patient_id=patient_id,
        comments=motive(order, settings).value,
    )
    chosen = None if settings.deletion_from is None else _ORIGINALS[settings.deletion_from]
    return update(submission_set, entry.entry_uuid, chosen or entry.status or APPROVED)


def the_one(found: tuple[RegistryEntry, ...]) -> RegistryEntry | None:
    """The entry to delete; None when it already is. Raises PermanentError when there is none, or more than one."""
    present = [one for one in found if one.status != DELETED]
    if found and not present:
        return None
    if len(present) != 1:
        raise PermanentError(
            "dmp.not_found",
            "Le document à supprimer n'a pas été retrouvé seul dans le DMP du patient : le vérifier dans le DMP.",
        )
    return present[0]


def is_done(found: tuple[RegistryEntry, ...]) -> bool:
    """Whether a deletion that was handed over was made: its document, found then, is Deleted or is found no more."""
    return all(one.status == DELETED for one in found)
