"""The mail simulator: a valid mail is taken, and each broken rule is told."""

# ruff: noqa: E501 - one rule a line in the tables

from __future__ import annotations

import asyncio
import json
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.simulators import Behaviour, Kind, MailSimulator, Pki
from tests.unit.simulators.dmp_client import context, spoil
from tests.unit.simulators.documents import CX, PATIENT, cda, new_oid
from tests.unit.simulators.mail_client import (
    DOCTOR,
    PATIENT_BOX,
    PDF_NAME,
    Letter,
    archive,
    pdfa,
    send,
    set_header,
)

OTHER = "279035121518990"


async def test_a_valid_mail_is_taken(mail: MailSimulator, pki: Pki) -> None:
    letter = Letter()
    assert await send(mail, pki, letter) == (250, "2.0.0 OK")
    [taken] = mail.mails
    assert (taken.message_id, taken.recipients, taken.unique_ids) == (letter.message_id, (DOCTOR,), (letter.unique_id,))
    assert mail.count(letter.message_id) == 1 and mail.documents_count(letter.unique_id) == 1
    assert (taken.directory / "unpacked/IHE_XDM/SUBSET01/DOC0001.XML").read_bytes() == letter.content


async def test_a_structured_document_goes_with_a_copy_of_its_own(mail: MailSimulator, pki: Pki) -> None:
    assert (await send(mail, pki, Letter(level1=False)))[0] == 250


async def test_a_patient_receives_at_the_mailbox_of_the_ins(mail: MailSimulator, pki: Pki) -> None:
    letter = Letter(recipient=PATIENT_BOX, edit_message=set_header("X-MSS-MES", "FIN"))
    assert (await send(mail, pki, letter))[0] == 250
    assert mail.mails[0].to_patient
    assert PATIENT not in mail.ledger.read_text()


@pytest.mark.parametrize(
    ("action", "replaced", "text"),
    [("C", True, "Annule et remplace."), ("D", False, "À détruire."), ("D", True, "Veuillez DETRUIRE ce document.")],
)
async def test_a_mail_says_to_its_reader_what_it_asks_of_software(
    mail: MailSimulator, pki: Pki, action: str, replaced: bool, text: str
) -> None:
    letter = Letter(replaced=new_oid() if replaced else None, action=action, text=text)
    assert (await send(mail, pki, letter))[0] == 250
    [taken] = mail.mails
    assert (taken.action, mail.deletions_count(letter.unique_id)) == (action, int(action == "D"))


async def test_mails_survive_a_restart(tmp_path: Path, mail: MailSimulator, pki: Pki) -> None:
    letter = Letter()
    await send(mail, pki, letter)
    await send(mail, pki, letter)
    again = MailSimulator(tmp_path / "mail", pki)
    assert again.mails == mail.mails
    assert again.count(letter.message_id) == 2
    assert [json.loads(line)["recipients"] for line in mail.ledger.read_text().splitlines()] == [1, 1]


def attachment(name: str, content: bytes, subtype: str = "pdf"):
    return lambda message: message.add_attachment(content, maintype="application", subtype=subtype, filename=name)


def rename(old: str, new: str):
    return lambda files: {name.replace(old, new): content for name, content in files.items()}


def add(name: str, content: bytes):
    return lambda files: files | {name: content}


def drop(name: str):
    return lambda files: {n: c for n, c in files.items() if n != name}


