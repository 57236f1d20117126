"""The status machine: an identity and what happens to it → the identity after, and what is said of it.

An event that is refused leaves the identity as it was and says why. Reception under a trust contract is in `trust`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.findings import Finding, Severity
from engine.identity.events import (
    AttributeLifted,
    AttributeSet,
    DocumentChecked,
    Event,
    InsiFound,
    InsiNotFound,
    InsiVerified,
    TraitsChanged,
)
from engine.identity.ins import nir_key_is_valid
from engine.identity.matricule import agreement_findings
from engine.identity.rules import finding
from engine.identity.status import (
    PROVISIONAL_ATTRIBUTES,
    DocumentProof,
    Identity,
    IdentityAttribute,
    IdentityStatus,
    InsiProof,
    attributes_go_together,
)
from engine.identity.traits import completed, differing, listed
from engine.model.parties import INS_OIDS, INS_TEST_OIDS

HIGH_TRUST_DOCUMENTS = frozenset({"cni", "passeport", "titre_sejour"})
"""Documents that validate an identity by default; a site may name others (equivalent devices of the RNIV)."""


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """What a site decides."""

    production: bool
    high_trust_documents: frozenset[str] = HIGH_TRUST_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of an identity."""

    before: Identity
    after: Identity
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        return any(one.severity is Severity.ERROR for one in self.findings)


def transition(identity: Identity, event: Event, policy: IdentityPolicy) -> Transition:
    """What the event makes of the identity (RNIV; Ségur wave 1 rules 11, 12, 19 to 21, 25, 26, 30)."""
    after, findings = _step(identity, event, policy)
    made = Transition(identity, after, findings)
    return replace(made, after=identity) if made.refused else made


_Step = tuple[Identity, tuple[Finding, ...]]
_NOT_FOUND = {"01": "identity.insi_none", "02": "identity.insi_several"}


def _step(identity: Identity, event: Event, policy: IdentityPolicy) -> _Step:
    match event:
        case InsiFound():
            return _found(identity, event, policy)
        case InsiNotFound(code):
            return identity, (finding(_NOT_FOUND.get(code, "identity.insi_unknown_answer")),)
        case InsiVerified():
            return _verified(identity, event, policy)
        case DocumentChecked():
            return _checked(identity, event, policy)
        case TraitsChanged():
            return _changed(identity, event)
        case AttributeSet(attribute):
            return _attributed(identity, frozenset({*identity.attributes, attribute}))
        case AttributeLifted(attribute):
            return _attributed(identity, identity.attributes - {attribute})


def _found(identity: Identity, event: InsiFound, policy: IdentityPolicy) -> _Step:
    """INSi's traits take the place of ours once they are known to be the same person's."""
    findings = _matricule_findings(identity, event.matricule, event.oid, policy)
    missing = event.traits.missing
    if missing:
        findings.append(finding("identity.insi_incomplete", traits=listed(missing)))
    different = differing(identity.traits, event.traits)
    if different and not event.confirmed:
        findings.append(finding("identity.insi_traits_differ", traits=listed(different)))
    findings += agreement_findings(event.matricule, event.traits)
    document = identity.document
    if different and event.confirmed and document is not None:
        document = None
        findings.append(finding("identity.document_to_check_again"))
    if any(one.severity is Severity.ERROR for one in findings):
        return identity, tuple(findings)
    proof = InsiProof(event.matricule, event.oid, event.at)
    traits = completed(event.traits, identity.traits)
    return replace(identity, traits=traits, insi=proof, document=document), tuple(findings)


def _verified(identity: Identity, event: InsiVerified, policy: IdentityPolicy) -> _Step:
    """A refusal of INSi withdraws the matricule; a confirmation proves the matricule that was asked about."""
    held = identity.insi
    if not event.agrees:
        concerned = held is not None and held.matricule == event.matricule
        return replace(identity, insi=None if concerned else held), (finding("identity.insi_refuted"),)
    findings = _matricule_findings(identity, event.matricule, event.oid, policy)
    if identity.traits.missing:
        findings.append(finding("identity.insi_incomplete", traits=listed(identity.traits.missing)))
    findings += agreement_findings(event.matricule, identity.traits)
    if any(one.severity is Severity.ERROR for one in findings):
        return identity, tuple(findings)
    return replace(identity, insi=InsiProof(event.matricule, event.oid, event.at)), tuple(findings)


def _matricule_findings(identity: Identity, matricule: str, oid: str, policy: IdentityPolicy) -> list[Finding]:
    findings = []
    if not identity.may_ask_insi:
        findings.append(finding("identity.insi_forbidden"))
    if not nir_key_is_valid(matricule):
        findings.append(finding("identity.insi_matricule"))
    if oid not in INS_OIDS:
        findings.append(finding("identity.insi_oid"))
    if policy.production and oid in INS_TEST_OIDS:
        findings.append(finding("identity.test_in_production"))
    if identity.insi is not None and identity.insi.matricule != matricule:
        findings.append(finding("identity.matricule_changed"))
    return findings


def _checked(identity: Identity, event: DocumentChecked, policy: IdentityPolicy) -> _Step:
    findings = []
    if identity.attributes & PROVISIONAL_ATTRIBUTES:
        findings.append(finding("identity.document_forbidden"))
    if event.kind not in policy.high_trust_documents:
        findings.append(finding("identity.document_not_high_trust"))
    if not event.agrees:
        findings.append(finding("identity.document_disagrees"))
    if identity.traits.missing:
        findings.append(finding("identity.document_traits_missing", traits=listed(identity.traits.missing)))
    if findings:
        return identity, tuple(findings)
    return replace(identity, document=DocumentProof(event.kind, event.at)), ()


def _changed(identity: Identity, event: TraitsChanged) -> _Step:
    """Rules 25 and 26: INSi's traits change by a deliberate act only, and the status falls with them."""
    different = differing(identity.traits, event.traits)
    if not different:
        kept = completed(identity.traits, event.traits)
        return replace(identity, traits=kept if identity.locked else completed(event.traits, identity.traits)), ()
    if identity.locked and not event.deliberate:
        return identity, (finding("identity.traits_locked", traits=listed(different)),)
    traits = completed(event.traits, identity.traits)
    findings: tuple[Finding, ...] = ()
    if identity.locked:
        findings = (finding("identity.requalify", traits=listed(different)),)
    elif identity.status is IdentityStatus.VALIDATED:
        findings = (finding("identity.document_to_check_again"),)
    return replace(identity, traits=traits, insi=None, document=None), findings


def _attributed(identity: Identity, attributes: frozenset[IdentityAttribute]) -> _Step:
    """Doubtful or fictitious: both proofs go. Lifting the attribute brings none back."""
    if not attributes_go_together(attributes):
        return identity, (finding("identity.attributes_conflict"),)
    if not attributes & PROVISIONAL_ATTRIBUTES:
        return replace(identity, attributes=attributes), ()
    fell = identity.status is not IdentityStatus.PROVISIONAL
    after = replace(identity, insi=None, document=None, attributes=attributes)
    return after, (finding("identity.made_provisional"),) if fell else ()
