"""The MSSanté destination against a strict operator: real STARTTLS, real sockets, counted on the receiving side."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.destinations.mssante import DESTINATION, MssanteDestination
from connectors.simulators import Behaviour, Credential, Kind, MailSimulator, Pki, make_pki
from engine.context import Software
from engine.declarations import Site
from engine.errors import LaneError, ParkedError, PasseurError, PermanentError, TransientError, UncertainError
from engine.exchange import Order
from engine.model.document import ClinicalDocument
from tests.unit.mssante import orders

MESSAGE_ID = "<8c1f5d0e-4a5b-5c6d-8e7f-000000000001@labo.mssante.example>"


class Handing:
    """Counts how often the destination said that it was about to hand the document over."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
async def mail(tmp_path: Path, pki: Pki) -> AsyncIterator[MailSimulator]:
    simulator = MailSimulator(tmp_path / "mail", pki)
    await simulator.start()
    yield simulator
    await simulator.stop()


def opened(mail: MailSimulator, pki: Pki, site: Site = orders.SITE, **changes: object) -> MssanteDestination:
    chosen = {"host": mail.host, "port": mail.port, "ca_bundle": pki.ca, **shown(pki.client), **changes}
    found = DESTINATION.open("mssante", orders.settings(**chosen), site)
    assert isinstance(found, MssanteDestination)
    return found


def shown(credential: Credential) -> dict[str, object]:
    return {"certificate": credential.certificate, "key": credential.key}


async def refused(destination: MssanteDestination, order: Order, handing: Handing | None = None) -> PasseurError:
    """The error of a delivery, which quotes nothing of the patient."""
    with pytest.raises(PasseurError) as caught:
        await destination.deliver(order, handing or Handing())
    assert not [secret for secret in orders.SECRETS if secret in str(caught.value)]
    return caught.value


@pytest.mark.parametrize("document", [orders.LEVEL_1, orders.LEVEL_3, orders.WITHOUT_INS], ids=["n1", "n3", "no_ins"])
async def test_a_professional_gets_any_document_by_every_rule(
    mail: MailSimulator, pki: Pki, document: ClinicalDocument
) -> None:
    handing = Handing()
    receipt = await opened(mail, pki).deliver(orders.order(document), handing)
    assert mail.refusals == []
    assert receipt.reference == MESSAGE_ID
    assert handing.count == 1
    (taken,) = mail.mails
    assert taken.recipients == (orders.PRESCRIBER,)
    assert taken.unique_ids == (orders.FIRST.id.root,)
    assert not taken.to_patient
    assert (taken.notify, taken.returns, taken.envelope_id) == ("SUCCESS,FAILURE,DELAY", "HDRS", orders.order().id)
    assert taken.original_recipients == (orders.PRESCRIBER,)
    assert (taken.read_receipt, taken.reply_to, taken.ends_talk, taken.action) == (True, "", False, "")
    unpacked = taken.directory / "unpacked" / "IHE_XDM" / "SUBSET01" / "DOC0001.XML"
    assert unpacked.read_bytes() == orders.order(document).package.cda


@pytest.mark.parametrize("document", [orders.LEVEL_1, orders.LEVEL_3], ids=["n1", "n3"])
async def test_a_patient_gets_any_document_by_every_rule(
    mail: MailSimulator, pki: Pki, document: ClinicalDocument
) -> None:
    await opened(mail, pki, to="patient").deliver(orders.to_patient(document), Handing())
    assert mail.refusals == []
    (taken,) = mail.mails
    assert taken.to_patient
    assert document.patient.ins is not None
    assert taken.recipients == (f"{document.patient.ins.matricule}@patient.mssante.example",)


async def test_a_correction_is_taken_as_one(mail: MailSimulator, pki: Pki) -> None:
    destination = opened(mail, pki)
    for version, order_id in ((orders.FIRST, "order-1"), (orders.SECOND, "order-2")):
        await destination.deliver(orders.order(orders.LEVEL_3, version=version, order_id=order_id), Handing())
    assert mail.refusals == []
    assert [taken.unique_ids for taken in mail.mails] == [("2.25.7001",), ("2.25.7002",)]
    told = email.message_from_bytes(mail.mails[1].message, policy=email.policy.SMTP)
    (text,) = (part for part in told.walk() if part.get_content_type() == "text/plain")
    assert "annule et remplace" in bytes(text.get_payload(decode=True)).decode()


