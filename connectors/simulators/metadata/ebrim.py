"""Reading a registry object list into plain values, as sent; judging comes after."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.simulators.metadata.vocabulary import RIM, SIGNATURE_CLASS
from connectors.simulators.xml import Element, children, local_name

_NS = {"rim": RIM}


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """A code or an author of its object: `scheme` says which."""

    id: str
    scheme: str
    node: str
    """classificationNode, for the mark of a submission set."""
    classified: str
    representation: str | None
    """nodeRepresentation, the code; None when the attribute is absent."""
    name: str
    slots: tuple[Slot, ...]

    def values(self, slot: str) -> tuple[str, ...]:
        return _values(self.slots, slot)


@dataclass(frozen=True, slots=True)
class ExternalIdentifier:
    id: str
    scheme: str
    registry_object: str
    value: str


@dataclass(frozen=True, slots=True)
class RegistryObject:
    """A SubmissionSet (RegistryPackage) or a DocumentEntry (ExtrinsicObject)."""

    id: str
    where: str
    """`SubmissionSet`, `DocumentEntry[1]`…"""
    attributes: dict[str, str]
    name: str
    description: str
    slots: tuple[Slot, ...]
    classifications: tuple[Classification, ...]
    identifiers: tuple[ExternalIdentifier, ...]

    def values(self, slot: str) -> tuple[str, ...]:
        """Values of a slot; empty when there is no such slot."""
        return _values(self.slots, slot)

    def value(self, slot: str) -> str:
        """First value of a slot, empty when there is none."""
        return next(iter(self.values(slot)), "")

    def classified(self, scheme: str) -> tuple[Classification, ...]:
        return tuple(c for c in self.classifications if c.scheme == scheme)

    def identifier(self, scheme: str) -> str:
        """Value of an external identifier, empty when there is none."""
        return next((i.value for i in self.identifiers if i.scheme == scheme), "")

    @property
    def is_signature(self) -> bool:
        """True for the entry of the submission-set signature."""
        return any(c.representation == SIGNATURE_CLASS for c in self.classifications)


@dataclass(frozen=True, slots=True)
class Association:
    id: str
    type: str
    source: str
    target: str
    slots: tuple[Slot, ...]

    def values(self, slot: str) -> tuple[str, ...]:
        return _values(self.slots, slot)


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything of one registry object list."""

    sets: tuple[RegistryObject, ...]
    entries: tuple[RegistryObject, ...]
    associations: tuple[Association, ...]
    marks: tuple[Classification, ...]
    """Classifications that stand beside the objects: they mark the submission set."""
    strangers: tuple[str, ...]
    """Names of elements that have no place in a list."""

    @property
    def documents(self) -> tuple[RegistryObject, ...]:
        """Entries of clinical documents, the signature's apart."""
        return tuple(e for e in self.entries if not e.is_signature)

    @property
    def signatures(self) -> tuple[RegistryObject, ...]:
        return tuple(e for e in self.entries if e.is_signature)


def submission(registry_object_list: Element) -> Submission:
    """rim:RegistryObjectList → values."""
    sets: list[RegistryObject] = []
    entries: list[RegistryObject] = []
    associations: list[Association] = []
    marks: list[Classification] = []
    strangers: list[str] = []
    for element in children(registry_object_list):
        match element.tag:
            case _T.PACKAGE:
                sets.append(_object(element, "SubmissionSet" if not sets else f"SubmissionSet[{len(sets) + 1}]"))
            case _T.EXTRINSIC:
                entries.append(_object(element, f"DocumentEntry[{len(entries) + 1}]"))
            case _T.ASSOCIATION:
                associations.append(_association(element))
            case _T.CLASSIFICATION:
                marks.append(_classification(element))
            case _T.OBJECT_REF:
                pass
            case _:
                strangers.append(local_name(element))
    return Submission(tuple(sets), tuple(entries), tuple(associations), tuple(marks), tuple(strangers))


class _T:
    """Qualified names of what a list may hold."""

    PACKAGE = f"{{{RIM}}}RegistryPackage"
    EXTRINSIC = f"{{{RIM}}}ExtrinsicObject"
    ASSOCIATION = f"{{{RIM}}}Association"
    CLASSIFICATION = f"{{{RIM}}}Classification"
    OBJECT_REF = f"{{{RIM}}}ObjectRef"


def _object(element: Element, where: str) -> RegistryObject:
    return RegistryObject(
        id=element.get("id", ""),
        where=where,
        attributes={str(name): str(value) for name, value in element.attrib.items()},
        name=_name(element),
        description=_name(element, "Description"),
        slots=_slots(element),
        classifications=tuple(_classification(e) for e in element.findall("rim:Classification", _NS)),
        identifiers=tuple(_identifier(e) for e in element.findall("rim:ExternalIdentifier", _NS)),
    )


def _classification(element: Element) -> Classification:
    return Classification(
        id=element.get("id", ""),
        scheme=element.get("classificationScheme", ""),
        node=element.get("classificationNode", ""),
        classified=element.get("classifiedObject", ""),
        representation=element.get("nodeRepresentation"),
        name=_name(element),
        slots=_slots(element),
    )


def _identifier(element: Element) -> ExternalIdentifier:
    return ExternalIdentifier(
        id=element.get("id", ""),
        scheme=element.get("identificationScheme", ""),
        registry_object=element.get("registryObject", ""),
        value=element.get("value", ""),
    )


def _association(element: Element) -> Association:
    return Association(
        id=element.get("id", ""),
        type=element.get("associationType", ""),
        source=element.get("sourceObject", ""),
        target=element.get("targetObject", ""),
        slots=_slots(element),
    )


def _slots(element: Element) -> tuple[Slot, ...]:
    return tuple(
        Slot(slot.get("name", ""), tuple((v.text or "") for v in slot.findall("rim:ValueList/rim:Value", _NS)))
        for slot in element.findall("rim:Slot", _NS)
    )


def _values(slots: tuple[Slot, ...], name: str) -> tuple[str, ...]:
    return next((slot.values for slot in slots if slot.name == name), ())


def _name(element: Element, tag: str = "Name") -> str:
    localized = element.find(f"rim:{tag}/rim:LocalizedString", _NS)
    return localized.get("value", "") if localized is not None else ""
