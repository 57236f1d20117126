"""Each clinical situation becomes the document that was read and agreed upon, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.fidelity import fidelity_findings
from tests.golden.cr_bio.situations import SITUATIONS

_FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_clinical_situation_becomes_its_agreed_document(name: str) -> None:
    build, version = SITUATIONS[name]
    expected = (_FOLDER / f"{name}.xml").read_bytes()
    assert DOCUMENT_TYPE.render(build(), version, Software()).cda == expected


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_agreed_document_says_what_the_report_says(name: str) -> None:
    build, _ = SITUATIONS[name]
    assert fidelity_findings(build(), (_FOLDER / f"{name}.xml").read_bytes()) == ()


def test_no_agreed_document_is_without_its_situation() -> None:
    assert {path.stem for path in _FOLDER.glob("*.xml")} == set(SITUATIONS)
