"""A document message sorted into what the volets speak of: requests, documents, indicators, mail bodies, participants.

Observations are known by OBX-3.1 and never by their position, which changed from one edition to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.validation.profile import Flow, Profile, carries_cda
from engine.formats.hl7v2.values import said

FLAGS = (
    "MASQUE_PS",
    "INVISIBLE_PATIENT",
    "INVISIBLE_REP_LEGAUX",
    "CONNEXION_SECRETE",
    "MODIF_CONF_CODE",
    "DESTDMP",
    "DESTMSSANTEPS",
    "DESTMSSANTEPAT",
    "ACK_RECEPTION",
    "ACK_LECTURE_MSS",
)
"""Indicators of table MetaDMPMSS, in the order of the volet T."""
DELIVERY_FLAGS = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REP_LEGAUX", "MODIF_CONF_CODE")
"""Those of the volet L."""
ALIASES: Mapping[str, str] = {
    "INVISIBLE_REPRESENTANTS_LEGAUX": "INVISIBLE_REP_LEGAUX",
    "INVISIBLE_REPRENSANTS_LEGAUX": "INVISIBLE_REP_LEGAUX",
    "MODIF_CONFIDENTIALITYCODE": "MODIF_CONF_CODE",
    "ACK_LECTURE": "ACK_LECTURE_MSS",
}
"""Names of editions 1.x, and one of the texts of 2.0."""
BODIES = ("CORPSMAIL_PS", "CORPSMAIL_PATIENT")
_NEVER: frozenset[str] = frozenset()
_STARTED = {"ORC": frozenset({"ORC", "OBR", "OBX"}), "OBR": frozenset({"OBR", "OBX"})}
"""What a request must have for this segment to begin another one."""
LOT = "COMP_LOT"
"""Edition 1.2: identifiers of the documents of the submission."""


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    """As in `FLAGS`."""
    sent: str
    """As OBX-3.1 has it."""
    segment: Segment
    value: str
    """`Y`, `N`, or what was sent instead."""


@dataclass(frozen=True, slots=True)
class Participant:
    role: str
    """PRT-4.1, in capitals."""
    segment: Segment


@dataclass(frozen=True, slots=True)
class Request:
    """One ORDER_OBSERVATION (ORU) or COMMON_ORDER with its observations (MDM)."""

    orc: Segment | None
    obr: Segment | None
    documents: tuple[Segment, ...]
    flags: tuple[Flag, ...]
    bodies: tuple[Segment, ...]
    context: tuple[Segment, ...]
    """Volet L: the mail the document came with."""
    others: tuple[Segment, ...]
    """Observations no volet knows."""
    participants: tuple[Participant, ...]
    segments: tuple[Segment, ...]

    def flag(self, name: str) -> str:
        """`Y` when any says so, else `N` or what was sent; empty when none was."""
        values = [one.value for one in self.flags if one.name == name]
        return "Y" if "Y" in values else next(iter(values), "")

    def role(self, code: str) -> tuple[Segment, ...]:
        """Participants of a role: SB, RCT, REPLY."""
        return tuple(one.segment for one in self.participants if one.role == code)


def requests(message: Message, profile: Profile) -> tuple[Request, ...]:
    """The requests of a message, at least one: a message without ORC is one."""
    return tuple(_request(group, profile) for group in _groups(message.segments))


def _groups(segments: Iterable[Segment]) -> Iterator[tuple[Segment, ...]]:
    """A request begins at ORC, or at an OBR that has no ORC before it."""
    group: list[Segment] = []
    names: set[str] = set()
    for segment in segments:
        if names & _STARTED.get(segment.name, _NEVER):
            yield tuple(group)
            group, names = [], set()
        group.append(segment)
        names.add(segment.name)
    yield tuple(group)


def _request(group: tuple[Segment, ...], profile: Profile) -> Request:
    sorted_: dict[str, list[Segment]] = {"document": [], "body": [], "context": [], "other": []}
    flags: list[Flag] = []
    for segment in (one for one in group if one.name == "OBX"):
        sent = said(segment, "3.1").upper()
        name = ALIASES.get(sent, sent)
        if name in FLAGS:
            flags.append(Flag(name, sent, segment, said(segment, "5.1").upper()))
        else:
            sorted_[_kind(segment, name, profile, bool(sorted_["document"]))].append(segment)
    return Request(
        orc=next((one for one in group if one.name == "ORC"), None),
        obr=next((one for one in group if one.name == "OBR"), None),
        documents=tuple(sorted_["document"]),
        flags=tuple(flags),
        bodies=tuple(sorted_["body"]),
        context=tuple(sorted_["context"]),
        others=tuple(sorted_["other"]),
        participants=tuple(Participant(said(one, "4.1").upper(), one) for one in group if one.name == "PRT"),
        segments=group,
    )


def _kind(segment: Segment, name: str, profile: Profile, has_document: bool) -> str:
    if name in BODIES:
        return "body"
    if name == LOT:
        return "other"
    encapsulated = said(segment, "2.1").upper() == "ED" or said(segment, "5.4").upper() == "BASE64"
    if profile.flow is Flow.DELIVERY and has_document and encapsulated and not carries_cda(segment):
        return "context"
    return "document" if encapsulated else "other"
