"""What would make a pure function vary: clock, zone, installation, directories. Given, never fetched."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.model.directory import Laboratory, Structure
from engine.model.values import Identifier

_NAMESPACE = uuid.UUID("6f1c5a52-1d0e-5d2b-9c57-5f0a3f2f7c11")


@dataclass(frozen=True, slots=True)
class Software:
    """Who we are towards the peers (VIHF LPS_*, X-MSS-NIL, CDA authoring software)."""

    name: str = "Passeur"
    version: str = "0.1.0"
    editor: str = "Passeur"
    product_number: str = ""
    """NIL: number declared on Convergence."""


class Strictness(StrEnum):
    """What a route makes of messages that break their specification; what would harm somebody is refused anyway."""

    STRICT = "strict"
    """Refused."""
    TOLERANT = "tolerant"
    """Read as well as can be, and said."""
    LINT = "lint"
    """Read and said, never held for it."""


class UnknownCombination(StrEnum):
    """What becomes of indicators of a document that the table of the volet HL7v2 does not list."""

    OFF = "off"
    WARN = "warn"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Context:
    """One message's circumstances."""

    received_at: datetime
    """Aware."""
    instance_oid: str
    """Root OID of this installation, unique to it."""
    production: bool
    laboratories: tuple[Laboratory, ...]
    software: Software = Software()
    default_laboratory: str | None = None
    """Name of the laboratory of a source that serves only one (a folder per laboratory); None: by sender code."""
    strictness: Strictness = Strictness.TOLERANT
    unknown_combinations: UnknownCombination = UnknownCombination.WARN
    answer_on_receipt: bool = False
    """Acknowledge as soon as a message is kept, whatever it holds."""
    structures: tuple[Structure, ...] = ()
    policy: Mapping[str, str] = field(default_factory=dict)
    """Finding code → `publish`, `hold` or `refuse`, for documents that no configured laboratory keeps."""

    def laboratory(self, sender_code: str) -> Laboratory | None:
        """The laboratory a sender code names."""
        for laboratory in self.laboratories:
            if sender_code in laboratory.sender_codes:
                return laboratory
        return next((lab for lab in self.laboratories if lab.name == self.default_laboratory), None)

    def structure(self, name: str) -> Structure | None:
        """The structure of this name, or the only one there is where none is named."""
        if not name and len(self.structures) == 1:
            return self.structures[0]
        return next((one for one in self.structures if one.name == name), None)


def stable_oid(*parts: str) -> str:
    """An OID under 2.25 (ITU-T X.667) that is the same for the same parts, on any day and any machine."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, chr(31).join(parts)).int}"


def document_id(identifier: Identifier) -> str:
    """Ours, in the store, of the document that bears this ClinicalDocument/id."""
    return stable_uuid("document", *(part for part in (identifier.root, identifier.extension) if part))


def stable_uuid(*parts: str) -> str:
    """A UUID (version 5) that is the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, chr(31).join(parts)))
