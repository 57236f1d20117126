"""Specimen → the sample: kind, number, times, collector."""

from __future__ import annotations

from engine.formats.fhir.datatypes import codings, concept_words, identifier, in_force
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.professionals import named
from engine.formats.fhir.systems import known_oid
from engine.formats.terminology.specimens import SPECIMEN_OID, specimen, specimen_type
from engine.model.laboratory import Comment, Specimen
from engine.model.parties import Professional
from engine.model.values import Code

_UNFIT = {"unavailable": "indisponible", "unsatisfactory": "non satisfaisant"}


def specimen_of(observation: Node, scope: LabScope) -> Node | None:
    return scope.bundle.found(held, "Specimen") if (held := observation.node("specimen")) is not None else None


def specimen_code(observation: Node, scope: LabScope) -> str:
    """The laboratory's own code of the sample's kind, by which its table may tell two tests apart."""
    found = specimen_of(observation, scope)
    return next((one.text("code") for one in codings(found.node("type"))), "") if found is not None else ""


def sample(node: Node, about: Node, scope: LabScope) -> tuple[Specimen, tuple[Comment, ...]]:
    """type kind · accessionIdentifier, else identifier number · collection times and collector · receivedTime; and what
    must be told of it. The body site is never deduced."""
    subject = node.node("subject")
    if subject is not None and not scope.bundle.same(subject, about):
        scope.remarks.add("fhir.other_patient", subject.where)
    if node.text("status") == "entered-in-error":
        scope.remarks.add("fhir.entered_in_error", node.at("status"))
    collection = node.node("collection")
    number = node.node("accessionIdentifier") or next(iter(in_force(node.nodes("identifier"))), None)
    kind = node.node("type")
    words = concept_words(kind)
    made = Specimen(
        text=words or None,
        origin=node.where,
        type=_type(kind, words, scope),
        id=identifier(number, scope.laboratory.oid) if number is not None else None,
        collected=scope.moment(collection, "collected") if collection is not None else None,
        received=scope.time(node, "receivedTime"),
        additive=_additive(node),
        collector=_collector(collection, scope),
    )
    return made, _remarks(node, collection, scope)


def _type(kind: Node | None, words: str, scope: LabScope) -> Code | None:
    """HL7's own code of the value set; else what the laboratory's tables or the common words say."""
    for one in codings(kind):
        if known_oid(one.text("system")) == SPECIMEN_OID and one.text("code"):
            return specimen(one.text("code"))
    local = next((one.text("code") for one in codings(kind) if known_oid(one.text("system")) is None), "")
    found = specimen_type(local or None, words or None, scope.laboratory)
    if found is None and words and kind is not None:
        scope.remarks.once("mapping.unmapped_specimen", kind.where, code=local or words)
    return found


def _additive(node: Node) -> str | None:
    for container in node.nodes("container"):
        words = concept_words(container.node("additiveCodeableConcept"))
        if words:
            return words
    return None


def _collector(collection: Node | None, scope: LabScope) -> Professional | None:
    one = named(collection.node("collector"), scope.whole) if collection is not None else None
    return one.described() if one is not None and one.name is not None else None


def _remarks(node: Node, collection: Node | None, scope: LabScope) -> tuple[Comment, ...]:
    made = []
    state = _UNFIT.get(node.text("status"))
    if state is not None:
        scope.remarks.add("fhir.specimen_unfit", node.at("status"))
        made.append(Comment(f"Échantillon signalé {state} par le laboratoire", node.at("status")))
    for condition in node.nodes("condition"):
        if words := concept_words(condition):
            made.append(Comment(f"État de l'échantillon : {words}", condition.where))
    site = concept_words(collection.node("bodySite")) if collection is not None else ""
    if site:
        made.append(Comment(f"Site de prélèvement : {site}", node.at("collection.bodySite")))
    notes = (Comment(one.text("text"), one.where) for one in node.nodes("note"))
    return (*made, *(one for one in notes if one.text.strip()))