RULES = [
    ("no subject prefix", {"edit_message": set_header("Subject", "Compte rendu")}, "mail.subject"),
    ("another label", {"edit_message": set_header("Subject", "XDM/1.0/DDM+Synthèse PAT-TROIS Dominique")}, "libelle"),
    ("a name in lower case", {"edit_message": set_header("Subject", "XDM/1.0/DDM+CR d'examens biologiques Pat-Trois Dominique")},
     "majuscules"),
    ("another given name", {"edit_message": set_header("Subject", "XDM/1.0/DDM+CR d'examens biologiques PAT-TROIS Anne")}, "prenom"),
    ("another birth date", {"edit_message": set_header("Subject", "XDM/1.0/DDM+CR d'examens biologiques PAT-TROIS Dominique 16/03/1979")},
     "date de naissance"),
    ("no message id", {"edit_message": set_header("Message-ID", None)}, "message-id"),
    ("a malformed message id", {"message_id": "<42>"}, "mail.message_id"),
    ("no code", {"edit_message": set_header("X-MSS-CODECDA", None)}, "mail.codecda"),
    ("another code", {"edit_message": set_header("X-MSS-CODECDA", "11502-2,34133-9")}, "mail.codecda"),
    ("an INS denied", {"edit_message": set_header("X-MSS-INS", "N")}, "mail.ins"),
    ("no product number", {"edit_message": set_header("X-MSS-NIL", None)}, "x-mss-nil"),
    ("a receipt to somebody else", {"edit_message": set_header("Disposition-Notification-To", DOCTOR)}, "mail.mdn"),
    ("another sender", {"edit_message": set_header("From", "autre@labo.mssante.example")}, "mail.from"),
    ("a recipient left out of To", {"edit_message": set_header("To", "autre@medecin.mssante.example")}, "mail.to"),
    ("an end of talk to a professional", {"edit_message": set_header("X-MSS-MES", "FIN")}, "x-mss-mes"),
    ("text in Latin-1", {"edit_bytes": lambda b: b.replace(b'charset="utf-8"', b'charset="iso-8859-1"')}, "mail.charset"),
    ("no archive", {"edit_bytes": lambda b: b.replace(b"IHE_XDM.zip", b"ARCHIVE.zip")}, "mail.archive"),
    ("two archives", {"edit_message": attachment("IHE_XDM.zip", archive({}), "zip")}, "mail.archive"),
    ("another type of archive", {"edit_bytes": lambda b: b.replace(b"application/zip", b"application/octet-stream")}, "mail.archive"),
    ("a stranger attached", {"edit_message": attachment("doc.xml", b"<a/>", "xml")}, "mail.attachment"),
    ("no PDF beside", {"edit_bytes": lambda b: b.replace(b"application/pdf", b"application/x-pdf")}, "mail.attachment"),
    ("a PDF that is not the document's", {"attached": pdfa("autre")}, "n'est pas celui du document"),
    ("a PDF of another archival part", {"pdf": pdfa(part="2")}, "PDF/A-1"),
    ("a PDF that is none", {"pdf": b"%PDF-1.4 vide"}, "PDF/A-1"),
    ("a PDF of another name", {"edit_bytes": lambda b: b.replace(PDF_NAME.encode(), b"cr.pdf")}, "mail.pdf_name"),
    ("no index", {"edit_files": drop("INDEX.HTM")}, "INDEX.HTM"),
    ("an index that points nowhere", {"edit_files": add("INDEX.HTM", b"<html/>")}, "INDEX.HTM"),
    ("no readme", {"edit_files": drop("README.TXT")}, "README.TXT"),
    ("lower-case names", {"edit_files": rename("DOC0001.XML", "doc0001.xml")}, "xdm.zip_path"),
    ("a long name", {"edit_files": rename("DOC0001.XML", "DOCUMENT001.XML")}, "xdm.zip_path"),
    ("a path that climbs", {"edit_files": add("IHE_XDM/../A.TXT", b"x")}, "xdm.zip_path"),
    ("an absolute path", {"edit_files": add("/A.TXT", b"x")}, "xdm.zip_path"),
    ("a bomb", {"edit_files": add("IHE_XDM/SUBSET01/ZERO.BIN", b"\0" * 3_000_000)}, "xdm.zip_size"),
    ("a file nothing describes", {"edit_files": add("IHE_XDM/SUBSET01/DOC0002.XML", b"<a/>")}, "xdm.uri"),
    ("a document that is not there", {"edit_files": drop("IHE_XDM/SUBSET01/DOC0001.XML")}, "xdm.uri"),
    ("metadata that are no XML", {"edit_files": add("IHE_XDM/SUBSET01/METADATA.XML", b"<a")}, "xdm.metadata"),
    ("no hash", {"edit_metadata": spoil('name="hash"', 'name="comments"')}, "hash"),
    ("a false size", {"edit_files": lambda f: {n: c.replace(b'name="size"><rim:ValueList><rim:Value>', b'name="size"><rim:ValueList><rim:Value>1')
     for n, c in f.items()}}, "size"),
    ("bytes changed after the metadata", {"edit_files": lambda f: f | {"IHE_XDM/SUBSET01/DOC0001.XML": f["IHE_XDM/SUBSET01/DOC0001.XML"] + b"\n"}},
     "hash"),
    ("metadata of another patient", {"cx": CX.replace(PATIENT, OTHER)}, "XDSPatientIdDoesNotMatch"),
    ("another type code", {"edit_metadata": lambda t: t.replace('nodeRepresentation="11502-2"', 'nodeRepresentation="34133-9"', 1)},
     "typeCode"),
    ("a replacement untold", {"replaced": new_oid()}, "xdm.action"),
    ("a replacement untold to the reader", {"replaced": new_oid(), "action": "C"}, "mail.action_text"),
    ("a deletion untold to the reader", {"action": "D", "text": "Annule et remplace."}, "mail.action_text"),
    ("answers outside the space of trust", {"edit_message": set_header("Reply-To", "labo@orange.fr")}, "mail.reply_to"),
    ("answers to a patient", {"edit_message": set_header("Reply-To", PATIENT_BOX)}, "mail.reply_to"),
    ("answers to two", {"edit_message": set_header("Reply-To", f"{DOCTOR}, labo@labo.mssante.example")}, "mail.reply_to"),
    ("answers to nobody", {"edit_message": set_header("Reply-To", "")}, "mail.reply_to"),
    ("another word for the end of talk", {"recipient": PATIENT_BOX, "edit_message": set_header("X-MSS-MES", "DEBUT")}, "x-mss-mes"),
    ("a change of nothing", {"action": "C"}, "xdm.action"),
    ("an unknown action", {"action": "R"}, "xdm.action"),
    ("the mailbox of another patient", {"recipient": f"{OTHER}@patient.mssante.example"}, "celle du patient"),
    ("a patient and a doctor together", {"recipient": f"{PATIENT_BOX}, {DOCTOR}", "recipients": (PATIENT_BOX, DOCTOR)},
     "d'autre destinataire"),
    ("a hidden document to the patient", {"recipient": PATIENT_BOX, "edit_metadata": lambda t: _hidden(t)}, "invisible au patient"),
]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "words"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
async def test_a_broken_mail_is_refused(mail: MailSimulator, pki: Pki, spoilt, words: str) -> None:
    code, text = await send(mail, pki, Letter(**spoilt))
    assert code == 554
    told = text + "".join(f"{code} {words}" for code, words in mail.refusals)
    assert words in told
    assert mail.mails == ()
    for secret in (PATIENT, OTHER, "PAT-TROIS", "Dominique", "1979"):
        assert secret not in told


