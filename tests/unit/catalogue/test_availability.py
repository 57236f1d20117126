"""A document whose type is not built says so, and what can be sent instead."""

from __future__ import annotations

import pytest

from engine.catalogue.availability import _LEVEL_1_TWINS, document_type_of
from engine.catalogue.catalogue import catalogue, entries, entry
from engine.catalogue.entry import Level
from engine.errors import DocumentError
from engine.findings import Disposition, Finding
from engine.registry import document_types

BUILT = ("cr_bio", "cr_bio_n1", "n1")


def not_built(profession: str, profile: str, doc_id: str, built: tuple[str, ...] = BUILT) -> Finding:
    with pytest.raises(DocumentError) as caught:
        document_type_of(entry(profession, profile, doc_id), built)
    (finding,) = caught.value.findings
    assert (finding.code, finding.disposition) == ("catalogue.not_built", Disposition.REFUSE)
    return finding


def test_each_line_of_level_1_can_be_rendered_by_the_engine_as_it_is() -> None:
    """R-DOC-01."""
    for line in catalogue():
        if line.level is Level.N1:
            assert document_type_of(line, document_types()) == "n1"


def test_each_line_is_rendered_or_says_clearly_that_it_is_not() -> None:
    """R-DOC-01, R-DOC-03."""
    built = document_types()
    for line in catalogue():
        if set(line.document_types).isdisjoint(built):
            finding = not_built(line.profession, line.profiles[0], line.doc_id, tuple(built))
            assert all(name in finding.message for name in line.document_types)
            assert finding.remedy
        else:
            assert document_type_of(line, built) in line.document_types


def test_the_first_model_that_is_built_is_taken() -> None:
    """Q-04: a medical summary is a VSM or an IPS."""
    summary = entry("medecin", "medecin-traitant-suivi-enfant", "synthese-medicale")
    assert document_type_of(summary, ("ips_fr", "vsm")) == "vsm"
    assert document_type_of(summary, ("ips_fr",)) == "ips_fr"


def test_a_structured_prescription_may_be_sent_as_its_level_1_twin() -> None:
    finding = not_built("medecin", "prescription-structuree", "presc-produits-sante-n3")
    assert "« presc-produits-sante »" in finding.remedy


def test_a_child_certificate_is_not_offered_as_any_certificate() -> None:
    """They share a type code; the other one would go to the DMP."""
    finding = not_built("medecin", "medecin-traitant-suivi-enfant", "cert-enfant-cs9", ("cr_bio", "cse_mde"))
    assert finding.remedy == "Documents déjà produits pour cette profession : mesures-enfant."


def test_a_profession_of_which_nothing_is_built_is_told_so() -> None:
    assert "Aucun document" in not_built("sage-femme", "all", "trod", ("cr_bio",)).remedy


def test_a_level_1_twin_has_the_type_of_its_structured_document() -> None:
    for structured, twin in _LEVEL_1_TWINS.items():
        assert {one.type for one in entries(structured)} == {one.type for one in entries(twin)}
        assert {one.level for one in entries(twin)} == {Level.N1}
