"""An installation that two practices and a monitor call, each with its own key."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.unit.request.requests import request

ONE, OTHER = "key-of-one-practice", "key-of-another-practice"
OLD = "key-of-one-practice-before"
MONITOR = "key-of-the-monitor"
SITE = "key-of-the-site-itself"
_KEYS = """  host: 127.0.0.1
  keys:
    cabinet: {key: {env: K_ONE}, previous_key: {env: K_OLD}, structure: cabinet-fictif, rights: [documents, orders]}
    autre: {key: {env: K_OTHER}, structure: autre-cabinet, rights: [documents, orders]}
    supervision: {key: {env: K_MONITOR}, rights: [state], calls_per_minute: 5}
    site: {key: {env: K_SITE}, rights: [documents, orders, state, messages, validation, admin]}
"""
_OTHER_STRUCTURE = """structures:
  autre-cabinet:
    organization:
      name: AUTRE CABINET
      finess: "990000028"
      address: {lines: [3 rue du Test], postal_code: "00000", city: VILLETEST, country: FR}
      phone: "0100000003"
      facility_type: SA07
    oid: 1.2.250.1.999.3.2
    patient_ids_oid: 1.2.250.1.999.3.2.1
    professionals:
      - {rpps: "99900000011", codes: [MEDTEST], family: MEDTEST, given: Françoise, suffix: DR, specialty: G15_10/SM26}
"""


def keyed(text: str) -> str:
    """routes.yaml with its keys."""
    with_keys = text.replace("  host: 127.0.0.1\n", _KEYS)
    return with_keys.replace("structures:  ", _OTHER_STRUCTURE + "#", 1)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ONE", ONE), ("OLD", OLD), ("OTHER", OTHER), ("MONITOR", MONITOR), ("SITE", SITE)):
        monkeypatch.setenv(f"K_{name}", value)


def bearing(key: str, **headers: str) -> dict[str, str]:
    named = {"authorization": f"Bearer {key}", "content-type": "application/json", **headers}
    return {name.replace("_", "-"): value for name, value in named.items()}


async def ask(http: httpx2.AsyncClient, key: str, number: str = "L-1", **changes: Any) -> httpx2.Response:
    content = json.dumps(request(number=number, **changes)).encode()
    return await http.post("/v1/documents", content=content, headers=bearing(key))