NAMES = [
    ("D'ARTAGNAN-LE GOFF", "Jean-Noël", "Laboratoire de l'Hôpital"),
    ("ÉLÉONORE DE L’ÉGLISE", "Zoé", "Ça & Là, <biologie>"),
    ("N" * 80, "Anne Marie Élisabeth Bénédicte", 'Labo "du Quai"'),
    ("de la Fontaine", "O'Neil", "Laboratoire"),
]


@pytest.mark.parametrize(("family", "given", "label"), NAMES, ids=["hyphens", "accents", "long", "lower_case"])
async def test_no_name_is_too_odd_for_a_mail(
    mail: MailSimulator, pki: Pki, family: str, given: str, label: str
) -> None:
    patient = replace(orders.LEVEL_1.patient, birth_name=family, first_given_name=given)
    document = replace(orders.LEVEL_1, patient=patient)
    await opened(mail, pki, sender_name=label).deliver(orders.order(document), Handing())
    assert mail.refusals == []
    assert mail.count(MESSAGE_ID) == 1


async def test_the_same_order_sent_twice_is_the_same_bytes_under_the_same_id(mail: MailSimulator, pki: Pki) -> None:
    for destination in (opened(mail, pki), opened(mail, pki)):
        await destination.deliver(orders.order(orders.LEVEL_3), Handing())
    assert mail.count(MESSAGE_ID) == 2
    assert len({taken.sha1 for taken in mail.mails}) == 1


async def test_a_check_takes_a_connection_and_sends_nothing(mail: MailSimulator, pki: Pki) -> None:
    await opened(mail, pki).check()
    assert mail.mails == ()
    assert mail.refusals == []


@pytest.mark.parametrize(
    ("behaviour", "expected", "handed"),
    [
        (Behaviour(Kind.REFUSE, code="450", text="4.2.0 occupée", at="rcpt"), TransientError, 0),
        (Behaviour(Kind.REFUSE, code="550", text="5.1.1 inconnue", at="rcpt"), PermanentError, 0),
        (Behaviour(Kind.REFUSE, code="452", text="4.3.1 plein"), TransientError, 1),
        (Behaviour(Kind.REFUSE, code="554", text="5.6.0 non"), PermanentError, 1),
        (Behaviour(Kind.BUSY), TransientError, 1),
        (Behaviour(Kind.FAULT), TransientError, 1),
        (Behaviour(Kind.FAULT, at="rcpt"), TransientError, 0),
        (Behaviour(Kind.HTTP_503), TransientError, 1),
        (Behaviour(Kind.CERTIFICATE_EXPIRED), LaneError, 1),
        (Behaviour(Kind.CERTIFICATE_EXPIRED, at="rcpt"), LaneError, 0),
    ],
    ids=lambda value: f"{value.kind}-{value.code}-{value.at}" if isinstance(value, Behaviour) else None,
)
async def test_a_refusal_takes_nothing_and_says_who_must_act(
    mail: MailSimulator, pki: Pki, behaviour: Behaviour, expected: type[PasseurError], handed: int
) -> None:
    mail.script.add(behaviour)
    handing, destination = Handing(), opened(mail, pki)
    error = await refused(destination, orders.order(), handing)
    assert type(error) is expected
    assert handing.count == handed
    assert mail.mails == ()
    await destination.deliver(orders.order(), handing)
    assert mail.count(MESSAGE_ID) == 1


async def test_a_cut_after_the_message_is_a_doubt_that_only_a_person_or_the_configuration_lifts(
    mail: MailSimulator, pki: Pki
) -> None:
    for kind, count in ((Kind.CUT_AFTER_BODY, 1), (Kind.CUT_AFTER_BODY_NOT_TAKEN, 1), (Kind.PARTIAL_ANSWER, 2)):
        mail.script.add(Behaviour(kind))
        error = await refused(opened(mail, pki), orders.order())
        assert type(error) is UncertainError
        assert mail.count(MESSAGE_ID) == count
    with pytest.raises(UncertainError):
        await opened(mail, pki).find(orders.order())
    assert await opened(mail, pki, on_uncertain="resend").find(orders.order()) is None


