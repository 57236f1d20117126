"""Places in a document: written as XPath's path() does, found again, shortened for people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.validation.schematron import saxon
from engine.validation.where import element_at, line, place, shortened
from tests.unit.validation.samples import CR_BIO
from tests.unit.validation.schemas import failures, schema

ROOT = etree.fromstring(CR_BIO)
ELEMENTS = list(ROOT.iter(etree.Element))


@given(st.sampled_from(ELEMENTS))
def test_a_place_leads_back_to_its_element(element: etree._Element) -> None:
    assert element_at(ROOT, place(element)) is element
    assert element_at(ROOT, place(element) + "/@code") is element
    assert line(ROOT, place(element)) == element.sourceline


def test_places_are_written_as_saxon_writes_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    compiled = schema(tmp_path, '<pattern><rule context="*"><assert test="false()">x</assert></rule></pattern>')
    text = etree.tostring(ROOT, encoding="unicode")
    written = [failure.where for failure in failures(compiled, text)]
    assert saxon.document(text) is not None
    assert sorted(written) == sorted(place(element) for element in ELEMENTS)


@given(st.text(max_size=60))
def test_a_place_that_leads_nowhere_is_no_error(where: str) -> None:
    found = element_at(ROOT, where)
    assert found is None or found in ELEMENTS


def test_a_shortened_place_is_readable() -> None:
    where = "/Q{urn:hl7-org:v3}ClinicalDocument[1]/Q{urn:oid:1.3.6.1.4.1.19376.1.3.2}x[2]/Q{urn:z}y[1]/@code"
    assert shortened(where) == "/ClinicalDocument/lab:x[2]/y/@code"
