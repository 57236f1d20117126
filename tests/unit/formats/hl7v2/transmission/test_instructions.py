"""Indicators, participants, notes and mail bodies: what the sender asks, no more and no less."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from engine.findings import Disposition, Severity
from engine.model.instructions import AS_ROUTED, Instructions, ReturnAddress, Visibility
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID
from engine.model.values import Identifier
from tests.unit.documents_fixture import DOCUMENT
from tests.unit.formats.hl7v2.messages import with_value
from tests.unit.formats.hl7v2.transmission.messages import (
    DOCTOR,
    FIRST,
    PATIENT_MAILBOX,
    SECOND,
    cda,
    doctor,
    flags,
    message,
    only_draft,
    patient,
    reply,
    sender,
)


def asked(content: bytes) -> Instructions:
    return only_draft(content).instructions


def with_flags(**values: str) -> bytes:
    return message(cda(), flags=flags(**values), participants=[sender(), doctor(), patient()])


@pytest.mark.parametrize(
    ("name", "field"),
    [("DESTDMP", "dmp"), ("DESTMSSANTEPS", "professionals"), ("DESTMSSANTEPAT", "patient")],
)
@pytest.mark.parametrize("value", ["Y", "N"])
def test_each_indicator_of_destination_is_obeyed(name: str, field: str, value: str) -> None:
    assert getattr(asked(with_flags(**{name: value})), field) is (value == "Y")


@pytest.mark.parametrize("value", ["Y", "N"])
def test_the_secret_connection_is_asked_for_or_not(value: str) -> None:
    assert asked(with_flags(CONNEXION_SECRETE=value)).secret_connection is (value == "Y")


@pytest.mark.parametrize(("action", "means"), [("NW", False), ("RO", True), ("CA", False)])
def test_a_change_of_visibility_means_something_for_a_replacement_alone(action: str, means: bool) -> None:
    version = SECOND if action == "RO" else FIRST
    ids = (version.id.root, FIRST.id.root if action == "RO" else "")
    content = message(cda(version), action=action, ids=ids, flags=flags(MODIF_CONF_CODE="Y"))
    assert asked(content).changes_visibility is means


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("MASQUE_PS", Visibility.MASQUE_PS),
        ("INVISIBLE_PATIENT", Visibility.INVISIBLE_PATIENT),
        ("INVISIBLE_REP_LEGAUX", Visibility.INVISIBLE_REPRESENTANTS_LEGAUX),
    ],
)
def test_who_must_not_see_the_document_is_said(sent: str, meant: Visibility) -> None:
    assert asked(with_flags(**{sent: "Y"})).visibility == (meant,)


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"),
        ("INVISIBLE_REPRENSANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"),
        ("MODIF_CONFIDENTIALITYCODE", "MODIF_CONF_CODE"),
        ("ACK_LECTURE", "ACK_LECTURE_MSS"),
    ],
)
def test_old_names_of_indicators_mean_the_same(old: str, name: str) -> None:
    sent = flags(**{name: "Y"})
    renamed = {old if key == name else key: value for key, value in sent.items()}
    assert asked(message(cda(), flags=renamed)) == asked(message(cda(), flags=sent))


def test_the_order_of_indicators_does_not_matter() -> None:
    sent = flags(DESTDMP="N", MASQUE_PS="Y")
    assert asked(message(cda(), flags=dict(reversed(sent.items())))) == asked(message(cda(), flags=sent))


def test_a_destination_that_was_not_named_was_not_asked_for() -> None:
    given = asked(message(cda(), flags={"DESTDMP": "Y"}))
    assert (given.dmp, given.professionals, given.patient) == (True, False, False)


def test_a_message_without_any_indicator_lets_the_route_decide() -> None:
    given = asked(message(cda(), flags={}, participants=[], kind="ORU", edition=""))
    assert given == AS_ROUTED


def test_recipients_are_those_of_the_message_never_those_of_the_document() -> None:
    other = "autre.medecin@medecin.mssante.example"
    given = asked(message(cda(), participants=[sender(), doctor(other), doctor(other.upper()), patient(), reply()]))
    assert given.mailboxes == (other,)
    assert given.reply_to == "retour@labo.mssante.example"
    assert DOCTOR in str(DOCUMENT.recipients)


def test_the_patients_mailbox_is_never_one_of_a_professional() -> None:
    given = asked(with_flags(DESTMSSANTEPAT="Y"))
    assert given.patient is True
    assert given.mailboxes == (DOCTOR,)
    assert PATIENT_MAILBOX not in repr(given)


@pytest.mark.parametrize(
    "mailbox",
    [
        "27707279035121518989@patient.mssante.fr",
        "2850399000001936@patient.mssante.fr",
        "28503990000019@essai.mssante.example",
        "helene@patient.mssante.example",
    ],
)
@pytest.mark.parametrize("kind", ["INS", ""])
def test_a_mailbox_that_is_not_that_of_the_ins_is_left_out_and_the_rest_goes(mailbox: str, kind: str) -> None:
    content = message(cda(), flags=flags(DESTMSSANTEPAT="Y"), participants=[sender(), doctor(), patient(mailbox)])
    draft = only_draft(with_value(content, "PRT[3]-5.13", kind.encode()))
    assert draft.instructions.mailboxes == (DOCTOR,)
    assert (draft.instructions.patient, draft.instructions.professionals, draft.instructions.dmp) == (False, True, True)
    (found,) = draft.findings
    assert (found.code, found.where) == ("hl7v2.patient_not_mailed", "PRT[3]-15.4")
    assert (found.severity, found.disposition) == (Severity.ERROR, Disposition.PUBLISH)
    assert mailbox not in found.message


def test_a_recipient_without_an_address_is_left_out_and_said() -> None:
    draft = only_draft(message(cda(), participants=[sender(), doctor(), doctor("")]))
    assert draft.instructions.mailboxes == (DOCTOR,)
    assert [(one.code, one.severity) for one in draft.findings] == [("hl7v2.recipient_not_mailed", Severity.ERROR)]


def test_a_recipient_whose_address_is_wrong_does_not_vanish() -> None:
    given = asked(message(cda(), participants=[sender(), doctor(), doctor("pas une adresse")]))
    assert given.mailboxes == (DOCTOR, "pas une adresse")


def test_the_requester_is_the_sender_with_the_profession_the_document_gives() -> None:
    requester = asked(message(cda())).requester
    assert requester is not None and requester.name is not None and requester.organization is not None
    assert requester.id == Identifier(PROFESSIONAL_OID, "899900000029")
    assert (requester.name.family, requester.name.given) == ("BIOTEST", "Andréa")
    assert requester.specialty is not None and requester.specialty.code == "G15_10/SM03"
    assert requester.organization.id == Identifier(STRUCTURE_OID, "1990000002")


@pytest.mark.parametrize(
    ("kind", "number", "national"),
    [
        ("FINEG", "990000002", "1990000002"),
        ("FINEJ", "990000002   ", "1990000002"),
        ("IDNST", "1990000002", "1990000002"),
        ("FINEG", "1990000002", "1990000002"),
        ("IDNST", "399000000200018", "399000000200018"),
        ("UF", "3435", None),
    ],
)
def test_the_structures_number_is_the_national_one(kind: str, number: str, national: str | None) -> None:
    content = with_value(with_value(message(cda()), "PRT[2]-8.10", number.encode()), "PRT[2]-8.7", kind.encode())
    requester = asked(content).requester
    assert requester is not None and requester.organization is not None
    assert requester.organization.id == (Identifier(STRUCTURE_OID, national) if national else None)


@pytest.mark.parametrize("number", [b"99900000029", b"899900000029"])
@pytest.mark.parametrize("kind", [b"RPPS", b"IDNPS"])
def test_a_professionals_number_is_the_national_one(number: bytes, kind: bytes) -> None:
    content = with_value(with_value(message(cda()), "PRT[2]-5.1", number), "PRT[2]-5.13", kind)
    requester = asked(content).requester
    assert requester is not None
    assert requester.id == Identifier(PROFESSIONAL_OID, "899900000029")


def test_the_patient_may_be_told_not_to_answer() -> None:
    both = [sender(), doctor(), patient()]
    told = message(cda(), flags=flags(DESTMSSANTEPAT="Y"), notes={"DESTMSSANTEPAT": "FIN"}, participants=both)
    assert not asked(told).patient_may_reply
    elsewhere = message(cda(), flags=flags(DESTMSSANTEPAT="Y"), notes={"DESTDMP": "FIN"}, participants=both)
    assert asked(elsewhere).patient_may_reply


def test_the_senders_own_words_go_to_whom_they_are_for() -> None:
    bodies = {name: base64.b64encode(text.encode()) for name, text in (("CORPSMAIL_PS", "Cher confrère,\r\nvoici."),)}
    given = asked(
        message(cda(), bodies={**bodies, "CORPSMAIL_PATIENT": base64.b64encode("Né à Noël".encode("cp1252"))})
    )
    assert given.professionals_body == "Cher confrère,\nvoici."
    assert given.patient_body == "Né à Noël"


@pytest.mark.parametrize("raw", [b"QUJDR", b"!!!", base64.b64encode(b"\x00\x01"), b""])
def test_words_that_cannot_be_read_are_replaced_by_ours_and_never_stop_the_document(raw: bytes) -> None:
    draft = only_draft(message(cda(), bodies={"CORPSMAIL_PS": raw}))
    assert draft.instructions.professionals_body == ""


def test_receipts_go_where_the_message_came_from() -> None:
    given = asked(message(cda(), flags=flags(ACK_RECEPTION="Y")))
    expected = ReturnAddress("MDM-1", "RIS-ESSAI", "Hopital-E", "PASSEUR", "Hopital-E", "P", reception=True)
    assert given.receipts == expected
    assert asked(message(cda(), flags=flags(ACK_LECTURE_MSS="Y"))).receipts == replace(
        expected, reception=False, reading=True
    )
    assert asked(message(cda())).receipts is None


def test_a_document_the_dmp_cannot_name_goes_everywhere_else() -> None:
    extended = replace(FIRST, id=Identifier("1.2.250.1.999.7", "A81"))
    raw = cda().replace(f'<id root="{FIRST.id.root}"/>'.encode(), b'<id root="1.2.250.1.999.7" extension="A81"/>')
    draft = only_draft(with_value(message(raw), "TXA-12", b"A81^^1.2.250.1.999.7^ISO"))
    assert draft.version == extended
    assert (draft.instructions.dmp, draft.instructions.professionals) == (False, True)
    assert [(one.code, one.disposition) for one in draft.findings] == [("hl7v2.dmp_needs_oid", Disposition.PUBLISH)]
