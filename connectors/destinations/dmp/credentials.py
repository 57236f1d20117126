"""The two certificates of a structure: their reading, their dates, the signer and the TLS context made of them."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from connectors.destinations.dmp.settings import DmpSettings, HashAlgorithm, KeyPair
from engine.errors import LaneError
from engine.findings import Finding, Severity

_WARNING_DAYS = (7, 30, 90)
_SOURCES = (OSError, ValueError, TypeError)


class Signer(Protocol):
    """Signs with the structure's signature key; a file today, a hardware module tomorrow."""

    @property
    def algorithm(self) -> HashAlgorithm: ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Leaf first."""

    def sign(self, content: bytes) -> bytes:
        """RSA PKCS#1 v1.5 over the digest of the content: the same bytes give the same signature."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate chain and its key, matched."""

    key: rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        return self.chain[0]


@dataclass(frozen=True, slots=True)
class FileSigner:
    """Signs with a key read from a file."""

    identity: Identity
    algorithm: HashAlgorithm

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.identity.chain

    def sign(self, content: bytes) -> bytes:
        digest = hashes.SHA256() if self.algorithm == "sha256" else hashes.SHA1()  # noqa: S303 - legacy option
        return self.identity.key.sign(content, padding.PKCS1v15(), digest)


@dataclass(frozen=True, slots=True)
class Credentials:
    tls: Identity
    signing: Identity

    def refuse_expired(self, now: datetime) -> None:
        """Raise LaneError when either certificate is out of its dates."""
        for identity, role in ((self.tls, "d'authentification"), (self.signing, "de signature")):
            if now >= identity.leaf.not_valid_after_utc:
                raise LaneError(
                    "dmp.certificate_expired",
                    f"Le certificat {role} de la structure a expiré : le renouveler, puis rouvrir la voie.",
                )
            if now < identity.leaf.not_valid_before_utc:
                raise LaneError(
                    "dmp.certificate_not_yet_valid",
                    f"Le certificat {role} de la structure n'est pas encore valable : vérifier l'heure du serveur.",
                )

    def findings(self, now: datetime) -> tuple[Finding, ...]:
        """A warning for each certificate that expires within 90, 30 or 7 days."""
        pairs = ((self.tls, "d'authentification"), (self.signing, "de signature"))
        return tuple(found for identity, role in pairs for found in _expiry(identity.leaf, role, now))


def load(settings: DmpSettings) -> Credentials:
    """Both certificates. Raises LaneError: unreadable, wrong password, key of another certificate, not RSA."""
    return Credentials(_identity(settings.tls, "d'authentification"), _identity(settings.signing, "de signature"))


def stamp(settings: DmpSettings) -> tuple[tuple[str, int, int], ...]:
    """What changes when a certificate file is replaced; a missing file counts as one more state."""
    paths = (
        settings.tls.certificate,
        settings.tls.key,
        settings.tls.p12,
        settings.signing.certificate,
        settings.signing.key,
        settings.signing.p12,
        settings.ca_bundle,
    )
    return tuple(_state(path) for path in paths if path is not None)


def ssl_context(settings: DmpSettings, identity: Identity) -> ssl.SSLContext:
    """TLS 1.2 or better, our certificate shown, the DMP's checked. Raises LaneError when an authority is unreadable."""
    try:
        context = ssl.create_default_context(cafile=None if settings.ca_bundle is None else str(settings.ca_bundle))
    except (OSError, ssl.SSLError) as error:
        raise LaneError("dmp.ca_bundle", "Le fichier des autorités de certification ne peut pas être lu.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with _pem_file(identity) as (path, password):
        context.load_cert_chain(path, password=password)
    return context


def _identity(pair: KeyPair, role: str) -> Identity:
    try:
        key, chain = _from_p12(pair) if pair.p12 is not None else _from_pem(pair)
    except _SOURCES as error:
        raise LaneError(
            "dmp.certificate_unreadable",
            f"Le certificat {role} ou sa clé ne peut pas être lu : vérifier les fichiers et le mot de passe.",
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise LaneError("dmp.certificate_unusable", f"La clé du certificat {role} n'est pas une clé RSA.")
    if not chain or chain[0].public_key() != key.public_key():
        raise LaneError("dmp.key_mismatch", f"La clé fournie n'est pas celle du certificat {role}.")
    return Identity(key, chain)


def _from_pem(pair: KeyPair) -> tuple[object, tuple[x509.Certificate, ...]]:
    assert pair.certificate is not None
    assert pair.key is not None
    chain = tuple(x509.load_pem_x509_certificates(pair.certificate.read_bytes()))
    return load_pem_private_key(pair.key.read_bytes(), _password(pair)), chain


def _from_p12(pair: KeyPair) -> tuple[object, tuple[x509.Certificate, ...]]:
    assert pair.p12 is not None
    key, leaf, others = pkcs12.load_key_and_certificates(pair.p12.read_bytes(), _password(pair))
    return key, () if leaf is None else (leaf, *others)


def _password(pair: KeyPair) -> bytes | None:
    return None if pair.password is None else pair.password.get_secret_value().encode()


def _expiry(leaf: x509.Certificate, role: str, now: datetime) -> Iterator[Finding]:
    left = leaf.not_valid_after_utc - now
    within = next((days for days in _WARNING_DAYS if left <= timedelta(days=days)), None)
    if within is not None and left > timedelta(0):
        yield Finding(
            "dmp.certificate_expires",
            Severity.WARNING,
            role,
            f"Le certificat {role} de la structure expire dans moins de {within} jours.",
            "Demander son renouvellement (IGC-Santé).",
            layer="passeur",
        )


def _state(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (str(path), -1, -1)
    return (str(path), found.st_mtime_ns, found.st_size)


@contextmanager
def _pem_file(identity: Identity) -> Iterator[tuple[str, str]]:
    """The key in a file that only we can read, enciphered with a password that exists only here: what ssl asks for."""
    password = secrets.token_urlsafe(32)
    pem = identity.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode())
    ) + b"".join(one.public_bytes(Encoding.PEM) for one in identity.chain)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem)
        file.flush()
        yield file.name, password
