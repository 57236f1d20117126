"""The DMP's codes, each with what it means for an order: who must act, in a sentence, and how.

Names: ITI TF-3 table 4.2.4.1-2, and the codes of the SI-DMP seen in public examples; the complete DMP table is in
SEL-MP-037. The raw code is kept in the error's own code (`dmp.XDSRepositoryBusy`): the business acknowledgement
(ZAM^Z01) repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from engine.errors import LaneError, ParkedError, PasseurError, PermanentError, TransientError, UncertainError


class Outcome(StrEnum):
    SUCCESS = "success"
    """Not an error: a warning, or information."""
    PERMANENT = "permanent"
    TRANSIENT = "transient"
    STOP_LANE = "stop_lane"
    AMBIGUOUS = "ambiguous"
    """The peer does not say what happened: ask it, then try again a limited number of times."""
    PROBE = "probe"
    """An earlier try may have been taken: ask the peer; refused for good when it does not have the document."""
    NO_DMP = "no_dmp"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Meaning:
    outcome: Outcome
    sentence: str
    """What it means, in French."""
    action: str
    """What to do, in French."""


_WAIT = "Aucune action : l'envoi reprendra de lui-même."
_SUPPORT = "Signaler l'anomalie au support de Passeur avec l'identifiant de l'ordre."
_IDENTITY = "Vérifier l'identité du patient (INSi) et l'existence de son DMP, puis renvoyer."
_SOURCE = "Corriger le document à la source, puis le renvoyer."
_SETUP = "Vérifier la structure, le secteur et le certificat configurés, puis rouvrir la voie."

_BUSY = Meaning(Outcome.TRANSIENT, "Le DMP est momentanément surchargé ou indisponible.", _WAIT)
_METADATA = Meaning(Outcome.PERMANENT, "Le DMP refuse les métadonnées du document.", _SUPPORT)
_QUERY = Meaning(Outcome.PERMANENT, "Le DMP refuse la question posée.", _SUPPORT)
_UPDATE = Meaning(
    Outcome.PROBE,
    "Le DMP refuse de changer le statut du document.",
    "Vérifier dans le DMP l'état du document, puis renvoyer ou annuler.",
)
_RETRIEVE = Meaning(Outcome.PERMANENT, "Le DMP ne connaît pas le document ou l'entrepôt demandé.", _SUPPORT)
_GENERIC = Meaning(Outcome.AMBIGUOUS, "Le DMP signale une erreur sans en préciser la cause.", _SUPPORT)
_TARGET = Meaning(
    Outcome.PROBE,
    "Le document à remplacer n'est plus la version en cours dans le DMP.",
    "Vérifier dans le DMP la version présente, puis renvoyer ou annuler.",
)
_CERTIFICATE = Meaning(Outcome.STOP_LANE, "Le DMP refuse le certificat ou l'identification de la structure.", _SETUP)
_INFORMATION = Meaning(Outcome.SUCCESS, "Information du DMP, sans conséquence pour le document.", "Aucune action.")
_PATIENT_MISMATCH = Meaning(Outcome.PERMANENT, "Les identifiants du patient ne concordent pas pour le DMP.", _IDENTITY)

TABLE: Mapping[str, Meaning] = MappingProxyType(
    {
        "XDSRepositoryBusy": _BUSY,
        "XDSRegistryBusy": _BUSY,
        "XDSRepositoryOutOfResources": _BUSY,
        "XDSRegistryOutOfResources": _BUSY,
        "XDSRegistryNotAvailable": _BUSY,
        "XDSRegistryError": _GENERIC,
        "XDSRepositoryError": _GENERIC,
        "XDSRegistryMetadataError": _METADATA,
        "XDSRepositoryMetadataError": _METADATA,
        "XDSMissingDocument": _METADATA,
        "XDSMissingDocumentMetadata": _METADATA,
        "XDSUnknownPatientId": Meaning(Outcome.PERMANENT, "Le DMP ne connaît pas ce patient.", _IDENTITY),
        "XDSPatientIdDoesNotMatch": _PATIENT_MISMATCH,
        "XDSDuplicateUniqueIdInRegistry": Meaning(
            Outcome.PROBE,
            "Le DMP a déjà enregistré un lot de même identifiant, sans le document.",
            "Vérifier dans le DMP si le document est présent, puis renvoyer ou annuler.",
        ),
        "XDSNonIdenticalHash": Meaning(
            Outcome.PERMANENT,
            "Le DMP détient un autre contenu sous le même identifiant de document.",
            "Alerte de données : comparer les deux documents avant tout nouvel envoi.",
        ),
        "XDSNonIdenticalSize": Meaning(
            Outcome.PERMANENT,
            "Le DMP détient un document d'une autre taille sous le même identifiant.",
            "Alerte de données : comparer les deux documents avant tout nouvel envoi.",
        ),
        "XDSReplaceFailed": _TARGET,
        "XDSRegistryDeprecatedDocumentError": _TARGET,
        "XDSMetadataUpdateError": _UPDATE,
        "XDSMetadataUpdateOperationError": _UPDATE,
        "XDSMetadataVersionError": _UPDATE,
        "XDSMetadataIdentifierError": _UPDATE,
        "XDSPatientIDReconciliationError": _UPDATE,
        "UnresolvedReferenceException": _UPDATE,
        "UnmodifiableMetadataError": _UPDATE,
        "XDSUnknownStoredQuery": _QUERY,
        "XDSStoredQueryMissingParam": _QUERY,
        "XDSStoredQueryParamNumber": _QUERY,
        "XDSTooManyResults": _QUERY,
        "XDSResultNotSinglePatient": _QUERY,
        "XDSDocumentUniqueIdError": _RETRIEVE,
        "XDSUnknownRepositoryId": _RETRIEVE,
        "XDSExtraMetadataNotSaved": _INFORMATION,
        "InvalidDocumentContent": Meaning(Outcome.PERMANENT, "Le DMP refuse le contenu du document (CDA).", _SOURCE),
        "DMPOk": _INFORMATION,
        "DMPOK": _INFORMATION,
        "DMPFound": _INFORMATION,
        "DMPPatientAccessAlreadyExists": _INFORMATION,
        "DMPPatientAccessOTPAlreadyExists": _INFORMATION,
        "DMPClosed": Meaning(
            Outcome.CLOSED, "Le DMP du patient est fermé.", "Le document partira si le patient rouvre son DMP."
        ),
        "DMPInvalidCertificate": _CERTIFICATE,
        "DMPAccessDeniedByRightsService": Meaning(
            Outcome.PERMANENT,
            "Le DMP refuse ce droit à la personne responsable ou à la structure.",
            "Vérifier la profession, la spécialité et les droits du responsable du document.",
        ),
        "InvalidSecurity": _CERTIFICATE,
        "InvalidSecurityToken": _CERTIFICATE,
        "UnsupportedSecurityToken": _CERTIFICATE,
        "UnsupportedAlgorithm": _CERTIFICATE,
        "FailedAuthentication": _CERTIFICATE,
        "FailedCheck": _CERTIFICATE,
        "MessageExpired": Meaning(
            Outcome.STOP_LANE,
            "Le DMP juge notre message hors délai.",
            "Vérifier l'heure du serveur, puis rouvrir la voie.",
        ),
        "MessageAddressingHeaderRequired": Meaning(
            Outcome.STOP_LANE, "Le DMP ne comprend pas l'en-tête de nos messages.", _SUPPORT
        ),
    }
)
"""By code, as the DMP writes it, without prefix."""

_TEXTS: tuple[tuple[re.Pattern[str], Meaning], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        ("structure introuvable ou inactive", _CERTIFICATE),
        (
            "ps et structure non li",
            Meaning(
                Outcome.PERMANENT,
                "Le responsable du document n'est pas rattaché à la structure pour le DMP.",
                "Vérifier le rattachement de cette personne à la structure (RPPS, FINESS).",
            ),
        ),
        (
            "aucune sp.cialit. dans le vihf",
            Meaning(
                Outcome.PERMANENT,
                "Le DMP exige la spécialité du responsable du document.",
                "Compléter sa spécialité dans l'annuaire du laboratoire, puis renvoyer.",
            ),
        ),
        (
            "aucun authorinstitution ne correspond",
            Meaning(Outcome.PERMANENT, "La structure de l'auteur n'est pas celle qui envoie, pour le DMP.", _SETUP),
        ),
        ("message addressing property is not present", TABLE["MessageAddressingHeaderRequired"]),
    )
)
_UNKNOWN = Meaning(
    Outcome.PERMANENT,
    "Le DMP refuse le document, pour une raison que Passeur ne connaît pas encore.",
    "Une personne doit lire le code du DMP et décider : renvoyer, corriger ou annuler.",
)
_UNKNOWN_SENDER_FAULT = Meaning(Outcome.STOP_LANE, "Le DMP rejette la forme ou l'habilitation de nos messages.", _SETUP)
_SEVERITY = (
    Outcome.STOP_LANE,
    Outcome.PERMANENT,
    Outcome.CLOSED,
    Outcome.NO_DMP,
    Outcome.PROBE,
    Outcome.AMBIGUOUS,
    Outcome.TRANSIENT,
    Outcome.SUCCESS,
)
_SAFE = re.compile(r"[^A-Za-z0-9_.:-]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code of the peer with its meaning."""

    code: str
    """As received, cut to what a code may hold."""
    meaning: Meaning


