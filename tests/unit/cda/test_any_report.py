"""Whatever a laboratory reports, the document is well formed, valid, and says exactly that."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from engine.cda.xml import parse
from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.fidelity import fidelity_findings
from engine.model.laboratory import LaboratoryReport
from tests.golden.cr_bio import parties
from tests.unit.cda.strategies import reports

_XSD = Path(__file__).resolve().parents[3].parent / "shared/ans/TestContenuCDA-3-0/infrastructure/cda/CDA_extended.xsd"
_MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_XSD))


def _rendered(report: LaboratoryReport) -> bytes:
    return DOCUMENT_TYPE.render(parties.document(report), parties.VERSION, Software()).cda


@_MANY
@given(reports)
def test_every_fact_of_any_report_is_told_once_and_nothing_else_is(report: LaboratoryReport) -> None:
    assert fidelity_findings(parties.document(report), _rendered(report)) == ()


@_MANY
@given(reports)
def test_the_same_report_gives_the_same_bytes_and_every_origin_leads_to_an_element(report: LaboratoryReport) -> None:
    rendered = DOCUMENT_TYPE.render(parties.document(report), parties.VERSION, Software())
    assert rendered == DOCUMENT_TYPE.render(parties.document(report), parties.VERSION, Software())
    root = parse(rendered.cda)
    for xpath, _ in rendered.origins:
        assert len(root.xpath(xpath.replace("Q{urn:hl7-org:v3}", "h:"), namespaces={"h": "urn:hl7-org:v3"})) == 1


@pytest.mark.skipif(not _XSD.exists(), reason="the official XSD is not beside this checkout")
@_MANY
@given(reports)
def test_any_report_becomes_a_document_that_the_official_schema_accepts(report: LaboratoryReport) -> None:
    schema = _schema()
    assert schema.validate(parse(_rendered(report))), schema.error_log