async def test_two_patients_in_one_mail_are_refused(mail: MailSimulator, pki: Pki) -> None:
    other = Letter(cx=CX.replace(PATIENT, OTHER), content=cda(new_oid(), patient=OTHER, pdf=pdfa()))
    second = {n.replace("SUBSET01", "SUBSET02"): c for n, c in other.files().items() if n.startswith("IHE_XDM")}
    code, _ = await send(mail, pki, Letter(edit_files=lambda files: files | second))
    assert code == 554
    assert "mail.patient" in {code for code, _ in mail.refusals}


async def test_a_domain_outside_the_list_is_refused(mail: MailSimulator, pki: Pki) -> None:
    assert (await send(mail, pki, Letter(recipient="docteur@example.com")))[0] == 550
    sender = Letter(sender="labo@example.com")
    assert (await send(mail, pki, sender))[0] == 550


async def test_an_unknown_mailbox_is_refused(mail: MailSimulator, pki: Pki) -> None:
    mail.unknown_mailboxes.add(DOCTOR)
    code, text = await send(mail, pki, Letter())
    assert code == 550 and text.startswith("5.1.1")


async def test_a_mail_too_big_is_refused(tmp_path: Path, pki: Pki) -> None:
    simulator = MailSimulator(tmp_path / "small", pki, size_limit_bytes=2000)
    await simulator.start()
    assert (await send(simulator, pki, Letter()))[0] == 552
    assert (await send(simulator, pki, Letter(), options=("SIZE=3000",)))[0] == 552
    await simulator.stop()
    assert simulator.mails == ()


