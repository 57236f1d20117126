"""Documents that come as CDA in HL7v2 messages, end to end: over MLLP, into a DMP and mailboxes, byte for byte."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from engine.exchange import OrderKind, OrderState
from engine.model.document import ClinicalDocument
from engine.model.values import Identifier
from engine.records import DocumentState, MessageState
from tests.routes.document_line import document_line
from tests.unit.documents_fixture import DOCUMENT
from tests.unit.formats.hl7v2.messages import with_value
from tests.unit.formats.hl7v2.transmission.messages import (
    DOCTOR,
    FIRST,
    INS,
    ROOT,
    SECOND,
    cda,
    doctor,
    flags,
    message,
    patient,
    pid,
    reply,
    saying,
    sender,
)

ALL = [sender(), doctor(), patient()]
TO_ALL = flags(DESTMSSANTEPAT="Y")
REPLACEMENT = message(
    cda(SECOND, saying("GLYCEMIE 1,05 g/L")),
    action="RO",
    ids=(SECOND.id.root, FIRST.id.root),
    control_id="MDM-2",
    flags=TO_ALL,
    participants=ALL,
)


async def test_a_document_arrives_as_it_came_wherever_it_was_asked_for(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        answer = await one.exchange(message(cda(), flags=TO_ALL, participants=ALL))
        assert answer is not None
        assert (answer.text("MSA-1"), answer.text("MSA-2")) == ("AA", "MDM-1")
        (row,) = await one.last_documents()
        assert row.state is DocumentState.READY, row.findings
        assert {order.destination: order.state for order in row.orders} == dict.fromkeys(
            ("dmp", "medecins", "patient"), OrderState.DELIVERED
        ), row.orders
        assert one.dmp.submissions_count(FIRST.id.root) == 1
        assert {recipient for mail in one.mail.mails for recipient in mail.recipients} == {
            DOCTOR,
            f"{INS}@patient.mssante.example",
        }
        kept, copy = await one.engine.store.document_files(row.id) or (b"", b"")
        assert kept == cda()
        assert copy is not None and base64.b64encode(copy) in cda()


async def test_each_indicator_of_destination_is_obeyed(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        asked = {
            ("N", "Y", "Y"): {"medecins", "patient"},
            ("Y", "N", "Y"): {"dmp", "patient"},
            ("Y", "Y", "N"): {"dmp", "medecins"},
            ("N", "N", "N"): set(),
        }
        for number, ((dmp, doctors, home), expected) in enumerate(asked.items()):
            version = replace(FIRST, id=Identifier(f"{ROOT}.5{number}"), set_id=Identifier(f"{ROOT}.50{number}"))
            wanted = flags(DESTDMP=dmp, DESTMSSANTEPS=doctors, DESTMSSANTEPAT=home)
            content = message(cda(version), flags=wanted, participants=ALL, ids=(version.id.root, ""))
            answer = await one.exchange(content)
            assert answer is not None and answer.text("MSA-1") == "AA"
            (row,) = await one.last_documents()
            assert {order.destination for order in row.orders} == expected, (dmp, doctors, home)


async def test_what_the_sender_says_of_the_sending_reaches_the_peers(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        content = message(
            cda(),
            flags=flags(DESTMSSANTEPAT="Y", MASQUE_PS="Y", ACK_RECEPTION="Y", ACK_LECTURE_MSS="Y"),
            participants=[*ALL, reply("retour@labo.mssante.example")],
            notes={"DESTMSSANTEPAT": "FIN"},
            bodies={"CORPSMAIL_PS": base64.b64encode("Cher confrère, voici le compte rendu.".encode())},
        )
        await one.exchange(content)
        (row,) = await one.last_documents()
        assert {order.state for order in row.orders} == {OrderState.DELIVERED}, row.orders
        (entry,) = one.dmp.entries
        assert b"MASQUE_PS" in (entry.directory / "metadata.xml").read_bytes()
        doctors, home = sorted(one.mail.mails, key=lambda mail: mail.to_patient)
        assert (doctors.reply_to, doctors.read_receipt, doctors.ends_talk) == (
            "retour@labo.mssante.example",
            True,
            False,
        )
        assert home.ends_talk


async def test_a_replacement_takes_the_place_of_the_document_it_names(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), flags=TO_ALL, participants=ALL))
        await one.last_documents()
        await one.exchange(REPLACEMENT)
        (row,) = await one.last_documents()
        assert (row.version, row.state) == (SECOND, DocumentState.READY), row.findings
        assert {order.state for order in row.orders} == {OrderState.DELIVERED}, row.orders
        statuses = {entry.unique_id: entry.status.rpartition(":")[2] for entry in one.dmp.entries}
        assert statuses == {FIRST.id.root: "Deprecated", SECOND.id.root: "Approved"}
        assert len(one.mail.mails) == 4


async def test_a_replacement_sent_right_after_its_original_never_overtakes_it(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), flags=TO_ALL, participants=ALL))
        await one.exchange(REPLACEMENT)
        (row,) = await one.last_documents()
        assert row.state is DocumentState.READY, row.findings
        assert "line.unknown_target" not in [finding.code for finding in row.findings]


async def test_a_document_is_taken_back_where_it_was_sent(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), flags=TO_ALL, participants=ALL))
        await one.last_documents()
        deletion = message(cda(), action="CA", control_id="MDM-3", flags=TO_ALL, participants=ALL)
        answer = await one.exchange(deletion)
        assert answer is not None and answer.text("MSH-9") == "ACK^T04^ACK"
        (row,) = await one.last_documents()
        assert (row.kind, row.version, row.state) == (OrderKind.DELETE, FIRST, DocumentState.READY), row.findings
        assert {order.destination: order.state for order in row.orders} == dict.fromkeys(
            ("dmp", "medecins", "patient"), OrderState.DELIVERED
        ), row.orders
        assert {entry.status.rpartition(":")[2] for entry in one.dmp.entries} == {"Deleted"}


async def test_two_forms_of_one_content_both_arrive(tmp_path: Path) -> None:
    other = replace(FIRST, id=Identifier(f"{ROOT}.3"))
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), cda(other), kind="ORU"))
        rows = await one.last_documents()
        assert [row.state for row in rows] == [DocumentState.READY] * 2
        assert {order.state for row in rows for order in row.orders} == {OrderState.DELIVERED}
        assert {entry.unique_id for entry in one.dmp.entries} == {FIRST.id.root, other.id.root}


async def test_two_forms_of_one_content_are_replaced_then_taken_back_each_for_itself(tmp_path: Path) -> None:
    other = replace(FIRST, id=Identifier(f"{ROOT}.3"))
    newer = replace(other, id=Identifier(f"{ROOT}.4"), number=2, replaces=other.id)
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), cda(other), kind="ORU"))
        await one.exchange(message(cda(SECOND), cda(newer), kind="ORU", action="RO", control_id="ORU-2"))
        rows = await one.last_documents()
        assert [row.state for row in rows] == [DocumentState.READY] * 2, [row.findings for row in rows]
        await one.exchange(message(cda(SECOND), cda(newer), kind="ORU", action="CA", control_id="ORU-3"))
        rows = await one.last_documents()
        assert {order.state for row in rows for order in row.orders} == {OrderState.DELIVERED}, rows
        statuses = {entry.unique_id: entry.status.rpartition(":")[2] for entry in one.dmp.entries}
        assert statuses == {
            FIRST.id.root: "Deprecated",
            other.id.root: "Deprecated",
            SECOND.id.root: "Deleted",
            newer.id.root: "Deleted",
        }


async def test_the_document_of_another_patient_leaves_for_nowhere(tmp_path: Path) -> None:
    async with document_line(tmp_path, strictness="lint", acknowledge="on_receipt") as one:
        answer = await one.exchange(message(cda(), identity=pid(birth_name="AUTRE"), flags=TO_ALL, participants=ALL))
        assert answer is not None and answer.text("MSA-1") == "AA", "as the route asks"
        (row,) = await one.settled()
        assert row.state is MessageState.REFUSED
        assert await one.last_documents() == ()
        assert list(one.dmp.entries) == [] and list(one.mail.mails) == []


async def test_a_sender_is_told_at_once_of_the_document_of_another_patient(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        answer = await one.exchange(message(cda(), identity=pid(birth_name="AUTRE")))
        assert answer is not None
        assert answer.text("MSA-1") == "AE"
        assert "902" in [error.text("5.1") for error in answer.all("ERR")]


async def test_the_same_bytes_again_are_answered_again_and_sent_once(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        answers = [await one.exchange(message(cda())) for _ in range(2)]
        assert [answer and answer.text("MSA-1") for answer in answers] == ["AA", "AA"]
        await one.last_documents()
        assert len(await one.settled()) == 1
        assert one.dmp.submissions_count(FIRST.id.root) == 1
        assert len(one.mail.mails) == 1


async def test_one_number_never_names_two_documents(tmp_path: Path) -> None:
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda()))
        await one.last_documents()
        await one.exchange(message(cda(FIRST, saying("AUTRE CONTENU")), control_id="MDM-9"))
        last = (await one.settled())[-1]
        assert "line.id_reused" in [finding.code for finding in last.findings]
        assert await one.last_documents() == ()
        assert one.dmp.submissions_count(FIRST.id.root) == 1


async def test_a_wrong_patients_mailbox_stops_that_mail_alone(tmp_path: Path) -> None:
    wrong = [sender(), doctor(), patient("285039900000290@patient.mssante.fr")]
    async with document_line(tmp_path) as one:
        await one.exchange(message(cda(), flags=TO_ALL, participants=wrong))
        (row,) = await one.last_documents()
        assert {order.destination for order in row.orders} == {"dmp", "medecins"}
        assert "hl7v2.patient_not_mailed" in [finding.code for finding in row.findings]


async def test_an_identity_that_is_not_validated_waits_for_the_dmp_and_the_mail_leaves(tmp_path: Path) -> None:
    anonymous = with_value(
        message(cda(FIRST, _without_ins()), identity=pid(reliability="PROV")),
        "PID-3",
        b"IPP0001^^^H&1.2.250.1.999.1.2.1&ISO^PI",
    )
    async with document_line(tmp_path) as one:
        answer = await one.exchange(anonymous)
        assert answer is not None and answer.text("MSA-1") == "AA"
        (row,) = await one.last_documents()
        states = {order.destination: (order.state, order.cause) for order in row.orders}
        assert states["dmp"] == (OrderState.WAITING, "identity")
        assert states["medecins"][0] is OrderState.DELIVERED


def _without_ins() -> ClinicalDocument:
    return replace(DOCUMENT, patient=replace(DOCUMENT.patient, ins=None))
