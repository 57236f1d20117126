"""securityLabel and the extensions of a sending → confidentiality, who must not see the document, where it goes.

`urn:passeur:fhir:sending` holds `dmp`, `professionals`, `patient`, `patientMayReply` (valueBoolean) and
`deferralMinutes` (valueInteger), each 0..1; what it does not say is decided by the catalogue and the route.
Recipients come by IHE MHD's `ihe-intendedRecipient`, on the resource itself or on the List (SubmissionSet) beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.cda.codes import CONFIDENTIALITIES
from engine.formats.fhir.datatypes import codings
from engine.formats.fhir.node import Node
from engine.formats.fhir.professionals import PEOPLE, Named, of_resource
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import CONFIDENTIALITY
from engine.model.document import NORMAL
from engine.model.instructions import Visibility
from engine.model.values import Code

RECIPIENT = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-intendedRecipient"
SENDING = "urn:passeur:fhir:sending"
_LONGEST_DEFERRAL = 1440
_LEVELS = ("N", "R", "V")


@dataclass(frozen=True, slots=True)
class Labels:
    confidentiality: Code = NORMAL
    visibility: tuple[Visibility, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """None: not said."""

    dmp: bool | None = None
    professionals: bool | None = None
    patient: bool | None = None
    patient_may_reply: bool = True
    deferral_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    people: tuple[Named, ...]
    patient: bool


def labels(node: Node, scope: Scope) -> Labels:
    """securityLabel of the document, meta.security of every resource, Composition.confidentiality: the strictest level,
    and everybody it is hidden from. A label that nobody knows refuses: it may forbid what we are about to do."""
    levels, hidden = ["N"], []
    for one in _sent(node, scope):
        code = one.text("code")
        if one.text("system") == CONFIDENTIALITY and code in CONFIDENTIALITIES:
            levels.append(code)
        elif code in tuple(Visibility):
            hidden.append(Visibility(code))
        else:
            scope.remarks.add("fhir.label_unknown", one.where)
    level = max(levels, key=_LEVELS.index)
    told = NORMAL if level == "N" else Code(level, NORMAL.system, CONFIDENTIALITIES[level], NORMAL.system_name)
    return Labels(told, tuple(dict.fromkeys(hidden)))


def _sent(node: Node, scope: Scope) -> Iterator[Node]:
    for concept in node.nodes("securityLabel"):
        if not codings(concept):
            scope.remarks.add("fhir.label_unknown", concept.where)
        yield from codings(concept)
    for whole in (scope.bundle.node, *(one.resource for one in scope.bundle.entries)):
        meta = whole.node("meta")
        yield from meta.nodes("security") if meta is not None else ()
        level = whole.text("confidentiality") if whole.type == "Composition" else ""
        if level:
            told = {"system": CONFIDENTIALITY, "code": level}
            yield Node(told, whole.at("confidentiality"), whole.resource, whole.resource_where)


def sending(node: Node, scope: Scope) -> Sending:
    whole = node.extension(SENDING)
    if whole is None:
        return Sending()
    found: dict[str, bool | int] = {}
    for one in whole.nodes("extension"):
        name, flag, number = one.text("url"), one.flag("valueBoolean"), one.number("valueInteger")
        if name in ("dmp", "professionals", "patient", "patientMayReply") and flag is not None:
            found[name] = flag
        elif name == "deferralMinutes" and number is not None and 0 <= number <= _LONGEST_DEFERRAL:
            found[name] = int(number)
        else:
            scope.remarks.add("fhir.sending_unknown", one.where)
    minutes, may_reply = found.get("deferralMinutes"), found.get("patientMayReply", True)
    return Sending(
        dmp=_flag(found, "dmp"),
        professionals=_flag(found, "professionals"),
        patient=_flag(found, "patient"),
        patient_may_reply=bool(may_reply),
        deferral_minutes=None if minutes is None else int(minutes),
    )


def recipients(node: Node, about: Node, scope: Scope) -> Recipients:
    """`about`: the document's Patient, the only one that may be a recipient."""
    lists = tuple(scope.bundle.read(one) for one in scope.bundle.of_type("List"))
    for one in lists:
        if one.text("status") == "entered-in-error":
            scope.remarks.add("fhir.entered_in_error", one.at("status"))
        _entries_are_here(one, node, scope)
    people: list[Named] = []
    to_patient = False
    for extension in (found for one in (node, *lists) for found in one.extensions(RECIPIENT)):
        found = scope.bundle.followed(extension.node("valueReference"), *PEOPLE, "Patient")
        if found is None:
            scope.remarks.add("fhir.recipient_unknown", extension.where)
        elif found.type == "Patient":
            to_patient = True
            if found.where != about.where:
                scope.remarks.add("fhir.other_patient", extension.where)
        else:
            people.append(of_resource(found, scope))
    return Recipients(tuple(people), to_patient)


def _entries_are_here(whole: Node, node: Node, scope: Scope) -> None:
    """A SubmissionSet is of this very document."""
    for entry in whole.nodes("entry"):
        item = entry.node("item")
        if item is None or not scope.bundle.same(item, node):
            scope.remarks.add("fhir.list_of_others", entry.where)


def _flag(found: dict[str, bool | int], name: str) -> bool | None:
    return bool(found[name]) if name in found else None
