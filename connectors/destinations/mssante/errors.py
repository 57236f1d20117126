"""SMTP replies and broken links, and what they mean for the order: translated here, once.

Only the code of a reply is kept: its text may quote the mailbox, which may be the patient's matricule.
"""

from __future__ import annotations

import ssl
from enum import StrEnum

import aiosmtplib

from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError

CUT = "mssante.cut"
"""The server went away without a word, before the end of the message."""


class Step(StrEnum):
    """Where in the conversation; the value is what a person is shown."""

    CONNECT = "connexion"
    HELLO = "EHLO"
    TLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    CONTENT = "fin de DATA"
    """The server's answer to the whole message."""


_BEFORE_ANY_MAIL = frozenset({Step.CONNECT, Step.HELLO, Step.TLS, Step.AUTH})
_ACCOUNT = {
    530: "le serveur MSSanté exige une authentification : vérifier l'option « sasl » et le certificat",
    534: "le serveur MSSanté exige une authentification plus forte",
    535: "le serveur MSSanté refuse notre certificat ou notre boîte",
    538: "le serveur MSSanté exige le chiffrement pour s'authentifier",
}
"""RFC 4954, RFC 3207: every mail would meet the same, at whatever step."""
_LANGUAGE = {
    500: "le serveur MSSanté ne comprend pas notre commande",
    502: "le serveur MSSanté ne connaît pas notre commande",
    503: "le serveur MSSanté n'attendait pas cette commande",
    504: "le serveur MSSanté ne connaît pas un paramètre de notre commande",
    521: "ce serveur ne prend aucun courriel : vérifier l'adresse du serveur (« host »)",
    555: "le serveur MSSanté ne connaît pas un paramètre de MAIL ou de RCPT (demande d'accusé de remise ?)",
}
"""RFC 5321, RFC 7504: not about this mail either."""
_SIZE = frozenset({523, 552})
"""At MAIL FROM they judge the size announced (RFC 1870), this mail; any other refusal there judges our mailbox."""
_REFUSED = {
    501: "le serveur MSSanté juge l'adresse mal écrite",
    523: "le message est trop volumineux pour le serveur MSSanté",
    541: "le serveur MSSanté refuse le contenu du message",
    550: "la boîte du destinataire n'existe pas ou refuse le message",
    551: "le destinataire n'est pas connu de ce serveur",
    552: "la boîte du destinataire est pleine, ou le message est trop volumineux pour elle",
    553: "l'adresse du destinataire n'est pas valable",
    554: "le serveur MSSanté refuse le message",
    556: "le domaine du destinataire ne reçoit pas de courriel",
    571: "le serveur MSSanté refuse le message",
}
_LATER = {
    421: "le serveur MSSanté est momentanément indisponible",
    432: "le serveur MSSanté demande une nouvelle authentification plus tard",
    442: "le serveur MSSanté a coupé la liaison",
    450: "la boîte du destinataire est momentanément indisponible",
    451: "le serveur MSSanté n'a pas pu traiter le message",
    452: "le serveur MSSanté ou la boîte du destinataire manque de place",
    454: "le chiffrement ou l'authentification est momentanément indisponible",
    455: "le serveur MSSanté ne peut pas, pour l'instant, prendre en compte nos paramètres",
}
KNOWN = frozenset({*_ACCOUNT, *_LANGUAGE, *_REFUSED, *_LATER})
"""Codes with words of their own; any other is read by its first digit (RFC 5321, 4.3.2)."""


_ABOUT_THIS_MAIL = frozenset({Step.RCPT, Step.DATA, Step.CONTENT})
_CLOSING = 421


def refusal(code: int, step: Step) -> PasseurError:
    """The error of a reply that is not the one hoped for.

    4yz: nothing was taken, later. 5yz: the lane when every mail would meet it, else this order. Anything else makes no
    sense: nothing was taken before the whole message was sent, nobody knows after.
    """
    name, where = f"mssante.smtp_{code}", step.value
    if 400 <= code < 500:
        words = _LATER.get(code, "le serveur MSSanté demande de réessayer plus tard")
        return TransientError(name, words, where=where, link=step not in _ABOUT_THIS_MAIL or code == _CLOSING)
    if not 500 <= code < 600:
        words = "le serveur MSSanté a donné une réponse incompréhensible"
        failure = UncertainError if step is Step.CONTENT else TransientError
        return failure("mssante.smtp_unreadable", words, where=where)
    if code in _ACCOUNT or code in _LANGUAGE:
        return LaneError(name, _ACCOUNT.get(code) or _LANGUAGE[code], where=where)
    if step in _BEFORE_ANY_MAIL:
        return LaneError(name, "le serveur MSSanté refuse notre connexion", where=where)
    if step is Step.MAIL and code not in _SIZE:
        return LaneError(name, "le serveur MSSanté refuse notre boîte d'envoi (« sender »)", where=where)
    return PermanentError(name, _REFUSED.get(code, "le serveur MSSanté refuse le message"), where=where)


