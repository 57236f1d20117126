"""What the mapping of one laboratory report needs besides its elements."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.bundle import Bundle
from engine.formats.fhir.node import Node
from engine.formats.fhir.remarks import Remarks
from engine.formats.fhir.scope import Scope
from engine.model.directory import Laboratory
from engine.model.values import Timestamp


@dataclass(frozen=True, slots=True)
class LabScope:
    """The reading of the Bundle, and the laboratory whose report it is."""

    whole: Scope
    laboratory: Laboratory

    @property
    def remarks(self) -> Remarks:
        return self.whole.remarks

    @property
    def bundle(self) -> Bundle:
        return self.whole.bundle

    def time(self, node: Node | None, name: str) -> Timestamp | None:
        return self.whole.time(node, name)

    def moment(self, node: Node, name: str) -> Timestamp | None:
        """The instant of a choice `effective[x]`, `collected[x]`: a dateTime, an instant, or the start of a Period."""
        for kind in ("DateTime", "Instant"):
            if node.text(f"{name}{kind}"):
                return self.time(node, f"{name}{kind}")
        return self.time(node.node(f"{name}Period"), "start")