async def test_notifications_asked_for_are_kept(mail: MailSimulator, pki: Pki) -> None:
    options = ("ENVID=abc-1", "RET=HDRS", "NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{DOCTOR}")
    assert (await send(mail, pki, Letter(), options=options))[0] == 250
    [taken] = mail.mails
    assert (taken.notify, taken.envelope_id, taken.returns) == ("SUCCESS,FAILURE,DELAY", "abc-1", "HDRS")
    assert taken.original_recipients == (DOCTOR,)
    assert MailSimulator(mail.ledger.parent, pki).mails == mail.mails


async def test_an_envelope_id_is_decoded(mail: MailSimulator, pki: Pki) -> None:
    assert (await send(mail, pki, Letter(), options=("ENVID=+3Ca+2Bb@c+3E",)))[0] == 250
    assert mail.mails[0].envelope_id == "<a+b@c>"


@pytest.mark.parametrize(
    "options",
    [
        ("ENVID=a+zz",),
        ("ENVID=a=b",),
        ("ENVID=a", "ENVID=b"),
        ("ENVID=" + "a" * 101,),
        ("NOTIFY=SUCCESS", "NOTIFY=NEVER"),
        ("NOTIFY=NEVER,SUCCESS",),
        ("NOTIFY=SUCCESS", f"ORCPT=x400;{DOCTOR}"),
        ("NOTIFY=SUCCESS", "ORCPT=rfc822;autre@medecin.mssante.example"),
        ("RET=ALL",),
    ],
    ids=" ".join,
)
async def test_a_broken_delivery_request_is_refused(mail: MailSimulator, pki: Pki, options: tuple[str, ...]) -> None:
    assert (await send(mail, pki, Letter(), options=options))[0] in (501, 555)
    assert mail.mails == ()


async def test_a_server_without_delivery_reports_does_not_say_so_and_refuses_them(tmp_path: Path, pki: Pki) -> None:
    simulator = MailSimulator(tmp_path / "plain", pki, dsn=False)
    await simulator.start()
    try:
        assert (await send(simulator, pki, Letter(), options=("RET=HDRS",)))[0] == 555
        assert (await send(simulator, pki, Letter()))[0] == 250
    finally:
        await simulator.stop()


async def test_what_a_mail_asks_is_kept(mail: MailSimulator, pki: Pki) -> None:
    def edit(message: EmailMessage) -> None:
        set_header("Reply-To", "secretariat@labo.mssante.example")(message)
        set_header("X-MSS-MES", "FIN")(message)
        set_header("Disposition-Notification-To", None)(message)

    assert (await send(mail, pki, Letter(recipient=PATIENT_BOX, edit_message=edit)))[0] == 250
    [taken] = mail.mails
    asked = (taken.reply_to, taken.read_receipt, taken.ends_talk)
    assert asked == ("secretariat@labo.mssante.example", False, True)


async def test_nothing_is_said_before_starttls(mail: MailSimulator) -> None:
    def talk() -> int:
        with smtplib.SMTP(mail.host, mail.port, timeout=10) as smtp:
            smtp.ehlo()
            return smtp.mail("labo@labo.mssante.example")[0]

    assert await asyncio.to_thread(talk) == 530


