"""The declaration `hl7v2`: what it recognises, what it does with other messages, what it answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import registry
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hl7v2 import FORMAT
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.results.policy import finding as made
from engine.formats.hl7v2.results.rules import RULES
from engine.formats.hl7v2.rules import RULES as MESSAGE_RULES
from tests.unit.formats.hl7v2.results.messages import (
    SAMPLES,
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
    sample,
    simple,
)
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context

OTHERS = SAMPLES.parent
EXAMPLES = Path(__file__).resolve().parents[5].parent / "shared" / "ans" / "hl7v2-exemples"


def inbound(raw: bytes, sender: str = "") -> InboundMessage:
    return InboundMessage(raw, "sil", "message.hl7", RECEIVED_AT, sender=sender)


def answered(raw: bytes) -> Message:
    answer = FORMAT.acknowledge(inbound(raw), context())
    assert answer is not None
    return Message.parse(answer)


def test_it_is_declared_by_its_name() -> None:
    assert registry.formats()["hl7v2"] is FORMAT


def test_it_recognises_its_messages_and_no_other() -> None:
    assert all(FORMAT.recognises(file.read_bytes()) for file in SAMPLES.glob("*.hl7"))
    others = (SAMPLES.parents[1] / "hprim").glob("*.hpr")
    assert [file.name for file in others if FORMAT.recognises(file.read_bytes())] == ["S34_hl7v2_renomme.hpr"]
    assert not FORMAT.recognises(b"%PDF-1.4")


def test_a_message_that_is_kept_is_accepted() -> None:
    answer = answered((SAMPLES / "R01_biochimie.hl7").read_bytes())
    assert (answer.text("MSA-1"), answer.text("MSA-2")) == ("AA", "R01")
    assert (answer.text("MSH-5"), answer.text("MSH-6")) == ("SIL-FICTIF", "990000002")
    assert answer.text("MSH-9") == "ACK^R01^ACK"


def test_the_same_message_has_the_same_answer() -> None:
    raw = (SAMPLES / "R01_biochimie.hl7").read_bytes()
    assert FORMAT.acknowledge(inbound(raw), context()) == FORMAT.acknowledge(inbound(raw), context())


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (content(msh({4: "INCONNU", 3: "X"}), pid(), orc(), obr(), obx()), "MSH^1^4"),
        (content(msh(), pid(), obx(), orc(), obr()), "OBX^1"),
        (content(msh({9: "ORM^O01"}), pid(), orc(), obr()), "MSH^1^9^1^1"),
        (content(msh({12: "2.9"}), pid(), orc(), obr(), obx()), "MSH^1^12"),
    ],
)
def test_a_message_that_is_refused_is_answered_by_every_reason(raw: bytes, where: str) -> None:
    answer = answered(raw)
    assert answer.text("MSA-1") == "AE"
    assert where in [one.text("2") for one in answer.all("ERR")]
    assert disposition(convert(raw).findings) is Disposition.REFUSE
    assert convert(raw).drafts == ()


def test_bytes_that_are_no_message_are_rejected() -> None:
    assert answered(b"rien").text("MSA-1") == "AR"
    assert disposition(convert(b"rien").findings) is Disposition.REFUSE


def test_there_is_no_other_negative_answer() -> None:
    assert FORMAT.negative_answer(inbound(b"x"), (), context()) is None


def test_the_laboratory_is_known_by_its_facility_then_by_its_application() -> None:
    laboratory = replace(LABORATORY, sender_codes=("SIL-FICTIF",))
    draft = only_draft(content(msh({4: "X"}), pid(), orc(), obr(), obx()), context(laboratory))
    assert draft.document.custodian == LABORATORY.organization


def test_a_folder_that_serves_one_laboratory_does_not_make_any_sender_its_own() -> None:
    raw = content(msh({3: "X", 4: "Y"}), pid(), orc(), obr(), obx())
    conversion = convert(raw, context(default_laboratory=LABORATORY.name))
    assert finding(conversion.findings, "hl7v2.sender_not_declared").disposition is Disposition.HOLD
    assert len(conversion.drafts) == 1


@pytest.mark.parametrize("mode", ["T", "D"])
def test_a_test_message_is_marked_as_such(mode: str) -> None:
    assert only_draft(content(msh({11: mode}), pid(), orc(), obr(), obx())).test


def test_a_message_that_does_not_say_whether_it_is_a_test_holds() -> None:
    conversion = convert(content(msh({11: ""}), pid(), orc(), obr(), obx()))
    assert finding(conversion.findings, "hl7v2.processing_unknown").disposition is Disposition.HOLD


@pytest.mark.parametrize("name", ["ack_accepte", "zam_dmp_refus"])
def test_a_message_without_a_report_is_understood_and_ignored(name: str) -> None:
    conversion = convert((OTHERS / f"{name}.er7").read_bytes())
    assert conversion.drafts == ()
    assert "hl7v2.nothing_to_publish" in codes(conversion.findings)
    assert disposition(conversion.findings) is Disposition.PUBLISH


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("oru_document", "hl7v2.document_incomplete"),
        ("mdm_envoi", "hl7v2.document_incomplete"),
        ("mdm_livraison_mssante", "hl7v2.delivery_flow"),
    ],
)
def test_a_message_that_carries_a_cda_is_never_read_as_results(name: str, why: str) -> None:
    conversion = convert((OTHERS / f"{name}.er7").read_bytes())
    assert conversion.drafts == ()
    assert finding(conversion.findings, why).disposition is Disposition.REFUSE


def test_a_cda_among_results_is_never_dropped() -> None:
    cda = obx({2: "ED", 3: "11502-2^CR^LN", 5: "^TEXT^XML^Base64^PHg+", 6: "", 7: "", 8: ""})
    for kind in ("ORU^R01^ORU_R01", "OUL^R22^OUL_R22"):
        conversion = convert(content(msh({9: kind}), pid(), orc(), obr(), obx(), cda))
        assert "hl7v2.document_flow" in codes(conversion.findings)
        assert conversion.drafts == ()


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official HL7 v2 examples are not beside this checkout")
def test_no_official_example_is_taken_for_results() -> None:
    """They all carry a CDA, an admission or an answer: the volet has no discrete results."""
    files = [file for file in EXAMPLES.rglob("*") if file.is_file() and FORMAT.recognises(file.read_bytes())]
    assert files
    for file in files:
        conversion = convert(file.read_bytes())
        assert {draft.document.type for draft in conversion.drafts} <= {"received"}, file.name


def test_conversion_is_pure() -> None:
    for file in SAMPLES.glob("*.hl7"):
        assert sample(file.stem) == sample(file.stem)


def test_no_code_has_two_meanings() -> None:
    assert not set(RULES) & set(MESSAGE_RULES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_speaks_french_and_says_what_to_do_when_it_stops_a_report(code: str) -> None:
    rule = RULES[code]
    assert rule.message[0].isupper() and rule.message.rstrip()[-1] in ".?»)"
    assert rule.disposition is Disposition.PUBLISH or rule.remedy
    assert rule.may_override or rule.disposition is not Disposition.PUBLISH


def test_a_refusal_cannot_be_loosened_and_may_always_be_tightened() -> None:
    loose = replace(LABORATORY, policy={"hl7v2.unknown_sender": "publish", "mapping.unmapped_code": "refuse"})
    assert made("hl7v2.unknown_sender", "", loose).disposition is Disposition.REFUSE
    assert made("mapping.unmapped_code", "", loose, code="X").disposition is Disposition.REFUSE


def test_findings_are_placed_as_people_write_them() -> None:
    draft = only_draft(simple(obx(), obx({3: "K^Potassium^L", 5: "4,x"})))
    assert finding(draft.findings, "hl7v2.value_type_mismatch").where == "OBX[2]-5"
