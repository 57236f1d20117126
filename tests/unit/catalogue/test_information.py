"""The information text of a site is at the end of what is laid out here, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from engine.catalogue.catalogue import entry
from engine.catalogue.information import LINE_WIDTH, with_information
from engine.context import Software
from engine.documents.n1 import DOCUMENT_TYPE
from engine.model.document import ClinicalDocument, TextBody
from tests.golden.n1.situations import PDF, VERSION, minimal
from tests.unit.rendering.reading import words

TEXT = (
    "Vos données sont traitées par le Cabinet de l'Exemple pour votre prise en charge ; " * 2
    + "délégué : dpo@exemple.fr."
)
SENT = minimal(entry("medecin", "general", "cr-consultation"))
WRITTEN = replace(SENT, body=TextBody(("Vu ce jour.",)))


def read(document: ClinicalDocument) -> str:
    return words(DOCUMENT_TYPE.render(document, VERSION, Software()).pdf)


def test_the_text_is_in_the_pdf_when_the_site_has_one_and_not_when_it_has_none() -> None:
    """R-DOC-12."""
    assert "dpo@exemple.fr" in read(with_information(WRITTEN, TEXT))
    assert "dpo@exemple.fr" not in read(WRITTEN)
    assert with_information(WRITTEN, " \n") is WRITTEN


def test_the_text_comes_after_what_was_sent_and_never_makes_it_smaller() -> None:
    """R-DOC-12."""
    body = with_information(WRITTEN, TEXT).body
    assert isinstance(body, TextBody)
    assert body.lines[:2] == ("Vu ce jour.", "")
    assert max(map(len, body.lines)) <= LINE_WIDTH
    assert " ".join(body.lines[2:]) == TEXT


def test_the_text_is_added_once() -> None:
    """R-DOC-12."""
    once = with_information(WRITTEN, TEXT)
    assert with_information(once, TEXT) == once


def test_a_pdf_sent_is_never_touched() -> None:
    """R-DOC-02, R-DOC-12."""
    assert with_information(SENT, TEXT) is SENT
    attached = replace(WRITTEN, attached_pdf=PDF)
    assert with_information(attached, TEXT) is attached
