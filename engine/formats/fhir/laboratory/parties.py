"""Who stands around the report: its laboratory, prescriber, recipients; where the patient was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.context import stable_oid
from engine.formats.fhir.datatypes import concept_words, identifier
from engine.formats.fhir.labels import Recipients
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.professionals import PEOPLE, Named, finess, named, of_resource, organization_codes
from engine.formats.fhir.scope import Scope
from engine.model.directory import Laboratory
from engine.model.document import Encounter, Participant
from engine.model.laboratory import Comment
from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Telecom, Timestamp

_ACT_CODE = "2.16.840.1.113883.5.4"
_ENCOUNTERS = {
    "IMP": Code("IMP", _ACT_CODE, "Hospitalisation (établissement, y compris HAD)"),
    "EMER": Code("EMER", _ACT_CODE, "Passage aux urgences (établissement)"),
}
"""Encounter.class → JDV_J142; the others say a movement, or not surely a kind of encounter."""
_UNKNOWN_FACILITY = Code("", "")


@dataclass(frozen=True, slots=True)
class Requests:
    """basedOn: what was asked for, by whom."""

    prescriber: Professional | None
    prescribed: Timestamp | None
    numbers: tuple[Identifier, ...]
    reasons: Comment | None


def laboratory(report: Node, scope: Scope) -> Laboratory | None:
    """The one whose FINESS, or code of sender, a performer bears; the source's own where none is named. None, and why,
    when it is not known."""
    organizations = tuple(_organizations(report, scope))
    for one in organizations:
        found = _known(one, scope)
        if found is not None:
            return found
    own = scope.context.laboratory("") if not organizations else None
    if own is None:
        scope.remarks.add("fhir.unknown_laboratory", report.at("performer"))
    return own


def _organizations(report: Node, scope: Scope) -> Iterator[Node]:
    for reference in report.nodes("performer"):
        found = scope.bundle.followed(reference, *PEOPLE, "Organization") if reference.text("reference") else None
        if found is None:
            continue
        if found.type == "Organization":
            yield found
        elif found.type == "PractitionerRole":
            role = of_resource(found, scope)
            if role.organization is not None:
                yield role.organization


def _known(organization: Node, scope: Scope) -> Laboratory | None:
    national, codes = finess(organization), organization_codes(organization)
    for one in scope.context.laboratories:
        own = one.organization.id
        if national and own is not None and own.extension == national:
            return one
    if national:
        return None
    return next((one for one in scope.context.laboratories if set(codes) & set(one.sender_codes)), None)


def requests(report: Node, about: Node, scope: LabScope) -> Requests:
    """requester prescriber · authoredOn when · identifier order numbers · reasonCode, note reasons."""
    people: list[tuple[Named, Timestamp | None]] = []
    numbers: list[Identifier] = []
    reasons: list[tuple[str, str]] = []
    root = stable_oid("orders", scope.laboratory.requester_patient_ids_oid or scope.laboratory.oid)
    for reference in report.nodes("basedOn"):
        alone = reference.node("identifier")
        asked = scope.bundle.followed(reference, "ServiceRequest")
        sent = (*(asked.nodes("identifier") if asked is not None else ()), *((alone,) if alone is not None else ()))
        numbers += [made for one in sent if (made := identifier(one, root)) is not None]
        if asked is None:
            continue
        _request_findings(asked, about, scope)
        who = named(asked.node("requester"), scope.whole) if _is_person(asked.node("requester"), scope) else None
        people += [(who, scope.time(asked, "authoredOn"))] if who is not None else []
        reasons += [(concept_words(one), one.where) for one in asked.nodes("reasonCode")]
        reasons += [(one.text("text"), one.where) for one in asked.nodes("note")]
    told = {words: where for words, where in reversed(reasons) if words}
    lines = list(dict.fromkeys(words for words, _ in reasons if words))
    one, when = _prescriber(people, report, scope)
    comment = Comment("\n".join(lines), told[lines[0]]) if lines else None
    return Requests(one, when, tuple(dict.fromkeys(numbers)), comment)


def _request_findings(asked: Node, about: Node, scope: LabScope) -> None:
    if asked.flag("doNotPerform") or asked.text("status") == "entered-in-error":
        scope.remarks.add("fhir.not_a_prescription", asked.where)
    if asked.node("subject") is not None and not scope.bundle.same(asked.node("subject"), about):
        scope.remarks.add("fhir.other_patient", asked.at("subject"))


def _is_person(reference: Node | None, scope: LabScope) -> bool:
    """A prescriber is a person; an organisation that asks has no place in the report."""
    if reference is None:
        return False
    return not reference.text("reference") or scope.bundle.found(reference, "Organization") is None


def _prescriber(
    people: list[tuple[Named, Timestamp | None]], report: Node, scope: LabScope
) -> tuple[Professional | None, Timestamp | None]:
    found = [(made, when) for one, when in people if (made := _correspondent(one, scope)) is not None]
    if not found:
        scope.remarks.add("mapping.prescriber_missing", report.at("basedOn"))
        return None, None
    if any((one.id, one.name) != (found[0][0].id, found[0][0].name) for one, _ in found):
        scope.remarks.add("mapping.prescribers_differ", report.at("basedOn"))
    if not any(telecom.value.startswith("mailto:") for telecom in found[0][0].telecoms):
        scope.remarks.add("mapping.prescriber_unknown", report.at("basedOn"))
    return found[0]


def _correspondent(one: Named, scope: LabScope) -> Professional | None:
    """As the laboratory's directory knows them; else as sent, without the mailboxes sent (a directory says those)."""
    known = one.known(scope.laboratory.prescribers)
    if known is not None and not one.is_same_person(known):
        scope.remarks.add("mapping.professional_differs", one.where)
        known = None
    if known is not None:
        return replace(known, addresses=known.addresses or one.addresses)
    if one.name is None:
        scope.remarks.add("mapping.professional_unnamed", one.where)
        return None
    return replace(one.described(), telecoms=one.phones)


