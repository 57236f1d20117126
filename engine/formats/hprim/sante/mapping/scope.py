"""What the mapping of one document needs besides its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.formats.hprim.sante.datatypes import timestamp
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment
from engine.model.directory import Laboratory
from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class Scope:
    """The laboratory that sent it, its time zone, the files that came beside, the remarks made so far."""

    laboratory: Laboratory
    zone: ZoneInfo
    received_at: datetime
    attachments: Mapping[str, bytes]
    """By file name in small letters, without folder."""
    remarks: Remarks

    def time(self, segment: Segment, field: int, *, repetition: int = 1) -> Timestamp | None:
        """A TS field as an instant of the laboratory's zone; unreadable ones are said and left out."""
        sent = segment.get(field, repetition=repetition)
        if not sent:
            return None
        found = timestamp(sent, self.zone)
        if found is None:
            self.remarks.add("hprim.invalid_time", segment, field)
        return found
