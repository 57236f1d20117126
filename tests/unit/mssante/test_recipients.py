"""Whom a document is mailed to: only the space of trust, and the patient's own mailbox for the patient alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from connectors.destinations.mssante import DESTINATION
from connectors.destinations.mssante.recipients import PATIENT, mailbox, recipients
from engine.errors import ParkedError, PermanentError
from engine.exchange import Package
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import Professional
from engine.model.values import PersonName, Telecom, Timestamp
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


def asked(**changes: object) -> Package:
    return replace(package("mailto:a@m.mssante.example"), instructions=Instructions(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("to", ["professionals", "patient"])
def test_a_sender_may_ask_that_nobody_there_gets_it(to: str) -> None:
    chosen = orders.settings(to=to, always=["x@mssante.example"] if to == "professionals" else [])
    other = "patient" if to == "professionals" else "professionals"
    assert recipients(asked(**{to: False}), chosen) is None
    assert recipients(asked(**{other: False}), chosen)
    assert recipients(asked(**{to: True}), chosen) == recipients(asked(), chosen) != ()


def test_what_is_hidden_from_the_patient_goes_to_professionals_only() -> None:
    hidden = asked(patient=True, visibility=(Visibility.INVISIBLE_PATIENT,))
    assert recipients(hidden, orders.settings(to="patient")) is None
    assert recipients(hidden, orders.settings()) == ("a@m.mssante.example",)


def test_masked_from_professionals_it_still_goes_where_the_sender_sends_it() -> None:
    """The volet no longer forbids it since 2.1.1."""
    assert recipients(asked(visibility=(Visibility.MASQUE_PS,)), orders.settings()) == ("a@m.mssante.example",)


def test_mailboxes_of_the_sender_replace_those_of_the_document() -> None:
    chosen = orders.settings(always=["z@mssante.example"])
    named = asked(mailboxes=(" b@mssante.example ", "B@mssante.example", "x@gmail.com", ""))
    assert recipients(named, chosen) == ("b@mssante.example", "x@gmail.com", "z@mssante.example")
    assert recipients(asked(mailboxes=()), chosen) == ("z@mssante.example",)
    assert recipients(asked(mailboxes=()), orders.settings()) == ()


@pytest.mark.parametrize(
    "domain", ["patient.mssante.example", "PATIENT.mssante.example", "patient.mssante.example>\r\nx"]
)
def test_no_order_of_a_professional_bears_a_matricule(domain: str) -> None:
    assert recipients(asked(mailboxes=(f"{INS}@{domain}",)), orders.settings()) == ()


# -- hidden from legal representatives --------------------------------------------------------------------------------

HIDDEN = Instructions(visibility=(Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,))


@pytest.mark.parametrize(
    ("born", "goes"),
    [
        ("20080105", True),
        ("20080106", False),
        ("2008", False),
        ("2007", True),
        ("200801", False),
        ("20200101", False),
        (None, False),
    ],
)
def test_a_minor_s_mailbox_is_their_representatives(born: str | None, goes: bool) -> None:
    """On 5 January 2026."""
    patient = replace(orders.LEVEL_1.patient, birth_time=Timestamp(born) if born else None)
    order = orders.order(recipient=PATIENT, patient=patient, instructions=HIDDEN)
    chosen = orders.settings(to="patient")
    if goes:
        assert mailbox(order, chosen)
        return
    with pytest.raises(PermanentError) as caught:
        mailbox(order, chosen)
    assert caught.value.code == "mssante.legal_representatives"
    assert mailbox(order, chosen.model_copy(update={"minors_read_alone": True}))
    assert mailbox(replace(order, package=replace(order.package, instructions=Instructions())), chosen)


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
