"""What routes.yaml may say of a DMP."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.destinations.dmp import DESTINATION, DmpSettings
from connectors.destinations.dmp.settings import Profile
from engine.exchange import OrderKind
from engine.model.instructions import Instructions
from tests.unit.dmp import orders
from tests.unit.dmp.certificates import Files, settings_values

FILES = Files(Path("a.pem"), Path("a.key"))


def made(**changes: object) -> DmpSettings:
    return DmpSettings.model_validate(settings_values(FILES, FILES, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://dmp.example/"},
        {"url": "https://user:secret@dmp.example/"},
        {"url": "dmp.example"},
        {"tls": {"certificate": "a.pem"}},
        {"tls": {"certificate": "a.pem", "key": "a.key", "p12": "a.p12"}},
        {"tls": {}},
        {"send_timeout_seconds": 0},
        {"content_type_code": "1234"},
        {"vihf_version": "2.0"},
        {"time_zone": "Europe/Lutece"},
        {"deletion_motive": "Sans suite"},
        {"deletion_from": "Deprecated"},
        {"requesters": [{"id": "801234534765", "family": "A", "given": "B", "specialty_code": "SM03"}]},
        {"inconnu": 1},
        {"responsible": {"id": "801234534765", "family": "A", "given": "B", "specialty_code": "SM03"}},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        made(**changes)


def test_the_address_of_the_services_ends_with_a_slash() -> None:
    assert made(url="https://dmp.example/services").url == "https://dmp.example/services/"


def test_secrets_are_never_printed() -> None:
    found = made(tls={"p12": "a.p12", "password": "S3CRET"})
    assert "S3CRET" not in repr(found)
    assert "NUM-HOMOLOGATION" not in repr(found)


def test_a_profile_gives_defaults_and_an_option_wins() -> None:
    assert made().profile == Profile("3.0", "Authentification_Mode", "sha256")
    assert made(gi_dmp="2.9").profile == Profile("3.0", "Authentification_mode", "sha1")
    assert made(gi_dmp="2.9", hash_algorithm="sha256").profile.hash_algorithm == "sha256"


def test_the_dmp_is_its_own_recipient_and_needs_an_ins() -> None:
    assert DESTINATION.name == "dmp"
    assert DESTINATION.needs_ins(made())
    assert DESTINATION.recipients(orders.order().package, made()) == ("",)


@pytest.mark.parametrize(("asked", "expected"), [(None, ("",)), (True, ("",)), (False, None)])
def test_a_document_goes_to_the_dmp_unless_its_sender_says_otherwise(
    asked: bool | None, expected: tuple[str, ...] | None
) -> None:
    package = orders.order(instructions=Instructions(dmp=asked)).package
    assert DESTINATION.recipients(package, made()) == expected


def test_it_can_be_asked_to_delete_and_heeds_the_patient_s_opposition() -> None:
    assert DESTINATION.kinds == {OrderKind.SEND, OrderKind.DELETE}
    assert DESTINATION.obeys_opposition
