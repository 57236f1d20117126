"""What the mapping of one document needs besides its segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.remarks import Remarks
from engine.formats.hl7v2.results.view.datatypes import timestamp
from engine.formats.hl7v2.results.view.fields import text
from engine.model.directory import Laboratory
from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class Scope:
    """The laboratory that sent it, its time zone, its names in the message, the remarks made so far."""

    laboratory: Laboratory
    zone: ZoneInfo
    received_at: datetime
    sender_names: frozenset[str]
    """Components of MSH-3 and MSH-4: how the laboratory names itself as an authority."""
    remarks: Remarks

    def time(self, segment: Segment | None, inside: str) -> Timestamp | None:
        """An instant at `14` or `17.1`; an unreadable one is said and left out."""
        place = inside if "." in inside else f"{inside}.1"
        sent = text(segment, place)
        if segment is None or not sent:
            return None
        found = timestamp(sent, self.zone)
        if found is None:
            self.remarks.add("hl7v2.invalid_time", segment, inside)
        return found