def participants(asked: Requests) -> tuple[Participant, ...]:
    """REF: the prescriber."""
    return () if asked.prescriber is None else (Participant("REF", asked.prescriber, asked.prescribed),)


def receivers(asked: Requests, sent: Recipients, scope: LabScope) -> tuple[Professional, ...]:
    """The prescriber, then those the Bundle names as recipients, with the mailboxes it gives them."""
    made = [] if asked.prescriber is None else [asked.prescriber]
    for one in sent.people:
        known = one.known(scope.laboratory.prescribers)
        if known is not None and not one.is_same_person(known):
            scope.remarks.add("mapping.professional_differs", one.where)
        elif known is None and one.name is None:
            scope.remarks.add("mapping.professional_unnamed", one.where)
        else:
            found = _with_mailboxes(known, one) if known is not None else one.described()
            made = [other for other in made if not _same(other, found)] + [found]
    return tuple(made)


def _with_mailboxes(known: Professional, one: Named) -> Professional:
    if not one.mailboxes:
        return known
    others = tuple(telecom for telecom in known.telecoms if not telecom.value.startswith("mailto:"))
    return replace(known, telecoms=(*others, *(Telecom(f"mailto:{box}") for box in one.mailboxes)))


def encounter(report: Node, about: Node, scope: LabScope) -> Encounter:
    """identifier number · period · class kind."""
    facility = scope.laboratory.organization.facility_type
    if facility is None:
        scope.remarks.add("mapping.facility_type_missing")
    made = Encounter(facility_type=facility or _UNKNOWN_FACILITY)
    found = scope.bundle.followed(report.node("encounter"), "Encounter")
    if found is None:
        return made
    if found.text("status") == "entered-in-error":
        scope.remarks.add("fhir.entered_in_error", found.at("status"))
    if found.node("subject") is not None and not scope.bundle.same(found.node("subject"), about):
        scope.remarks.add("fhir.other_patient", found.at("subject"))
    root = stable_oid("admissions", scope.laboratory.requester_patient_ids_oid or scope.laboratory.oid)
    kind, period = found.node("class"), found.node("period")
    return replace(
        made,
        start=scope.time(period, "start"),
        stop=scope.time(period, "end"),
        id=next((one for number in found.nodes("identifier") if (one := identifier(number, root)) is not None), None),
        code=_ENCOUNTERS.get(kind.text("code")) if kind is not None else None,
    )


def _same(one: Professional, other: Professional) -> bool:
    if one.id is not None and other.id is not None:
        return one.id == other.id
    return one.name == other.name
