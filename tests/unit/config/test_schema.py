"""The schema editors use is the one of the code."""

from __future__ import annotations

import json
from pathlib import Path

from engine import app

ROOT = Path(__file__).resolve().parents[3]


def test_the_schema_in_the_project_is_the_one_of_the_code() -> None:
    written = (ROOT / "schemas" / "routes.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == app.schema(), "passeur check --schema > schemas/routes.schema.json"


def test_the_schema_knows_the_settings_of_every_connector() -> None:
    destinations = app.schema()["properties"]["destinations"]["additionalProperties"]["oneOf"]
    assert [one["title"] for one in destinations] == sorted(app.known_connectors().destinations)
    (dmp,) = (one for one in destinations if one["title"] == "dmp")
    assert "url" in dmp["required"]
    assert "oneOf" in dmp["properties"]["homologation_number"], "a secret is {env: …} or {file: …}"
