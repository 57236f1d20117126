"""The test PKI."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from connectors.simulators import Credential, Pki, make_pki


def load(credential: Credential) -> x509.Certificate:
    return x509.load_pem_x509_certificate(credential.certificate.read_bytes())


def test_the_subject_of_a_structure_names_it(pki: Pki) -> None:
    subject = load(pki.signing).subject.rfc4514_string()
    assert subject.endswith(",OU=1990000002,O=LABORATOIRE DE DÉMONSTRATION,ST=Rhône (69),C=FR")


def test_authentication_and_signature_are_two_usages(pki: Pki) -> None:
    purposes = load(pki.client).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    usage = load(pki.signing).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment and not usage.digital_signature


def test_the_pki_is_made_once(pki: Pki) -> None:
    before = {p.name: p.read_bytes() for p in pki.directory.iterdir()}
    assert make_pki(pki.directory) == pki
    assert {p.name: p.read_bytes() for p in pki.directory.iterdir()} == before


def test_a_pki_that_is_not_whole_or_is_of_another_structure_is_made_again(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    serial = load(pki.signing).serial_number
    pki.client.key.unlink()
    assert load(make_pki(tmp_path).signing).serial_number != serial
    other = make_pki(tmp_path, structure_id="1990000028")
    assert "OU=1990000028" in load(other.signing).subject.rfc4514_string()


def test_keys_are_for_their_owner_only(pki: Pki) -> None:
    assert pki.signing.key.stat().st_mode & 0o077 == 0
