"""The agreed documents of level 1 before the official XSD and common profiles of the ANS pack (TestContenuCDA 3.0)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.findings import Severity
from engine.validation.pack import install
from engine.validation.validator import Validator
from tests.golden.n1.situations import SITUATIONS

_FOLDER = Path(__file__).parent
_PACK = Path(__file__).resolve().parents[3] / ".." / "shared" / "ans" / "TestContenuCDA-3-0"
pytestmark = pytest.mark.skipif(not _PACK.is_dir(), reason="the official ANS pack is not beside this checkout")


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    return Validator(install(_PACK, tmp_path_factory.mktemp("passeur")))


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_agreed_document_passes_every_official_layer(name: str, official: Validator) -> None:
    """R-DOC-06. For level 1 the common profiles are all there is: no schema of a volet applies."""
    report = official.validate((_FOLDER / f"{name}.xml").read_bytes())
    assert [(one.code, one.message) for one in report.findings if one.severity is not Severity.INFO] == []
    assert {"xsd", "sm", "ihe", "mc", "ans", "term"} <= {layer.name for layer in report.layers}