async def test_a_server_cut_at_the_recipient_took_nothing(mail: MailSimulator, pki: Pki) -> None:
    mail.script.add(Behaviour(Kind.CUT_BEFORE_BODY, at="rcpt"))
    handing = Handing()
    error = await refused(opened(mail, pki), orders.order(), handing)
    assert (type(error), handing.count, mail.mails) == (TransientError, 0, ())


async def test_a_slow_answer_is_waited_for(mail: MailSimulator, pki: Pki) -> None:
    mail.script.add(Behaviour(Kind.LATE, seconds=0.2))
    await opened(mail, pki).deliver(orders.order(), Handing())
    assert mail.count(MESSAGE_ID) == 1


async def test_an_answer_that_never_comes_is_a_doubt(mail: MailSimulator, pki: Pki) -> None:
    mail.script.add(Behaviour(Kind.LATE, seconds=600))
    error = await refused(opened(mail, pki, answer_timeout_seconds=0.1), orders.order())
    assert type(error) is UncertainError
    assert mail.count(MESSAGE_ID) == 1


async def test_a_recipient_that_is_never_answered_for_took_nothing(mail: MailSimulator, pki: Pki) -> None:
    mail.script.add(Behaviour(Kind.DELAY, seconds=600, at="rcpt"))
    handing = Handing()
    error = await refused(opened(mail, pki, command_timeout_seconds=0.1), orders.order(), handing)
    assert (type(error), handing.count, mail.mails) == (TransientError, 0, ())


async def test_an_answer_said_twice_is_one_delivery(mail: MailSimulator, pki: Pki) -> None:
    mail.script.add(Behaviour(Kind.ANSWER_TWICE))
    await opened(mail, pki).deliver(orders.order(), Handing())
    assert mail.count(MESSAGE_ID) == 1


async def test_a_server_that_is_down_is_only_a_matter_of_time(mail: MailSimulator, pki: Pki) -> None:
    destination = opened(mail, pki)
    await mail.down()
    error = await refused(destination, orders.order())
    assert (type(error), error.code) == (TransientError, "mssante.unreachable")
    await mail.up()
    await destination.deliver(orders.order(), Handing())
    assert mail.count(MESSAGE_ID) == 1


async def test_an_unknown_mailbox_is_a_matter_for_a_person(mail: MailSimulator, pki: Pki) -> None:
    mail.unknown_mailboxes.add(orders.PRESCRIBER)
    error = await refused(opened(mail, pki), orders.order())
    assert (type(error), error.code, error.where) == (PermanentError, "mssante.smtp_550", "RCPT TO")


async def test_what_is_too_large_for_the_server_is_not_sent(tmp_path: Path, pki: Pki) -> None:
    simulator = MailSimulator(tmp_path / "small", pki, size_limit_bytes=20_000)
    await simulator.start()
    try:
        handing = Handing()
        error = await refused(opened(simulator, pki), orders.order(), handing)
        assert (type(error), error.code) == (PermanentError, "mssante.too_large")
        assert (handing.count, simulator.mails) == (0, ())
    finally:
        await simulator.stop()


async def test_each_wrong_certificate_stops_the_lane_in_plain_words(mail: MailSimulator, pki: Pki) -> None:
    for credential, code, words in (
        (pki.expired_client, "mssante.certificate_expired", "a expiré"),
        (pki.foreign_client, "mssante.client_certificate", "refuse sans doute notre certificat"),
    ):
        destination = opened(mail, pki, **shown(credential))
        error = await refused(destination, orders.order())
        assert (type(error), error.code) == (LaneError, code)
        assert words in error.message
        with pytest.raises(LaneError):
            await destination.check()
    assert mail.mails == ()


