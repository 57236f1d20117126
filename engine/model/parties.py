"""Who a document speaks of and who made it: patient, professionals, organisations (CI-SIS structuration minimale)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

INS_NIR = "1.2.250.1.213.1.4.8"
INS_NIA = "1.2.250.1.213.1.4.9"
INS_NIR_TEST = "1.2.250.1.213.1.4.10"
INS_NIR_DEMO = "1.2.250.1.213.1.4.11"
INS_OIDS = frozenset({INS_NIR, INS_NIA, INS_NIR_TEST, INS_NIR_DEMO})
INS_TEST_OIDS = frozenset({INS_NIR_TEST, INS_NIR_DEMO})
"""OIDs of identities that exist nowhere but in test; they never leave in production, and the others never in test."""

PROFESSIONAL_OID = "1.2.250.1.71.4.2.1"
"""National identifier of a professional (IdNat_PS): `8` + RPPS, `0` + ADELI, …"""
STRUCTURE_OID = "1.2.250.1.71.4.2.2"
"""National identifier of a structure (IdNat_Struct): `1` + FINESS, `3` + SIRET, …"""


@dataclass(frozen=True, slots=True)
class Ins:
    """Identité nationale de santé: the 15-character matricule with its OID.

    `qualified` says that the identity was both retrieved from the INSi teleservice and validated on a
    high-confidence document (RNIV): only then may the matricule be sent.
    """

    matricule: str
    oid: str
    qualified: bool


@dataclass(frozen=True, slots=True)
class BirthPlace:
    """Place of birth; `cog` is the INSEE code (99xxx abroad), needed as soon as an INS is sent."""

    cog: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """The record's target (recordTarget/patientRole), 1..1 per document."""

    ids: tuple[Identifier, ...]
    """IPP and other local identifiers, 0..*; never the INS."""
    ins: Ins | None
    birth_name: str | None
    """Nom de naissance (family BR)."""
    used_name: str | None
    """Nom utilisé (family CL)."""
    birth_given_names: tuple[str, ...]
    """Liste des prénoms de naissance, as in the civil record; empty when unknown."""
    first_given_name: str | None
    """Premier prénom de naissance (given BR)."""
    used_given_name: str | None
    """Prénom utilisé (given CL)."""
    gender: str | None
    """F, M or UN (HL7 5.1); None when it was not sent."""
    birth_time: Timestamp | None
    birth_place: BirthPlace | None = None
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    multiple_birth_order: int | None = None
    """Rang de naissance of a new-born."""
    prefix: str | None = None
    """Civility: M or MME."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A health structure."""

    id: Identifier | None
    """Root 1.2.250.1.71.4.2.2 for a national identifier."""
    name: str
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    practice_setting: Code | None = None
    """Cadre d'exercice (JDV_J04), e.g. AMBULATOIRE."""
    facility_type: Code | None = None
    """Secteur d'activité (JDV_J02), e.g. SA25."""
    accreditation: Identifier | None = None
    """COFRAC accreditation number of a laboratory (root 1.2.250.1.213.6.3.1)."""


@dataclass(frozen=True, slots=True)
class Professional:
    """A health professional, or someone known only by name."""

    id: Identifier | None
    """Root 1.2.250.1.71.4.2.1 for a national identifier; a local OID otherwise."""
    name: PersonName | None
    specialty: Code | None = None
    """Profession and speciality (JDV_J01), e.g. G15_10/SM26."""
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    organization: Organization | None = None
