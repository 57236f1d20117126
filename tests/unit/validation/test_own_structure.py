"""Our own structure of a CDA: order, number and kind of its elements, in business words."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.resources import folder
from engine.validation.own_structure import OwnStructure
from tests.unit.validation.samples import CR_BIO, NS, RESULT, SAMPLES, XSI_TYPE, added, given, removed, spoiled, without


@pytest.fixture(scope="module")
def structure() -> OwnStructure:
    return OwnStructure()


def said(structure: OwnStructure, document: bytes) -> Finding:
    """The only finding."""
    (finding,) = structure.findings(etree.fromstring(document))
    return finding


@pytest.mark.parametrize("name", SAMPLES)
def test_our_samples_have_the_structure_they_should(structure: OwnStructure, name: str) -> None:
    assert structure.findings(etree.fromstring(SAMPLES[name])) == ()


def test_every_schema_file_is_reached_from_the_first() -> None:
    reached, files = set(), ["document.xsd"]
    while files:
        name = files.pop()
        reached.add(name)
        root = etree.parse(folder("schemas") / "cda" / name).getroot()
        linked = {element.get("schemaLocation") for element in root if element.get("schemaLocation")}
        files += sorted(linked - reached)
    assert reached == {path.name for path in (folder("schemas") / "cda").glob("*.xsd")}


def _swapped(title: etree._Element) -> None:
    code = title.getprevious()
    assert code is not None
    title.addnext(code)


FAULTS = {
    "order": (spoiled("/*/cda:title", _swapped), "structure.content", "« title » (titre) n’est pas à sa place"),
    "repeated": (
        added("/*/cda:recordTarget", "<patientRole/>"),
        "structure.content",
        "« patientRole » (patient) n’est pas à sa place",
    ),
    "removed": (
        removed("//cda:patient/cda:birthTime"),
        "structure.content",
        "attendu ici : « birthTime » (date de naissance)",
    ),
    "incomplete": (removed(f"{RESULT}/cda:entryRelationship/cda:observation"), "structure.content", "est incomplet"),
    "unknown": (added(RESULT, "<foo/>"), "structure.content", "« foo » n’est pas à sa place"),
    "attribute": (given(RESULT, "foo", "1"), "structure.unknown_attribute", "« foo » de l’élément « observation »"),
    "missing attribute": (without(RESULT, "classCode"), "structure.missing_attribute", "« classCode »"),
    "fixed": (given(RESULT, "moodCode", "XXX"), "structure.fixed_value", "« moodCode »"),
    "form": (given("/*/cda:id", "root", "1.2.03"), "structure.form", "« root » de l’élément « id » (identifiant)"),
    "number": (given(f"{RESULT}/cda:value", "value", "douze"), "structure.form", "« value »"),
    "no type": (without(f"{RESULT}/cda:value", XSI_TYPE), "structure.missing_type", "(xsi:type)"),
    "stray text": (
        spoiled("//cda:patient", lambda patient: setattr(patient, "text", "égaré")),
        "structure.stray_text",
        "« patient » (identité du patient) contient du texte",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_departure_is_said_in_french_with_its_place_and_line(structure: OwnStructure, fault: str) -> None:
    document, code, words = FAULTS[fault]
    finding = said(structure, document)
    assert finding.code == code
    assert words in finding.message
    assert finding.message.startswith(("L’élément", "L’attribut"))
    assert (finding.severity, finding.disposition) == (Severity.ERROR, Disposition.REFUSE)
    assert finding.where.startswith("/Q{urn:hl7-org:v3}ClinicalDocument[1]")
    assert finding.line and finding.remedy and finding.layer == "structure"


def test_what_every_element_may_begin_with_is_not_listed(structure: OwnStructure) -> None:
    for document, _, _ in FAULTS.values():
        assert "templateId" not in said(structure, document).message


def test_no_message_quotes_the_document(structure: OwnStructure) -> None:
    secret = "SECRET-0123"
    for attribute, xpath in (("value", "//cda:patient/cda:birthTime"), ("extension", "//cda:patientRole/cda:id")):
        document = given(xpath, attribute, f"{secret} ", given(xpath, "foo", secret))
        assert not any(secret in found.message for found in structure.findings(etree.fromstring(document)))


def test_a_departure_in_the_body_of_a_type_that_we_do_not_model_is_a_warning(structure: OwnStructure) -> None:
    other = given("/*/cda:code", "code", "18748-4", removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.55']"))
    other = added("/*/cda:templateId", "", other).replace(b"<id root=", b'<templateId root="1.2.3"/><id root=', 1)
    in_body = said(structure, added(RESULT, "<foo/>", other))
    assert (in_body.severity, in_body.disposition) == (Severity.WARNING, Disposition.PUBLISH)
    in_header = said(structure, given("/*/cda:id", "root", "1.2.03", other))
    assert (in_header.severity, in_header.disposition) == (Severity.ERROR, Disposition.REFUSE)


def test_an_element_of_an_extension_is_found_whatever_its_prefix(structure: OwnStructure) -> None:
    found = CR_BIO.count(b"lab:statusCode")
    assert found
    finding = said(structure, given("//lab:statusCode", "nullFlavor", "NA"))
    assert finding.code == "structure.unknown_attribute"
    assert finding.where.endswith("statusCode[1]")
    local = spoiled("//lab:statusCode", lambda status: status.set("nullFlavor", "NA")).replace(
        b' xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2"', b"", 1
    )
    local = local.replace(b"<lab:statusCode", b'<lab:statusCode xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2"', 1)
    assert said(structure, local).code == "structure.unknown_attribute"


def test_a_document_that_departs_everywhere_is_not_told_at_length(structure: OwnStructure) -> None:
    root = etree.fromstring(CR_BIO)
    cell = root.find(".//cda:td", NS)
    assert cell is not None
    for _ in range(700):
        etree.SubElement(cell, f"{{{NS['cda']}}}content", foo="1")
    found = structure.findings(root)
    assert len(found) == 501
    assert found[-1].code == "structure.more"
    assert "200" in found[-1].message
    assert found[-1].severity is Severity.ERROR