def link_failure(error: Exception, step: Step) -> PasseurError:
    """The error of a link that failed before the end of the message: nothing can have been taken."""
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLError):
        return _tls_failure(cause)
    if isinstance(error, aiosmtplib.SMTPTimeoutError | TimeoutError):
        return TransientError("mssante.silence", "le serveur MSSanté ne répond pas", where=step.value)
    if step is Step.CONNECT:
        return TransientError("mssante.unreachable", "le serveur MSSanté est injoignable", where=step.value)
    words = "la liaison avec le serveur MSSanté a été coupée avant la fin du message"
    return TransientError(CUT, words, where=step.value)


def no_answer() -> UncertainError:
    """The link failed after the end of the message was sent: the server may have taken it."""
    words = "aucune réponse du serveur MSSanté après l'envoi du message : il l'a peut-être pris"
    return UncertainError("mssante.no_answer", words, where=Step.CONTENT.value)


_SERVER_CERTIFICATE = {
    3: "la liste de révocation de l'autorité du serveur MSSanté manque (« crl »)",
    10: "le certificat du serveur MSSanté est expiré",
    12: "la liste de révocation est périmée : la renouveler (« crl »)",
    18: "le certificat du serveur MSSanté n'est signé par aucune autorité reconnue (« ca_bundle »)",
    19: "le certificat du serveur MSSanté n'est signé par aucune autorité reconnue (« ca_bundle »)",
    20: "le certificat du serveur MSSanté n'est signé par aucune autorité reconnue (« ca_bundle »)",
    23: "le certificat du serveur MSSanté est révoqué",
    62: "le certificat présenté n'est pas celui du serveur MSSanté demandé (« host »)",
    64: "le certificat présenté n'est pas celui du serveur MSSanté demandé (« host »)",
}
"""OpenSSL verification results (X509_V_ERR_…)."""
_ALERTS = {
    "CERTIFICATE_EXPIRED": "le serveur MSSanté dit que notre certificat est expiré",
    "CERTIFICATE_REVOKED": "le serveur MSSanté dit que notre certificat est révoqué",
    "CERTIFICATE_REQUIRED": "le serveur MSSanté n'a pas reçu de certificat",
    "UNKNOWN_CA": "le serveur MSSanté ne reconnaît pas l'autorité de notre certificat",
    "BAD_CERTIFICATE": "le serveur MSSanté refuse notre certificat",
    "CERTIFICATE_UNKNOWN": "le serveur MSSanté refuse notre certificat",
    "UNSUPPORTED_CERTIFICATE": "le serveur MSSanté refuse le type de notre certificat",
    "ACCESS_DENIED": "le serveur MSSanté refuse l'accès à notre certificat",
    "HANDSHAKE_FAILURE": "aucune suite de chiffrement commune avec le serveur MSSanté, ou certificat refusé",
}
"""TLS alerts about our certificate, by what OpenSSL's reason ends with (RFC 8446, 6.2)."""
_AGREEMENT = ("PROTOCOL", "VERSION", "NO_SHARED_CIPHER", "NO_CIPHERS", "DH_KEY_TOO_SMALL", "WEAK")


def _tls_failure(error: ssl.SSLError) -> PasseurError:
    where = Step.TLS.value
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _SERVER_CERTIFICATE.get(error.verify_code, "le certificat du serveur MSSanté n'est pas valable")
        return LaneError("mssante.server_certificate", words, where=where)
    reason = getattr(error, "reason", None) or ""
    for alert, words in _ALERTS.items():
        if reason.endswith(alert):
            return LaneError("mssante.client_certificate", words, where=where)
    if any(word in reason for word in _AGREEMENT):
        words = "le serveur MSSanté n'accepte ni TLS 1.2 ni TLS 1.3 avec nos suites de chiffrement"
        return LaneError("mssante.tls_version", words, where=where)
    return TransientError("mssante.tls", "la liaison chiffrée avec le serveur MSSanté a échoué", where=where)