@pytest.mark.parametrize("wrong", ["expired_client", "foreign_client"])
async def test_a_wrong_client_certificate_reaches_nothing(mail: MailSimulator, pki: Pki, wrong: str) -> None:
    with pytest.raises((ssl.SSLError, smtplib.SMTPException, ConnectionError)):
        await send(mail, pki, Letter(), client=getattr(pki, wrong))
    assert mail.mails == ()


async def test_no_client_certificate_reaches_nothing(mail: MailSimulator, pki: Pki) -> None:
    trust = ssl.create_default_context(cafile=str(pki.ca))

    def talk() -> None:
        with smtplib.SMTP(mail.host, mail.port, timeout=10) as smtp:
            smtp.starttls(context=trust)
            smtp.ehlo()

    with pytest.raises((ssl.SSLError, smtplib.SMTPException, ConnectionError)):
        await asyncio.to_thread(talk)


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (Kind.CUT_BEFORE_BODY, 0),
        (Kind.CUT_AFTER_BODY_NOT_TAKEN, 0),
        (Kind.CUT_AFTER_BODY, 1),
        (Kind.PARTIAL_ANSWER, 1),
    ],
)
async def test_a_cut_after_the_data_gives_no_answer(mail: MailSimulator, pki: Pki, kind: Kind, taken: int) -> None:
    mail.script.add(Behaviour(kind))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        await send(mail, pki, Letter())
    assert len(mail.mails) == taken
    assert (await send(mail, pki, Letter()))[0] == 250


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Behaviour(Kind.REFUSE, code="450", text="4.2.0 Boîte pleine", at="rcpt"), 450),
        (Behaviour(Kind.REFUSE, code="550", text="5.1.1 inconnu", at="rcpt"), 550),
        (Behaviour(Kind.REFUSE, code="452", text="4.3.1 plus de place"), 452),
        (Behaviour(Kind.REFUSE), 550),
        (Behaviour(Kind.BUSY), 451),
        (Behaviour(Kind.FAULT), 421),
        (Behaviour(Kind.HTTP_503), 421),
        (Behaviour(Kind.CERTIFICATE_EXPIRED, at="rcpt"), 535),
        (Behaviour(Kind.DELAY, seconds=0.01), 250),
        (Behaviour(Kind.LATE, seconds=0.01), 250),
        (Behaviour(Kind.ANSWER_TWICE), 250),
    ],
)
async def test_scripted_replies(mail: MailSimulator, pki: Pki, behaviour: Behaviour, code: int) -> None:
    mail.script.add(behaviour)
    assert (await send(mail, pki, Letter()))[0] == code
    assert len(mail.mails) == (1 if code == 250 else 0)


async def test_down_refuses_connections_and_up_brings_the_same_port_back(mail: MailSimulator, pki: Pki) -> None:
    port = mail.port
    await mail.down()
    with pytest.raises(ConnectionRefusedError):
        await send(mail, pki, Letter())
    await mail.up()
    assert mail.port == port
    assert (await send(mail, pki, Letter()))[0] == 250


async def test_an_expired_server_certificate_can_be_presented(mail: MailSimulator, pki: Pki) -> None:
    await mail.expire_certificate()
    with pytest.raises(ssl.SSLCertVerificationError):
        await send(mail, pki, Letter())
    assert context(pki).verify_mode is ssl.CERT_REQUIRED


def _hidden(text: str) -> str:
    start = text.index('<rim:Classification id="', text.index('nodeRepresentation="AMBULATOIRE"'))
    end = text.index("</rim:Classification>", start) + len("</rim:Classification>")
    normal = text[start:end]
    hidden = (
        normal.replace('id="obj', 'id="hidden', 1)
        .replace('"N"', '"INVISIBLE_PATIENT"')
        .replace("2.16.840.1.113883.5.25", "1.2.250.1.213.1.1.4.13")
    )
    return text[:end] + hidden + text[end:]
