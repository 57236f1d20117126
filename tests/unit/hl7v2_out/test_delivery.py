"""MDM to a software of care: written by us, read back and judged by our own reader, its document byte for byte."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from engine.errors import DocumentError
from engine.exchange import Order, OrderKind
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.validation import Flow, Mode, findings, profile
from engine.hl7v2_out.delivery import delivery
from engine.hl7v2_out.header import CHARSETS, Ends
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import Professional
from engine.model.values import Identifier, PersonName
from tests.unit.mssante import orders

ENDS = Ends("PASSEUR", "LABO", "DPI", "HOPITAL^1.2.250.1.999.7^ISO")
MAILBOX = "labo@labo.mssante.example"


def written(order: Order, **given: str) -> Message:
    values = {"processing_id": "T", "mailbox": MAILBOX, **given}
    return Message.parse(delivery(order, ends=ENDS, **values))  # type: ignore[arg-type]


def remarks(message: Message) -> set[str]:
    return {f"{one.code} {one.where}" for one in findings(message, Mode.STRICT)}


def instructed(order: Order, **given: object) -> Order:
    return replace(order, package=replace(order.package, instructions=Instructions(**given)))  # type: ignore[arg-type]


REPLACEMENT = orders.order(orders.LEVEL_3, version=orders.SECOND)
DELETION = replace(orders.order(orders.LEVEL_3), kind=OrderKind.DELETE)
ACTIONS = [
    (orders.order(orders.LEVEL_3), ("MDM^T02^MDM_T02", "NW", "F")),
    (orders.order(orders.LEVEL_1), ("MDM^T02^MDM_T02", "NW", "F")),
    (orders.order(orders.WITHOUT_INS), ("MDM^T02^MDM_T02", "NW", "F")),
    (REPLACEMENT, ("MDM^T10^MDM_T02", "RO", "C")),
    (DELETION, ("MDM^T04^MDM_T02", "CA", "D")),
]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize(("order", "expected"), ACTIONS, ids=["n3", "n1", "no_ins", "replacement", "deletion"])
def test_a_document_is_written_by_the_volet_and_read_back_whole(
    order: Order, expected: tuple[str, str, str], charset: str
) -> None:
    message = written(order, charset=charset)
    assert remarks(message) == set()
    assert profile(message).flow is Flow.DELIVERY
    assert (message.text("MSH-9"), message.text("ORC-1"), message.text("OBX-11")) == expected
    assert message.text("MSH-21") == "1.1^CISIS_CDA_HL7_LPS"
    assert content(message.all("OBX")[0]).data == order.package.cda
    assert message.text("PV1-2") == "N"
    assert message.text("TXA-12") == order.package.version.id.root
    replaced = message.text("TXA-13.1") or ""
    assert replaced == (orders.FIRST.id.root if order is REPLACEMENT else "")


def test_the_patient_of_the_message_is_the_patient_of_the_document() -> None:
    message = written(orders.order(orders.LEVEL_3))
    patient = orders.LEVEL_3.patient
    assert patient.ins is not None
    assert message.text("PID-3[1].1") == patient.ins.matricule
    assert message.text("PID-3[1].4.2") == patient.ins.oid
    assert message.text("PID-3[1].5") == "INS"
    assert message.text("PID-32") == "VALI"
    assert (message.text("PID-5[1].1"), message.text("PID-5[1].7")) == (patient.birth_name, "L")


def test_an_identity_without_a_qualified_ins_is_never_said_validated() -> None:
    message = written(orders.order(orders.WITHOUT_INS))
    assert message.text("PID-32") == "PROV"
    assert "INS" not in {part.text for part in (message.first("PID") or pytest.fail()).fields[2].repetitions}


def test_who_may_see_a_document_is_said_by_every_indicator() -> None:
    hidden = instructed(
        orders.order(orders.LEVEL_3), visibility=(Visibility.INVISIBLE_PATIENT,), changes_visibility=True
    )
    found = {segment.text("3.1"): segment.text("5.1") for segment in written(hidden).all("OBX")[2:]}
    assert found == {
        "MASQUE_PS": "N",
        "INVISIBLE_PATIENT": "Y",
        "INVISIBLE_REP_LEGAUX": "N",
        "MODIF_CONF_CODE": "Y",
    }


def test_who_sends_for_whom_and_whom_to_answer_is_said() -> None:
    requester = Professional(Identifier("1.2.250.1.71.4.2.1", "810000000001"), PersonName("MEDTEST", "Anne"))
    order = instructed(orders.order(orders.LEVEL_3), requester=requester, reply_to="secretariat@labo.mssante.example")
    message = written(order)
    assert remarks(message) == set()
    roles = {segment.text("4.1"): segment for segment in message.all("PRT")}
    assert roles["SB"].text("5.1") == "810000000001"
    assert roles["SB"].text("5.9.2") == "1.2.250.1.71.4.2.1"
    assert roles["SB"].text("5.13") == "IDNPS"
    assert roles["SB"].text("15.4") == MAILBOX
    (prescriber,) = order.package.recipients
    assert f"mailto:{roles['RCT'].text('15.4')}" in [one.value for one in prescriber.telecoms]
    assert roles["REPLY"].text("15.4") == "secretariat@labo.mssante.example"


def test_without_a_requester_the_custodian_of_the_document_sends_it() -> None:
    (sender,) = [one for one in written(orders.order(orders.LEVEL_3)).all("PRT") if one.text("4.1") == "SB"]
    custodian = orders.LEVEL_3.custodian
    assert custodian.id is not None
    assert (sender.text("8.1"), sender.text("8.10")) == (custodian.name, custodian.id.extension)


def test_the_mail_it_stands_for_bears_a_number_of_ours() -> None:
    order = instructed(orders.order(orders.LEVEL_3), professionals_body="Bonne réception.")
    mail = written(order).all("OBX")[1]
    assert mail.text("3.1") == f"<{order.id}@labo.mssante.example>"
    assert base64.b64decode(mail.text("5.5") or "").decode() == "Bonne réception."


def test_the_same_order_gives_the_same_bytes() -> None:
    order = orders.order(orders.LEVEL_3)
    again = replace(order, attempt=3)
    made = [delivery(one, ends=ENDS, processing_id="T", mailbox=MAILBOX) for one in (order, again)]
    assert made[0] == made[1]


def test_a_name_that_the_set_cannot_write_is_never_written_otherwise() -> None:
    base = orders.order(orders.LEVEL_3)
    odd = replace(base, package=replace(base.package, patient=replace(base.package.patient, birth_name="ŁUKASZ")))
    assert delivery(odd, ends=ENDS, processing_id="T", mailbox=MAILBOX)
    with pytest.raises(DocumentError) as refused:
        delivery(odd, ends=ENDS, processing_id="T", mailbox=MAILBOX, charset="8859/15")
    assert refused.value.code == "hl7v2.unencodable"


@pytest.mark.parametrize("cda", [b"", b"<a/>", b"not xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_cda_is_refused(cda: bytes) -> None:
    with pytest.raises(DocumentError):
        delivery(orders.order(cda=cda), ends=ENDS, processing_id="T", mailbox=MAILBOX)
