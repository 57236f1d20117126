"""Why a document did not arrive, as a business acknowledgement says it: ERR-5, `code^label^system`.

The peer's own code is repeated under the name of its own table; a reason of ours (an expired order, an opposition) has
a code of ours under a local system (HL7 table 0396, `99zzz`), never one borrowed from the peer's table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.consents import OPPOSITION
from engine.exchange import OrderOutcome, OrderState
from engine.formats.hl7v2.rules import APPLICATION_ERRORS

LOCAL_SYSTEM = "99PASSEUR"
SMTP_SYSTEM = "SMTPERRORCODE"
APPLICATION_SYSTEM = "applicationErrorCondition"
DMP_SYSTEM = "DMP_ERROR_CODE"
"""As the text of the volet has it; its example writes DMPERRORCODE."""
OTHER_ERROR = "906"
_LABEL_LENGTH = 250
_SMTP_CODE = re.compile(r"(?:mssante\.smtp_|dsn\.)(\d{3})")
_DMP_CODE = re.compile(r"dmp\.([A-Z][A-Za-z0-9_.:-]*)")
_READING_CODE = re.compile(r"mdn\.(\d{3})")

SMTP_LABELS: Mapping[str, str] = {
    "101": "Le serveur ne peut pas être joint",
    "111": "Connexion refusée par le serveur",
    "251": "Destinataire inconnu de ce serveur, message transmis plus loin",
    "252": "Le serveur ne peut pas vérifier le destinataire",
    "420": "Délai dépassé, liaison en difficulté",
    "421": "Service momentanément indisponible",
    "422": "Boîte du destinataire pleine",
    "431": "Le serveur manque de place",
    "432": "Le serveur du destinataire est arrêté",
    "441": "Le serveur du destinataire ne répond pas",
    "442": "Liaison coupée pendant l'envoi",
    "450": "Boîte du destinataire momentanément indisponible",
    "451": "Envoi abandonné : erreur du serveur",
    "452": "Envoi abandonné : le serveur manque de place",
    "500": "Commande incomprise par le serveur",
    "501": "Paramètre incompris par le serveur",
    "502": "Commande inconnue du serveur",
    "503": "Commande inattendue pour le serveur",
    "504": "Paramètre inconnu du serveur",
    "510": "Adresse du destinataire incorrecte",
    "512": "Domaine du destinataire introuvable",
    "513": "Adresse du destinataire mal écrite",
    "523": "Message trop volumineux pour le serveur du destinataire",
    "530": "Authentification exigée par le serveur",
    "541": "Message refusé par le filtrage du destinataire",
    "550": "Boîte du destinataire inexistante ou inaccessible",
    "551": "Destinataire inconnu de ce serveur",
    "552": "Boîte du destinataire pleine ou message trop volumineux",
    "553": "Adresse du destinataire non valable",
    "554": "Envoi refusé par le serveur",
}
"""Codes the volet lists, in our words."""

_NOT_TAKEN = "Envoi refusé"
_OWN_LABELS: Mapping[str, str] = {
    "expired": "Délai d'envoi dépassé : le document n'a pas été transmis",
    "document.held": "Un autre document du même message attend une vérification : il n'a pas été transmis",
    "document.refused": "Un autre document du même message a été refusé : il n'a pas été transmis",
    "nothing_left": "Document jamais transmis : il n'y a rien à supprimer",
    OrderState.CANCELLED: "Envoi annulé avant le départ du document",
    OrderState.SUPERSEDED: "Version remplacée avant son envoi : elle n'a pas été transmise",
    OPPOSITION: "Opposition du patient : le document n'a pas été transmis",
}


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    label: str
    """French, without patient data."""
    system: str


def dmp_reason(outcome: OrderOutcome, system: str = DMP_SYSTEM) -> Reason:
    """Z01: the code of the DMP when it gave one."""
    code = _peer_code(_DMP_CODE, outcome)
    return Reason(code, _label(outcome), system) if code else own_reason(outcome)


def mail_reason(outcome: OrderOutcome) -> Reason:
    """Z02: the SMTP code of the operator, or of the notice that came later, when there was one."""
    code = _peer_code(_SMTP_CODE, outcome)
    return Reason(code, SMTP_LABELS.get(code) or _label(outcome), SMTP_SYSTEM) if code else own_reason(outcome)


def reading_reason(outcome: OrderOutcome) -> Reason:
    """Z03: 900 to 906, as the reader's software said; 906 where it said nothing else."""
    found = _READING_CODE.fullmatch(outcome.cause)
    code = found[1] if found and found[1] in APPLICATION_ERRORS else OTHER_ERROR
    return Reason(code, APPLICATION_ERRORS[code], APPLICATION_SYSTEM)


def own_reason(outcome: OrderOutcome) -> Reason:
    """A reason that no peer gave; what an order met before somebody ended it is none."""
    if outcome.state is OrderState.REJECTED and outcome.cause:
        return Reason(outcome.cause, _OWN_LABELS.get(outcome.cause) or _label(outcome), LOCAL_SYSTEM)
    if outcome.state is not OrderState.SUPERSEDED and outcome.cause in _OWN_LABELS:
        return Reason(outcome.cause, _OWN_LABELS[outcome.cause], LOCAL_SYSTEM)
    return Reason(outcome.state.value, _OWN_LABELS.get(outcome.state, _NOT_TAKEN), LOCAL_SYSTEM)


def _peer_code(pattern: re.Pattern[str], outcome: OrderOutcome) -> str:
    """The code of the peer that refused; empty when none did."""
    found = pattern.fullmatch(outcome.cause) if outcome.state is OrderState.REJECTED else None
    return found[1] if found else ""


def _label(outcome: OrderOutcome) -> str:
    return " ".join(outcome.detail.split())[:_LABEL_LENGTH] or _NOT_TAKEN
