"""What a Bundle asks of the sending of a structure's document: where to, to whom, hidden from whom."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.authors import correspondent
from engine.formats.fhir.labels import labels, recipients, sending
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.model.instructions import Instructions
from engine.model.parties import Professional
from engine.model.values import Code


@dataclass(frozen=True, slots=True)
class Asked:
    instructions: Instructions
    people: tuple[Professional, ...]
    """Recipients, each with the mailboxes sent for them."""
    confidentiality: Code


def asked(node: Node, about: Node | None, scope: Scope) -> Asked:
    """What this Bundle says, never what another said; `about`: the document's Patient."""
    said, marked = sending(node, scope), labels(node, scope)
    sent = recipients(node, about, scope) if about is not None else None
    people = tuple(correspondent(one, scope) for one in sent.people) if sent is not None else ()
    boxes = (telecom.value for one in people for telecom in one.telecoms if telecom.value.startswith("mailto:"))
    to_patient = said.patient if said.patient is not None else sent is not None and sent.patient
    instructions = Instructions(
        dmp=said.dmp,
        professionals=said.professionals,
        patient=to_patient,
        mailboxes=tuple(dict.fromkeys(one.removeprefix("mailto:") for one in boxes)),
        visibility=marked.visibility,
        patient_may_reply=said.patient_may_reply,
        deferral_minutes=said.deferral_minutes,
    )
    return Asked(instructions, people, marked.confidentiality)
