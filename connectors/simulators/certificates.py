"""Certificates as the peers judge them: who issued it, is it in date, what is it for, whose is it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def fault(certificate: x509.Certificate, authority: x509.Certificate) -> str:
    """Why a certificate is not to be trusted now; empty when it is."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return "certificat émis par une autorité inconnue"
    now = datetime.now(UTC)
    if now > certificate.not_valid_after_utc:
        return "certificat expiré"
    if now < certificate.not_valid_before_utc:
        return "certificat pas encore valable"
    return ""


def is_client(certificate: x509.Certificate) -> bool:
    """ORG_AUTH_CLI: made to authenticate a TLS client."""
    return _authenticates(certificate) and not is_signing(certificate)


def is_signing(certificate: x509.Certificate) -> bool:
    """ORG_SIGN: made to sign (contentCommitment), not to authenticate."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment and not _authenticates(certificate)


def structure_id(certificate: x509.Certificate) -> str:
    """OU of the subject: the national identifier of the structure."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(units[0].value) if len(units) == 1 else ""


def subject(certificate: x509.Certificate) -> str:
    """RFC 2253 form, the most particular first."""
    return certificate.subject.rfc4514_string()


def _authenticates(certificate: x509.Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in purposes
