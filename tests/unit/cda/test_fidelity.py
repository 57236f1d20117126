"""Whatever goes wrong between the report and its document is seen before the document leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree

from engine.cda.xml import parse
from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.documents.fidelity import fidelity_findings
from engine.findings import Disposition, Severity
from engine.model.document import PdfBody
from tests.golden.cr_bio import parties, situations

_NS = {"h": "urn:hl7-org:v3"}
_RESULT = "//h:observation[h:templateId/@root='1.3.6.1.4.1.19376.1.3.1.6']"


def _set(path: str, attribute: str, value: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        root.xpath(path, namespaces=_NS)[0].set(attribute, value)

    return mutate


def _remove(path: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        node = root.xpath(path, namespaces=_NS)[0]
        node.getparent().remove(node)

    return mutate


def _write(path: str, text: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        node = root.xpath(path, namespaces=_NS)[0]
        for child in list(node):
            node.remove(child)
        node.text = text

    return mutate


def _twice(path: str) -> Callable[[etree._Element], None]:
    def mutate(root: etree._Element) -> None:
        node = root.xpath(path, namespaces=_NS)[0]
        node.addnext(parse(etree.tostring(node, with_tail=False)))

    return mutate


def _swap_narrative_values(root: etree._Element) -> None:
    first, second = root.xpath("//h:tr[@ID]/h:td[2]/h:content", namespaces=_NS)[:2]
    first.text, second.text = second.text, first.text


def _swap_details(root: etree._Element) -> None:
    """The particulars of two results, exchanged: same words, wrong places."""
    first, second = root.xpath("//h:tr[@ID]/following-sibling::h:tr[1][not(@ID)]", namespaces=_NS)[:2]
    one, other = first[0], second[0]
    first.append(other)
    second.append(one)


MUTATIONS: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "a value": (_set(f"{_RESULT}/h:value", "value", "53.0"), "value"),
    "a decimal": (_set(f"{_RESULT}/h:value", "value", "5.3"), "value"),
    "a unit": (_set(f"{_RESULT}/h:value", "unit", "g/L"), "value"),
    "a value lost": (_remove(f"{_RESULT}/h:value"), "value"),
    "a value twice": (_twice(f"{_RESULT}/h:value"), "value"),
    "a range bound": (_set("//h:observationRange/h:value/h:high", "value", "61"), "range"),
    "an inclusive bound": (_set("//h:observationRange/h:value/h:high", "inclusive", "false"), "range"),
    "a flag": (_set(f"{_RESULT}/h:interpretationCode", "code", "L"), "flag"),
    "a flag lost": (_remove(f"{_RESULT}/h:interpretationCode"), "flag"),
    "a date": (_set(f"{_RESULT}/h:effectiveTime", "value", "20240313104500+0100"), "time"),
    "a status": (_set(f"{_RESULT}/h:statusCode", "code", "aborted"), "status"),
    "a code": (_set(f"{_RESULT}/h:code", "code", "22664-7"), "code"),
    "a local code": (_set(f"{_RESULT}/h:code/h:translation", "code", "UREE"), "local"),
    "a validator": (_set(f"{_RESULT}/h:participant/h:participantRole/h:id", "extension", "8"), "validator"),
    "a comment act lost": (_remove(f"{_RESULT}/h:entryRelationship[h:act]"), "comment"),
    "a comment's words": (_write("//*[@ID='c1-a1-2-comment1']", "À contrôler."), "comment"),
    "a result lost": (_remove("//h:entryRelationship[h:observation][1]"), "item"),
    "a result twice": (_twice("//h:entryRelationship[h:observation][1]"), "item"),
    "a sample's date": (_set("//h:procedure/h:effectiveTime", "value", "20240312"), "time"),
    "a sample's number": (_set("//h:participantRole[@classCode='SPEC']/h:id", "extension", "T-2"), "number"),
    "a reception": (_remove("//h:procedure/h:entryRelationship"), "reception"),
    "a shown value": (_write("//h:tr[@ID='c1-a1-1']/h:td[2]/h:content", "53"), "shown_value"),
    "shown values exchanged": (_swap_narrative_values, "shown_value"),
    "a shown unit": (_write("//h:tr[@ID='c1-a1-1']/h:td[3]/h:content", "g/L"), "shown_unit"),
    "a shown range": (_write("//*[@ID='c1-a1-1-range']", "0 - 9"), "shown_range"),
    "a shown flag": (_write("//h:tr[@ID='c1-a1-1']/h:td[5]/h:content", "H"), "shown_flag"),
    "a label": (_write("//*[@ID='c1-a1-1-label']", "Potassium"), "label"),
    "particulars exchanged": (_swap_details, "narrative_order"),
    "a row lost": (_remove("//h:tr[@ID='c1-a1-1']"), "narrative_missing"),
    "words added": (_write("//h:td[not(node())]", "Rassurant"), "narrative_extra"),
    "a comment of the whole lost": (_remove("//h:section[h:title='Commentaires']//h:paragraph"), "narrative_missing"),
    "the clinical information": (_write("//*[@ID='clinical-information']", "Diabète"), "comment"),
    "a reference": (_set("//h:originalText/h:reference", "value", "#nowhere"), "broken_reference"),
    "the PDF": (_write("//h:observationMedia/h:value", "JVBERi0xLjQK"), "pdf"),
    "the PDF lost": (_remove("//h:component[h:observationMedia]"), "pdf"),
    "a chapter lost": (_remove("//h:structuredBody/h:component[2]"), "narrative_missing"),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_an_altered_document_is_refused(what: str) -> None:
    mutate, code = MUTATIONS[what]
    document = situations.simple_biochemistry()
    root = parse(DOCUMENT_TYPE.render(document, parties.VERSION, Software()).cda)
    mutate(root)
    findings = fidelity_findings(document, etree.tostring(root))
    assert f"fidelity.{code}" in {finding.code for finding in findings}
    assert all(finding.severity is Severity.ERROR for finding in findings)
    assert all(finding.disposition is Disposition.REFUSE for finding in findings)


def test_a_difference_is_told_by_its_place_in_the_document_and_in_the_message() -> None:
    document = situations.simple_biochemistry()
    root = parse(DOCUMENT_TYPE.render(document, parties.VERSION, Software()).cda)
    _set(f"({_RESULT}/h:value)[2]", "value", "1")(root)
    (finding,) = fidelity_findings(document, etree.tostring(root))
    assert finding.source == "OBX[2]"
    assert finding.where.endswith("/Q{urn:hl7-org:v3}observation[1]")


def test_an_antibiogram_given_to_the_other_germ_is_refused() -> None:
    document = situations.antibiogram_with_two_isolates()
    root = parse(DOCUMENT_TYPE.render(document, parties.VERSION, Software()).cda)
    first, second = root.xpath("//h:specimenPlayingEntity/h:code/h:originalText/h:reference", namespaces=_NS)
    first.set("value", second.get("value"))
    assert {finding.code for finding in fidelity_findings(document, etree.tostring(root))} == {"fidelity.germ"}


def test_no_patient_data_is_in_what_is_said_of_a_difference() -> None:
    document = situations.simple_biochemistry()
    empty = replace(document, body=situations.report(situations.act(situations.UREA)))
    cda = DOCUMENT_TYPE.render(document, parties.VERSION, Software()).cda
    said = " ".join(f"{one.message} {one.remedy} {one.where}" for one in fidelity_findings(empty, cda))
    assert said
    assert not any(word in said for word in ("5,30", "Glycémie", "ESSAI", "JEANNE", "Diabète"))


def test_a_level_1_document_carries_its_pdf_byte_for_byte() -> None:
    document = replace(situations.simple_biochemistry(), type="cr_bio_n1", body=PdfBody(parties.PDF))
    cda = LEVEL_1.render(document, parties.VERSION, Software()).cda
    assert fidelity_findings(document, cda) == ()
    other = replace(document, body=PdfBody(parties.PDF + b"\n"))
    assert [finding.code for finding in fidelity_findings(other, cda)] == ["fidelity.pdf"]


@pytest.mark.parametrize("content", [b"", b"<a", b"<!DOCTYPE a><a/>"])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    (finding,) = fidelity_findings(situations.simple_biochemistry(), content)
    assert finding.code == "fidelity.unreadable"
