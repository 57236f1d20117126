"""What is said of a message that is not as it should be, and where."""

from __future__ import annotations

import re
import string

import pytest

from engine.errors import DocumentError
from engine.findings import Disposition, Severity
from engine.formats.hl7v2 import rules
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.validation import Flow, Matrix, findings, profile, unreadable
from engine.formats.hl7v2.validation.patient import ins_key_is_right
from tests.unit.formats.hl7v2.messages import (
    ROOT,
    SAMPLES,
    codes,
    refusals,
    sample,
    with_value,
    without_segments,
)

MDM, ORU, LPS = sample("mdm_envoi"), sample("oru_document"), sample("mdm_livraison_mssante")
REPLACEMENT, DELETION = sample("mdm_remplacement"), sample("mdm_suppression")
ADT, ZAM, RESULTS = sample("adt_consentement"), sample("zam_dmp_refus"), sample("oru_resultats")


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.er7")), ids=lambda file: file.stem)
@pytest.mark.parametrize("mode", Mode)
def test_a_message_as_it_should_be_has_no_finding(file, mode):
    assert codes(file.read_bytes(), mode) == set()


@pytest.mark.parametrize(
    ("name", "flow", "edition"),
    [
        ("mdm_envoi", Flow.TRANSMISSION, (2, 1)),
        ("oru_document", Flow.TRANSMISSION, (2, 1)),
        ("mdm_livraison_mssante", Flow.DELIVERY, (1, 1)),
        ("oru_resultats", Flow.RESULTS, (0, 0)),
        ("adt_opposition", Flow.ADMISSION, (0, 0)),
        ("zam_mssante_recu", Flow.BUSINESS_ANSWER, (2, 1)),
        ("ack_accepte", Flow.ACKNOWLEDGEMENT, (0, 0)),
    ],
)
def test_the_specification_of_a_message_is_found(name, flow, edition):
    found = profile(Message.parse(sample(name)))
    assert (found.flow, found.edition) == (flow, edition)


def test_a_document_makes_a_document_message_even_when_no_volet_is_named():
    unnamed = with_value(ORU, "MSH-21", b"")
    assert profile(Message.parse(unnamed)).flow is Flow.TRANSMISSION
    assert codes(unnamed) == {"hl7v2.edition", "hl7v2.required"}


FATAL = [
    ("another version", MDM, "MSH-12", b"2.9", "hl7v2.version"),
    ("another event", MDM, "MSH-9.2", b"T11", "hl7v2.event"),
    ("another type", MDM, "MSH-9", b"ORM^O01^ORM_O01", "hl7v2.message_type"),
    ("no patient id", MDM, "PID-3", b"", "hl7v2.no_patient_id"),
    ("ORC-1 against the event", MDM, "ORC-1", b"RO", "hl7v2.incoherent_action"),
    ("ORC-1 unknown", MDM, "ORC-1", b"SC", "hl7v2.action"),
    ("OBX-11 against ORC-1", ORU, "OBX-11", b"D", "hl7v2.incoherent_action"),
    ("OBX-11 empty", ORU, "OBX-11", b"", "hl7v2.action"),
    ("the event against both", MDM, "MSH-9.2", b"T04", "hl7v2.incoherent_action"),
    ("a document that replaces itself", REPLACEMENT, "TXA-13", b"1.2.250.1.999.1.82", "hl7v2.replaces_itself"),
    ("hidden and mailed", ORU, "OBX[3]-5.1", b"Y", "hl7v2.hidden_and_mailed"),
    ("visibility unknown", ORU, "OBX[3]-5.1", b"O", "hl7v2.flag_value"),
    ("empty document", MDM, "OBX-5.5", b"", "hl7v2.no_content"),
    ("damaged base64", MDM, "OBX-5.5", b"QUJD!EFG", "hl7v2.base64"),
    ("base64 cut", MDM, "OBX-5.5", b"QUJDR", "hl7v2.base64"),
    ("no CDA inside", MDM, "OBX-5.5", b"QUJD", "hl7v2.not_cda"),
    ("no document", MDM, "OBX-2", b"TX^^", "hl7v2.no_document"),
    ("PRT glued to the one before", MDM, "PRT[2]-15.4", b"a@b.fr PRT", "hl7v2.segments_joined"),
    ("unknown choice of the patient", ADT, "ZFA-9", b"OUI", "hl7v2.consent"),
    ("unknown answer", ZAM, "OBX-5.1", b"O", "hl7v2.answer"),
    ("unknown acknowledgement", sample("ack_accepte"), "MSA-1", b"OK", "hl7v2.answer"),
]


