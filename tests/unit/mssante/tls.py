"""A TLS handshake without a socket, and an authority of our own that can revoke what it issued."""

from __future__ import annotations

import contextlib
import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def failed_handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLError:
    """The error the client meets; fails when there is none."""
    error = handshake(client, server)
    assert error is not None, "the two agreed"
    return error


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLError | None:
    """The error the client meets, alerts of the server delivered: OpenSSL on both sides, no socket between them."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(6):
        try:
            ours.do_handshake()
            ours.read()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            return error
        with contextlib.suppress(ssl.SSLError):
            theirs.do_handshake()
    return None


class Authority:
    """Issues one server certificate, and lists of what it revoked."""

    def __init__(self, directory: Path, now: dt.datetime) -> None:
        self._now = now
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AC D'ESSAI")])
        own = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, 0), critical=True)
        self.bundle = self._saved("ca.pem", own.sign(self._key, hashes.SHA256()))
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        self._server = self._builder(name, key).add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        self.certificate = self._saved("server.pem", self._server)
        self.key = directory / "server.key"
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def list_(self, *, revoked: bool, valid: bool = True) -> Path:
        """A revocation list, with or without the server, in force or out of date."""
        end = self._now + dt.timedelta(days=1 if valid else -1)
        builder = x509.CertificateRevocationListBuilder(self._name, self._now - dt.timedelta(days=2), end)
        if revoked:
            entry = x509.RevokedCertificateBuilder(self._server.serial_number, self._now - dt.timedelta(days=2))
            builder = builder.add_revoked_certificate(entry.build())
        return self._saved("crl.pem", builder.sign(self._key, hashes.SHA256()))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        day = dt.timedelta(days=1)
        return x509.CertificateBuilder(
            self._name, subject, key.public_key(), x509.random_serial_number(), self._now - day, self._now + day
        )

    def _saved(self, name: str, made: x509.Certificate | x509.CertificateRevocationList) -> Path:
        path = self._directory / name
        path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return path
