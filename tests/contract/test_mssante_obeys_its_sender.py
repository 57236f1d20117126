"""What a sender asks of the sending, up to the mailbox: whom, what text, which answers and receipts, and deletions."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml import etree

from connectors.destinations.mssante import DESTINATION
from connectors.simulators import Behaviour, Kind, MailSimulator, Pki
from connectors.simulators.mailbox.records import Mail
from engine.errors import PermanentError, TransientError, UncertainError
from engine.exchange import Order, OrderKind
from engine.model.instructions import Instructions, ReturnAddress, Visibility
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Code, Identifier, PersonName
from engine.xds.ebrim import read_submission
from engine.xds.values import Submission
from tests.contract.test_mssante_against_simulator import MESSAGE_ID, Handing, mail, opened, pki, refused
from tests.unit.mssante import orders

__all__ = ["mail", "pki"]
"""Fixtures."""

SECRETARY = "secretariat@clinique.mssante.example"


def awaits(*, reception: bool = False, reading: bool = False) -> Instructions:
    return Instructions(receipts=ReturnAddress("015", "DPI", "HOP", "PFI", "HOP", "P", reception, reading))


def read(taken: Mail) -> EmailMessage:
    message = email.message_from_bytes(taken.message, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def text(taken: Mail) -> str:
    (part,) = (one for one in read(taken).walk() if one.get_content_type() == "text/plain")
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n").strip()


def metadata(taken: Mail) -> Submission:
    content = (taken.directory / "unpacked/IHE_XDM/SUBSET01/METADATA.XML").read_bytes()
    return read_submission(etree.fromstring(content))


# -- whom -----------------------------------------------------------------------------------------------------------


async def test_the_mailboxes_the_sender_names_get_the_document(mail: MailSimulator, pki: Pki) -> None:
    asked = Instructions(mailboxes=(SECRETARY, "chef@clinique.mssante.example"))
    destination = opened(mail, pki)
    order = orders.order(instructions=asked)
    named = DESTINATION.recipients(order.package, orders.settings(always=["archives@labo.mssante.example"]))
    assert named == (SECRETARY, "chef@clinique.mssante.example", "archives@labo.mssante.example")
    for position, recipient in enumerate(named):
        await destination.deliver(replace(order, id=f"order-{position}", recipient=recipient), Handing())
    assert [taken.recipients for taken in mail.mails] == [(one,) for one in named]


async def test_a_mailbox_that_is_none_is_refused_for_itself_alone(mail: MailSimulator, pki: Pki) -> None:
    package = orders.order(instructions=Instructions(mailboxes=("docteur@gmail.com", SECRETARY))).package
    named = DESTINATION.recipients(package, orders.settings())
    assert named == ("docteur@gmail.com", SECRETARY)
    wrong, right = (replace(orders.order(), id=one, recipient=one, package=package) for one in named)
    assert (await refused(opened(mail, pki), wrong)).code == "mssante.not_mssante"
    await opened(mail, pki).deliver(right, Handing())
    assert [taken.recipients for taken in mail.mails] == [(SECRETARY,)]


async def test_what_the_patient_must_not_see_never_reaches_their_mailbox(mail: MailSimulator, pki: Pki) -> None:
    hidden = Instructions(patient=True, visibility=(Visibility.INVISIBLE_PATIENT,))
    chosen = orders.settings(to="patient")
    assert DESTINATION.recipients(orders.to_patient(instructions=hidden).package, chosen) is None
    error = await refused(opened(mail, pki, to="patient"), orders.to_patient(instructions=hidden))
    assert (type(error), error.code, mail.mails) == (PermanentError, "mssante.invisible_patient", ())


async def test_who_must_not_see_it_is_said_to_the_recipient_s_software(mail: MailSimulator, pki: Pki) -> None:
    hidden = Instructions(visibility=(Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT))
    await opened(mail, pki).deliver(orders.order(instructions=hidden), Handing())
    codes = [code.code for code in metadata(mail.mails[0]).entries[0].confidentiality_codes]
    assert codes == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]


async def test_who_asks_for_the_sending_is_the_author_of_the_submission(mail: MailSimulator, pki: Pki) -> None:
    asking = Professional(
        Identifier(PROFESSIONAL_OID, "810101010101"),
        PersonName("DEMANDEUR", "Paul"),
        Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Médecine générale (SM)"),
        organization=Organization(Identifier(STRUCTURE_OID, "1300017985"), "Clinique"),
    )
    await opened(mail, pki).deliver(orders.order(instructions=Instructions(requester=asking)), Handing())
    assert mail.refusals == []
    (author,) = metadata(mail.mails[0]).submission_set.authors
    assert author.person.startswith("810101010101^DEMANDEUR^Paul^")
    assert author.institutions == ("Clinique^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1300017985",)


# -- what they read, and whom they answer ---------------------------------------------------------------------------


async def test_the_sender_s_text_is_the_text_of_each_mail(mail: MailSimulator, pki: Pki) -> None:
    asked = Instructions(
        professionals_body="Cher confrère,\r\nvoici l'écho.", patient_body="Bonjour,\nvoici votre résultat."
    )
    await opened(mail, pki).deliver(orders.order(instructions=asked), Handing())
    await opened(mail, pki, to="patient").deliver(
        replace(orders.to_patient(instructions=asked), id="order-2"), Handing()
    )
    assert [text(taken) for taken in mail.mails] == [
        "Cher confrère,\nvoici l'écho.",
        "Bonjour,\nvoici votre résultat.",
    ]


async def test_a_text_of_the_sender_cannot_write_a_header(mail: MailSimulator, pki: Pki) -> None:
    hostile = "Bonjour\r\n\r\nBcc: x@y.fr\r\n.\r\nMAIL FROM:<x@y.fr>\x00\x1b[2J\u202e\ud800\r\n--=_"
    await opened(mail, pki).deliver(orders.order(instructions=Instructions(professionals_body=hostile)), Handing())
    (taken,) = mail.mails
    assert "bcc" not in {name.lower() for name in read(taken)}
    assert text(taken) == "Bonjour\n\nBcc: x@y.fr\n.\nMAIL FROM:<x@y.fr>[2J\n--=_"


async def test_answers_go_where_the_sender_asks(mail: MailSimulator, pki: Pki) -> None:
    for number, (asked, configured, expected) in enumerate(
        (
            (SECRETARY, None, SECRETARY),
            (SECRETARY, "labo2@labo.mssante.example", SECRETARY),
            ("", "labo2@labo.mssante.example", "labo2@labo.mssante.example"),
            ("x@gmail.com", "labo2@labo.mssante.example", "labo2@labo.mssante.example"),
            (f"{SECRETARY}>\r\nBcc: <x@y.fr", None, ""),
        )
    ):
        order = replace(orders.order(instructions=Instructions(reply_to=asked)), id=f"order-{number}")
        receipt = await opened(mail, pki, reply_to=configured).deliver(order, Handing())
        assert mail.mails[-1].reply_to.strip("<>") == expected
        assert ("ignorée" in receipt.detail) == (bool(asked) and expected != asked)


async def test_a_patient_may_answer_only_when_everybody_agrees(mail: MailSimulator, pki: Pki) -> None:
    for sender_agrees in (True, False):
        for we_agree in (True, False):
            asked = Instructions(patient_may_reply=sender_agrees)
            order = replace(orders.to_patient(instructions=asked), id=f"{sender_agrees}-{we_agree}")
            await opened(mail, pki, to="patient", patient_may_reply=we_agree).deliver(order, Handing())
    assert [taken.ends_talk for taken in mail.mails] == [False, True, True, True]


async def test_a_sender_that_ends_the_talk_ends_it_with_the_patient_alone(mail: MailSimulator, pki: Pki) -> None:
    await opened(mail, pki).deliver(orders.order(instructions=Instructions(patient_may_reply=False)), Handing())
    assert not mail.mails[0].ends_talk


# -- receipts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reception", [True, False])
@pytest.mark.parametrize("reading", [True, False])
async def test_receipts_are_asked_for_where_the_sender_awaits_them(
    mail: MailSimulator, pki: Pki, reception: bool, reading: bool
) -> None:
    quiet = opened(mail, pki, read_receipt=False, delivery_receipt=False)
    receipt = await quiet.deliver(orders.order(instructions=awaits(reception=reception, reading=reading)), Handing())
    (taken,) = mail.mails
    assert (taken.notify, taken.returns) == (("SUCCESS,FAILURE,DELAY", "HDRS") if reception else ("", ""))
    assert taken.read_receipt is reading
    assert receipt.reference == read(taken)["Message-ID"] == MESSAGE_ID
    assert taken.envelope_id == (orders.order().id if reception else "")


async def test_a_sender_that_awaits_nothing_leaves_it_to_the_configuration(mail: MailSimulator, pki: Pki) -> None:
    await opened(mail, pki).deliver(orders.order(instructions=awaits()), Handing())
    assert (mail.mails[0].notify, mail.mails[0].read_receipt) == ("SUCCESS,FAILURE,DELAY", True)


async def test_a_server_without_delivery_reports_is_not_asked_and_it_is_said(tmp_path: Path, pki: Pki) -> None:
    simulator = MailSimulator(tmp_path / "plain", pki, dsn=False)
    await simulator.start()
    try:
        told = await opened(simulator, pki).deliver(orders.order(instructions=awaits(reception=True)), Handing())
        untold = await opened(simulator, pki).deliver(replace(orders.order(), id="order-2"), Handing())
    finally:
        await simulator.stop()
    assert [taken.notify for taken in simulator.mails] == ["", ""]
    assert "pas d'accusé de remise" in told.detail
    assert "accusé" not in untold.detail


# -- replacing, deleting --------------------------------------------------------------------------------------------


async def test_a_replacement_says_so_under_the_sender_s_own_text(mail: MailSimulator, pki: Pki) -> None:
    asked = Instructions(professionals_body="Cher confrère, voici le compte rendu.")
    order = orders.order(orders.LEVEL_3, version=orders.SECOND, instructions=asked)
    await opened(mail, pki).deliver(order, Handing())
    (taken,) = mail.mails
    assert text(taken).startswith("Cher confrère, voici le compte rendu.\n\n")
    assert "annule et remplace" in text(taken)
    assert (taken.action, metadata(taken).entries[0].action) == ("C", "C")


@pytest.mark.parametrize("version", [orders.FIRST, orders.SECOND], ids=["first", "second"])
@pytest.mark.parametrize("to", ["professionals", "patient"])
async def test_a_deletion_asks_its_recipient_to_destroy_the_document(
    mail: MailSimulator, pki: Pki, to: str, version: object
) -> None:
    recipient = "patient" if to == "patient" else orders.PRESCRIBER
    order = orders.order(orders.LEVEL_3, version=version, recipient=recipient, kind=OrderKind.DELETE)  # type: ignore[arg-type]
    receipt = await opened(mail, pki, to=to).deliver(order, Handing())
    assert mail.refusals == []
    (taken,) = mail.mails
    assert taken.action == "D"
    assert receipt.reference == taken.message_id
    assert taken.unique_ids == (order.package.version.id.root,)
    assert "demande sa suppression" in text(taken)
    assert "détruire ce document et toutes ses copies" in text(taken)
    assert "annule et remplace" not in text(taken)
    assert read(taken)["Subject"].startswith("XDM/1.0/DDM+")


async def test_a_deletion_is_asked_for_whatever_the_sender_writes(mail: MailSimulator, pki: Pki) -> None:
    asked = Instructions(professionals_body="Envoyé par erreur.", motive="Erreur de patient")
    await opened(mail, pki).deliver(orders.order(instructions=asked, kind=OrderKind.DELETE), Handing())
    assert text(mail.mails[0]).startswith("Envoyé par erreur.\n\nVeuillez détruire")


async def test_the_same_deletion_twice_is_the_same_mail(mail: MailSimulator, pki: Pki) -> None:
    order = orders.order(kind=OrderKind.DELETE)
    for attempt in (1, 2):
        await opened(mail, pki).deliver(replace(order, attempt=attempt), Handing())
    assert len({(taken.message_id, taken.sha1) for taken in mail.mails}) == 1


async def test_a_lost_answer_to_a_deletion_is_a_doubt_too(mail: MailSimulator, pki: Pki) -> None:
    order = orders.order(kind=OrderKind.DELETE)
    mail.script.add(Behaviour(Kind.CUT_AFTER_BODY))
    assert type(await refused(opened(mail, pki), order)) is UncertainError
    with pytest.raises(UncertainError):
        await opened(mail, pki).find(order)
    mail.script.add(Behaviour(Kind.BUSY))
    assert type(await refused(opened(mail, pki), order)) is TransientError
    assert mail.deletions_count("2.25.7001") == 1


# -- a sender's own document ----------------------------------------------------------------------------------------


def with_extension(extension: str, expected: str | None) -> Order:
    made = orders.order(orders.LEVEL_1)
    content = re.sub(rb'<id root="2\.25\.7001"\s*/>', b'<id root="2.25.7001" extension="%s"/>' % extension.encode(),
                     made.package.cda, count=1)  # fmt: skip
    assert content != made.package.cda
    version = replace(made.package.version, id=Identifier("2.25.7001", expected))
    return replace(made, package=replace(made.package, cda=content, version=version))


async def test_an_identifier_with_an_extension_goes_by_mail(mail: MailSimulator, pki: Pki) -> None:
    await opened(mail, pki).deliver(with_extension("A710", "A710"), Handing())
    assert mail.mails[0].unique_ids == ("2.25.7001^A710",)


@pytest.mark.parametrize("expected", [None, "A711"])
async def test_another_extension_is_another_document(mail: MailSimulator, pki: Pki, expected: str | None) -> None:
    error = await refused(opened(mail, pki), with_extension("A710", expected))
    assert (error.code, mail.mails) == ("mssante.document_differs", ())