@pytest.mark.parametrize(
    ("content", "where", "value", "code"), [one[1:] for one in FATAL], ids=[one[0] for one in FATAL]
)
def test_what_could_harm_somebody_is_refused_in_every_mode_of_a_route(content, where, value, code):
    if where == "OBX-2":
        content = with_value(content, "OBX-5.4", b"")
    spoiled = with_value(content, where, value)
    assert code in refusals(spoiled, Mode.TOLERANT)
    assert code in refusals(spoiled, Mode.STRICT)
    assert code in refusals(spoiled, Mode.LINT)


def test_two_patients_are_never_taken_for_one():
    other = sample("mdm_envoi").split(b"\r")[2].replace(b"ESSAI-DURAND", b"AUTRE")
    for content in (MDM, RESULTS):
        assert "hl7v2.several_patients" in refusals(content + other + b"\r")
    two = with_value(MDM, "PID-3[1]", b"180017599912342^^^INS&1.2.250.1.213.1.4.8&ISO^INS")
    assert "hl7v2.several_ins" in refusals(two)


def test_a_request_without_recipient_or_sender_is_refused():
    assert "hl7v2.no_sender" in refusals(without_segments(MDM, b"PRT||UC||SB"))
    assert "hl7v2.no_recipient" in refusals(without_segments(MDM, b"PRT||UC||RCT"))
    patient_only = without_segments(ORU, b"PRT||UC||RCT^^participation|8999")
    assert refusals(patient_only) == {"hl7v2.no_recipient"}
    professional_only = without_segments(ORU, b"PRT||UC||RCT^^participation|2800")
    assert refusals(professional_only) == {"hl7v2.no_patient_recipient"}


def test_contradictory_indicators_are_refused_and_repeated_ones_said():
    line = b"OBX|20|CE|INVISIBLE_PATIENT^x^MetaDMPMSS||%s^^expandedYes-NoIndicator||||||F\r"
    assert "hl7v2.flag_contradicted" in refusals(ORU + line % b"Y")
    assert codes(ORU + line % b"N") - {"hl7v2.flag_order"} == {"hl7v2.flag_repeated"}


def test_more_documents_than_the_volet_allows_are_refused():
    document = next(line for line in ORU.split(b"\r") if line.startswith(b"OBX|1|"))
    assert "hl7v2.too_many_documents" not in codes(ORU + document + b"\r")
    assert "hl7v2.too_many_documents" in refusals(ORU + (document + b"\r") * 2)
    document = next(line for line in MDM.split(b"\r") if line.startswith(b"OBX|1|"))
    assert "hl7v2.too_many_documents" in refusals(MDM + document + b"\r")


FAULTS = [
    (MDM, "MSH-9.3", b"MDM_T01", "hl7v2.structure", "MSH-9.3"),
    (MDM, "MSH-11", b"X", "hl7v2.processing", "MSH[1]-11.1"),
    (MDM, "MSH-12", b"2.5", "hl7v2.version_expected", "MSH-12"),
    (MDM, "MSH-17", b"BEL", "hl7v2.value", "MSH[1]-17"),
    (MDM, "MSH-21.1", b"7.0", "hl7v2.edition", "MSH-21"),
    (MDM, "PID-32", b"", "hl7v2.required", "PID[1]-32"),
    (MDM, "PV1-2", b'""', "hl7v2.required", "PV1[1]-2"),
    (MDM, "OBR-4.3", b"", "hl7v2.coding_system", "OBR[1]-4.3"),
    (MDM, "OBR-4.1", b"11488-4", "hl7v2.incoherent_type", "OBR[1]-4.1"),
    (MDM, "TXA-2", b"11488-4", "hl7v2.incoherent_type", "TXA[1]-2.1"),
    (MDM, "TXA-17", b"LA", "hl7v2.value", "TXA[1]-17"),
    (REPLACEMENT, "TXA-13", b"", "hl7v2.required", "TXA-13.1"),
    (MDM, "OBX[7]-3.3", b"", "hl7v2.coding_system", "OBX[7]-3.3"),
    (MDM, "OBX[7]-2", b"CE", "hl7v2.value", "OBX[7]-2"),
    (MDM, "PRT[1]-8.10", b"", "hl7v2.no_structure", "PRT[1]-8.10"),
    (MDM, "PRT[2]-15.4", b"", "hl7v2.no_address", "PRT[2]-15.4"),
    (MDM, "PRT[2]-15.4", b"pas une adresse", "hl7v2.address_form", "PRT[2]-15.4"),
    (MDM, "PRT[2]-4.1", b"XX", "hl7v2.value", "PRT[2]-4.1"),
    (LPS, "PV1-2", b"I", "hl7v2.value", "PV1[1]-2"),
    (ADT, "ZBE-4", b"AJOUT", "hl7v2.value", "ZBE[1]-4"),
    (ADT, "ZFA-10", b"", "hl7v2.consent_date", "ZFA[1]-10"),
    (ZAM, "OBX-4", b"", "hl7v2.required", "OBX[1]-4"),
    (RESULTS, "OBX[2]-2", b"", "hl7v2.required", "OBX[2]-2"),
]


