"""TD3.3c and TD3.3d: ITI-57 UpdateDocumentSet that changes the status of one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulators.dmp.registry import Registry, patient_key
from connectors.simulators.dmp.soap import SoapFault
from connectors.simulators.dmp.vihf import Vihf
from connectors.simulators.metadata.datatypes import institution_id
from connectors.simulators.metadata.ebrim import Association, Submission, submission
from connectors.simulators.metadata.list_rules import mark_problems, parent_problems, slot_problems
from connectors.simulators.metadata.patient_rules import ins_problems
from connectors.simulators.metadata.set_rules import set_problems
from connectors.simulators.metadata.vocabulary import (
    APPROVED,
    ARCHIVED,
    DELETED,
    DEPRECATED,
    LCM,
    METADATA_ERROR,
    PATIENT_MISMATCH,
    RIM,
    SET_AUTHOR,
    SET_PATIENT_ID,
    SET_UNIQUE_ID,
    UPDATE_STATUS,
)
from connectors.simulators.problems import Problem
from connectors.simulators.xml import Element

ACTION = "urn:ihe:iti:2010:UpdateDocumentSet"
_MOVES = frozenset(
    {(APPROVED, ARCHIVED), (ARCHIVED, APPROVED), (APPROVED, DELETED), (ARCHIVED, DELETED), (DEPRECATED, DELETED)}
)
"""Approved → Deleted and Archived → Deleted are both seen in use; which one the DMP prefers is not public."""


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    submission_id: str
    entry_uuid: str
    status: str
    comments: str
    """Description of the submission set: the motive of a deletion (SC.DMP/CONF.03)."""


def status_update(
    payload: Element, vihf: Vihf, registry: Registry, *, production: bool
) -> StatusUpdate | tuple[Problem, ...]:
    """What to change, or everything wrong. Raises SoapFault when the body is not an UpdateDocumentSet."""
    registry_objects = payload.find(f"{{{RIM}}}RegistryObjectList")
    if payload.tag != f"{{{LCM}}}SubmitObjectsRequest" or registry_objects is None:
        raise SoapFault("SubmitObjectsRequest attendu")
    request = submission(registry_objects)
    problems = list(_list_problems(request, vihf, registry, production))
    if not problems:
        problems = list(_target_problems(request.associations[0], vihf, registry))
    if problems:
        return tuple(problems)
    association = request.associations[0]
    return StatusUpdate(
        submission_id=request.sets[0].identifier(SET_UNIQUE_ID),
        entry_uuid=association.target,
        status=association.values("NewStatus")[0],
        comments=request.sets[0].description,
    )


def _list_problems(request: Submission, vihf: Vihf, registry: Registry, production: bool) -> Iterator[Problem]:
    if len(request.sets) != 1 or request.entries or request.strangers or len(request.associations) != 1:
        yield Problem(METADATA_ERROR, "un lot et une association UpdateAvailabilityStatus, rien d'autre")
        return
    the_set, association = request.sets[0], request.associations[0]
    if registry.knows_submission(the_set.identifier(SET_UNIQUE_ID)):
        yield Problem("XDSDuplicateUniqueIdInRegistry", "lot déjà enregistré", "SubmissionSet.uniqueId")
        return
    yield from set_problems(the_set)
    yield from mark_problems(request, the_set)
    yield from parent_problems(the_set)
    yield from slot_problems(the_set.slots, the_set.where)
    yield from ins_problems(the_set, production=production)
    if patient_key(the_set.identifier(SET_PATIENT_ID)) != patient_key(vihf.patient_id):
        yield Problem(PATIENT_MISMATCH, "le patient n'est pas celui du VIHF", "SubmissionSet.patientId")
    institutions = {
        institution_id(value) for a in the_set.classified(SET_AUTHOR) for value in a.values("authorInstitution")
    }
    if vihf.structure_id not in institutions:
        yield Problem(METADATA_ERROR, "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF")
    if association.type != UPDATE_STATUS or association.source != the_set.id:
        yield Problem("XDSMetadataUpdateError", "UpdateAvailabilityStatus depuis le lot attendu", "Association")
    if any(len(association.values(name)) != 1 for name in ("OriginalStatus", "NewStatus")):
        yield Problem("XDSMetadataUpdateError", "OriginalStatus et NewStatus attendus", "Association")


def _target_problems(association: Association, vihf: Vihf, registry: Registry) -> Iterator[Problem]:
    entry = registry.entry(association.target)
    if entry is None:
        yield Problem("UnresolvedReferenceException", "document inconnu", "Association.targetObject")
        return
    if entry.status == DELETED:
        yield Problem("XDSMetadataUpdateError", "document déjà supprimé", "Association.targetObject")
        return
    if entry.patient != patient_key(vihf.patient_id):
        yield Problem(PATIENT_MISMATCH, "le document est celui d'un autre patient", "Association.targetObject")
    if entry.structure_id != vihf.structure_id:
        yield Problem(
            "DMPAccessDeniedByRightsService", "seule la structure de l'auteur peut le faire", "Association.targetObject"
        )
    original, new = association.values("OriginalStatus")[0], association.values("NewStatus")[0]
    if original != entry.status:
        yield Problem("XDSMetadataUpdateError", "OriginalStatus n'est pas le statut actuel", "Association")
    elif (original, new) not in _MOVES:
        yield Problem("XDSMetadataUpdateError", "changement de statut non admis", "Association")
