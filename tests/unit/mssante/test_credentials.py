"""Certificates as files: read once, read again when they change, refused in plain words when they are of no use."""

from __future__ import annotations

import shutil
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from connectors.destinations.mssante.credentials import Credentials
from connectors.destinations.mssante.errors import Step, link_failure
from connectors.simulators import Pki
from engine.errors import LaneError
from tests.unit.mssante import orders
from tests.unit.mssante.tls import Authority, failed_handshake, handshake

NOW = datetime.now(UTC)


def credentials(pki: Pki, **changes: object) -> Credentials:
    chosen = {"certificate": pki.client.certificate, "key": pki.client.key, "ca_bundle": pki.ca, **changes}
    return Credentials(orders.settings(**chosen))


def test_the_context_is_made_once_and_again_when_a_file_changes(pki: Pki, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    shutil.copy(pki.client.certificate, certificate)
    shutil.copy(pki.client.key, key)
    files = credentials(pki, certificate=certificate, key=key)
    first = files.context(NOW)
    assert files.context(NOW) is first
    shutil.copy(pki.other_client.certificate, certificate)
    shutil.copy(pki.other_client.key, key)
    assert files.context(NOW) is not first


def test_a_certificate_renewed_by_half_is_refused_until_it_is_whole(pki: Pki, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    shutil.copy(pki.client.certificate, certificate)
    shutil.copy(pki.client.key, key)
    files = credentials(pki, certificate=certificate, key=key)
    files.context(NOW)
    key.write_text("")
    with pytest.raises(LaneError) as caught:
        files.context(NOW)
    assert caught.value.code == "mssante.certificate_unreadable"
    shutil.copy(pki.client.key, key)
    files.context(NOW)


def test_the_context_trusts_only_proven_servers_and_modern_tls(pki: Pki) -> None:
    context = credentials(pki).context(NOW)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    suites = [one["name"] for one in context.get_ciphers() if one["protocol"] != "TLSv1.3"]
    assert suites
    assert all("GCM" in name or "CHACHA20" in name for name in suites)


def test_a_certificate_out_of_its_dates_is_refused_before_anything_is_sent(pki: Pki) -> None:
    with pytest.raises(LaneError) as caught:
        credentials(pki, certificate=pki.expired_client.certificate, key=pki.expired_client.key).context(NOW)
    assert caught.value.code == "mssante.certificate_expired"
    assert "a expiré" in caught.value.message
    with pytest.raises(LaneError) as caught:
        credentials(pki).context(NOW - timedelta(days=4000))
    assert caught.value.code == "mssante.certificate_not_yet_valid"


def test_a_certificate_that_expires_while_we_run_is_noticed(pki: Pki) -> None:
    files = credentials(pki)
    files.context(NOW)
    with pytest.raises(LaneError):
        files.context(NOW + timedelta(days=4000))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certificate": Path("absent.pem")}, "mssante.certificate_unreadable"),
        ({"key": Path("absent.pem")}, "mssante.certificate_unreadable"),
        ({"ca_bundle": Path("absent.pem")}, "mssante.authorities"),
        ({"crl": Path("absent.pem")}, "mssante.authorities"),
        ({"ciphers": "RIEN"}, "mssante.ciphers"),
    ],
)
def test_a_file_of_no_use_stops_the_lane(pki: Pki, changes: dict[str, object], code: str) -> None:
    with pytest.raises(LaneError) as caught:
        credentials(pki, **changes).context(NOW)
    assert caught.value.code == code


def test_the_key_of_another_certificate_stops_the_lane(pki: Pki) -> None:
    with pytest.raises(LaneError) as caught:
        credentials(pki, key=pki.server.key).context(NOW)
    assert caught.value.code == "mssante.certificate_unreadable"


@pytest.fixture
def protected(pki: Pki, tmp_path: Path) -> Path:
    key = serialization.load_pem_private_key(pki.client.key.read_bytes(), None)
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "protected.pem").write_bytes(written)
    return tmp_path / "protected.pem"


def test_a_protected_key_is_opened_with_its_password(pki: Pki, protected: Path) -> None:
    credentials(pki, key=protected, password="secret").context(NOW)


@pytest.mark.parametrize("password", [None, "autre"])
def test_a_protected_key_without_its_password_asks_nobody(pki: Pki, protected: Path, password: str | None) -> None:
    with pytest.raises(LaneError) as caught:
        credentials(pki, key=protected, password=password).context(NOW)
    assert caught.value.code == "mssante.certificate_unreadable"
    assert "autre" not in str(caught.value)


@pytest.mark.parametrize(
    ("revoked", "valid", "words"),
    [(True, True, "révoqué"), (False, False, "périmée")],
    ids=["revoked", "list_out_of_date"],
)
def test_a_server_that_its_authority_disowns_is_refused(
    pki: Pki, tmp_path: Path, revoked: bool, valid: bool, words: str
) -> None:
    authority = Authority(tmp_path, NOW)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.certificate, authority.key)
    crl = authority.list_(revoked=revoked, valid=valid)
    client = credentials(pki, ca_bundle=authority.bundle, crl=crl).context(NOW)
    error = link_failure(failed_handshake(client, server), Step.TLS)
    assert (type(error), error.code) == (LaneError, "mssante.server_certificate")
    assert words in error.message


def test_a_server_in_good_standing_is_accepted_and_a_new_list_is_read(pki: Pki, tmp_path: Path) -> None:
    authority = Authority(tmp_path, NOW)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.certificate, authority.key)
    files = credentials(pki, ca_bundle=authority.bundle, crl=authority.list_(revoked=False))
    assert handshake(files.context(NOW), server) is None
    authority.list_(revoked=True)
    assert isinstance(handshake(files.context(NOW), server), ssl.SSLCertVerificationError)
