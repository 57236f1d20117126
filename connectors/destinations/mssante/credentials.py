"""The TLS context of a destination: made of its files once, and again when one of them changes."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from connectors.destinations.mssante.settings import MssanteSettings
from engine.errors import LaneError

_Stamp = tuple[tuple[int, int] | None, ...]


class Credentials:
    """Our certificate and the authorities we trust. Its methods read files: not for the event loop's thread."""

    def __init__(self, settings: MssanteSettings) -> None:
        self._settings = settings
        self._made: tuple[_Stamp, ssl.SSLContext, x509.Certificate] | None = None

    def context(self, now: datetime) -> ssl.SSLContext:
        """TLS 1.2 or better, our certificate shown, the server's checked.

        Raises LaneError when a file cannot be used or our certificate is out of its dates.
        """
        stamp = tuple(_state(path) for path in self._paths())
        made = self._made
        if made is None or made[0] != stamp:
            made = (stamp, self._context(), self._certificate())
            self._made = made
        _refuse_out_of_date(made[2], now)
        return made[1]

    def _paths(self) -> tuple[Path, ...]:
        settings = self._settings
        return tuple(
            path for path in (settings.certificate, settings.key, settings.ca_bundle, settings.crl) if path is not None
        )

    def _context(self) -> ssl.SSLContext:
        settings = self._settings
        password = "" if settings.password is None else settings.password.get_secret_value()
        try:
            context = ssl.create_default_context(cafile=settings.ca_bundle)
            if settings.crl is not None:
                context.load_verify_locations(cafile=settings.crl)
                context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        except (OSError, ssl.SSLError):
            words = "les autorités reconnues (« ca_bundle ») ou leur liste de révocation (« crl ») sont illisibles"
            raise LaneError("mssante.authorities", words) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.set_ciphers(settings.ciphers)
        except ssl.SSLError:
            words = "aucune suite de chiffrement connue dans l'option « ciphers »"
            raise LaneError("mssante.ciphers", words) from None
        try:
            context.load_cert_chain(settings.certificate, settings.key, lambda: password)
        except (OSError, ssl.SSLError, ValueError):
            words = (
                "le certificat et sa clé ne peuvent pas être lus, ou ne vont pas ensemble : fichiers, mot de passe ?"
            )
            raise LaneError("mssante.certificate_unreadable", words) from None
        return context

    def _certificate(self) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificates(self._settings.certificate.read_bytes())[0]
        except (OSError, ValueError):
            words = "le certificat de la structure ne peut pas être lu"
            raise LaneError("mssante.certificate_unreadable", words) from None


def _refuse_out_of_date(certificate: x509.Certificate, now: datetime) -> None:
    if now >= certificate.not_valid_after_utc:
        words = "le certificat de la structure a expiré : le renouveler, puis rouvrir la voie"
        raise LaneError("mssante.certificate_expired", words)
    if now < certificate.not_valid_before_utc:
        words = "le certificat de la structure n'est pas encore valable : vérifier l'heure du serveur"
        raise LaneError("mssante.certificate_not_yet_valid", words)


def _state(path: Path) -> tuple[int, int] | None:
    """(last change, size); None when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
