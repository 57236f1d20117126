"""The report: its verdict, its grouping, its three renderings."""

from __future__ import annotations

import json
from decimal import Decimal

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.validation.grouping import faults
from engine.validation.report import (
    LayerRun,
    RecognisedDocument,
    Report,
    as_html,
    as_json,
    as_svrl,
    as_text,
    traced,
)

_ROOT = "/Q{urn:hl7-org:v3}ClinicalDocument[1]"


def finding(layer: str, where: str, message: str, **more: object) -> Finding:
    severity = more.pop("severity", Severity.ERROR)
    code = more.pop("code", f"{layer}.rule")
    return Finding(code=code, severity=severity, where=where, message=message, layer=layer, **more)  # type: ignore[arg-type]


def report(*findings: Finding, pack: str = "essai-1") -> Report:
    layers = (LayerRun("xml", Decimal("0.21"), 0), LayerRun("sm", Decimal("5.70"), len(findings)))
    return Report(findings, pack, layers, RecognisedDocument("11502-2", "1.2^2024.01", 3, "CI-SIS_X.sch", "Essai"))


TIME = finding(
    "passeur",
    _ROOT,
    "La date du document doit donner au moins la minute.",
    code="passeur.effective_time",
    remedy="Écrire le fuseau.",
    line=15,
    disposition=Disposition.REFUSE,
)


def test_a_report_without_finding_may_leave() -> None:
    assert report().may_leave
    assert as_text(report(), "a.xml").startswith("a.xml : peut partir\n")


def test_an_error_keeps_the_document() -> None:
    assert not report(TIME).may_leave
    assert as_text(report(TIME), "a.xml").startswith("a.xml : NE PEUT PAS PARTIR (1 erreur)\n")


def test_a_warning_lets_it_leave_unless_a_person_must_look() -> None:
    warning = finding("passeur", _ROOT, "m", severity=Severity.WARNING)
    held = finding("passeur", _ROOT, "m", severity=Severity.WARNING, disposition=Disposition.HOLD)
    assert report(warning).may_leave
    assert not report(held).may_leave
    assert "sans l’accord d’une personne (1 avertissement)" in as_text(report(held), "a.xml")


def test_the_text_gives_layer_rule_line_place_message_origin_and_remedy() -> None:
    text = as_text(traced(report(TIME), ((_ROOT, "OBR[1].7"),)), "a.xml")
    for part in (
        "ERREUR  passeur · passeur.effective_time  (ligne 15 · /ClinicalDocument)",
        "La date du document doit donner au moins la minute.",
        "Origine : OBR[1].7",
        "→ Écrire le fuseau.",
        "type 11502-2 · niveau 3 · schéma CI-SIS_X.sch · pack essai-1",
        "sm 1 (5,70 ms)",
    ):
        assert part in text


def test_without_a_pack_the_text_says_so() -> None:
    assert "sans pack officiel" in as_text(report(pack=""), "a.xml")


def test_several_layers_about_one_element_are_one_fault_and_none_is_dropped() -> None:
    said = (
        finding(
            "xsd",
            f"{_ROOT}/Q{{urn:hl7-org:v3}}effectiveTime[1]",
            "L’élément « effectiveTime » n’a pas une forme valide.",
        ),
        finding("sm", _ROOT, "En-tête du document : l’élément « effectiveTime » est obligatoire (au moins 1)."),
        TIME,
        finding("sm", _ROOT, "En-tête du document : l’élément « title » est obligatoire (au moins 1)."),
    )
    grouped = faults(said)
    assert sorted(len(fault.findings) for fault in grouped) == [1, 3]
    together = next(fault for fault in grouped if len(fault.findings) == 3)
    assert together.head.layer == "passeur"
    text = as_text(report(*said), "a.xml")
    assert text.count("ERREUR") == 2
    assert all(f.message in text for f in said)


def test_two_remarks_of_one_layer_about_one_place_stay_two_faults() -> None:
    said = (finding("volet", _ROOT, "Il manque le biologiste."), finding("volet", _ROOT, "Il manque la spécialité."))
    assert len(faults(said)) == 2


def test_errors_come_first_then_the_order_of_the_document() -> None:
    said = (
        finding("passeur", _ROOT, "w", severity=Severity.WARNING, line=1),
        finding("ans", _ROOT, "late", line=90),
        finding("ans", _ROOT, "early", line=10),
    )
    assert [fault.head.message for fault in faults(said)] == ["early", "late", "w"]


def test_the_json_holds_every_finding_with_all_its_fields() -> None:
    (document,) = json.loads(as_json((("a.xml", report(TIME)),)))
    assert document["name"] == "a.xml"
    assert document["may_leave"] is False
    assert document["disposition"] == "refuse"
    assert document["layers"][1] == {"name": "sm", "milliseconds": "5.70", "findings": 1}
    assert document["findings"][0]["line"] == 15
    assert document["findings"][0]["where"] == _ROOT
    assert document["document"]["schema"] == "CI-SIS_X.sch"


def test_the_page_stands_alone_and_escapes_what_it_shows() -> None:
    page = as_html(report(finding("ans", _ROOT, "<script>alert(1)</script>")), "<b>.xml")
    parsed = etree.fromstring(page, etree.HTMLParser())
    assert not parsed.xpath("//script | //link | //img | //@src | //@href | //b")
    assert "NE PEUT PAS PARTIR" in page
    assert "&lt;script&gt;" in page


