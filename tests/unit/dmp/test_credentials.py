"""Certificates: read, matched, dated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from connectors.destinations.dmp.credentials import load, ssl_context, stamp
from connectors.destinations.dmp.settings import DmpSettings
from engine.errors import LaneError
from tests.unit.dmp.certificates import Files, identity, settings_values, written


def settings(tls_files: Files, signing_files: Files, **changes: object) -> DmpSettings:
    return DmpSettings.model_validate(settings_values(tls_files, signing_files, **changes))


@pytest.fixture
def sound(tmp_path: Path) -> Files:
    return written(tmp_path, "sound", identity())


def refused(found: DmpSettings) -> str:
    with pytest.raises(LaneError) as caught:
        load(found).refuse_expired(datetime.now(UTC))
    return caught.value.code


def test_sound_certificates_are_taken(sound: Files) -> None:
    found = load(settings(sound, sound))
    found.refuse_expired(datetime.now(UTC))
    assert found.findings(datetime.now(UTC)) == ()
    ssl_context(settings(sound, sound), found.tls)


def test_a_pkcs12_file_is_taken_with_its_password(tmp_path: Path, sound: Files) -> None:
    made = identity()
    path = tmp_path / "a.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"x", made.key, made.leaf, None, serialization.BestAvailableEncryption(b"mot de passe")
        )
    )
    good = settings(sound, sound, signing={"p12": path, "password": "mot de passe"})
    assert load(good).signing.leaf == made.leaf
    assert refused(settings(sound, sound, signing={"p12": path, "password": "faux"})) == "dmp.certificate_unreadable"


def test_a_key_with_a_password_is_taken(tmp_path: Path, sound: Files) -> None:
    files = written(tmp_path, "locked", identity(), b"secret")
    assert load(settings(sound, sound, tls={**files.pair, "password": "secret"})).tls.key
    assert refused(settings(files, sound)) == "dmp.certificate_unreadable"


def test_a_missing_file_stops_the_lane(tmp_path: Path, sound: Files) -> None:
    assert refused(settings(Files(tmp_path / "no.pem", sound.key), sound)) == "dmp.certificate_unreadable"


def test_the_key_of_another_certificate_stops_the_lane(tmp_path: Path, sound: Files) -> None:
    other = written(tmp_path, "other", identity())
    assert refused(settings(Files(sound.certificate, other.key), sound)) == "dmp.key_mismatch"


def test_a_key_that_is_not_rsa_stops_the_lane(tmp_path: Path, sound: Files) -> None:
    path = tmp_path / "ec.key"
    path.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    assert refused(settings(Files(sound.certificate, path), sound)) == "dmp.certificate_unusable"


@pytest.mark.parametrize("role", ["tls", "signing"])
def test_an_expired_certificate_stops_the_lane(tmp_path: Path, sound: Files, role: str) -> None:
    expired = written(tmp_path, "expired", identity(days=-1))
    found = settings(expired, sound) if role == "tls" else settings(sound, expired)
    assert refused(found) == "dmp.certificate_expired"


@pytest.mark.parametrize(("days", "within"), [(89, "90"), (29, "30"), (6, "7")])
def test_the_end_of_a_certificate_is_announced(tmp_path: Path, sound: Files, days: int, within: str) -> None:
    ending = written(tmp_path, "ending", identity(days=days))
    (finding,) = load(settings(sound, ending)).findings(datetime.now(UTC))
    assert finding.code == "dmp.certificate_expires"
    assert f"{within} jours" in finding.message


def test_a_renewed_certificate_is_noticed(tmp_path: Path, sound: Files) -> None:
    found = settings(sound, sound)
    before = stamp(found)
    written(tmp_path, "sound", identity(), b"longer than before")
    assert stamp(found) != before


def test_unreadable_authorities_stop_the_lane(tmp_path: Path, sound: Files) -> None:
    found = settings(sound, sound, ca_bundle=tmp_path / "no.pem")
    with pytest.raises(LaneError) as caught:
        ssl_context(found, load(found).tls)
    assert caught.value.code == "dmp.ca_bundle"


def test_no_key_is_left_on_disk(sound: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    found = settings(sound, sound)
    ssl_context(found, load(found).tls)
    assert not list(place.iterdir())
