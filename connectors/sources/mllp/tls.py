"""The TLS context of a listening port."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

from cryptography import x509

from connectors.sources.mllp.settings import MllpSettings
from engine.errors import ConfigError


def server_context(settings: MllpSettings) -> ssl.SSLContext | None:
    """TLS 1.2 or better, the senders' certificates checked where asked for; None without a certificate of ours.

    Reads files. Raises ConfigError when one cannot be used.
    """
    if settings.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    password = "" if settings.password is None else settings.password.get_secret_value()
    try:
        context.load_cert_chain(settings.certificate, settings.key, lambda: password)
    except (OSError, ValueError):
        words = "le certificat et sa clé ne peuvent pas être lus, ou ne vont pas ensemble : fichiers, mot de passe ?"
        raise ConfigError("mllp.certificate_unreadable", words, where=str(settings.certificate)) from None
    if settings.require_client_certificate:
        try:
            context.load_verify_locations(settings.ca_bundle)
        except OSError:
            words = "les autorités reconnues (« ca_bundle ») sont illisibles"
            raise ConfigError("mllp.authorities", words, where=str(settings.ca_bundle)) from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def refuse_expired(settings: MllpSettings, now: datetime) -> None:
    """Raises ConfigError when our certificate is out of its dates: senders would refuse it."""
    if settings.certificate is None:
        return
    certificate = x509.load_pem_x509_certificates(settings.certificate.read_bytes())[0]
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        until = certificate.not_valid_after_utc.astimezone(UTC).strftime("%d/%m/%Y")
        words = f"le certificat n'est pas dans ses dates de validité (fin le {until}) : le renouveler"
        raise ConfigError("mllp.certificate_expired", words, where=str(settings.certificate))