def test_an_origin_is_that_of_the_nearest_element_above() -> None:
    body = f"{_ROOT}/Q{{urn:hl7-org:v3}}component[1]"
    origins = ((body, "P[1]"), (f"{body}/Q{{urn:hl7-org:v3}}section[2]", "OBR[2]"))
    deep = finding("mc", f"{body}/Q{{urn:hl7-org:v3}}section[2]/Q{{urn:hl7-org:v3}}code[1]/@code", "m")
    other = finding("mc", f"{body}/Q{{urn:hl7-org:v3}}section[1]", "m")
    outside = finding("mc", _ROOT, "m")
    assert [f.source for f in traced(report(deep, other, outside), origins).findings] == ["OBR[2]", "P[1]", None]


# -- SVRL -------------------------------------------------------------------------------------------------------

_TEXT = '<element name="text"><text/></element>'
_ATTRIBUTES = '<attribute name="location"/><attribute name="test"/><optional><attribute name="role"/></optional>'
SVRL = etree.RelaxNG(
    etree.fromstring(
        f"""<element name="schematron-output" ns="http://purl.oclc.org/dsdl/svrl"
          xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
        <optional><attribute name="title" ns=""/></optional>
        <optional><attribute name="phase" ns=""><data type="NMTOKEN"/></attribute></optional>
        <optional><attribute name="schemaVersion" ns=""/></optional>
        <zeroOrMore>{_TEXT}</zeroOrMore>
        <oneOrMore>
          <element name="active-pattern"><optional><attribute name="id" ns=""><data type="ID"/></attribute></optional>
          </element>
          <oneOrMore>
            <element name="fired-rule"><attribute name="context" ns=""/></element>
            <zeroOrMore><element name="failed-assert">
              <optional><attribute name="id" ns=""><data type="NCName"/></attribute></optional>
              {_ATTRIBUTES.replace("/>", ' ns=""/>', 3)}
              <zeroOrMore><element name="diagnostic-reference"><attribute name="diagnostic" ns="">
                <data type="NMTOKEN"/></attribute>{_TEXT}</element></zeroOrMore>
              {_TEXT}
            </element></zeroOrMore>
          </oneOrMore>
        </oneOrMore>
      </element>"""
    )
)
"""The order and the attributes of ISO/IEC 19757-3, annex D, for the part of the vocabulary that a report uses."""

_S = {"s": "http://purl.oclc.org/dsdl/svrl"}


def _svrl(made: Report) -> etree._Element:
    root = etree.fromstring(as_svrl(made, "a & b\udc80\x01.xml").encode())
    assert SVRL.validate(root), SVRL.error_log
    return root


def test_the_svrl_holds_each_layer_and_each_finding() -> None:
    elsewhere = finding("sm", f"{_ROOT}/Q{{urn:hl7-org:v3}}title[1]", "m", severity=Severity.WARNING, line=3)
    again = finding("sm", elsewhere.where, "n", code="sm.été 2", remedy="r")
    root = _svrl(report(TIME, elsewhere, again))
    assert root.xpath("s:active-pattern/@id", namespaces=_S) == ["xml", "sm", "passeur"]
    failed = root.findall("s:failed-assert", _S)
    assert [f.get("id") for f in failed] == ["sm.rule", "sm._t__2", "passeur.effective_time"]
    assert [f.get("role") for f in failed] == ["warning", "error", "error"]
    assert [f.get("location") for f in failed] == [elsewhere.where, elsewhere.where, _ROOT]
    assert [f.findtext("s:text", namespaces=_S) for f in failed] == ["m", "n", TIME.message]
    assert root.findtext("s:failed-assert/s:diagnostic-reference/s:text", namespaces=_S) == "r"
    assert len(root.findall("s:fired-rule", _S)) == 3, "one for xml, one for the element of sm, one for the root"


def test_the_svrl_of_a_document_without_fault_says_which_layers_ran() -> None:
    root = _svrl(report())
    assert root.get("schemaVersion") == "essai-1"
    assert root.xpath("s:active-pattern/@id", namespaces=_S) == ["xml", "sm"]
    assert root.findall("s:failed-assert", _S) == []


def test_the_svrl_of_a_file_that_is_no_document_is_sound_too() -> None:
    root = _svrl(report(finding("xml", "", "Ce n’est pas du XML."), pack=""))
    assert root.get("schemaVersion") is None
    assert root.xpath("s:failed-assert/@location", namespaces=_S) == ["/"]


def test_the_page_tells_the_faults_by_what_is_to_be_done() -> None:
    warning = finding("ans", _ROOT, "À voir : le titre ?", severity=Severity.WARNING, remedy="Corriger « ici ».")
    page = etree.fromstring(as_html(report(TIME, warning), "a.xml"), etree.HTMLParser())
    assert page.xpath("//h2/text()") == ["À corriger avant l’envoi", "À surveiller", "Vérifications menées"]
    assert page.xpath("//li[@class='warning']/p[@class='message']/text()") == ["À voir\u00a0: le titre\u00a0?"]
    assert page.xpath("//li[@class='warning']/p[2]/text()") == ["→ Corriger «\u00a0ici\u00a0»."]
    assert "@media print" in page.findtext(".//style")
