"""What a sender that waits is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.formats.hl7v2.ack import Answer, acknowledgement, expects_answer
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.validation import findings
from tests.unit.formats.hl7v2.messages import sample, with_value

AT = datetime(2025, 3, 10, 10, 15, 2, tzinfo=UTC)
MDM, ORU = sample("mdm_envoi"), sample("oru_document")


def answered(content: bytes, *, mode: Mode = Mode.TOLERANT, **more) -> Message:
    try:
        found = tuple(one.finding() for one in findings(Message.parse(content), mode))
    except DocumentError:
        found = ()
    return Message.parse(acknowledgement(content, found, control_id="A-9", at=AT, **more))


def test_a_good_message_is_accepted_byte_for_byte():
    written = acknowledgement(MDM, (), control_id="A-9", at=AT)
    assert written == (
        b"MSH|^~\\&|PASSEUR|Hopital-E|RIS-ESSAI|Hopital-E|20250310101502+0000||ACK^T02^ACK|A-9|P|2.6"
        b"|||||FRA|UNICODE UTF-8\r"
        b"MSA|AA|MDM-81\r"
    )


def test_warnings_do_not_refuse_and_are_not_sent():
    ack = answered(MDM)
    assert ack.text("MSA-1") == "AA"
    assert ack.all("ERR") == ()


def test_each_finding_of_a_refused_message_gives_one_err():
    ack = answered(with_value(with_value(MDM, "ORC-1", b"RO"), "MSH-17", b""))
    assert ack.text("MSA-1") == "AE"
    first, *others = ack.all("ERR")
    assert first.text("2") == "ORC^1^1"
    assert first.text("3") == "207^Application error^messageErrorCondition"
    assert (first.text("4"), first.text("7")) == ("E", "hl7v2.incoherent_action")
    assert "ORC-1" in (first.text("8") or "")
    assert [one.text("4") for one in others].count("W") >= 1
    assert {one.text("2") for one in others} >= {"MSH^1^17"}


@pytest.mark.parametrize(
    ("where", "value", "error", "location"),
    [
        ("MSH-12", b"2.9", "203", "MSH^1^12"),
        ("MSH-9.2", b"T11", "201", "MSH^1^9^1^2"),
        ("MSH-9.1", b"ORM", "200", "MSH^1^9^1^1"),
    ],
)
def test_what_we_do_not_take_is_told_by_its_condition(where, value, error, location):
    ack = answered(with_value(MDM, where, value))
    assert ack.text("MSA-1") == "AE"
    assert (ack.text("ERR-3.1"), ack.text("ERR-2")) == (error, location)


def test_the_answer_names_its_event_and_swaps_the_parties():
    ack = answered(ORU)
    assert ack.text("MSH-9") == "ACK^R01^ACK"
    assert [ack.text(f"MSH-{n}") for n in (3, 4, 5, 6)] == ["PASSEUR", "Hopital-E", "RIS-ESSAI", "Hopital-E"]
    assert (ack.text("MSH-12"), ack.text("MSH-17"), ack.text("MSH-21")) == ("2.5", "FRA", None)


def test_the_answer_is_written_in_the_set_the_sender_declared():
    ack = acknowledgement(ORU, (_refusal("Le nœud – l’étiquette ≥ 3"),), control_id="1", at=AT)
    assert b"|8859/15\r" in ack
    assert "Le nœud - l'étiquette ? 3".encode("iso8859-15") in ack
    undeclared = acknowledgement(with_value(ORU, "MSH-18", b""), (), control_id="1", at=AT)
    assert b"|UNICODE UTF-8\r" in undeclared


def test_the_version_of_the_sender_is_kept_whole():
    assert answered(sample("adt_consentement")).text("MSH-12") == "2.5^FRA^2.11"


def test_an_old_version_is_also_answered_in_its_own_err():
    old = with_value(with_value(sample("oru_resultats"), "MSH-12", b"2.3"), "PID-3", b"")
    ack = answered(old)
    assert ack.text("ERR-1") == "PID^1^3^101&Required field missing"
    assert ack.text("ERR-2") == "PID^1^3^1^1"


def test_an_application_error_is_named():
    ack = acknowledgement(MDM, (_refusal("", code="hl7v2.other_patient"),), control_id="1", at=AT)
    assert Message.parse(ack).text("ERR-5.1") == "904"
    assert Message.parse(ack).text("ERR-5.3") == "applicationErrorCondition"


@pytest.mark.parametrize(
    "content", [b"", b"nothing of the kind", b"\xff\xfeM\x00S\x00H\x00", b"MSH|", b"%PDF-1.4\r", b"MSH|^^\\&|A\r"]
)
def test_what_cannot_be_read_is_rejected_with_what_can_be_said(content):
    ack = answered(content, application="PASSEUR", facility="SITE")
    assert ack.text("MSA-1") == "AR"
    assert (ack.text("MSH-3"), ack.text("MSH-4"), ack.text("MSH-9")) == ("PASSEUR", "SITE", "ACK")
    assert ack.text("ERR-4") == "F"
    assert ack.text("ERR-8")


def test_a_readable_header_of_an_unreadable_message_is_answered():
    ack = answered(MDM + MDM)
    assert (ack.text("MSA-1"), ack.text("MSA-2")) == ("AR", "MDM-81")
    assert ack.text("ERR-7") == "hl7v2.several_messages"


def test_we_may_say_no_for_our_own_reasons():
    full = _refusal("Le stockage est plein.", code="store.full")
    ack = Message.parse(acknowledgement(MDM, (full,), control_id="1", at=AT, answer=Answer.REJECTED))
    assert (ack.text("MSA-1"), ack.text("ERR-3.1"), ack.text("ERR-2")) == ("AR", "207", "")


def test_a_finding_of_another_layer_gives_no_false_location():
    other = Finding("xsd.structure", Severity.ERROR, "/ClinicalDocument/id", "Faux.", "", "xsd", Disposition.REFUSE)
    ack = Message.parse(acknowledgement(MDM, (other,), control_id="1", at=AT))
    assert (ack.text("MSA-1"), ack.text("ERR-2"), ack.text("ERR-7")) == ("AE", "", "xsd.structure")


def test_a_held_message_is_taken():
    held = Finding("mapping.unmapped", Severity.ERROR, "OBX[1]-3", "À voir.", "", "mapping", Disposition.HOLD)
    assert Message.parse(acknowledgement(MDM, (held,), control_id="1", at=AT)).text("MSA-1") == "AA"


def test_what_the_sender_writes_cannot_break_the_answer():
    hostile = with_value(MDM, "MSH-3", rb"A\.br\B\X0D\MSA\F\AA&C")
    ack = answered(hostile)
    assert [one.name for one in ack.segments] == ["MSH", "MSA"]
    assert ack.text("MSH-5.1.1") == "A\nB\rMSA|AA"
    long = with_value(MDM, "MSH-10", b"x" * 100_000)
    assert len(acknowledgement(long, (), control_id="1", at=AT)) < 1_000


def test_an_answer_is_never_answered():
    assert not expects_answer(sample("ack_accepte"))
    for content in (MDM, b"", b"MSH|", MDM + MDM):
        assert expects_answer(content)


def test_a_long_list_of_findings_is_cut_and_said_so():
    ack = Message.parse(acknowledgement(MDM, [_refusal(f"n° {n}") for n in range(130)], control_id="1", at=AT))
    assert len(ack.all("ERR")) == 101
    assert ack.text("ERR[101]-8") == "30 autres remarques ont été faites sur ce message."


def test_no_patient_data_is_answered():
    spoiled = with_value(with_value(MDM, "ORC-1", b"XX"), "PID-11", b"3 rue de l'Exemple")
    ack = answered(spoiled, mode=Mode.STRICT).write()
    for secret in (b"ESSAI-DURAND", b"CAMILLE", b"28001", b"IPP-7", b"Exemple"):
        assert secret not in ack


def _refusal(message: str, *, code: str = "hl7v2.action") -> Finding:
    return Finding(code, Severity.ERROR, "", message, "", "format", Disposition.REFUSE)
