"""ZAM: written by us, read back and judged by our own reader, which knows nothing of how they were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.exchange import OrderState
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.validation import Flow, Mode, findings, profile
from engine.hl7v2_out.business_answer import Event, business_answer, event_of
from engine.hl7v2_out.header import CHARSETS
from engine.model.instructions import AS_ROUTED, Instructions
from tests.unit.hl7v2_out.told import ADDRESS, outcome, report
from tests.unit.mssante import orders

PLACES = ("1", "2", "3.1", "4", "5.1", "5.3", "11")


def written(event: Event, told: object = None, **given: str) -> Message:
    made = business_answer(report(event, told or outcome()), application="P", facility="F", **given)  # type: ignore[arg-type]
    return Message.parse(made)


def codes(message: Message) -> list[str]:
    return [one.code for one in findings(message, Mode.STRICT)]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("state", [OrderState.DELIVERED, OrderState.REJECTED, OrderState.CANCELLED])
@pytest.mark.parametrize("event", list(Event))
def test_every_answer_is_read_back_without_a_remark(event: Event, state: OrderState, charset: str) -> None:
    told = outcome(state, recipient=orders.PRESCRIBER, cause="expired" if state is OrderState.REJECTED else "")
    message = written(event, told, charset=charset)
    assert codes(message) == []
    assert profile(message).flow is Flow.BUSINESS_ANSWER
    assert message.text("OBX-5.1") == ("Y" if state is OrderState.DELIVERED else "N")
    assert (message.first("ERR") is None) == (state is OrderState.DELIVERED)


def test_a_taken_document_is_told_to_who_sent_it_under_its_own_number() -> None:
    message = written(Event.DMP_RECEPTION)
    said = {place: message.text(f"MSH-{place}") for place in ("3", "4", "5", "6", "9", "11", "12", "17", "18", "21")}
    assert said == {
        "3": "PFI",
        "4": "Hopital-E",
        "5": "RIS-ESSAI^1.2.250.1.999.5^ISO",
        "6": "Hopital-E",
        "9": "ZAM^Z01^ZAM_Z01",
        "11": "T",
        "12": "2.6",
        "17": "FRA",
        "18": "UNICODE UTF-8",
        "21": "2.1^CISIS_CDA_HL7_V2",
    }
    assert message.text("EVN-2") == "20260105093140+0000"
    assert message.text("OBX-4") == "MDM-81"
    assert [message.text(f"OBX-{place}") for place in PLACES] == [
        *("1", "CWE", "ACK_RECEPTION_DMP", "MDM-81", "Y", "expandedYes-NoIndicator", "F")
    ]


def test_a_closed_dmp_is_told_by_the_code_of_the_dmp() -> None:
    told = outcome(OrderState.REJECTED, cause="dmp.DMPClosed", detail="Le DMP du patient est fermé.")
    message = written(Event.DMP_RECEPTION, told)
    assert message.text("ERR-3") == "207^Application error^messageErrorCondition"
    assert message.text("ERR-4") == "E"
    assert message.text("ERR-5") == "DMPClosed^Le DMP du patient est fermé.^DMP_ERROR_CODE"
    assert written(Event.DMP_RECEPTION, told, dmp_system="DMPERRORCODE").text("ERR-5.3") == "DMPERRORCODE"


@pytest.mark.parametrize(
    ("state", "cause", "expected"),
    [
        (OrderState.REJECTED, "dmp.no_ins", "dmp.no_ins^Envoi refusé^99PASSEUR"),
        (OrderState.CANCELLED, "", "cancelled^Envoi annulé avant le départ du document^99PASSEUR"),
        (OrderState.CANCELLED, "nothing_left", "nothing_left^Document jamais transmis : il n'y a rien à supprimer^"),
        (OrderState.SUPERSEDED, "", "superseded^Version remplacée avant son envoi : elle n'a pas été transmise^"),
        (OrderState.REJECTED, "expired", "expired^Délai d'envoi dépassé : le document n'a pas été transmis^99PASSEUR"),
        (OrderState.SUPERSEDED, "dmp.XDSRegistryBusy", "superseded^"),
        (OrderState.CANCELLED, "dmp.XDSRegistryBusy", "cancelled^"),
        (OrderState.BLOCKED, "opposition", "opposition^Opposition du patient : le document n'a pas été transmis^"),
        (OrderState.REJECTED, "document.refused", "document.refused^Un autre document du même message"),
    ],
)
def test_a_reason_of_ours_never_borrows_a_code_of_the_peer(state: OrderState, cause: str, expected: str) -> None:
    message = written(Event.DMP_RECEPTION, outcome(state, cause=cause))
    assert (message.text("ERR-5") or "").startswith(expected)
    assert message.text("ERR-5.3") == "99PASSEUR"


@pytest.mark.parametrize("cause", ["mssante.smtp_550", "dsn.550"])
def test_a_refused_mail_is_told_by_its_smtp_code_and_its_mailbox(cause: str) -> None:
    told = outcome(OrderState.REJECTED, cause=cause, recipient=orders.PRESCRIBER)
    message = written(Event.MAIL_RECEPTION, told)
    assert message.text("ERR-5") == "550^Boîte du destinataire inexistante ou inaccessible^SMTPERRORCODE"
    assert message.text("OBX[2]-2") == "XTN"
    assert message.text("OBX[2]-3") == "DESTINATAIRE_MSS^Destinataire MSSanté^AckMetierZAM"
    assert message.text("OBX[2]-5") == f"^^X.400^{orders.PRESCRIBER}"
    assert message.text("OBX-4") == "MDM-81"


def test_a_mail_to_the_patient_is_told_by_the_address_made_of_the_matricule() -> None:
    ins = orders.LEVEL_1.patient.ins
    assert ins is not None
    message = written(Event.MAIL_RECEPTION, outcome(recipient="patient"))
    assert message.text("OBX[2]-5.4") == f"{ins.matricule}@patient.mssante.fr"


@pytest.mark.parametrize(("cause", "code"), [("mdn.902", "902"), ("mdn.906", "906"), ("", "906"), ("mdn.777", "906")])
def test_a_document_its_reader_could_not_take_is_told_by_the_reason_given(cause: str, code: str) -> None:
    told = outcome(OrderState.REJECTED, cause=cause, recipient="a@medecin.mssante.example")
    message = written(Event.MAIL_READING, told)
    assert message.text("ERR-5.1") == code
    assert message.text("ERR-5.3") == "applicationErrorCondition"
    assert message.text("OBX[2]-3.1") == "LECTEUR_MSS"


def test_the_same_order_gives_the_same_bytes_and_another_order_another_number() -> None:
    one, other = report(Event.DMP_RECEPTION, outcome()), report(Event.DMP_RECEPTION, outcome(), order_id="other")
    again = replace(one, attempt=7)
    made = [business_answer(order, application="P", facility="F") for order in (one, again, other)]
    assert made[0] == made[1]
    numbers = [Message.parse(content).text("MSH-10") for content in made]
    assert numbers[0] != numbers[2]
    assert all(number and len(number) == 20 for number in numbers)


def test_what_a_single_byte_set_has_not_is_written_plainly_and_never_stops_the_answer() -> None:
    told = outcome(OrderState.REJECTED, cause="dmp.XDSRegistryError", detail="L’œuvre – coûte 3 € … 漢")
    message = written(Event.DMP_RECEPTION, told, charset="8859/15")
    assert message.charset == "iso8859-15"
    assert message.text("ERR-5.2") == "L'œuvre - coûte 3 € ... ?"


def test_a_sender_that_did_not_name_us_gets_the_name_we_are_configured_with() -> None:
    one = report(Event.DMP_RECEPTION, outcome())
    nameless = Instructions(receipts=replace(ADDRESS, our_application="", our_facility=""))
    order = replace(one, package=replace(one.package, instructions=nameless))
    message = Message.parse(business_answer(order, application="PASSEUR", facility="LABO"))
    assert (message.text("MSH-3"), message.text("MSH-4")) == ("PASSEUR", "LABO")


def test_an_order_that_says_nothing_to_tell_is_refused() -> None:
    one = report(Event.DMP_RECEPTION, outcome())
    for order in (
        replace(one, about=None),
        replace(one, package=replace(one.package, instructions=AS_ROUTED)),
        replace(one, recipient="Z09 x"),
    ):
        with pytest.raises(DocumentError):
            business_answer(order, application="P", facility="F")
    assert event_of(one) is Event.DMP_RECEPTION


@given(st.text(max_size=60), st.text(max_size=40), st.datetimes(min_value=datetime(1990, 1, 1)))
def test_no_detail_and_no_number_breaks_a_message(detail: str, number: str, at: datetime) -> None:
    told = replace(outcome(OrderState.REJECTED, cause="x", detail=detail), at=at.replace(tzinfo=UTC))
    one = report(Event.MAIL_RECEPTION, told)
    address = Instructions(receipts=replace(ADDRESS, control_id=number))
    order = replace(one, package=replace(one.package, instructions=address))
    message = Message.parse(business_answer(order, application="P", facility="F"))
    assert [segment.name for segment in message.segments] == ["MSH", "EVN", "OBX", "OBX", "ERR"]
    assert message.text("ERR-5.3") == "99PASSEUR"
