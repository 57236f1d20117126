"""What routes.yaml says of a DMP destination."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from engine.declarations import Settings
from engine.xds.codes import content_type

HashAlgorithm = Literal["sha256", "sha1"]


class DeletionMotive(StrEnum):
    """Why a document is taken back (SC.DMP/CONF.03); said in the submission set's comments."""

    WRONG_DOCUMENT = "Document erroné"
    WRONG_PATIENT = "Erreur de patient"
    PATIENT_REQUEST = "Demande du patient"


_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


class KeyPair(BaseModel):
    """A certificate and its key: a PEM chain and a PEM key, or one PKCS#12 file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path | None = None
    """PEM, leaf first, intermediates after."""
    key: Path | None = None
    p12: Path | None = None
    password: SecretStr | None = None
    """Of the key or of the PKCS#12 file."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        pem = self.certificate is not None and self.key is not None
        if pem == (self.p12 is not None) or (self.certificate is None) != (self.key is None):
            raise ValueError("donner soit `certificate` et `key`, soit `p12`")
        return self


class Responsible(BaseModel):
    """A person who answers for what is sent, instead of the document's legalAuthenticator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=9)
    """National identifier: `8` and the RPPS number."""
    family: str = Field(min_length=1)
    given: str = Field(min_length=1)
    specialty_code: str = Field(pattern=r"^G15_\d+(/\w+)?$")
    """JDV_J01: `G15_10/SM03`."""
    specialty_label: str = Field(min_length=1)


class DmpSettings(Settings):
    """Times are in seconds. Disputed points of the contract document SEL-MP-037 are options, with their default."""

    url: str
    """Up to the services: `https://host/si-dmp-server/v2/services/`."""
    tls: KeyPair
    """Authentication certificate (IGC-Santé ORG_AUTH_CLI)."""
    signing: KeyPair
    """Signature certificate (IGC-Santé ORG_SIGN), for the VIHF and the submission set."""
    ca_bundle: Path | None = None
    """PEM of the authorities trusted for the DMP's own certificate; those of the system when absent."""
    structure_id: str = Field(min_length=2)
    """Identifiant_Structure (Struct_IdNat), as in the certificates' OU."""
    structure_name: str = Field(min_length=1)
    sector: str = Field(pattern=r"^[A-Z0-9_]+$")
    """Secteur_Activite of the structure, `SA25` for a laboratory (JDV_J61)."""
    homologation_number: SecretStr
    """LPS_ID_HOMOLOGATION_DMP; secret (EX_GEN-1490)."""
    responsible: Responsible | None = None
    """By default the document's legalAuthenticator."""
    name_requester: bool = True
    """Name who asks for the sending (PRT SB) in the VIHF and as author of the submission set, where our certificates
    allow it; False: always `responsible`, or the document's legalAuthenticator."""
    requesters: tuple[Responsible, ...] = ()
    """Professions of those who may ask for a sending: PRT gives none, and the DMP wants one."""
    requester_structures: tuple[str, ...] = ()
    """Structures whose people ask under our certificates, besides `structure_id`: the FINESS of the sites of a legal
    entity. The VIHF still says `structure_id`."""

    gi_dmp: Literal["2.9", "2.10"] = "2.10"
    """Defaults of the three options below: 2.9 as the 2019-2020 examples, 2.10 as the 2024 ones."""
    vihf_version: Literal["3.0", "4.0"] | None = None
    authentication_attribute: Literal["Authentification_Mode", "Authentification_mode"] | None = None
    hash_algorithm: HashAlgorithm | None = None
    authn_context: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    xades: Literal["1.1.1", "1.3.2"] = "1.1.1"
    signature_format: Literal["xmldsig", "dsg2014"] = "xmldsig"
    """formatCode of the signature's entry: `http://www.w3.org/2000/09/xmldsig#` or `urn:ihe:iti:dsg:detached:2014`."""
    send_hash: bool = False
    """Write hash and size in the metadata; the DMP computes them."""
    content_type_code: str | None = None
    """contentTypeCode (JDV_J59), `26` for laboratory analyses; by default that of the document's encounter."""
    masked_and_invisible: bool = False
    """The DMP's own parameter cumul-invisible_patient-masque_ps: whether a document may be both (EX_2.1-1050)."""
    deletion_motive: DeletionMotive = DeletionMotive.WRONG_DOCUMENT
    """Of a deletion whose sender gives none."""
    deletion_asks_status: bool = True
    """TD3.1b asks for whole entries before a deletion, so that a document already deleted is known. Where the DMP
    refuses that, and with False, references only, as in the public examples: nothing then tells such a document from
    one that is still there."""
    deletion_from: Literal["Approved", "Archived"] | None = None
    """OriginalStatus written in a TD3.3c; by default the one the DMP says, Approved when it was not asked."""

    test_existence: bool = True
    """TD0.2 before feeding."""
    existence_max_age_seconds: int = Field(default=86_400, ge=0)
    """How long a positive TD0.2 holds for a patient."""
    probe: bool = True
    """TD3.1b after a lost answer; without it a person decides (EX_3.1-2030)."""
    ambiguous_attempts: int = Field(default=5, ge=1)
    """Tries after which an unspecified registry error is final."""
    connect_timeout_seconds: float = Field(default=10, gt=0)
    query_timeout_seconds: float = Field(default=60, gt=0)
    send_timeout_seconds: float = Field(default=200, gt=0)
    time_zone: str = "Europe/Paris"
    """Of the hours a document gives without an offset."""

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("l'adresse du DMP s'écrit https://hôte/chemin/")
        return url if url.endswith("/") else url + "/"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("fuseau horaire inconnu ; par exemple Europe/Paris")
        return name

    @field_validator("content_type_code")
    @classmethod
    def _known_content_type(cls, code: str | None) -> str | None:
        if code is not None and content_type(code) is None:
            raise ValueError("code absent du jeu de valeurs JDV_J59 connu de Passeur")
        return code

    @property
    def profile(self) -> Profile:
        """The VIHF options, each as set or as the gi_dmp profile has it."""
        default = PROFILES[self.gi_dmp]
        return Profile(
            vihf_version=self.vihf_version or default.vihf_version,
            authentication_attribute=self.authentication_attribute or default.authentication_attribute,
            hash_algorithm=self.hash_algorithm or default.hash_algorithm,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    vihf_version: str
    authentication_attribute: str
    hash_algorithm: HashAlgorithm


PROFILES = {
    "2.9": Profile("3.0", "Authentification_mode", "sha1"),
    "2.10": Profile("3.0", "Authentification_Mode", "sha256"),
}
"""Our own reading of the public examples; the contract document decides."""


def is_oid(text: str) -> bool:
    """True for an OID of 64 characters at most."""
    return len(text) <= 64 and _OID.fullmatch(text) is not None