def refusal(code: str, text: str) -> Refusal:
    """A registry error or an acknowledgement detail; `text` only helps to understand, it is not kept."""
    return Refusal(_safe(code), _said(text) or TABLE.get(code, _UNKNOWN))


def fault(codes: tuple[str, ...], reason: str, *, sender: bool) -> Refusal:
    """A SOAP fault, its codes most precise first. Ours (Sender) stops the lane, unless it names a code of its own."""
    known = next((code for code in codes if code in TABLE), None)
    named = next((code for code in codes if code.startswith(("DMP", "XDS"))), None)
    code = known or named or (codes[0] if codes else "Fault")
    said = _said(reason)
    if said is not None:
        return Refusal(_safe(code), said)
    if known is not None:
        return Refusal(_safe(code), TABLE[known])
    if named is not None:
        return Refusal(_safe(code), _UNKNOWN)
    return Refusal(_safe(code), _UNKNOWN_SENDER_FAULT if sender else _BUSY)


def gravest(refusals: tuple[Refusal, ...]) -> Refusal:
    """The one that decides."""
    return min(refusals, key=lambda one: _SEVERITY.index(one.meaning.outcome))


def error(refused: Refusal, *, ambiguous: Outcome) -> PasseurError:
    """What the engine is told. `ambiguous` says what an unspecified error becomes: AMBIGUOUS, the peer is asked before
    the next try; TRANSIENT, nothing had been handed over; PERMANENT, it has been tried enough."""
    code, message = f"dmp.{refused.code}", f"{refused.meaning.sentence} {refused.meaning.action}"
    outcome = refused.meaning.outcome
    if outcome is Outcome.AMBIGUOUS:
        outcome = ambiguous
    if outcome is Outcome.STOP_LANE:
        return LaneError(code, message)
    if outcome is Outcome.TRANSIENT:
        return TransientError(code, message)
    if outcome in (Outcome.CLOSED, Outcome.NO_DMP):
        return ParkedError(code, message, cause=outcome.value)
    if outcome is Outcome.AMBIGUOUS:
        return UncertainError(code, message)
    return PermanentError(code, message)


def _said(text: str) -> Meaning | None:
    return next((meaning for pattern, meaning in _TEXTS if pattern.search(text)), None)


def _safe(code: str) -> str:
    return _SAFE.sub("", code)[:64] or "SansCode"
