"""Nothing leaves unless the bytes speak of the patient the document is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.context import Software
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE
from engine.identity.guard import guard_findings
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.parties import INS_NIR, Ins
from engine.model.values import Identifier
from tests.unit.documents_fixture import DOCUMENT, INS

VERSION = DocumentVersion(Identifier("2.25.7"), Identifier("2.25.8"), 1)
CDA = DOCUMENT_TYPE.render(DOCUMENT, VERSION, Software()).cda


def codes(document: ClinicalDocument, cda: bytes, *, production: bool = False) -> set[str]:
    return {finding.code for finding in guard_findings(document, VERSION, cda, production=production)}


def test_the_document_made_of_its_patient_may_leave() -> None:
    assert codes(DOCUMENT, CDA) == set()


def test_a_test_identity_never_leaves_in_production() -> None:
    assert codes(DOCUMENT, CDA, production=True) == {"identity.environment"}


def test_a_real_identity_never_leaves_in_test() -> None:
    real = replace(DOCUMENT, patient=replace(DOCUMENT.patient, ins=replace(INS, oid=INS_NIR)))
    assert "identity.environment" in codes(real, DOCUMENT_TYPE.render(real, VERSION, Software()).cda)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b'"285039900000193"', b'"285039900000194"', "identity.ins_differs"),
        (b'"IPP0001"', b'"IPP0002"', "identity.ids_differ"),
        (b"TESTNAISSANCE", b"AUTRE", "identity.traits_differ"),
        (b'"19850312"', b'"19850313"', "identity.traits_differ"),
        (b'code="F"', b'code="M"', "identity.traits_differ"),
        (b'root="2.25.7"', b'root="2.25.9"', "identity.document_id"),
    ],
)
def test_any_difference_between_the_bytes_and_the_document_refuses(before: bytes, after: bytes, code: str) -> None:
    assert before in CDA
    assert code in codes(DOCUMENT, CDA.replace(before, after))


def test_a_matricule_that_is_not_qualified_never_appears() -> None:
    doubtful = replace(DOCUMENT, patient=replace(DOCUMENT.patient, ins=Ins(INS.matricule, INS.oid, qualified=False)))
    assert "identity.ins_differs" in codes(doubtful, CDA)
