"""The smallest whole document of any line: nothing more is asked of the caller, nothing is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.catalogue.catalogue import catalogue, entry
from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.legal_entity import is_legal_entity, legal_entity_author, with_legal_entity
from engine.catalogue.minimal import minimal_document
from engine.errors import DocumentError
from engine.model.document import ClinicalDocument, TextBody
from engine.model.parties import Professional
from engine.model.values import Identifier, Timestamp
from tests.golden.n1 import people
from tests.golden.n1.situations import MADE, historic

BODY = TextBody(("Vu.",))
CONSULTATION = entry("medecin", "general", "cr-consultation")


def made(line: CatalogueEntry, professional: Professional | None = None, title: str = "") -> ClinicalDocument:
    who = professional or people.author(line)
    return minimal_document(line, BODY, patient=people.PATIENT, professional=who, created_at=MADE, title=title)


@pytest.mark.parametrize("line", catalogue(), ids=lambda line: line.key)
def test_a_document_of_any_line_remembers_its_line_and_what_renders_it(line: CatalogueEntry) -> None:
    """R-DOC-01."""
    document = made(line)
    assert document.catalogue == line.key
    assert document.type == line.document_types[0]
    assert document.title == line.type.display


def test_the_type_that_is_built_is_taken_when_it_is_given() -> None:
    summary = entry("medecin", "medecin-traitant-suivi-enfant", "synthese-medicale")
    document = minimal_document(
        summary,
        BODY,
        patient=people.PATIENT,
        professional=people.author(summary),
        created_at=MADE,
        document_type="ips_fr",
    )
    assert document.type == "ips_fr"


def test_the_host_names_its_document_or_the_catalogue_does() -> None:
    """R-DOC-08."""
    assert made(CONSULTATION, title=" Visite à domicile ").title == "Visite à domicile"
    assert made(CONSULTATION, title="  ").title == "CR ou fiche de consultation ou de visite"


def test_who_made_it_signs_it_did_it_and_keeps_it() -> None:
    document = made(CONSULTATION)
    who = people.author(CONSULTATION)
    assert (document.authors[0].professional, document.legal_authenticator.professional) == (who, who)
    assert (document.act.performer, document.custodian) == (who, people.OFFICE)
    assert document.encounter.facility_type == people.OFFICE.facility_type
    assert {document.authors[0].time, document.legal_authenticator.time, document.act.start} == {MADE}


def test_a_document_of_the_past_has_three_times() -> None:
    """R-DMP-11."""
    document = minimal_document(
        CONSULTATION,
        BODY,
        patient=people.PATIENT,
        professional=people.author(CONSULTATION),
        created_at=MADE,
        signed_at=Timestamp("20190507"),
        act_start=Timestamp("20190506"),
        act_stop=Timestamp("2019050618"),
        act_id=Identifier("2.25.1", "42"),
    )
    assert document.created_at == MADE
    assert document.authors[0].time == document.legal_authenticator.time == Timestamp("20190507")
    assert (document.act.start, document.act.stop) == (Timestamp("20190506"), Timestamp("2019050618"))
    assert (document.encounter.start, document.encounter.stop) == (document.act.start, document.act.stop)
    assert document.act.id == Identifier("2.25.1", "42")


def test_a_structure_or_a_sector_that_is_unknown_is_never_made_up() -> None:
    """R-DOC-06."""
    who = people.author(CONSULTATION)
    for professional, expected in (
        (replace(who, organization=None), {"cda.missing_organization", "cda.missing_facility_type"}),
        (replace(who, organization=replace(people.OFFICE, facility_type=None)), {"cda.missing_facility_type"}),
    ):
        with pytest.raises(DocumentError) as caught:
            made(CONSULTATION, professional)
        assert {one.code for one in caught.value.findings} == expected


def test_a_legal_entity_is_added_once_after_the_person() -> None:
    """R-DMP-12."""
    document = historic()
    assert [is_legal_entity(one.professional) for one in document.authors] == [False, True]
    assert with_legal_entity(document, people.OFFICE) == document
    assert document.authors[1].time == document.created_at


def test_a_legal_entity_without_its_national_number_or_its_name_is_no_author() -> None:
    """R-DMP-12."""
    for entity in (replace(people.OFFICE, id=None), replace(people.OFFICE, name=" ")):
        with pytest.raises(ValueError, match="national number"):
            legal_entity_author(entity, MADE)


def test_somebody_without_a_name_is_no_legal_entity() -> None:
    who = people.author(CONSULTATION)
    assert not is_legal_entity(replace(who, name=None))
    assert not is_legal_entity(replace(who, name=None, id=people.LABORATORY.id, organization=None))
