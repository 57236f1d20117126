"""Our biology reports before the official XSD and schematrons of the ANS test pack (TestContenuCDA 3.0)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.findings import Severity
from engine.model.document import ClinicalDocument, Participant, PdfBody, TextBody
from engine.model.laboratory import Comment, LaboratoryReport, Specimen
from engine.model.parties import Professional
from engine.model.values import Code, PersonName
from engine.validation.pack import install
from engine.validation.validator import Validator
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import GLUCOSE, SITUATIONS, URINE, act, report, simple_biochemistry

_PACK = Path(__file__).resolve().parents[2].parent / "shared/ans/TestContenuCDA-3-0"
pytestmark = pytest.mark.skipif(not _PACK.is_dir(), reason="the official ANS pack is not beside this checkout")


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    return Validator(install(_PACK, tmp_path_factory.mktemp("passeur")))


def _errors(validator: Validator, cda: bytes) -> list[tuple[str, str, str]]:
    found = validator.validate(cda).findings
    return [(one.code, one.where, one.message) for one in found if one.severity is Severity.ERROR]


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_clinical_situation_passes_every_official_layer(name: str, validator: Validator) -> None:
    build, version = SITUATIONS[name]
    assert _errors(validator, DOCUMENT_TYPE.render(build(), version, Software()).cda) == []


def _sparse() -> ClinicalDocument:
    """Only what is obligatory, and people known by name alone."""
    someone = Professional(None, PersonName("DURAND"), None)
    whole = simple_biochemistry()
    assert isinstance(whole.body, LaboratoryReport)
    bare = replace(GLUCOSE, time=None, validators=(someone, parties.NURSE))
    sample = Specimen(None, "OBR[1]", collector=someone)
    patient = replace(parties.PATIENT, addresses=(), telecoms=(), used_name=None, birth_given_names=())
    return replace(
        whole,
        patient=patient,
        participants=(Participant("REF", someone),),
        recipients=(replace(parties.NURSE, organization=parties.LABORATORY),),
        orders=(),
        authenticators=(),
        encounter=replace(whole.encounter, start=None, code=None, location_name=None),
        act=replace(whole.act, stop=whole.act.start, id=None),
        acts=(replace(whole.act, code=Code("18723-7", "2.16.840.1.113883.6.1", "Hématologie")),),
        body=report(act(bare, specimens=(sample, URINE), validators=(someone,)), act(Comment("Rien.", "C[1]"))),
    )


def test_a_report_with_nothing_but_what_is_obligatory_passes_every_official_layer(validator: Validator) -> None:
    assert _errors(validator, DOCUMENT_TYPE.render(_sparse(), parties.VERSION, Software()).cda) == []


@pytest.mark.parametrize("body", [PdfBody(parties.PDF), TextBody(("Glycémie : 5,30 mmol/L",))])
def test_a_level_1_report_passes_the_common_layers(body: PdfBody | TextBody, validator: Validator) -> None:
    document = replace(simple_biochemistry(), type="cr_bio_n1", body=body)
    assert _errors(validator, LEVEL_1.render(document, parties.SECOND_VERSION, Software()).cda) == []
