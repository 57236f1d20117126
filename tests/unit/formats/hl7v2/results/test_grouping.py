"""Which requests make one report, and the key of all its versions."""

from __future__ import annotations

from engine.context import stable_oid
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hprim import FORMAT as HPRIM
from tests.unit.formats.hl7v2.results.messages import (
    acts,
    codes,
    content,
    convert,
    finding,
    msh,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    report,
    results,
    sample,
)
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context
from tests.unit.formats.sante import messages as hprim

OTHER = {3: "IPP0002^^^CLINIQUE FICTIVE&1.2.250.1.999.1.2.1&ISO^PI", 5: "AUTRE^Paul^^^^^L", 7: "19501101", 8: "M"}


def test_a_filler_number_is_one_report() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx(), orc(), obr({4: "NFS^NFS^L", 24: "HM"}), obx()))
    assert [chapter.title for chapter in report(draft).chapters] == ["Biochimie", "Hématologie"]
    assert draft.set_id.root == stable_oid("set", LABORATORY.oid, "N1")


def test_another_filler_number_is_another_report() -> None:
    first, second = convert(content(msh(), pid(), orc(), obr(), obx(), orc({3: "N2"}), obr({3: "N2"}), obx())).drafts
    assert first.set_id != second.set_id
    assert first.patient_key == second.patient_key


def test_a_group_number_holds_several_filler_numbers_together() -> None:
    draft = sample("R08_deux_prelevements").drafts[0]
    assert [one.extension for one in draft.document.orders] == ["DEM0008"]
    assert [[sample.type.code for sample in act.specimens if sample.type] for act in acts(draft)] == [["SER"], ["UR"]]
    assert [chapter.title for chapter in report(draft).chapters] == ["Biochimie", "Examens urinaires"]


def test_a_group_number_of_another_authority_is_another_group() -> None:
    found = [only_draft(content(msh(), pid(), orc({4: f"G1^{name}"}), obr(), obx())).set_id for name in ("A", "B")]
    assert found[0] != found[1]


def test_one_order_before_several_requests_shares_its_group_only() -> None:
    draft = only_draft(content(msh(), pid(), orc({4: "G1"}), obr(), obx(), obr({3: "N2", 4: "NFS^NFS^L"}), obx()))
    assert len(acts(draft)) == 2
    cancelled = only_draft(
        content(msh(), pid(), orc({1: "CA", 4: "G1", 5: "CA"}), obr({25: "X"}), obr({3: "N2"}), obx())
    )
    assert [one.status for one in acts(cancelled)][-1] == "completed"


def test_an_antibiogram_sent_alone_is_of_the_report_of_its_parent() -> None:
    parent = only_draft(content(msh(), pid(), orc(), obr(), obx()))
    alone = only_draft(content(msh(), pid(), orc({3: "N7"}), obr({3: "N7", 29: "DEM1&X^N1&X"}), obx()))
    assert alone.set_id == parent.set_id


def test_requests_that_follow_each_other_in_a_ring_end() -> None:
    ring = content(msh(), pid(), obr({3: "N1", 29: "^N2"}), obx(), obr({3: "N2", 29: "^N1"}), obx())
    assert convert(ring).drafts


def test_the_same_number_is_the_same_report_in_both_formats() -> None:
    message = hprim.content(hprim.header(), hprim.patient(), hprim.request({4: "TUBE1~N1"}), hprim.result())
    (other,) = HPRIM.convert(InboundMessage(message, "d", "f", RECEIVED_AT), context()).drafts
    assert only_draft(content(msh(), pid(), orc(), obr(), obx())).set_id == other.set_id


def test_a_request_without_any_number_holds() -> None:
    draft = only_draft(content(msh(), pid(), obr({2: "", 3: ""}), obx()))
    assert finding(draft.findings, "hl7v2.request_number_missing").disposition is Disposition.HOLD


def test_two_numbers_for_one_request_hold() -> None:
    draft = only_draft(content(msh(), pid(), orc({3: "N2"}), obr({3: "N1"}), obx()))
    assert finding(draft.findings, "hl7v2.numbers_differ").where == "OBR[1]-3"
    assert disposition(draft.findings) is Disposition.HOLD


def test_each_patient_of_a_message_is_a_document_of_its_own() -> None:
    first, second = sample("R16_deux_patients").drafts
    assert (first.document.patient.birth_name, second.document.patient.birth_name) == ("TESTNAISSANCE", "DEUXIEME")
    assert [results(draft)[0].value_as_sent for draft in (first, second)] == ["5.30", "6.10"]
    assert first.patient_key != second.patient_key


def test_one_number_of_two_patients_holds_both() -> None:
    message = content(msh(), pid(), orc(), obr(), obx(), pid(OTHER), orc(), obr(), obx())
    drafts = convert(message).drafts
    assert len(drafts) == 2
    for draft in drafts:
        assert finding(draft.findings, "hl7v2.request_of_two_patients").disposition is Disposition.HOLD


def test_the_same_patient_sent_again_is_one_patient() -> None:
    message = content(msh(), pid(), orc(), obr(), obx(), pid({1: "2"}), orc(), obr({4: "NFS^NFS^L", 24: "HM"}), obx())
    assert len(acts(only_draft(message))) == 2


def test_a_patient_without_request_is_said() -> None:
    conversion = convert(content(msh(), pid()))
    assert conversion.drafts == ()
    assert "hl7v2.patient_without_request" in codes(conversion.findings)
