"""Rules of a registry object list as a whole: objects, ids, the mark of the submission set, associations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from connectors.simulators.metadata.ebrim import Association, RegistryObject, Slot, Submission
from connectors.simulators.metadata.vocabulary import (
    HAS_MEMBER,
    METADATA_ERROR,
    PATIENT_ID,
    PATIENT_MISMATCH,
    RPLC,
    SET_PATIENT_ID,
    SET_UNIQUE_ID,
    SIGNS,
    SUBMISSION_SET,
    UNIQUE_ID,
)
from connectors.simulators.problems import Problem


def list_problems(submission: Submission, *, allowed: frozenset[str]) -> Iterator[Problem]:
    """Everything wrong in the list as a whole. `allowed`: association types this peer takes."""
    if len(submission.sets) != 1:
        yield Problem(METADATA_ERROR, "il faut exactement un lot de soumission", "RegistryObjectList")
        return
    if not submission.documents:
        yield Problem(METADATA_ERROR, "aucune fiche de document", "RegistryObjectList")
    for stranger in submission.strangers:
        yield Problem(METADATA_ERROR, f"élément {stranger} inattendu", "RegistryObjectList")
    the_set = submission.sets[0]
    yield from _id_problems(submission)
    yield from mark_problems(submission, the_set)
    yield from _patient_problems(submission, the_set)
    for registry_object in (the_set, *submission.entries):
        yield from parent_problems(registry_object)
        yield from slot_problems(registry_object.slots, registry_object.where)
    yield from _association_problems(submission, the_set, allowed)
    yield from _member_problems(submission, the_set)


def slot_problems(slots: tuple[Slot, ...], where: str) -> Iterator[Problem]:
    """Slot names are unique; values are there, not blank, of 256 characters at most."""
    for name, count in Counter(slot.name for slot in slots).items():
        if count > 1 or not name:
            yield Problem(METADATA_ERROR, "nom de slot absent ou répété", f"{where}.{name}")
    for slot in slots:
        if not slot.values or any(not value.strip() for value in slot.values):
            yield Problem(METADATA_ERROR, "slot sans valeur", f"{where}.{slot.name}")
        if any(len(value) > 256 for value in slot.values):
            yield Problem(METADATA_ERROR, "valeur de plus de 256 caractères", f"{where}.{slot.name}")


def _id_problems(submission: Submission) -> Iterator[Problem]:
    ids = [a.id for a in submission.associations] + [m.id for m in submission.marks]
    for item in (*submission.sets, *submission.entries):
        ids.append(item.id)
        ids.extend(c.id for c in item.classifications)
        ids.extend(i.id for i in item.identifiers)
    if "" in ids:
        yield Problem(METADATA_ERROR, "objet sans attribut id", "RegistryObjectList")
    if any(count > 1 for value, count in Counter(ids).items() if value):
        yield Problem(METADATA_ERROR, "deux objets portent le même id", "RegistryObjectList")
    unique_ids = [e.identifier(UNIQUE_ID) for e in submission.entries]
    unique_ids += [s.identifier(SET_UNIQUE_ID) for s in submission.sets]
    if any(count > 1 for value, count in Counter(unique_ids).items() if value):
        yield Problem(METADATA_ERROR, "deux objets portent le même uniqueId", "RegistryObjectList")


def mark_problems(submission: Submission, the_set: RegistryObject) -> Iterator[Problem]:
    """One classification marks the package as a submission set."""
    marks = [m for m in submission.marks if m.node == SUBMISSION_SET]
    marks += [c for c in the_set.classifications if c.node == SUBMISSION_SET]
    if len(marks) != 1:
        yield Problem(METADATA_ERROR, "la marque de lot (classificationNode) doit être unique", the_set.where)
    elif marks[0].classified != the_set.id:
        yield Problem(METADATA_ERROR, "la marque de lot vise un autre objet", the_set.where)


def _patient_problems(submission: Submission, the_set: RegistryObject) -> Iterator[Problem]:
    wanted = the_set.identifier(SET_PATIENT_ID)
    for entry in submission.entries:
        if entry.identifier(PATIENT_ID) != wanted:
            yield Problem(PATIENT_MISMATCH, "le patient du document n'est pas celui du lot", f"{entry.where}.patientId")


def parent_problems(registry_object: RegistryObject) -> Iterator[Problem]:
    """What stands inside an object says that it belongs to it."""
    where = registry_object.where
    for classification in registry_object.classifications:
        if classification.classified != registry_object.id:
            yield Problem(METADATA_ERROR, "classifiedObject ne désigne pas son objet", where)
    for identifier in registry_object.identifiers:
        if identifier.registry_object != registry_object.id:
            yield Problem(METADATA_ERROR, "registryObject ne désigne pas son objet", where)


def _association_problems(
    submission: Submission, the_set: RegistryObject, allowed: frozenset[str]
) -> Iterator[Problem]:
    entries = {entry.id for entry in submission.entries}
    signatures = {entry.id for entry in submission.signatures}
    for position, association in enumerate(submission.associations, 1):
        where = f"Association[{position}]"
        yield from slot_problems(association.slots, where)
        if association.type not in allowed:
            yield Problem(METADATA_ERROR, "type d'association non admis", where)
        elif association.type == HAS_MEMBER:
            if association.source != the_set.id or association.target not in entries:
                yield Problem(METADATA_ERROR, "HasMember doit lier le lot à une de ses fiches", where)
            if association.values("SubmissionSetStatus") != ("Original",):
                yield Problem(METADATA_ERROR, "SubmissionSetStatus=Original manque", where)
        elif association.type == SIGNS:
            if association.source not in signatures or association.target != the_set.id:
                yield Problem(METADATA_ERROR, "signs doit lier la signature au lot", where)
        elif association.type == RPLC:
            if association.source not in entries - signatures:
                yield Problem(METADATA_ERROR, "RPLC doit partir d'un document du lot", where)
            if not association.target.startswith("urn:uuid:"):
                yield Problem(METADATA_ERROR, "RPLC doit viser l'entryUUID du document remplacé", where)


def _member_problems(submission: Submission, the_set: RegistryObject) -> Iterator[Problem]:
    members = Counter(_members(submission.associations, the_set.id))
    for entry in submission.entries:
        if members[entry.id] != 1:
            yield Problem(METADATA_ERROR, "une association HasMember et une seule par fiche", entry.where)


def _members(associations: tuple[Association, ...], source: str) -> Iterator[str]:
    return (a.target for a in associations if a.type == HAS_MEMBER and a.source == source)
