"""Every report made of an HPRIM sample that may be published, before the official XSD and all six schematron layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import registry
from engine.context import Context, Software
from engine.conversion import Built, build
from engine.declarations import Draft
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.model.directory import KnownIdentity
from engine.model.document import ClinicalDocument
from engine.model.values import Timestamp
from engine.records import History
from engine.validation.pack import install
from engine.validation.validator import Validator
from engine.versions import plan
from tests.unit.documents_fixture import INS
from tests.unit.formats.laboratory_fixture import BIOLOGIST, LABORATORY, RECEIVED_AT, context

_PACK = Path(__file__).resolve().parents[2].parent / "shared/ans/TestContenuCDA-3-0"
pytestmark = pytest.mark.skipif(not _PACK.is_dir(), reason="the official ANS pack is not beside this checkout")

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "hprim"
LAYERS = {"xsd", "sm", "ihe", "mc", "ans", "term", "volet"}
_KNOWN = KnownIdentity(
    ipp="IPP0001",
    ins=INS,
    birth_name="TESTNAISSANCE",
    birth_given_names=("Hélène", "Zoé", "Marie"),
    birth_date=Timestamp("19850312"),
    gender="F",
    birth_cog="99000",
    used_name="FICTIVE",
    used_given_name="Hélène",
)
_SITE = replace(
    LABORATORY,
    sender_codes=("990000002", "LABFICT"),
    default_biologist=BIOLOGIST,
    identities={"IPP0001": _KNOWN, "0000012345": replace(_KNOWN, ipp="0000012345")},
)
_HELD_ON_PURPOSE = {"S17_hierarchie_fausse", "S26_non_valide", "M08_entete_11_lignes", "M20_sans_identite_minimale"}
_WITHOUT_DOCUMENT = {
    "S14_tronque", "S29_adm", "S30_orm", "S31_err", "S32_vide", "S33_pdf_renomme", "S34_hl7v2_renomme",
}  # fmt: skip


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    return Validator(install(_PACK, tmp_path_factory.mktemp("passeur")))


def site() -> Context:
    return context(_SITE)


def drafts(name: str) -> tuple[Draft, ...]:
    file = SAMPLES / f"{name}.hpr"
    message = InboundMessage(file.read_bytes(), "depot", file.name, RECEIVED_AT)
    conversion = registry.formats()["hprim"].convert(message, site())
    refused = disposition(conversion.findings) is not Disposition.PUBLISH
    return () if refused else conversion.drafts


def built(draft: Draft, validator: Validator, previous: ClinicalDocument | None = None) -> Built:
    planned = plan(draft, History(), "001", site().instance_oid)
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


@pytest.mark.parametrize("name", sorted(file.stem for file in SAMPLES.glob("*.hpr")))
def test_a_sample_that_may_be_published_has_no_error_in_any_layer(name: str, validator: Validator) -> None:
    made = [draft for draft in drafts(name) if disposition(draft.findings) is Disposition.PUBLISH]
    assert bool(made) == (name not in _HELD_ON_PURPOSE | _WITHOUT_DOCUMENT)
    for draft in made:
        result = built(draft, validator)
        assert result.cda is not None, result.findings
        assert disposition(result.findings) is Disposition.PUBLISH, result.findings
        report = validator.validate(result.cda)
        assert report.may_leave
        level_1 = draft.document.type == "cr_bio_n1"
        assert {layer.name for layer in report.layers} >= (LAYERS - {"volet"} if level_1 else LAYERS)


def test_a_correction_completed_by_the_version_before_has_no_error_in_any_layer(validator: Validator) -> None:
    (first,), (correction,) = drafts("S01_biochimie_simple"), drafts("S24_correction")
    result = built(correction, validator, first.document)
    assert disposition(result.findings) is Disposition.PUBLISH, result.findings
