"""What is said of scans and identities: every code that is used is known, every code that is known is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.findings import Severity
from engine.identity import rules as identity_rules
from engine.scan import rules as scan_rules

ENGINE = Path(scan_rules.__file__).resolve().parents[1]


def used(folder: str, area: str) -> set[str]:
    sources = [path for path in (ENGINE / folder).glob("*.py") if path.name != "rules.py"]
    return {code for path in sources for code in re.findall(rf'"({area}\.[a-z0-9_]+)"', path.read_text("utf-8"))}


def test_the_codes_of_scans_are_those_used() -> None:
    assert used("scan", "scan") == set(scan_rules.CODES)


def test_the_codes_of_identities_are_those_used() -> None:
    elsewhere = set(re.findall(r'"(identity\.[a-z_]+)"', (ENGINE / "identity/guard.py").read_text("utf-8")))
    elsewhere |= set(re.findall(r'"(identity\.[a-z_]+)"', (ENGINE / "identity/ins.py").read_text("utf-8")))
    assert used("identity", "identity") - elsewhere == set(identity_rules.RULES) - elsewhere


def test_an_error_tells_what_to_do() -> None:
    for code in scan_rules.CODES:
        finding = scan_rules.finding(code, field="champ", ai="01")
        assert finding.message.endswith(".")
        assert finding.remedy or finding.severity is not Severity.ERROR


def test_an_unknown_code_is_our_fault() -> None:
    with pytest.raises(KeyError):
        scan_rules.finding("scan.unheard_of")
