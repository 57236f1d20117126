"""The test PKI: what IGC-Santé gives a structure, and the wrong certificates a peer must refuse. No secret in it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass, fields
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = dt.timedelta(days=365)
_MARGIN = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its key, two PEM files; the key has no passphrase."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Pki:
    """Paths of everything made by `make_pki`."""

    directory: Path
    structure_id: str
    """Struct_IdNat carried in OU, e.g. `1` + FINESS."""
    other_structure_id: str
    ca: Path
    """Certificate of the authority that both sides trust."""
    server: Credential
    """For localhost and 127.0.0.1."""
    expired_server: Credential
    client: Credential
    """ORG_AUTH_CLI: mutual TLS."""
    signing: Credential
    """ORG_SIGN: VIHF and submission-set signature."""
    expired_client: Credential
    expired_signing: Credential
    foreign_client: Credential
    """Same subject, from an authority nobody trusts."""
    foreign_signing: Credential
    other_client: Credential
    """ORG_AUTH_CLI of another structure."""
    other_signing: Credential
    """ORG_SIGN of another structure."""


def make_pki(
    directory: Path,
    *,
    structure_id: str = "1990000002",
    structure_name: str = "LABORATOIRE DE DÉMONSTRATION",
    other_structure_id: str = "1990000010",
) -> Pki:
    """Make the PKI in a directory, or take the one that is there when it is whole, valid and of the same structure."""
    pki = _paths(directory, structure_id, other_structure_id)
    if not _usable(pki):
        _write(pki, structure_name)
    return pki


def _paths(directory: Path, structure_id: str, other_structure_id: str) -> Pki:
    def credential(name: str) -> Credential:
        return Credential(directory / f"{name}.crt.pem", directory / f"{name}.key.pem")

    return Pki(
        directory=directory,
        structure_id=structure_id,
        other_structure_id=other_structure_id,
        ca=directory / "ca.crt.pem",
        server=credential("server"),
        expired_server=credential("expired-server"),
        client=credential("client"),
        signing=credential("signing"),
        expired_client=credential("expired-client"),
        expired_signing=credential("expired-signing"),
        foreign_client=credential("foreign-client"),
        foreign_signing=credential("foreign-signing"),
        other_client=credential("other-client"),
        other_signing=credential("other-signing"),
    )


def _credentials(pki: Pki) -> dict[str, Credential]:
    values = ((f.name, getattr(pki, f.name)) for f in fields(pki))
    return {name: value for name, value in values if isinstance(value, Credential)}


def _usable(pki: Pki) -> bool:
    """True when every file is there, readable, and the good ones are still good for a day."""
    try:
        ca = x509.load_pem_x509_certificate(pki.ca.read_bytes())
        for name, credential in _credentials(pki).items():
            certificate = x509.load_pem_x509_certificate(credential.certificate.read_bytes())
            key = serialization.load_pem_private_key(credential.key.read_bytes(), password=None)
            if certificate.public_key() != key.public_key():
                return False
            if name.startswith("foreign"):
                continue
            certificate.verify_directly_issued_by(ca)
            if not name.startswith("expired") and certificate.not_valid_after_utc < dt.datetime.now(dt.UTC) + _MARGIN:
                return False
        signing = x509.load_pem_x509_certificate(pki.signing.certificate.read_bytes())
        other = x509.load_pem_x509_certificate(pki.other_signing.certificate.read_bytes())
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    return _unit(signing) == pki.structure_id and _unit(other) == pki.other_structure_id


def _unit(certificate: x509.Certificate) -> str:
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(units[0].value) if units else ""


def _write(pki: Pki, structure_name: str) -> None:
    pki.directory.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    past, future = (now - 2 * _LIFE, now - _LIFE), (now - _MARGIN, now + _LIFE)
    authority, foreign = _Authority("AC DE TEST PASSEUR", now), _Authority("AC INCONNUE", now)
    server_key, client_key, signing_key = _key(), _key(), _key()
    server = _name("localhost", "SIMULATEUR", "PASSEUR")
    client = _name(f"{structure_name} AUTH", pki.structure_id, structure_name)
    signing = _name(f"{structure_name} CACHET", pki.structure_id, structure_name)
    other_client = _name("AUTRE STRUCTURE AUTH", pki.other_structure_id, "AUTRE STRUCTURE")
    other_signing = _name("AUTRE STRUCTURE CACHET", pki.other_structure_id, "AUTRE STRUCTURE")
    _save(pki.server, authority.issue(server, server_key, future, _SERVER), server_key)
    _save(pki.expired_server, authority.issue(server, server_key, past, _SERVER), server_key)
    _save(pki.client, authority.issue(client, client_key, future, _CLIENT), client_key)
    _save(pki.expired_client, authority.issue(client, client_key, past, _CLIENT), client_key)
    _save(pki.other_client, authority.issue(other_client, client_key, future, _CLIENT), client_key)
    _save(pki.foreign_client, foreign.issue(client, client_key, future, _CLIENT), client_key)
    _save(pki.signing, authority.issue(signing, signing_key, future, _SIGNING), signing_key)
    _save(pki.expired_signing, authority.issue(signing, signing_key, past, _SIGNING), signing_key)
    _save(pki.other_signing, authority.issue(other_signing, signing_key, future, _SIGNING), signing_key)
    _save(pki.foreign_signing, foreign.issue(signing, signing_key, future, _SIGNING), signing_key)
    pki.ca.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))


_SERVER, _CLIENT, _SIGNING = "server", "client", "signing"


class _Authority:
    """An issuing authority; its key is forgotten once the certificates are made."""

    def __init__(self, common_name: str, now: dt.datetime) -> None:
        self._key = _key()
        self._name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PASSEUR"),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self.certificate = (
            self._builder(self._name, self._key, (now - 3 * _LIFE, now + 10 * _LIFE))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self, subject: x509.Name, key: RSAPrivateKey, life: tuple[dt.datetime, dt.datetime]
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(life[0])
            .not_valid_after(life[1])
        )

    def issue(
        self, subject: x509.Name, key: RSAPrivateKey, life: tuple[dt.datetime, dt.datetime], kind: str
    ) -> x509.Certificate:
        builder = (
            self._builder(subject, key, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier), critical=False
            )
        )
        if kind == _SIGNING:
            builder = builder.add_extension(_usage(content_commitment=True), critical=True)
        else:
            purpose = ExtendedKeyUsageOID.SERVER_AUTH if kind == _SERVER else ExtendedKeyUsageOID.CLIENT_AUTH
            builder = builder.add_extension(_usage(digital_signature=True, key_encipherment=True), critical=True)
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if kind == _SERVER:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(common_name: str, unit: str, organization: str) -> x509.Name:
    """Subject as IGC-Santé writes one: RFC 2253 gives `CN=…,OU=<structure>,O=…,ST=Rhône (69),C=FR`."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Rhône (69)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _save(credential: Credential, certificate: x509.Certificate, key: RSAPrivateKey) -> None:
    credential.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    credential.key.touch(mode=0o600)
    credential.key.write_bytes(pem)
