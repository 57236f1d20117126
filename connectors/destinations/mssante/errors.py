"""SMTP replies and what they mean for the order, translated once."""

from __future__ import annotations

import ssl

import aiosmtplib

from engine.errors import LaneError, PasseurError, PermanentError, TransientError

_LANE = {530, 534, 535, 538}
"""Authentication: every mail would be refused."""
_WORDS = {
    421: "le serveur MSSanté est momentanément indisponible",
    450: "la boîte du destinataire est momentanément indisponible",
    451: "le serveur MSSanté n'a pas pu traiter le message, il faut réessayer",
    452: "le serveur MSSanté manque de place",
    550: "la boîte du destinataire n'existe pas ou refuse le message",
    551: "le destinataire n'est pas connu de ce serveur",
    552: "le message est trop volumineux pour la boîte du destinataire",
    553: "l'adresse du destinataire n'est pas valable",
    554: "le serveur MSSanté refuse le message",
}


def refusal(code: int, *, where: str) -> PasseurError:
    """The error of an SMTP reply. Only its code is kept: its text may quote the mailbox."""
    name = f"mssante.smtp_{code}"
    if code in _LANE:
        return LaneError(name, "le serveur MSSanté refuse notre certificat ou notre compte", where=where)
    if 400 <= code < 500:
        words = _WORDS.get(code, "le serveur MSSanté demande de réessayer plus tard")
        return TransientError(name, words, where=where)
    return PermanentError(name, _WORDS.get(code, "le serveur MSSanté refuse le message"), where=where)


def unreachable(error: Exception) -> PasseurError:
    """The error of a connection that could not be made; nothing was sent."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        words = "le certificat du serveur MSSanté n'est pas reconnu"
        return LaneError("mssante.server_certificate", words, where="TLS")
    if isinstance(cause, ssl.SSLError) and "alert" in str(cause).lower():
        words = "le serveur MSSanté refuse notre certificat"
        return LaneError("mssante.client_certificate", words, where="TLS")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refusal(error.code, where="connexion")
    return TransientError("mssante.unreachable", "le serveur MSSanté ne répond pas", where="connexion")
