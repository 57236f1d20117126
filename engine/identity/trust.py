"""Trust contracts: from whom an identity received as qualified is taken as such, without asking INSi again.

Rule 30 (INS.38, INS.39, INS.46 to INS.49): an identity received with a document is verified, unless a contract signed
with its sender says that the sender does it. Without one, its matricule is only a claim.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from engine.findings import Finding, Severity
from engine.identity.ins import nir_key_is_valid
from engine.identity.matricule import agreement_findings
from engine.identity.rules import finding
from engine.identity.status import DocumentProof, Identity, InsiProof
from engine.identity.traits import StrictTraits, listed, trait_findings
from engine.model.parties import INS_OIDS, INS_TEST_OIDS, Ins

VALIDATED = "VALI"
"""PID-32 (table 0445 of PAM France): identity validated."""


@dataclass(frozen=True, slots=True)
class TrustContract:
    """What a site signed with a sender of identities. Raises ValueError when nobody signed, or for no time at all."""

    source: str
    """Name of the source in routes.yaml."""
    site: str
    """Name of the laboratory or site whose identities are trusted."""
    since: date
    signed_by: str
    """Who signed for the receiving site."""
    reference: str
    """Of the contract, as filed by the site."""
    until: date | None = None
    """Last day, included."""
    statuses: tuple[str, ...] = (VALIDATED,)
    """What the sender writes to mean "qualified" (PID-32, HPRIM 8.39)."""

    def __post_init__(self) -> None:
        if not (self.signed_by.strip() and self.reference.strip() and self.statuses):
            raise ValueError("a contract names who signed, its reference and the statuses it trusts")
        if self.until is not None and self.until < self.since:
            raise ValueError("a contract ends after it begins")

    def covers(self, source: str, site: str, status: str, on: date) -> bool:
        """True when it holds that day for this sender and this status."""
        if (source, site) != (self.source, self.site) or status not in self.statuses:
            return False
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class ReceivedIdentity:
    """An identity as a message gives it."""

    source: str
    site: str
    status: str
    """The sender's own status code, `VALI`; empty when none was sent."""
    ins: Ins | None
    traits: StrictTraits
    at: datetime
    """Aware: when it was received."""
    on: date
    """The same day, at the site's place."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What is held of a received identity."""

    identity: Identity
    claim: Ins | None
    """The matricule to verify with INSi; None when there is none, or when a contract proves it."""
    contract: TrustContract | None
    findings: tuple[Finding, ...] = ()


def reception(received: ReceivedIdentity, contracts: Iterable[TrustContract], *, production: bool) -> Reception:
    """Qualified under a contract, with a sound matricule and every strict trait; provisional in all other cases."""
    contract = contract_of(received, contracts)
    findings = list(trait_findings(received.traits))
    ins = received.ins
    if ins is None:
        return Reception(Identity(received.traits), None, None, tuple(findings))
    findings += _ins_findings(ins, production)
    if any(one.severity is Severity.ERROR for one in findings):
        return Reception(Identity(received.traits), None, None, tuple(findings))
    disagreements = agreement_findings(ins.matricule, received.traits)
    findings += disagreements
    missing = received.traits.missing
    if missing and contract is not None:
        findings.append(finding("identity.received_traits_missing", traits=listed(missing)))
    sound = not missing and not any(one.severity is Severity.WARNING for one in disagreements)
    if contract is None or not sound:
        findings.append(finding("identity.ins_unverified"))
        return Reception(Identity(received.traits), Ins(ins.matricule, ins.oid, False), None, tuple(findings))
    identity = Identity(
        received.traits,
        InsiProof(ins.matricule, ins.oid, received.at, contract.reference),
        DocumentProof("", received.at, contract.reference),
    )
    return Reception(identity, None, contract, tuple(findings))


def contract_of(received: ReceivedIdentity, contracts: Iterable[TrustContract]) -> TrustContract | None:
    """The contract that covers it, the latest begun where several do."""
    covering = [one for one in contracts if one.covers(received.source, received.site, received.status, received.on)]
    return max(covering, key=lambda one: (one.since, one.reference), default=None)


def _ins_findings(ins: Ins, production: bool) -> list[Finding]:
    if not nir_key_is_valid(ins.matricule) or ins.oid not in INS_OIDS:
        return [finding("identity.received_ins_invalid")]
    if production and ins.oid in INS_TEST_OIDS:
        return [finding("identity.test_in_production")]
    return []
