"""The header says who, for whom, when and under which rules, in the order of the schema."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from engine.cda.xml import parse, xpath_of
from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.model.document import ClinicalDocument
from engine.model.values import Address, PersonName, Telecom
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import GLUCOSE, act, report, simple_biochemistry

_NS = {"h": "urn:hl7-org:v3", "s": "urn:hl7-org:sdtc", "l": "urn:oid:1.3.6.1.4.1.19376.1.3.2"}
WHOLE = simple_biochemistry()


def rendered(document: ClinicalDocument) -> etree._Element:
    return parse(DOCUMENT_TYPE.render(document, parties.VERSION, Software()).cda)


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(found) for found in root.xpath(path, namespaces=_NS)]


def test_a_qualified_ins_comes_first_with_its_traits() -> None:
    root = rendered(replace(WHOLE, patient=parties.QUALIFIED_PATIENT))
    assert texts(root, "//h:patientRole/h:id/@root") == ["1.2.250.1.213.1.4.10", parties.LAB_OID]
    assert texts(root, "//h:patient/h:name/h:given[not(@qualifier)]/text()") == ["CLAIRE ANNE"]
    assert texts(root, "//h:patient/h:name/h:given[@qualifier='BR']/text()") == ["CLAIRE"]
    assert texts(root, "//h:birthplace/h:place/h:addr/h:county/text()") == ["76351"]


def test_an_unknown_address_of_the_patient_is_said_unknown() -> None:
    root = rendered(replace(WHOLE, patient=replace(parties.PATIENT, addresses=(), telecoms=())))
    assert texts(root, "//h:patientRole/h:addr/@nullFlavor") == ["UNK"]
    assert texts(root, "//h:patientRole/h:telecom/@nullFlavor") == ["UNK"]


def test_a_twin_is_told_by_its_rank() -> None:
    root = rendered(replace(WHOLE, patient=parties.NEWBORN))
    assert texts(root, "//s:multipleBirthOrderNumber/@value") == ["2"]
    assert texts(root, "//h:administrativeGenderCode/@code") == ["UN"]


def test_a_birth_name_is_never_made_of_the_used_one() -> None:
    root = rendered(replace(WHOLE, patient=replace(parties.PATIENT, birth_name=None)))
    assert texts(root, "//h:patient/h:name/h:family/@qualifier") == ["CL"]


def test_a_partial_report_is_an_active_act() -> None:
    root = rendered(parties.document(report(act(GLUCOSE, status="active"), status="active")))
    assert texts(root, "h:documentationOf[1]/h:serviceEvent/l:statusCode/@code") == ["active"]
    assert texts(root, "//h:entry/h:act/h:statusCode/@code") == ["active"]


def test_the_laboratory_s_accreditation_goes_with_the_responsible_biologist() -> None:
    root = rendered(WHOLE)
    path = "//h:responsibleParty//h:representedOrganization/h:id[@assigningAuthorityName='COFRAC']/@extension"
    assert texts(root, path) == ["8-0000"]


def test_a_title_sent_as_a_civility_is_a_title_and_an_unknown_civility_is_not_said() -> None:
    doctor = replace(parties.PRESCRIBER, name=PersonName("PETIT", "Anne", "DR"))
    other = replace(parties.PRESCRIBER, name=PersonName("PETIT", "Anne", "Mlle"))
    root = rendered(replace(WHOLE, recipients=(doctor, other)))
    assert texts(root, "//h:informationRecipient/h:name/h:suffix/text()") == ["DR"]
    assert texts(root, "//h:informationRecipient/h:name/h:prefix") == []


def test_a_local_identifier_of_a_recipient_is_not_given_for_a_national_one() -> None:
    root = rendered(replace(WHOLE, recipients=(parties.NURSE,)))
    assert texts(root, "//h:intendedRecipient/h:id") == []
    assert texts(root, "//h:intendedRecipient/h:informationRecipient/h:name/h:family/text()") == ["ROY"]


def test_addresses_and_telephones_are_given_once_and_in_the_admitted_form() -> None:
    twice = replace(
        parties.PATIENT,
        addresses=(Address(("1 rue A", ""), "76600", "LE HAVRE", use="XX"),) * 2,
        telecoms=(Telecom("tel:02 00", "WP"), Telecom("tel:0200"), Telecom("0200")),
    )
    root = rendered(replace(WHOLE, patient=twice))
    assert texts(root, "//h:patientRole/h:addr/h:streetName/text()") == ["1 rue A"]
    assert texts(root, "//h:patientRole/h:addr/@use") == []
    assert texts(root, "//h:patientRole/h:telecom/@value") == ["tel:0200"]


def test_the_place_of_a_result_leads_back_to_its_segment() -> None:
    made = DOCUMENT_TYPE.render(WHOLE, parties.VERSION, Software())
    origins = dict(made.origins)
    root = parse(made.cda)
    (second,) = root.xpath("//h:observation[h:value/@value='9.1']", namespaces=_NS)
    assert origins[xpath_of(second)] == "OBX[2]"
    assert origins["/Q{urn:hl7-org:v3}ClinicalDocument[1]/Q{urn:hl7-org:v3}recordTarget[1]"] == "P"
    assert {"OBR[1]", "C[1]", "C[2]", "C[3]"} <= set(origins.values())


def test_numbers_keep_the_decimals_they_were_sent_with() -> None:
    assert texts(rendered(WHOLE), "//h:observation/h:value/@value")[:2] == ["5.30", "9.1"]
