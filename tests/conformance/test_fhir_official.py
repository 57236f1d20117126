"""Documents made from FHIR Bundles before the official XSD and schematrons of the ANS test pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.context import Software
from engine.findings import Severity
from engine.registry import document_types
from engine.validation.pack import install
from engine.validation.validator import Validator
from engine.versions import numbered
from tests.unit.fhir.bundles import SAMPLES, draft

_PACK = Path(__file__).resolve().parents[2].parent / "shared/ans/TestContenuCDA-3-0"
pytestmark = pytest.mark.skipif(not _PACK.is_dir(), reason="the official ANS pack is not beside this checkout")


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    return Validator(install(_PACK, tmp_path_factory.mktemp("passeur")))


@pytest.mark.parametrize("name", sorted(one.name for one in SAMPLES.glob("*.json")))
def test_each_bundle_makes_a_document_that_passes_every_official_layer(name: str, validator: Validator) -> None:
    made = draft((SAMPLES / name).read_bytes())
    version = numbered(made.set_id, 1, None, "1.2.250.1.999.9")
    rendered = document_types()[made.document.type].render(made.document, version, Software())
    found = validator.validate(rendered.cda).findings
    assert [(one.code, one.where, one.message) for one in found if one.severity is Severity.ERROR] == []
