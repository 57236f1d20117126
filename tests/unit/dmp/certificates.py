"""Certificates made for a test, with a subject of the IGC-Santé shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from connectors.destinations.dmp.credentials import FileSigner, Identity
from connectors.destinations.dmp.settings import HashAlgorithm


@dataclass(frozen=True)
class Files:
    certificate: Path
    key: Path

    @property
    def pair(self) -> dict[str, object]:
        return {"certificate": self.certificate, "key": self.key}


def identity(days: int = 365, key: rsa.RSAPrivateKey | None = None) -> Identity:
    found = key or rsa.generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Rhône (69)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "STRUCTURE DE TEST"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "1120459876"),
            x509.NameAttribute(NameOID.COMMON_NAME, "TEST ORG SIGN"),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(found.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(found, hashes.SHA256())
    )
    return Identity(found, (certificate,))


def signer(algorithm: HashAlgorithm = "sha256") -> FileSigner:
    return FileSigner(identity(), algorithm)


def written(directory: Path, name: str, made: Identity, password: bytes | None = None) -> Files:
    directory.mkdir(parents=True, exist_ok=True)
    files = Files(directory / f"{name}.pem", directory / f"{name}.key")
    files.certificate.write_bytes(made.leaf.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        made.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
        )
    )
    return files


def settings_values(tls_files: Files, signing_files: Files, **changes: object) -> dict[str, object]:
    return {
        "url": "https://localhost:1/si-dmp-server/v2/services/",
        "tls": tls_files.pair,
        "signing": signing_files.pair,
        "structure_id": "1120459876",
        "structure_name": "Laboratoire de test",
        "sector": "SA25",
        "homologation_number": "NUM-HOMOLOGATION",
        **changes,
    }
