"""Broken links and refusals, and what they mean for the order: translated here, once."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError
from engine.hl7v2_out.answer import Answer

_TLS_REFUSED = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")
_MORE = "une personne doit lire la raison donnée, puis corriger, renvoyer ou annuler"

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "100": "il juge l'ordre des segments faux",
        "101": "il lui manque une donnée obligatoire",
        "102": "il juge une donnée mal écrite",
        "103": "il ne connaît pas une valeur codée",
        "198": "il juge une donnée répétée ou manquante",
        "199": "il signale une erreur HL7",
        "200": "il ne prend pas ce type de message",
        "201": "il ne prend pas cet événement",
        "202": "il ne prend pas les messages de cet environnement (test ou production)",
        "203": "il ne prend pas cette version de HL7",
        "207": "il n'a pas pu traiter le message",
        "900": "la version remplacée ou supprimée n'est pas celle qu'il détient",
        "901": "il juge l'auteur non habilité à remplacer ou supprimer le document",
        "902": "il ne connaît pas ce patient",
        "903": "il attend une INS qui n'est pas dans le document",
        "904": "l'INS n'est pas celle qu'il a enregistrée",
        "905": "il juge les traits de l'INS incomplets",
        "906": "il signale une autre erreur",
    }
)
"""ERR-5 (volet "Transmission au LPS…") and ERR-3 (HL7 table 0357): all of them judge this message."""


def refusal(answer: Answer) -> PasseurError:
    """AR: circumstances, the same message later. AE: the content, which a person must look at."""
    code = f"mllp.{answer.code or 'refused'}"
    if answer.later:
        words = "le logiciel destinataire ne peut pas prendre le message pour l'instant"
        return TransientError(code, words, where=answer.place, link=False)
    words = REFUSALS.get(answer.code, "il ne dit pas pourquoi, ou par un code que Passeur ne connaît pas")
    return PermanentError(code, f"le logiciel destinataire refuse le message : {words} ; {_MORE}", where=answer.place)


def before_the_end(error: Exception) -> PasseurError:
    """A link that failed before the end mark: nothing was taken."""
    if isinstance(error, ssl.SSLError):
        return _tls_failure(error)
    if isinstance(error, TimeoutError):
        return TransientError("mllp.silence", "le logiciel destinataire ne répond pas")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return TransientError("mllp.cut", "la liaison a été coupée avant la fin du message")
    return TransientError("mllp.unreachable", "le logiciel destinataire est injoignable")


def closed_at_once(error: Exception, *, certificate: bool) -> PasseurError:
    """A peer that takes a connection and leaves it: it may be starting, or refuse our certificate without a word."""
    if isinstance(error, ssl.SSLError):
        return _tls_failure(error)
    doubt = " : refuse-t-il notre certificat ?" if certificate else ""
    return TransientError("mllp.closed_at_once", f"le logiciel destinataire coupe la liaison à peine ouverte{doubt}")


def after_the_end(error: Exception) -> PasseurError:
    """A link that failed once the whole message was sent: nobody knows, but for a certificate that was refused."""
    if isinstance(error, ssl.SSLError) and _refuses_us(error):
        return _tls_failure(error)
    if isinstance(error, TimeoutError):
        return UncertainError("mllp.no_answer", "le message est parti, et aucune réponse n'est venue à temps")
    return UncertainError("mllp.cut_after", "le message est parti, et la liaison a été coupée avant la réponse")


def unreadable() -> UncertainError:
    words = "le message est parti, et la réponse n'est pas un acquittement lisible"
    return UncertainError("mllp.unreadable", words)


def _tls_failure(error: ssl.SSLError) -> PasseurError:
    if isinstance(error, ssl.SSLCertVerificationError):
        words = "le certificat du logiciel destinataire n'est pas reconnu : autorité, nom ou date (« ca_bundle »)"
        return LaneError("mllp.server_certificate", words)
    if _refuses_us(error):
        words = "le logiciel destinataire refuse notre certificat : vérifier « certificate » et « key »"
        return LaneError("mllp.client_certificate", words)
    return TransientError("mllp.tls", "la liaison chiffrée n'a pas pu être établie")


def _refuses_us(error: ssl.SSLError) -> bool:
    reason = error.reason or ""
    return "ALERT" in reason and any(word in reason for word in _TLS_REFUSED)
