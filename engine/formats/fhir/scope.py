"""What the reading of one Bundle needs besides its elements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.formats.fhir.bundle import Bundle
from engine.formats.fhir.node import Node
from engine.formats.fhir.remarks import Remarks
from engine.formats.fhir.times import timestamp
from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class Scope:
    """The Bundle, the remarks made so far, the message's circumstances, the sender's time zone."""

    bundle: Bundle
    remarks: Remarks
    context: Context
    zone: ZoneInfo

    @property
    def received(self) -> datetime:
        return self.context.received_at.astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.received.date()

    def time(self, node: Node | None, name: str) -> Timestamp | None:
        """A date, dateTime or instant; one that no calendar has is said and left out."""
        sent = node.text(name) if node is not None else ""
        if node is None or not sent:
            return None
        found = timestamp(sent)
        if found is None:
            self.remarks.add("fhir.no_such_time", node.at(name))
        return found