@pytest.mark.parametrize(
    ("content", "where", "value", "code", "place"), FAULTS, ids=[f"{one[1]}-{one[3]}" for one in FAULTS]
)
def test_a_fault_is_refused_when_strict_and_said_when_tolerant(content, where, value, code, place):
    spoiled = with_value(content, where, value)
    (strict,) = [
        one for one in findings(Message.parse(spoiled), Mode.STRICT) if (one.code, str(one.path)) == (code, place)
    ]
    assert (strict.severity, strict.disposition) == (Severity.ERROR, Disposition.REFUSE)
    (tolerant,) = [
        one for one in findings(Message.parse(spoiled), Mode.TOLERANT) if (one.code, str(one.path)) == (code, place)
    ]
    assert (tolerant.severity, tolerant.disposition) == (Severity.WARNING, Disposition.PUBLISH)


@pytest.mark.parametrize("name", ["EVN", "PV1", "TXA", "ORC", "OBR"])
def test_a_missing_segment_is_named(name):
    found = findings(Message.parse(without_segments(MDM, name.encode())), Mode.STRICT)
    assert ("hl7v2.segment_missing", name) in {(one.code, str(one.path)) for one in found}


def test_a_result_message_may_come_without_a_visit():
    assert codes(without_segments(RESULTS, b"PV1")) == set()
    assert codes(without_segments(ORU, b"PV1")) == {"hl7v2.no_visit"}


def test_a_result_without_request_is_refused():
    assert refusals(without_segments(RESULTS, b"OBR")) == {"hl7v2.orphan_result"}


def test_every_finding_of_a_message_is_said_at_once():
    spoiled = MDM
    for where, value in (
        ("MSH-17", b""),
        ("PID-32", b""),
        ("ORC-1", b"CA"),
        ("OBX[8]-5.1", b"?"),
        ("PRT[2]-15.4", b""),
    ):
        spoiled = with_value(spoiled, where, value)
    assert codes(spoiled) >= {
        "hl7v2.required",
        "hl7v2.incoherent_action",
        "hl7v2.flag_value",
        "hl7v2.no_address",
    }


def test_old_names_of_indicators_are_understood():
    alias = with_value(MDM, "OBX[11]-3.1", b"ACK_LECTURE")
    assert codes(alias, Mode.STRICT) == {"hl7v2.flag_alias"}
    assert refusals(alias, Mode.STRICT) == set()


def test_an_observation_the_volet_does_not_know_is_left_aside():
    extra = MDM + b"OBX|13|XTN|REPLY_TO^x^MetaDMPMSS||^^X.400^a@b.fr||||||F\r"
    assert codes(extra, Mode.STRICT) == {"hl7v2.observation_unknown"}


def test_a_patient_mailbox_that_is_not_the_patients_is_said():
    assert codes(with_value(ORU, "PRT[3]-15.4", b"280017599912300@patient.mssante.fr")) == {"hl7v2.patient_mailbox"}


def test_an_address_beside_its_place_is_recognised():
    shifted = MDM.replace(b"^^X.400^yann", b"|^^X.400^yann")
    assert "hl7v2.address_shifted" in codes(shifted)


def test_a_change_of_visibility_without_replacement_is_said():
    assert codes(with_value(DELETION, "OBX[6]-5.1", b"Y")) == {"hl7v2.visibility_change"}


def test_the_table_of_mails_is_what_the_route_makes_of_it():
    message = Message.parse(MDM)
    assert findings(message, Mode.STRICT, matrix=Matrix.OFF) == ()
    (said,) = findings(message, Mode.STRICT)
    assert (said.code, said.disposition) == ("hl7v2.mss_matrix", Disposition.PUBLISH)
    (refused,) = findings(message, Mode.TOLERANT, matrix=Matrix.REJECT)
    assert refused.disposition is Disposition.REFUSE
    assert codes(ORU, matrix=Matrix.REJECT) == set()


def test_a_shifted_movement_is_recognised():
    shifted = with_value(ADT, "ZBE-3", b"20250310085500|")
    assert {"hl7v2.movement_shifted", "hl7v2.required", "hl7v2.forbidden"} <= codes(shifted)


def test_a_discharge_before_the_admission_is_said():
    assert codes(with_value(ADT, "PV2-9", b"20250301")) == {"hl7v2.dates_order"}


def test_a_refusal_without_reason_is_said():
    assert codes(without_segments(ZAM, b"ERR")) == {"hl7v2.no_reason"}


