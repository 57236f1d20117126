"""Every report made of a sample that may be published, before the official XSD and all six schematron layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import registry
from engine.context import Software
from engine.conversion import Built, build
from engine.declarations import Draft
from engine.findings import Disposition, disposition
from engine.model.directory import Laboratory
from engine.model.document import ClinicalDocument
from engine.model.laboratory import LaboratoryReport
from engine.records import History
from engine.validation.pack import install
from engine.validation.validator import Validator
from engine.versions import plan
from tests.unit.formats.hl7v2.results.messages import SAMPLES, TRUSTING, sample
from tests.unit.formats.laboratory_fixture import LABORATORY, context

_PACK = Path(__file__).resolve().parents[5].parent / "shared/ans/TestContenuCDA-3-0"
pytestmark = pytest.mark.skipif(not _PACK.is_dir(), reason="the official ANS pack is not beside this checkout")

LAYERS = {"xsd", "sm", "ihe", "mc", "ans", "term", "volet"}
HELD_ON_PURPOSE = {
    "R04_partiel", "R05_annulation", "R17_renvoi_exterieur", "R18_statut_absent", "R22_resultat_retire",
}  # fmt: skip

ALLOWED_PARTIAL = {"publish": {"R04_partiel"}}


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    return Validator(install(_PACK, tmp_path_factory.mktemp("passeur")))


def built(draft: Draft, validator: Validator, previous: ClinicalDocument | None = None) -> Built:
    planned = plan(draft, History(), "001", "1.2.250.1.999.9")
    assert planned.version is not None
    kind = registry.document_types()[draft.document.type]
    return build(
        draft.document,
        planned.version,
        previous,
        document_type=kind,
        validator=validator,
        software=Software(),
        production=False,
    )


@pytest.mark.parametrize("laboratory", [LABORATORY, TRUSTING], ids=["plain", "trusting"])
@pytest.mark.parametrize("name", sorted(file.stem for file in SAMPLES.glob("*.hl7")))
def test_a_sample_that_may_be_published_has_no_error_in_any_layer(
    name: str, laboratory: Laboratory, validator: Validator
) -> None:
    conversion = sample(name, context(laboratory))
    assert disposition(conversion.findings) is Disposition.PUBLISH, conversion.findings
    made = [draft for draft in conversion.drafts if disposition(draft.findings) is Disposition.PUBLISH]
    assert bool(made) == (name not in HELD_ON_PURPOSE - ALLOWED_PARTIAL.get(laboratory.partial_reports, set()))
    for draft in made:
        result = built(draft, validator)
        assert result.cda is not None, result.findings
        assert disposition(result.findings) is Disposition.PUBLISH, result.findings
        report = validator.validate(result.cda)
        assert report.may_leave
        level_1 = draft.document.type == "cr_bio_n1"
        assert {layer.name for layer in report.layers} >= (LAYERS - {"volet"} if level_1 else LAYERS)


def test_a_correction_completed_by_the_version_before_has_no_error_in_any_layer(validator: Validator) -> None:
    (first,), (correction,) = sample("R01_biochimie").drafts, sample("R03_correction").drafts
    assert first.set_id == correction.set_id
    result = built(correction, validator, first.document)
    assert disposition(result.findings) is Disposition.PUBLISH, result.findings
    body = result.document.body
    assert isinstance(body, LaboratoryReport)
    (chapter,) = body.chapters
    values = [item.value_as_sent for act in chapter.acts for item in act.items if hasattr(item, "value_as_sent")]
    assert values == ["5.30", "71", "139", "4.3", "<5.0"]
