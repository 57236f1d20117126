"""What may happen to an identity. Instants are aware and given by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.identity.status import IdentityAttribute
from engine.identity.traits import StrictTraits


@dataclass(frozen=True, slots=True)
class InsiFound:
    """INSi code 00: one identity. `traits` are the TIQ block, as received."""

    matricule: str
    """Number (13) and key (2), together."""
    oid: str
    traits: StrictTraits
    at: datetime
    confirmed: bool = False
    """A person has compared the traits that differ with the patient and says it is the same person."""


@dataclass(frozen=True, slots=True)
class InsiNotFound:
    """INSi gave no identity: code 01 (none), 02 (several), or any other."""

    code: str


@dataclass(frozen=True, slots=True)
class InsiVerified:
    """INSi was asked about a matricule and traits already held, or received (verification operation)."""

    matricule: str
    oid: str
    agrees: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class DocumentChecked:
    """A person compared the traits with a document shown by the patient."""

    kind: str
    agrees: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TraitsChanged:
    """New traits, from a person or a message."""

    traits: StrictTraits
    deliberate: bool = False
    """A person unlocked the strict traits on purpose. A message never does."""


@dataclass(frozen=True, slots=True)
class AttributeSet:
    attribute: IdentityAttribute


@dataclass(frozen=True, slots=True)
class AttributeLifted:
    attribute: IdentityAttribute


Event = InsiFound | InsiNotFound | InsiVerified | DocumentChecked | TraitsChanged | AttributeSet | AttributeLifted