def test_an_ins_without_its_traits_or_its_validation_is_said():
    assert codes(with_value(MDM, "PID-32", b"PROV")) == {"hl7v2.ins_not_validated"}
    assert codes(with_value(MDM, "PID-11[2].9", b"")) == {"hl7v2.ins_traits"}
    wrong = with_value(ORU, "PID-3[2].1", b"280017599912358")
    assert {"hl7v2.ins_key", "hl7v2.other_patient"} <= codes(wrong)


@pytest.mark.parametrize(
    "matricule", ["280017599912359", "2800175999123590", "28001759991235", "ABCDEFGHIJKLMNO", "1840" + "²" * 11]
)
def test_the_key_of_a_matricule_is_checked(matricule):
    assert ins_key_is_right(matricule) is (matricule == "280017599912359")


def test_the_key_of_a_corsican_matricule_is_checked():
    for department, number in (("2A", "19"), ("2B", "18")):
        key = 97 - int(f"28001{number}999123") % 97
        assert ins_key_is_right(f"28001{department}999123{key:02d}")


def test_a_foreign_byte_in_a_value_holds_the_message():
    lost = with_value(MDM, "PID-5.2", b"Zo\xe9 " + "é".encode())
    found = {one.code: one for one in findings(Message.parse(lost), Mode.TOLERANT)}
    assert found["hl7v2.characters_lost"].disposition is Disposition.HOLD
    assert "hl7v2.characters_lost" in refusals(lost, Mode.STRICT)


def test_each_request_of_a_message_is_judged_apart():
    start = ORU.index(b"ORC|")
    second = ORU[start:].replace(b"ORC|NW", b"ORC|RO")
    found = findings(Message.parse(ORU + second), Mode.TOLERANT)
    assert [(one.code, str(one.path)) for one in found if one.disposition is Disposition.REFUSE][:1] == [
        ("hl7v2.incoherent_action", "ORC[2]-1")
    ]


def test_no_finding_holds_patient_data():
    spoiled = MDM
    for where in ("PID-32", "PID-11", "PID-8", "ORC-1", "PRT[2]-15.4", "OBX[3]-5.1", "TXA-12"):
        spoiled = with_value(spoiled, where, b"ESSAI-DURAND")
    for one in findings(Message.parse(spoiled), Mode.STRICT):
        words = f"{one.message} {one.remedy}"
        assert not re.search("ESSAI|DURAND|CAMILLE|IPP-7|28001|TESTARD|yann", words), words


def test_every_code_has_a_rule_and_every_rule_a_use():
    sources = "".join(
        file.read_text("utf-8")
        for folder in ("", "validation", "transmission")
        for file in (ROOT / "engine" / "formats" / "hl7v2" / folder).glob("*.py")
        if file.name != "rules.py" and file != ROOT / "engine" / "formats" / "hl7v2" / "__init__.py"
    )
    of_one_document = {"hl7v2.dmp_needs_oid", "hl7v2.patient_not_mailed", "hl7v2.recipient_not_mailed"}
    used = set(re.findall(r'"(hl7v2\.[a-z0-9_]+)"', sources)) - {"hl7v2.unencodable"} - of_one_document
    assert used == set(rules.RULES)


def test_every_rule_is_in_french_with_a_known_condition():
    for code, rule in rules.RULES.items():
        assert rule.error in rules.ERRORS, code
        assert rule.application in {"", *rules.APPLICATION_ERRORS}, code
        assert rule.message.endswith("."), code
        fields = {name for _, name, _, _ in string.Formatter().parse(rule.message + rule.remedy) if name}
        assert fields <= {"place", "expected", "flag", "what", "traits"}, code


def test_what_cannot_be_read_becomes_a_finding():
    with pytest.raises(DocumentError) as caught:
        Message.parse(MDM + MDM)
    found = unreadable(caught.value, Mode.TOLERANT)
    assert (found.code, str(found.path), found.error) == ("hl7v2.several_messages", "MSH[2]", "100")
    finding = found.finding()
    assert (finding.where, finding.layer, finding.disposition) == ("MSH[2]", "format", Disposition.REFUSE)


def test_a_message_of_ten_thousand_results_is_judged_in_one_pass():
    result = next(line for line in RESULTS.split(b"\r") if line.startswith(b"OBX|1"))
    assert codes(RESULTS + (result + b"\r") * 10_000) == set()


def test_a_structure_said_too_late_is_found():
    shifted = with_value(MDM, "MSH-9", b"MDM^T02^MDM^T02^MDM_T02")
    assert codes(shifted, Mode.STRICT) == {"hl7v2.structure_shifted"}


def test_an_edition_without_orders_is_not_asked_for_them():
    older = with_value(without_segments(MDM, b"ORC", b"OBR"), "MSH-21.1", b"2.0")
    assert refusals(older, Mode.STRICT) == set()
    assert "hl7v2.incoherent_action" in refusals(with_value(older, "OBX-11", b"D"))
