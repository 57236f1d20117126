"""What a document message asks for: send, replace or delete. ORC-1, OBX-11, the event and TXA must say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.path import Path, path
from engine.formats.hl7v2.rules import Grade
from engine.formats.hl7v2.validation.content import Request
from engine.formats.hl7v2.validation.profile import Flow, Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said


class Action(StrEnum):
    SEND = "send"
    REPLACE = "replace"
    DELETE = "delete"


ORDERS: Mapping[str, Action] = {"NW": Action.SEND, "RO": Action.REPLACE, "CA": Action.DELETE}
"""ORC-1, since edition 2.1 of the volet T."""
STATUSES: Mapping[str, Action] = {"F": Action.SEND, "C": Action.REPLACE, "D": Action.DELETE}
"""OBX-11 of the document."""
MDM_EVENTS: Mapping[str, Action] = {"T02": Action.SEND, "T10": Action.REPLACE, "T04": Action.DELETE}
_ORC_SINCE = (2, 1)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_MOST: Mapping[str, int] = {"ORU": 2, "OUL": 2}
"""Documents of one request: the same in CDA level 1 and level 3. One elsewhere."""


def uses_orders(profile: Profile) -> bool:
    """False for the editions of the volet T whose ORC-1 was only SC, or that had no ORC."""
    return profile.flow is Flow.DELIVERY or profile.edition >= _ORC_SINCE


def actions(request: Request, profile: Profile) -> frozenset[Action]:
    """Every action that is asked for; one when the message is coherent, none when nothing known is said."""
    found = {STATUSES.get(said(one, "11").upper()) for one in request.documents}
    if request.orc is not None and uses_orders(profile):
        found.add(ORDERS.get(said(request.orc, "1").upper()))
    if profile.type == "MDM":
        found.add(MDM_EVENTS.get(profile.event))
    return frozenset(one for one in found if one is not None)


def check_actions(message: Message, profile: Profile, parts: tuple[Request, ...], remarks: Remarks) -> None:
    if profile.type == "MDM" and len(parts) > 1 and any(part.documents for part in parts[1:]):
        remarks.add("hl7v2.too_many_documents", parts[1].segments[0].path())
    for part in parts:
        _check_count(part, profile, remarks)
        asked = actions(part, profile)
        if len(asked) > 1:
            remarks.add("hl7v2.incoherent_action", _first(part, profile))
        _check_types(message, part, profile, remarks)
    if profile.type == "MDM":
        _check_ids(message, profile, remarks)


def _check_count(part: Request, profile: Profile, remarks: Remarks) -> None:
    most = _MOST.get(profile.type, 1)
    if not part.documents:
        remarks.add("hl7v2.no_document", Path("OBX"))
    elif len(part.documents) > most:
        remarks.add("hl7v2.too_many_documents", part.documents[most].path())


def _first(part: Request, profile: Profile) -> Path:
    if part.orc is not None and uses_orders(profile):
        return part.orc.path("1")
    return part.documents[0].path("11") if part.documents else Path("OBX")


def _check_types(message: Message, part: Request, profile: Profile, remarks: Remarks) -> None:
    """OBR-4 and TXA-2 repeat the document's type; before 2.1, OBR-4 was the examination."""
    codes = {said(one, "3.1") for one in part.documents}
    if not codes:
        return
    others: list[tuple[Segment | None, str]] = []
    if uses_orders(profile):
        others.append((part.obr, "4.1"))
    if profile.type == "MDM":
        others.append((message.first("TXA"), "2.1"))
    for segment, place in others:
        if segment is not None and said(segment, place) and {said(segment, place)} != codes:
            remarks.add("hl7v2.incoherent_type", segment.path(place))


def _check_ids(message: Message, profile: Profile, remarks: Remarks) -> None:
    """TXA-12 and TXA-13: `root` alone, or `extension^^root^ISO`."""
    for place in ("12", "13"):
        _check_id(message, place, None if uses_orders(profile) else Grade.ODD, remarks)
    action = MDM_EVENTS.get(profile.event)
    own, parent = _id(message, "12"), _id(message, "13")
    if action is Action.REPLACE and not parent[0]:
        remarks.add("hl7v2.required", path("TXA-13.1"))
    elif action is Action.REPLACE and own == parent:
        remarks.add("hl7v2.replaces_itself", path("TXA-13"))
    elif action is not Action.REPLACE and parent[0]:
        remarks.add("hl7v2.parent_unused", path("TXA-13"))


def _check_id(message: Message, place: str, form: Grade | None, remarks: Remarks) -> None:
    """`form`: how grave it is that the id is no OID, where the edition says otherwise than the table."""
    value, root = _id(message, place)
    if not value:
        return
    if root:
        remarks.add("hl7v2.document_id_extension", path(f"TXA-{place}"))
    if not _OID.fullmatch(root or value):
        remarks.add("hl7v2.document_id_form", path(f"TXA-{place}.{3 if root else 1}"), grade=form)
    if said(message, f"TXA-{place}.2"):
        remarks.add("hl7v2.document_id_extra", path(f"TXA-{place}.2"))


def _id(message: Message, place: str) -> tuple[str, str]:
    """(extension, root), or (root, "")."""
    return said(message, f"TXA-{place}.1"), said(message, f"TXA-{place}.3")
