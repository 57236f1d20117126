"""Who answers for a document towards the DMP: who asks for the sending, a configured person, or who signed it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.destinations.dmp.responsible import configured, of_document, requester, responsible
from connectors.destinations.dmp.settings import DmpSettings, Responsible
from engine.errors import PermanentError
from engine.model.instructions import Instructions
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Code, Identifier, PersonName
from tests.unit.dmp import orders
from tests.unit.dmp.certificates import Files, settings_values
from tests.unit.xds import documents

FILES = Files(Path("a.pem"), Path("a.key"))
SETTINGS = DmpSettings.model_validate(settings_values(FILES, FILES))
OURS = SETTINGS.structure_id


def test_the_legal_authenticator_answers_for_the_document() -> None:
    found = of_document(documents.cda())
    assert (found.id, found.family, found.given) == ("801234534765", "BIOLOGISTE", "Anne")
    assert [role.code for role in found.roles] == ["10", "SM03"]


def test_their_speciality_may_be_the_one_they_have_as_author() -> None:
    assert of_document(documents.cda(specialty="")).specialty.code == "G15_10/SM03"


@pytest.mark.parametrize(
    "content",
    [
        documents.cda(specialty="", author_specialty=""),
        documents.cda(person=""),
        documents.cda(specialty='<code code="G15_10" codeSystem="1.2.250.1.213.1.1.4.5"/>'),
        documents.cda(specialty='<code code="SECRETARIAT_MEDICAL" codeSystem="1.2.250.1.213.1.1.4.6"/>'),
        documents.cda().replace(b"801234534765", b"800000000000"),
        documents.cda().replace(b"1.2.250.1.71.4.2.1", b"1.2.3"),
    ],
)
def test_nobody_generic_nameless_or_unqualified_answers_for_a_document(content: bytes) -> None:
    with pytest.raises(PermanentError) as caught:
        of_document(content)
    assert caught.value.code == "dmp.responsible"


def test_a_profession_without_speciality_has_one_role() -> None:
    nurse = '<code code="G15_60" displayName="Infirmier" codeSystem="1.2.250.1.213.1.1.4.5"/>'
    assert [role.code for role in of_document(documents.cda(specialty=nurse)).roles] == ["60"]


def test_a_pharmacist_s_section_has_its_own_code_system() -> None:
    chosen = Responsible(
        id="801234534765", family="A", given="B", specialty_code="G15_21/G", specialty_label="Pharmacien biologiste"
    )
    assert [(role.code, role.system) for role in configured(chosen).roles] == [
        ("21", "1.2.250.1.71.1.2.7"),
        ("G", "1.2.250.1.71.4.2.6"),
    ]


# -- who asks for the sending (PRT SB) ------------------------------------------------------------------------------

GENERAL = Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Médecine générale (SM)")
ASKING = Professional(
    Identifier(PROFESSIONAL_OID, "810101010101"),
    PersonName("DEMANDEUR", "Paul"),
    GENERAL,
    organization=Organization(Identifier(STRUCTURE_OID, OURS), "Service"),
)


def asked(asking: Professional, **changes: object) -> str | None:
    found = requester(asking, documents.cda(), SETTINGS.model_copy(update=changes))
    return found.id if found else None


def test_who_asks_is_named_when_they_are_of_our_structure() -> None:
    found = requester(ASKING, documents.cda(), SETTINGS)
    assert found is not None
    assert (found.id, found.family, found.given) == ("810101010101", "DEMANDEUR", "Paul")
    assert [role.code for role in found.roles] == ["10", "SM26"]


def test_who_asks_without_saying_for_whom_asks_for_us() -> None:
    assert asked(replace(ASKING, organization=None)) == "810101010101"


@pytest.mark.parametrize(
    ("number", "structure_id"), [("300017985", "1300017985"), ("12345678900011", "312345678900011")]
)
def test_a_bare_finess_or_siret_is_the_structure_it_numbers(number: str, structure_id: str) -> None:
    organization = Organization(Identifier(STRUCTURE_OID, number), "Service")
    assert asked(replace(ASKING, organization=organization), structure_id=structure_id) == "810101010101"
    assert asked(replace(ASKING, organization=organization), requester_structures=(structure_id,)) == "810101010101"
    assert asked(replace(ASKING, organization=organization)) is None


def test_a_bare_rpps_number_is_a_national_identifier() -> None:
    assert asked(replace(ASKING, id=Identifier(PROFESSIONAL_OID, "10101010101"))) == "810101010101"


def test_a_profession_prt_does_not_say_may_be_in_the_document() -> None:
    unsaid = replace(ASKING, specialty=None)
    assert asked(unsaid) is None
    found = requester(replace(unsaid, id=Identifier(PROFESSIONAL_OID, "801234534765")), documents.cda(), SETTINGS)
    assert found is not None
    assert found.specialty.code == "G15_10/SM03"


def test_or_in_routes_yaml() -> None:
    known = Responsible(id="810101010101", family="X", given="Y", specialty_code="G15_60", specialty_label="Infirmier")
    unsaid = replace(ASKING, specialty=None)
    for changes in ({"requesters": (known,)}, {"responsible": known}):
        found = requester(unsaid, documents.cda(), SETTINGS.model_copy(update=changes))
        assert found is not None
        assert (found.family, [role.code for role in found.roles]) == ("DEMANDEUR", ["60"])


@pytest.mark.parametrize(
    "asking",
    [
        replace(ASKING, id=None),
        replace(ASKING, id=Identifier("1.2.3", "810101010101")),
        replace(ASKING, id=Identifier(PROFESSIONAL_OID, None)),
        replace(ASKING, id=Identifier(PROFESSIONAL_OID, "800000000000")),
        replace(ASKING, name=None),
        replace(ASKING, name=PersonName("DEMANDEUR")),
        replace(ASKING, specialty=Code("AUTOMATE", "1.2.250.1.213.1.1.4.6")),
        replace(ASKING, specialty=Code("G15_10", "1.2.250.1.213.1.1.4.5")),
        replace(ASKING, organization=Organization(Identifier("1.2.3", OURS), "Service")),
        replace(ASKING, organization=Organization(Identifier(STRUCTURE_OID, "1990000010"), "Autre")),
    ],
    ids=range(10),
)
def test_nobody_is_made_up_for_who_asks(asking: Professional) -> None:
    assert asked(asking) is None
    order = orders.order(instructions=Instructions(requester=asking))
    assert responsible(order, SETTINGS).id == "801234534765"


def test_who_asks_comes_before_the_configured_person_unless_routes_yaml_says_otherwise() -> None:
    order = orders.order(instructions=Instructions(requester=ASKING))
    named = Responsible(
        id="899700000012", family="A", given="B", specialty_code="G15_10/SM03", specialty_label="Biologie"
    )
    chosen = SETTINGS.model_copy(update={"responsible": named})
    assert responsible(order, chosen).id == "810101010101"
    assert responsible(order, chosen.model_copy(update={"name_requester": False})).id == "899700000012"
    assert responsible(orders.order(), chosen).id == "899700000012"
