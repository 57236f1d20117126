"""What a person reads of a mail."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from connectors.destinations.mssante.facts import document_facts
from connectors.destinations.mssante.mime import text as part
from connectors.destinations.mssante.text import plain, text
from engine.exchange import Order, OrderKind
from engine.model.instructions import Instructions
from tests.unit.mssante import orders


def said(order: Order, **changes: object) -> str:
    return text(order, document_facts(order.package.cda), orders.settings(**changes))


def test_each_recipient_reads_the_text_meant_for_them() -> None:
    asked = Instructions(professionals_body="Au confrère.", patient_body="Au patient.")
    assert said(orders.order(instructions=asked)) == "Au confrère."
    assert said(orders.to_patient(instructions=asked), to="patient") == "Au patient."


def test_without_a_text_for_them_they_read_ours() -> None:
    asked = Instructions(patient_body="Au patient.")
    assert said(orders.order(instructions=asked)) == said(orders.order())
    assert "Compte rendu d'examens biologiques" in said(orders.order())


def test_a_text_of_blanks_is_none() -> None:
    assert said(orders.order(instructions=Instructions(professionals_body=" \t\r\n\x00 "))) == said(orders.order())


def test_a_deletion_speaks_of_the_document_in_the_configured_words() -> None:
    order = orders.order(kind=OrderKind.DELETE)
    assert said(order).startswith("L'émetteur du document « Compte rendu d'examens biologiques », que vous avez pu")
    configured = said(order, deletion_body="Retrait de « {title} ».")
    assert configured.startswith("Retrait de « Compte rendu d'examens biologiques ».\n\nVeuillez détruire")


def test_lines_of_any_system_are_lines() -> None:
    assert plain("a\r\nb\rc\nd\u2028e\x0bf\x85g") == "a\nb\nc\nd\ne\nf\ng"
    assert plain("a\n\n \n\t\n\nb\n") == "a\n\nb"


def test_what_a_sender_writes_reads_from_left_to_right_and_shows_whole() -> None:
    assert plain("résultat \u202eevitagén\u202c") == "résultat evitagén"
    assert plain("\x1b[31mrouge\x07 \ud800") == "[31mrouge"
    assert plain("œuvre à 5 € — « déjà » 👩‍⚕️") == "œuvre à 5 € — « déjà » 👩‍⚕️"


@given(st.text())
def test_any_text_becomes_one_that_can_be_mailed(words: str) -> None:
    shown = plain(words)
    assert part(shown).isascii()
    assert not [sign for sign in shown if sign != "\n" and unicodedata.category(sign) == "Cc"]
    assert plain(shown) == shown