async def test_a_renewed_certificate_is_used_without_a_restart(mail: MailSimulator, pki: Pki, tmp_path: Path) -> None:
    files = Credential(tmp_path / "ours.pem", tmp_path / "ours.key")
    shutil.copy(pki.expired_client.certificate, files.certificate)
    shutil.copy(pki.expired_client.key, files.key)
    destination = opened(mail, pki, **shown(files))
    assert type(await refused(destination, orders.order())) is LaneError
    shutil.copy(pki.client.certificate, files.certificate)
    shutil.copy(pki.client.key, files.key)
    await destination.deliver(orders.order(), Handing())
    assert mail.count(MESSAGE_ID) == 1


async def test_a_server_out_of_date_is_told_nothing(mail: MailSimulator, pki: Pki) -> None:
    await mail.expire_certificate()
    error = await refused(opened(mail, pki), orders.order())
    assert (type(error), error.code) == (LaneError, "mssante.server_certificate")
    assert "expiré" in error.message
    await mail.expire_certificate(False)
    await opened(mail, pki).deliver(orders.order(), Handing())
    assert mail.count(MESSAGE_ID) == 1


async def test_a_cancelled_delivery_can_be_made_again(mail: MailSimulator, pki: Pki) -> None:
    destination, handing = opened(mail, pki), Handing()
    mail.script.add(Behaviour(Kind.DELAY, seconds=600, at="rcpt"))
    task = asyncio.create_task(destination.deliver(orders.order(), handing))
    while mail.script.pending:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (handing.count, mail.mails) == (0, ())
    await destination.deliver(orders.order(), handing)
    assert mail.count(MESSAGE_ID) == 1


async def test_many_mails_at_once_are_each_taken_once(mail: MailSimulator, pki: Pki) -> None:
    destination = opened(mail, pki)
    made = [orders.order(order_id=f"order-{number}") for number in range(20)]
    receipts = await asyncio.gather(*(destination.deliver(order, Handing()) for order in made))
    assert sorted(taken.message_id for taken in mail.mails) == sorted(receipt.reference for receipt in receipts)
    assert len({taken.message_id for taken in mail.mails}) == 20


async def test_what_cannot_be_mailed_is_refused_before_any_connection(mail: MailSimulator, pki: Pki) -> None:
    await mail.down()
    known = orders.LEVEL_1.patient
    broken = orders.order(cda=orders.order().package.cda.replace(b"healthCareFacility>", b"x>"))
    other = orders.order(cda=orders.rendered(orders.LEVEL_3, orders.FIRST).cda)
    production = replace(orders.SITE, production=True)
    unnamed = replace(orders.SITE, software=Software())
    for destination, order, expected in (
        (opened(mail, pki), orders.order(recipient="x@gmail.com"), PermanentError),
        (opened(mail, pki), orders.order(cda=b"<a>"), PermanentError),
        (opened(mail, pki), broken, PermanentError),
        (opened(mail, pki), other, PermanentError),
        (opened(mail, pki, production), orders.order(), PermanentError),
        (opened(mail, pki, unnamed), orders.order(), LaneError),
        (opened(mail, pki, max_message_bytes=1000), orders.order(), PermanentError),
        (opened(mail, pki, to="patient"), orders.to_patient(orders.WITHOUT_INS), ParkedError),
        (
            opened(mail, pki, to="patient"),
            orders.order(patient=replace(known, ins=None), recipient="patient"),
            ParkedError,
        ),
    ):
        handing = Handing()
        error = await refused(destination, order, handing)
        assert type(error) is expected
        assert handing.count == 0


async def test_a_check_wants_a_product_number(mail: MailSimulator, pki: Pki) -> None:
    with pytest.raises(LaneError) as caught:
        await opened(mail, pki, replace(orders.SITE, software=Software())).check()
    assert caught.value.code == "mssante.no_product_number"


async def test_no_log_of_ours_names_the_patient(
    mail: MailSimulator, pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail.script.add(Behaviour(Kind.REFUSE, code="550", text=orders.PRESCRIBER, at="rcpt"))
    destination = opened(mail, pki, to="patient")
    await refused(destination, orders.to_patient())
    await destination.deliver(orders.to_patient(), Handing())
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # the simulator's own
    assert not [secret for secret in orders.SECRETS if secret in "\n".join(ours)]
