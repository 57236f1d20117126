"""An order as the DMP sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.destinations.dmp.credentials import FileSigner
from connectors.destinations.dmp.document import entry, patient
from connectors.destinations.dmp.feeding import Feeding, feeding
from connectors.destinations.dmp.registry import provide_and_register
from connectors.destinations.dmp.responsible import of_document
from connectors.destinations.dmp.settings import DmpSettings
from engine.context import stable_oid
from engine.errors import ParkedError, PermanentError
from engine.exchange import Order
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import INS_NIR, Ins
from engine.xds.values import HAS_MEMBER, REPLACES, SIGNS
from tests.unit.dmp import orders
from tests.unit.dmp.certificates import Files, settings_values, signer
from tests.unit.xds import documents

FILES = Files(Path("a.pem"), Path("a.key"))
SETTINGS = DmpSettings.model_validate(settings_values(FILES, FILES))
SIGNER: FileSigner = signer()


def made(order: Order, replaced: str | None = None) -> Feeding:
    document = entry(order, SETTINGS)
    person = of_document(order.package.cda)
    return feeding(order, document, person, SETTINGS, SIGNER, source_id="1.2.250.1.999.1", replaced_entry_uuid=replaced)


def test_every_try_of_an_order_is_the_same_to_the_byte() -> None:
    assert made(orders.order()) == made(replace(orders.order(), attempt=7))


def test_two_orders_share_no_identifier_of_their_submission() -> None:
    first, second = made(orders.order("order-1")), made(orders.order("order-2"))
    assert first.submission.submission_set.unique_id != second.submission.submission_set.unique_id
    assert first.submission.entries[1].unique_id != second.submission.entries[1].unique_id
    assert first.submission.entries[0] == second.submission.entries[0]


def test_the_submission_is_dated_and_numbered_by_its_order() -> None:
    found = made(orders.order()).submission.submission_set
    assert found.submission_time == "20260105093000"
    assert found.unique_id == stable_oid("dmp", "submission", "order-1")
    assert found.source_id == "1.2.250.1.999.1"


def test_the_document_leaves_byte_for_byte() -> None:
    sent = made(orders.order())
    assert sent.parts[0][1].content == documents.cda()


def test_the_boundary_cannot_be_met_in_the_parts() -> None:
    sent = made(orders.order())
    assert all(sent.boundary.encode() not in part.content for _, part in sent.parts)


def test_the_author_of_the_submission_is_of_the_structure_that_sends() -> None:
    (author,) = made(orders.order()).submission.submission_set.authors
    assert author.person.startswith("801234534765^BIOLOGISTE^Anne^")
    assert author.institutions == ("Laboratoire de test^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1120459876",)


def test_the_signature_is_a_second_hidden_entry_that_signs_the_set() -> None:
    sent = made(orders.order()).submission
    document, signature = sent.entries
    assert signature.type_code.code == "E1762"
    assert [code.code for code in signature.confidentiality_codes] == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]
    assert signature.patient_id == document.patient_id == sent.submission_set.patient_id
    links = {(one.type, one.source, one.target) for one in sent.associations}
    assert links == {
        (HAS_MEMBER, "SubmissionSet01", "Document01"),
        (HAS_MEMBER, "SubmissionSet01", "Signature01"),
        (SIGNS, "Signature01", "SubmissionSet01"),
    }


def test_visibility_is_the_document_s_and_never_its_signature_s() -> None:
    asked = Instructions(visibility=(Visibility.INVISIBLE_PATIENT,))
    document, signature = made(orders.order(instructions=asked)).submission.entries
    assert [code.code for code in document.confidentiality_codes] == ["N", "INVISIBLE_PATIENT"]
    assert [code.code for code in signature.confidentiality_codes] == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]


def test_both_masked_and_invisible_is_for_a_dmp_that_allows_it() -> None:
    order = orders.order(instructions=Instructions(visibility=(Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT)))
    with pytest.raises(PermanentError) as caught:
        entry(order, SETTINGS)
    assert "masqué aux professionnels" in caught.value.message
    found = entry(order, SETTINGS.model_copy(update={"masked_and_invisible": True}))
    assert [code.code for code in found.confidentiality_codes] == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]


def test_a_replacement_points_at_the_old_entry() -> None:
    sent = made(orders.order(), replaced="urn:uuid:old").submission
    assert [(one.source, one.target) for one in sent.associations if one.type == REPLACES] == [
        ("Document01", "urn:uuid:old")
    ]


def test_each_part_is_included_by_its_entry() -> None:
    sent = made(orders.order())
    content_ids = tuple((entry_id, part.content_id) for entry_id, part in sent.parts)
    request = provide_and_register(sent.submission, content_ids, with_hash=False)
    found = {str(one.get("id")): str(one[0].get("href")) for one in request.findall("{urn:ihe:iti:xds-b:2007}Document")}
    assert found == {entry_id: f"cid:{content_id}" for entry_id, content_id in content_ids}


# -- refused before anything leaves ---------------------------------------------------------------------------------


def refused(order: Order, *, production: bool = False) -> str:
    with pytest.raises(PermanentError) as caught:
        patient(order, entry(order, SETTINGS).patient_id, production=production)
    return caught.value.code


def test_a_document_of_another_patient_never_leaves() -> None:
    other = Ins("179035121518900", documents.INS_TEST_OID, True)
    assert refused(orders.order(ins=other)) == "dmp.patient_mismatch"


def test_a_test_identity_never_goes_to_production() -> None:
    assert refused(orders.order(), production=True) == "dmp.environment"


def test_a_real_identity_never_leaves_a_test_site() -> None:
    ids = f'<id extension="{documents.INS}" root="{INS_NIR}"/>'
    order = orders.order(cda=documents.cda(patient_ids=ids), ins=Ins(documents.INS, INS_NIR, True))
    assert refused(order) == "dmp.environment"
    assert patient(order, entry(order, SETTINGS).patient_id, production=True).oid == INS_NIR


@pytest.mark.parametrize("ins", [None, Ins(documents.INS, documents.INS_TEST_OID, False)])
def test_without_a_qualified_identity_the_order_waits(ins: Ins | None) -> None:
    order = orders.order(ins=ins)
    with pytest.raises(ParkedError) as caught:
        patient(order, entry(order, SETTINGS).patient_id, production=False)
    assert caught.value.cause == "identity"


def test_a_document_without_metadata_is_refused_with_every_reason_and_no_patient_data() -> None:
    order = orders.order(cda=documents.cda(code="", templates=""))
    with pytest.raises(PermanentError) as caught:
        entry(order, SETTINGS)
    assert "Type de document" in caught.value.message
    assert "format" in caught.value.message
    assert documents.INS not in str(caught.value)


@pytest.mark.parametrize("unique_id", ["a5e2f2c0-0000-4000-8000-000000000000", "1.2.3" + ".4" * 40])
def test_an_identifier_that_is_no_oid_is_refused(unique_id: str) -> None:
    with pytest.raises(PermanentError) as caught:
        entry(orders.order(cda=documents.cda(unique_id=unique_id)), SETTINGS)
    assert caught.value.code == "dmp.unique_id"
