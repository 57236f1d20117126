"""What a site knows about itself and its senders: laboratories, their people, their tables.

Read from routes.yaml and the laboratory's CSV tables by `engine.config`; pure values, given to formats in a Context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.model.parties import Ins, Organization, Professional
from engine.model.values import Code, Timestamp


@dataclass(frozen=True, slots=True)
class MappedTest:
    """One line of a laboratory's table: local code (and, where given, unit and specimen) to LOINC and UCUM."""

    local_code: str
    loinc: str | None
    loinc_display: str | None = None
    local_label: str | None = None
    specimen: str | None = None
    """The line holds for this local specimen code only."""
    unit_sent: str | None = None
    """The line holds for results sent in this unit only."""
    unit_ucum: str | None = None
    value_kind: str | None = None
    """`quantity`, `text` or `code` where the laboratory wants to force it."""
    chapter: str | None = None
    """LOINC of the chapter, where the laboratory wants to force it."""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class MappedCode:
    """A local value code (germ, aspect…) and its official code."""

    local_code: str
    code: Code


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """An identity the site has had qualified (INSi + document check), found again by its IPP.

    Used only when every strict trait sent equals it.
    """

    ipp: str
    ins: Ins
    birth_name: str
    birth_given_names: tuple[str, ...]
    birth_date: Timestamp
    gender: str
    birth_cog: str
    used_name: str | None = None
    used_given_name: str | None = None


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A sending laboratory, as agreed with it."""

    name: str
    """Key in routes.yaml."""
    sender_codes: tuple[str, ...]
    """Values of HPRIM 7.5.1 (or Médecin line 11) that name it."""
    organization: Organization
    oid: str
    """Root of the identifiers this laboratory gives (requests, samples)."""
    local_codes_oid: str
    """Code system of its local test codes."""
    patient_ids_oid: str
    """Root of its own patient numbers (HPRIM 8.4, Médecin line 1)."""
    requester_patient_ids_oid: str | None = None
    """Root of the requester's patient numbers (HPRIM 8.3.1)."""
    time_zone: str = "Europe/Paris"
    encoding: str | None = None
    """Encoding of its files when it is known; detected otherwise."""
    delimiters: str | None = None
    """The five HPRIM Santé separators, for a sender that declares fewer."""
    biologists: Mapping[str, Professional] = field(default_factory=dict)
    """By validator code (HPRIM 9.33.1, 10.17.1)."""
    default_biologist: Professional | None = None
    """Legal authenticator when the message names none, only where the laboratory has signed for that."""
    prescribers: Mapping[str, Professional] = field(default_factory=dict)
    """By local code (HPRIM 9.17 with type L, Médecin line 12)."""
    tests: tuple[MappedTest, ...] = ()
    values: tuple[MappedCode, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit as sent → UCUM, before the common table."""
    chapters: Mapping[str, Code] = field(default_factory=dict)
    """Local chapter word or code → chapter, before the common table."""
    specimens: Mapping[str, Code] = field(default_factory=dict)
    """Local specimen code or label → specimen type, before the common table."""
    flags: Mapping[str, Code] = field(default_factory=dict)
    """Local abnormal flag → ObservationInterpretation, e.g. VS → S."""
    identities: Mapping[str, KnownIdentity] = field(default_factory=dict)
    """By IPP (HPRIM 8.3.1)."""
    trusted_identity_statuses: tuple[str, ...] = ()
    """Values of HPRIM 8.39 that mean "qualified" by contract with this sender; none by default."""
    empty_status_is_validated: bool = False
    """HPRIM Médecin only: whether a RES line without a status counts as validated."""
    missing_fin_is_refused: bool = False
    """HPRIM Médecin only: FINFICHIER without FIN; accepted with a finding by default."""
    partial_reports: str = "hold"
    """`hold`, or `publish` where the laboratory allows partial reports."""
    policy: Mapping[str, str] = field(default_factory=dict)
    """Finding code → `publish`, `hold` or `refuse`, where it differs from the default."""


@dataclass(frozen=True, slots=True)
class HostKind:
    """One kind of document of a host software, as the vendor's mapping sheet says it."""

    kind: str
    """As the host writes it; capitals count."""
    doc_id: str
    """Of the catalogue."""
    profession: str = ""
    """Empty: whatever the profession."""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class IdentityContract:
    """What a structure signed for the identities its software sends as qualified (RNIV, rule 30)."""

    since: date
    signed_by: str
    reference: str
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Structure:
    """A practice, health centre or pharmacy whose software asks for documents."""

    name: str
    """Key in routes.yaml."""
    organization: Organization
    oid: str
    """Root of the numbers its software gives to documents and acts."""
    patient_ids_oid: str
    """Root of its own patient numbers (IPP)."""
    profession: str
    """Of the catalogue, unless the call says another."""
    profile: str
    time_zone: str = "Europe/Paris"
    professionals: Mapping[str, Professional] = field(default_factory=dict)
    """By RPPS or by the host's own code."""
    kinds: tuple[HostKind, ...] = ()
    identity_contract: IdentityContract | None = None
    """None: an identity sent as qualified waits to be verified."""
    information: str = ""
    """At the end of the documents laid out here (processing of personal data); no part of what a version is."""
