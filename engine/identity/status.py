"""Status of a digital identity (statut de confiance, RNIV): what proves it, and the status that follows.

The status is never written down: it follows from two proofs, so that no identity is qualified without both.

==============  ================  ==================================
status          INSi teleservice  document of high trust checked
==============  ================  ==================================
provisoire      no                no
récupérée       yes               no
validée         no                yes
qualifiée       yes               yes
==============  ================  ==================================

Rules 19 to 21 (INS.18 to INS.25, Ségur wave 1): a doubtful or fictitious identity is provisional, holds no matricule
and asks nothing of INSi.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.identity.traits import StrictTraits
from engine.model.parties import Ins


class IdentityStatus(StrEnum):
    PROVISIONAL = "provisoire"
    RETRIEVED = "récupérée"
    VALIDATED = "validée"
    QUALIFIED = "qualifiée"


class IdentityAttribute(StrEnum):
    """Said of an identity beside its status; only the first two go together."""

    HOMONYM = "homonyme"
    DOUBTFUL = "douteux"
    FICTITIOUS = "fictif"


PROVISIONAL_ATTRIBUTES = frozenset({IdentityAttribute.DOUBTFUL, IdentityAttribute.FICTITIOUS})
"""Those that force the status down and forbid INSi."""
_ALLOWED_TOGETHER = frozenset({IdentityAttribute.HOMONYM, IdentityAttribute.DOUBTFUL})


@dataclass(frozen=True, slots=True)
class InsiProof:
    """The INSi teleservice gave, or confirmed, this matricule for these traits."""

    matricule: str
    """15 signs, key included."""
    oid: str
    at: datetime
    """Aware."""
    contract: str = ""
    """Reference of the trust contract, when a sender did it and not us."""


@dataclass(frozen=True, slots=True)
class DocumentProof:
    """The traits were compared with a document of high trust."""

    kind: str
    """E.g. `cni`, `passeport`; empty when a sender did it, under a contract."""
    at: datetime
    """Aware."""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A digital identity: traits, what proves them, attributes.

    Raises ValueError for what cannot be: a proof beside doubtful or fictitious, attributes that exclude one another.
    """

    traits: StrictTraits
    insi: InsiProof | None = None
    document: DocumentProof | None = None
    attributes: frozenset[IdentityAttribute] = frozenset()

    def __post_init__(self) -> None:
        if self.attributes & PROVISIONAL_ATTRIBUTES and (self.insi or self.document):
            raise ValueError("a doubtful or fictitious identity has no proof")
        if not attributes_go_together(self.attributes):
            raise ValueError("these attributes exclude one another")
        if any(proof is not None and proof.at.tzinfo is None for proof in (self.insi, self.document)):
            raise ValueError("naive datetime")

    @property
    def status(self) -> IdentityStatus:
        if self.insi is not None:
            return IdentityStatus.RETRIEVED if self.document is None else IdentityStatus.QUALIFIED
        return IdentityStatus.PROVISIONAL if self.document is None else IdentityStatus.VALIDATED

    @property
    def ins(self) -> Ins | None:
        """The matricule, `qualified` only when the status is; None without an answer of INSi."""
        if self.insi is None:
            return None
        return Ins(self.insi.matricule, self.insi.oid, qualified=self.status is IdentityStatus.QUALIFIED)

    @property
    def locked(self) -> bool:
        """True when the strict traits are INSi's and only a deliberate act may change them (rules 25, 26)."""
        return self.insi is not None

    @property
    def may_ask_insi(self) -> bool:
        return not self.attributes & PROVISIONAL_ATTRIBUTES


def attributes_go_together(attributes: frozenset[IdentityAttribute]) -> bool:
    """RNIV: only « homonyme » and « douteux » may be said of one identity."""
    return len(attributes) <= 1 or attributes <= _ALLOWED_TOGETHER
