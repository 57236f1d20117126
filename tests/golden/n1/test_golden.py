"""Each line of level 1 of the catalogue becomes the document that was read and agreed upon, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.context import Software
from engine.documents.fidelity import fidelity_findings
from engine.documents.n1 import DOCUMENT_TYPE
from engine.findings import Finding, Severity
from engine.identity.guard import guard_findings
from engine.validation.validator import Validator
from tests.golden.n1.situations import LEVEL_1, SITUATIONS

_FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def own_rules() -> Validator:
    return Validator(None)


def agreed(name: str) -> bytes:
    return (_FOLDER / f"{name}.xml").read_bytes()


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_line_of_level_1_becomes_its_agreed_document(name: str) -> None:
    """R-DOC-01."""
    build, version = SITUATIONS[name]
    assert DOCUMENT_TYPE.render(build(), version, Software()).cda == agreed(name)


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_agreed_document_passes_our_own_rules(name: str, own_rules: Validator) -> None:
    """R-DOC-06."""
    assert _wrong(own_rules.validate(agreed(name)).findings) == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_agreed_document_holds_the_file_sent_and_the_patient_meant(name: str) -> None:
    """R-DOC-02, R-DOC-04."""
    build, version = SITUATIONS[name]
    assert fidelity_findings(build(), agreed(name)) == ()
    assert guard_findings(build(), version, agreed(name), production=False) == ()


def test_there_is_one_agreed_document_a_line_and_none_without_its_situation() -> None:
    """R-DOC-01."""
    assert len(LEVEL_1) == 58
    assert {path.stem for path in _FOLDER.glob("*.xml")} == set(SITUATIONS)


def _wrong(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.code, one.where, one.message) for one in findings if one.severity is not Severity.INFO]
