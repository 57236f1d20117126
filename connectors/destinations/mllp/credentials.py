"""The TLS context of a destination: made of its files once, and again when one of them changes."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from connectors.destinations.mllp.settings import MllpSettings
from engine.errors import LaneError

_Stamp = tuple[tuple[int, int] | None, ...]


class Credentials:
    """Our certificate and the authorities we trust. Its methods read files: not for the event loop's thread."""

    def __init__(self, settings: MllpSettings) -> None:
        self._settings = settings
        self._made: tuple[_Stamp, ssl.SSLContext] | None = None

    def context(self, now: datetime) -> ssl.SSLContext | None:
        """TLS 1.2 or better, the peer's certificate checked; None without TLS.

        Raises LaneError when a file cannot be used or our certificate is out of its dates.
        """
        if not self._settings.tls:
            return None
        settings = self._settings
        stamp = tuple(_state(path) for path in (settings.certificate, settings.key, settings.ca_bundle))
        if self._made is None or self._made[0] != stamp:
            self._made = (stamp, _context(self._settings))
        if self._settings.certificate is not None:
            _refuse_out_of_date(self._settings.certificate, now)
        return self._made[1]


def _context(settings: MllpSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_bundle)
    except (OSError, ssl.SSLError):
        raise LaneError("mllp.authorities", "les autorités reconnues (« ca_bundle ») sont illisibles") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate is not None:
        password = "" if settings.password is None else settings.password.get_secret_value()
        try:
            context.load_cert_chain(settings.certificate, settings.key, lambda: password)
        except (OSError, ssl.SSLError, ValueError):
            words = "notre certificat et sa clé sont illisibles, ou ne vont pas ensemble : fichiers, mot de passe ?"
            raise LaneError("mllp.certificate_unreadable", words) from None
    return context


def _refuse_out_of_date(path: Path, now: datetime) -> None:
    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError):
        raise LaneError("mllp.certificate_unreadable", "notre certificat ne peut pas être lu") from None
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        words = "notre certificat n'est pas dans ses dates de validité : le renouveler, puis rouvrir la voie"
        raise LaneError("mllp.certificate_expired", words)


def _state(path: Path | None) -> tuple[int, int] | None:
    """(last change, size); None when there is no such file."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size)
