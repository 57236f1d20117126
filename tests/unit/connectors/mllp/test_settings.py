"""What routes.yaml may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sources.mllp import SOURCE, MllpSettings
from engine.app import known_connectors

_PEM: dict[str, Any] = {"certificate": Path("c.pem"), "key": Path("k.pem")}


def test_the_engine_knows_the_source() -> None:
    assert known_connectors().sources["mllp"] is SOURCE


def test_a_port_is_enough_and_listens_on_this_machine_only() -> None:
    assert MllpSettings(port=2575).host == "127.0.0.1"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "port"),
        ({"port": 0}, "port"),
        ({"port": 2575, "certificate": Path("c.pem")}, "« key »"),
        ({"port": 2575, "require_client_certificate": True}, "« ca_bundle »"),
        ({"port": 2575, "require_client_certificate": True, **_PEM}, "« ca_bundle »"),
        ({"port": 2575, "ca_bundle": Path("ca.pem"), **_PEM}, "require_client_certificate"),
        ({"port": 2575, "host": "0.0.0.0"}, "allow_cleartext"),
        ({"port": 2575, "host": "labo.example"}, "allow_cleartext"),
        ({"port": 2575, "frame_timeout_seconds": 0}, "frame_timeout_seconds"),
        ({"port": 2575, "max_connection": 3}, "max_connection"),
    ],
)
def test_settings_that_do_not_hold_together_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MllpSettings(**wrong)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "right",
    [
        {"host": "0.0.0.0", "allow_cleartext": True},
        {"host": "0.0.0.0", **_PEM},
        {"host": "localhost"},
        {"host": "::1"},
        {"require_client_certificate": True, "ca_bundle": Path("ca.pem"), **_PEM},
    ],
)
def test_settings_that_hold_together_are_taken(right: dict[str, Any]) -> None:
    assert MllpSettings(port=2575, **right)
