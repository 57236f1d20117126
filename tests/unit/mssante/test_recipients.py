"""Whom a document is mailed to: only the space of trust, and the patient's own mailbox for the patient alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from connectors.destinations.mssante import DESTINATION
from connectors.destinations.mssante.recipients import PATIENT, mailbox, recipients
from engine.errors import ParkedError, PermanentError
from engine.exchange import Package
from engine.model.parties import Professional
from engine.model.values import PersonName, Telecom
from tests.unit.mssante import orders

INS = "285039900000193"


def package(*values: str) -> Package:
    telecoms = tuple(Telecom(value) for value in values)
    doctor = Professional(None, PersonName("MEDTEST"), telecoms=telecoms)
    return replace(orders.order().package, recipients=(doctor,))


def test_every_mssante_mailbox_of_every_recipient_gets_the_document_once() -> None:
    sent = package(
        "tel:0100000000", "mailto:a@m.mssante.example", "MAILTO:A@m.mssante.example", "mailto:b@mssante.example"
    )
    chosen = orders.settings(always=["b@mssante.example", "c@mssante.example"])
    assert recipients(sent, chosen) == ("a@m.mssante.example", "b@mssante.example", "c@mssante.example")


@pytest.mark.parametrize(
    "value",
    [
        "mailto:docteur@gmail.com",
        "mailto:docteur@mssante.example.org",
        "mailto:docteur@faux-mssante.example",
        "mailto:@mssante.example",
        "mailto:a b@mssante.example",
        "mailto:a%0d%0aRCPT@mssante.example",
        "mailto:é@mssante.example",
        "mailto:a@b@c.mssante.example,x",
        f"mailto:{INS}@patient.mssante.example",
        f"mailto:{INS}@x.PATIENT.mssante.example",
    ],
)
def test_nothing_outside_the_professionals_space_of_trust_is_a_recipient(value: str) -> None:
    assert recipients(package(value), orders.settings()) == ()


def test_a_mailto_with_parameters_or_escapes_gives_its_mailbox() -> None:
    sent = package("mailto:jean%2Emartin@mssante.example?subject=x")
    assert recipients(sent, orders.settings()) == ("jean.martin@mssante.example",)


def test_the_patients_mailbox_is_never_written_in_an_order() -> None:
    chosen = orders.settings(to="patient")
    assert recipients(package("mailto:a@mssante.example"), chosen) == (PATIENT,)
    assert DESTINATION.needs_ins(chosen)
    assert not DESTINATION.needs_ins(orders.settings())


def test_the_patients_mailbox_is_the_matricule_of_a_qualified_ins() -> None:
    assert mailbox(orders.to_patient(), orders.settings(to="patient")) == f"{INS}@patient.mssante.example"


def test_a_patient_without_a_qualified_ins_waits_for_an_identity() -> None:
    known = orders.LEVEL_1.patient
    assert known.ins is not None
    for ins in (None, replace(known.ins, qualified=False)):
        order = orders.order(recipient=PATIENT, patient=replace(known, ins=ins))
        with pytest.raises(ParkedError) as caught:
            mailbox(order, orders.settings(to="patient"))
        assert caught.value.cause == "identity"


@pytest.mark.parametrize("matricule", ["", "2850399000001", "28503990000019X3", "28503990000019@"])
def test_a_matricule_that_is_none_makes_no_mailbox(matricule: str) -> None:
    known = orders.LEVEL_1.patient
    assert known.ins is not None
    order = orders.order(recipient=PATIENT, patient=replace(known, ins=replace(known.ins, matricule=matricule)))
    with pytest.raises(PermanentError):
        mailbox(order, orders.settings(to="patient"))


@pytest.mark.parametrize(
    "recipient", ["docteur@gmail.com", f"{INS}@patient.mssante.example", "", "a@mssante.example>\r\nRCPT TO:<x@y.fr"]
)
def test_the_mailbox_of_an_order_is_judged_again_when_it_leaves(recipient: str) -> None:
    with pytest.raises(PermanentError) as caught:
        mailbox(orders.order(recipient=recipient), orders.settings())
    assert "@" not in str(caught.value)


def test_an_order_made_for_another_kind_of_recipient_is_refused() -> None:
    for order, to in ((orders.to_patient(), "professionals"), (orders.order(), "patient")):
        with pytest.raises(PermanentError) as caught:
            mailbox(order, orders.settings(to=to))
        assert caught.value.code == "mssante.recipient_kind"


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "labo@gmail.com"},
        {"sender": "285039900000193@patient.mssante.example"},
        {"reply_to": "labo@orange.fr"},
        {"always": ["x@free.fr"]},
        {"to": "patient", "always": ["x@mssante.example"]},
        {"sender": "labo <labo@mssante.example>"},
        {"sender": "labo\r\n@mssante.example"},
        {"sender_name": "Labo\r\nBcc: x@y.fr"},
        {"sender_name": ""},
        {"domains": []},
        {"domains": ["@mssante.fr"]},
        {"host": "serveur\r\n"},
    ],
)
def test_a_configuration_that_would_leave_the_space_of_trust_is_refused_at_once(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        orders.settings(**changes)


def test_a_patients_mail_is_never_larger_than_the_patients_mailbox_takes() -> None:
    assert orders.settings(to="patient", max_message_bytes=40_000_000).limit_bytes == 25_000_000
    assert orders.settings(to="patient").limit_bytes == 10_000_000
    assert orders.settings(max_message_bytes=40_000_000).limit_bytes == 40_000_000
