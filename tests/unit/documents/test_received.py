"""A document that came as CDA: its bytes are sacred, its readable copy drops no word."""

from __future__ import annotations

import base64
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from engine import registry
from engine.cda.reading import Read, read
from engine.cda.xml import V3, parse
from engine.context import Software
from engine.conversion import build
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.documents.received import DOCUMENT_TYPE
from engine.documents.received_narrative import WIDTH, narrative
from engine.documents.received_table import Cell, Row, table_lines
from engine.errors import DocumentError
from engine.findings import Disposition
from engine.model.document import DocumentVersion, ReceivedCda
from engine.model.values import Identifier
from engine.validation.validator import Validator
from tests.unit.documents_fixture import DOCUMENT, PATIENT

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
LEVEL_3 = (GOLDEN / "cr_bio" / "simple_biochemistry.xml").read_bytes()
VERSION = DocumentVersion(Identifier("1.2.3.1"), Identifier("1.2.3.100"), 1)
SOFTWARE = Software()


def level_1() -> bytes:
    return LEVEL_1.render(DOCUMENT, VERSION, SOFTWARE).cda


def received(raw: bytes) -> Read:
    return read(parse(raw), "received", ReceivedCda(raw))


def rendered(raw: bytes):  # type: ignore[no-untyped-def]
    one = received(raw)
    return DOCUMENT_TYPE.render(one.document, one.version, SOFTWARE)


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def without_copy(raw: bytes) -> bytes:
    """The document without its section FR-Document-PDF-copie."""
    root = parse(raw)
    for template in root.iterfind(f".//{{{V3}}}section/{{{V3}}}templateId[@root='1.2.250.1.213.1.1.2.243']"):
        section = template.getparent()
        assert section is not None
        component = section.getparent()
        assert component is not None
        body = component.getparent()
        assert body is not None
        body.remove(component)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def test_it_is_declared_by_its_name() -> None:
    assert registry.document_types()["received"] is DOCUMENT_TYPE


@pytest.mark.parametrize("raw", [level_1(), LEVEL_3, without_copy(LEVEL_3)], ids=["N1", "N3", "N3 without copy"])
def test_the_bytes_that_leave_are_those_that_came(raw: bytes) -> None:
    assert rendered(raw).cda == raw


def test_the_copy_of_a_level_1_document_is_its_own_pdf() -> None:
    assert rendered(level_1()).pdf == LEVEL_1.render(DOCUMENT, VERSION, SOFTWARE).pdf


def test_the_copy_of_a_structured_document_is_the_one_it_bears() -> None:
    encoded = LEVEL_3.partition(b'mediaType="application/pdf"')[2].partition(b">")[2].partition(b"<")[0]
    assert rendered(LEVEL_3).pdf == base64.b64decode(encoded)


def test_without_a_copy_the_header_and_every_word_of_the_text_are_laid_out() -> None:
    raw = without_copy(LEVEL_3)
    made = rendered(raw)
    shown = words_of(made.pdf)
    patient = received(raw).document.patient
    body = parse(raw).find(f"{{{V3}}}component/{{{V3}}}structuredBody")
    assert patient.birth_name and patient.birth_name in shown
    for line in narrative(body).lines:  # type: ignore[arg-type]
        for word in line.replace("|", " ").split():
            if set(word) - set("-="):
                assert word in shown, word
    assert made.findings == (), "a PDF/A-1 that nothing is to be said of"
    assert "à partir du document reçu" in shown


def test_the_same_document_gives_the_same_copy() -> None:
    raw = without_copy(LEVEL_3)
    assert rendered(raw).pdf == rendered(raw).pdf


def test_a_text_is_laid_out_and_a_picture_is_said_to_be_elsewhere() -> None:
    raw = level_1()
    start, end = raw.index(b"<nonXMLBody>"), raw.index(b"</nonXMLBody>")
    text = rendered(raw[:start] + "<nonXMLBody><text>Fièvre à 39</text>".encode() + raw[end:])
    assert "Fièvre à 39" in words_of(text.pdf)
    picture = b'<nonXMLBody><text mediaType="image/jpeg" representation="B64">/9j/</text>'
    shown = rendered(raw[:start] + picture + raw[end:])
    assert [(one.code, one.disposition) for one in shown.findings] == [("received.media_not_shown", Disposition.HOLD)]
    assert "image/jpeg" in words_of(shown.pdf)


def test_a_document_without_body_or_with_a_damaged_pdf_is_refused() -> None:
    raw = level_1()
    start, end = raw.index(b"<nonXMLBody>"), raw.index(b"</nonXMLBody>") + len(b"</nonXMLBody>")
    for body, code in (
        (b"", "received.no_body"),
        (b'<nonXMLBody><text mediaType="application/pdf">!</text></nonXMLBody>', "received.pdf_damaged"),
    ):
        with pytest.raises(DocumentError) as caught:
            rendered(raw[:start] + body + raw[end:])
        assert [(one.code, one.disposition) for one in caught.value.findings] == [(code, Disposition.REFUSE)]


def test_the_next_version_is_the_document_received_for_the_same_patient_only() -> None:
    one = received(level_1()).document
    assert DOCUMENT_TYPE.merge(one, one) == (one, ())
    other = replace(one, patient=replace(PATIENT, birth_name="AUTRE"))
    _, findings = DOCUMENT_TYPE.merge(other, one)
    assert [finding.disposition for finding in findings] == [Disposition.HOLD]


def test_it_is_judged_like_any_other_document() -> None:
    raw = level_1().replace(b'<languageCode code="fr-FR"/>', b"")
    one = received(raw)
    ins = one.document.patient.ins
    assert ins is not None
    document = replace(one.document, patient=replace(one.document.patient, ins=replace(ins, qualified=True)))
    settings_ = {"document_type": DOCUMENT_TYPE, "validator": Validator(None), "software": SOFTWARE}
    built = build(document, one.version, None, production=False, **settings_)  # type: ignore[arg-type]
    assert built.cda == raw
    assert {finding.layer for finding in built.findings if finding.disposition is Disposition.REFUSE} >= {"structure"}
    sound = received(level_1())
    good = replace(sound.document, patient=document.patient)
    built = build(good, sound.version, None, production=False, **settings_)  # type: ignore[arg-type]
    assert [f for f in built.findings if f.disposition is not Disposition.PUBLISH] == []
    unqualified = build(sound.document, sound.version, None, production=False, **settings_)  # type: ignore[arg-type]
    assert "identity.ins_differs" in [f.code for f in unqualified.findings]


def test_a_document_inside_its_style_sheet_leaves_as_it_came() -> None:
    sheet = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    raw = sheet + level_1().partition(b"?>")[2] + b"</xsl:stylesheet>"
    one = received(level_1())
    ins = one.document.patient.ins
    assert ins is not None
    patient = replace(one.document.patient, ins=replace(ins, qualified=True))
    document = replace(one.document, body=ReceivedCda(raw), patient=patient)
    built = build(
        document,
        one.version,
        None,
        document_type=DOCUMENT_TYPE,
        validator=Validator(None),
        software=SOFTWARE,
        production=False,
    )
    assert built.cda == raw
    assert [finding for finding in built.findings if finding.disposition is not Disposition.PUBLISH] == []


def body_of(text: str):  # type: ignore[no-untyped-def]
    section = f"<component><section><title>Titre</title><text>{text}</text></section></component>"
    return parse(f'<structuredBody xmlns="{V3}">{section}</structuredBody>'.encode())


def lines_of(text: str) -> list[str]:
    return narrative(body_of(text)).lines[2:]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("un<br/>deux", ["un", "deux"]),
        ("<paragraph>un  <content>deux</content>\n trois</paragraph>", ["un deux trois"]),
        ("<list><item>a</item><item>b<br/>c</item></list>", ["- a", "- b", "  c"]),
        (
            '<list listType="ordered"><caption>Ordre</caption><item>a</item><item>b</item></list>',
            ["Ordre", "1. a", "2. b"],
        ),
        ('<linkHtml href="https://exemple.fr">lien</linkHtml>', ["lien (https://exemple.fr)"]),
        ('vrai <content revised="delete">faux</content>', ["vrai [supprimé : faux]"]),
        ("10<sup>9</sup>/L le 1<sup>er</sup>, H<sub>2</sub>O", ["10^9/L le 1er, H2O"]),
        ("avant<paragraph>dedans</paragraph>après", ["avant", "dedans", "après"]),
        ("<inconnu>mot <autre>gardé</autre></inconnu>", ["mot gardé"]),
    ],
)
def test_text_is_shown_as_it_is_built(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


def test_a_table_keeps_its_columns() -> None:
    rows = (
        "<thead><tr><th>Examen</th><th>Résultat</th></tr></thead><tbody><tr><td>Glucose</td><td>5,2</td></tr></tbody>"
    )
    assert lines_of(f"<table><caption>Sang</caption>{rows}</table>") == [
        "",
        "Sang",
        "Examen  | Résultat",
        "------------------",
        "Glucose | 5,2",
        "",
    ]


def test_cells_over_several_rows_and_columns_stand_where_they_belong() -> None:
    rows = (
        Row((Cell(("A",), rows=2), Cell(("large",), columns=2))),
        Row((Cell(("b",)), Cell(("c",)))),
    )
    assert [line.split("|") for line in table_lines(rows, 80)] == [["A ", " large"], ["  ", " b ", " c"]]


def test_a_table_too_wide_for_a_page_says_each_value_beside_its_heading() -> None:
    head = Row(tuple(Cell((f"colonne {number}",)) for number in range(30)), heading=True)
    values = Row(tuple(Cell((f"valeur {number}",)) for number in range(30)))
    lines = table_lines((head, values), WIDTH)
    assert "colonne 17 : valeur 17" in lines
    assert all(len(line) <= WIDTH for line in lines)


def test_media_are_counted_and_named() -> None:
    media = '<entry><observationMedia ID="m1"><value mediaType="image/png"/></observationMedia></entry>'
    section = f'<section><text>Vue<renderMultiMedia referencedObject="m1"/></text>{media}</section>'
    raw = f'<structuredBody xmlns="{V3}"><component>{section}</component></structuredBody>'
    found = narrative(parse(raw.encode()))
    assert found.media == ["image/png"]
    assert "image/png" in " ".join(found.lines)


def test_sections_inside_sections_are_shown_in_order() -> None:
    inner = "<component><section><title>Dedans</title><text>mot</text></section></component>"
    section = f"<section><title>Dehors</title>{inner}</section>"
    raw = f'<structuredBody xmlns="{V3}"><component>{section}</component></structuredBody>'
    assert narrative(parse(raw.encode())).lines == ["Dehors", "======", "", "Dedans", "------", "mot"]


def test_sections_however_deep_are_shown() -> None:
    raw = "<title>fond</title><text>dernier mot</text>"
    for _ in range(110):
        raw = f"<component><section>{raw}</section></component>"
    found = narrative(parse(f'<structuredBody xmlns="{V3}">{raw}</structuredBody>'.encode()))
    assert "dernier mot" in " ".join(found.lines)


def test_text_however_deep_and_broken_by_comments_is_shown() -> None:
    deep = "<content>" * 200 + "fin<!-- non -->ale" + "</content>" * 200
    assert lines_of(f"un<!-- non --> deux {deep}") == ["un deux finale"]


_WORDS = st.text("abcdéà0123456789,.", min_size=1, max_size=60)
_INLINE = st.recursive(
    _WORDS,
    lambda inner: st.tuples(st.sampled_from(["content", "sub", "sup", "footnote"]), st.lists(inner, max_size=3)).map(
        lambda one: f"<{one[0]}>{' '.join(one[1])}</{one[0]}>"
    ),
    max_leaves=6,
)
_CELL = st.tuples(_INLINE, st.integers(1, 3), st.integers(1, 3)).map(
    lambda one: f'<td colspan="{one[1]}" rowspan="{one[2]}">{one[0]}</td>'
)
_TABLE = st.lists(st.lists(_CELL, max_size=5).map(lambda cells: f"<tr>{''.join(cells)}</tr>"), max_size=5).map(
    lambda rows: f"<table><tbody>{''.join(rows)}</tbody></table>"
)
_BLOCK = st.one_of(
    _TABLE,
    _INLINE.map(lambda one: f"<paragraph>{one}</paragraph>"),
    st.lists(_INLINE, max_size=4).map(lambda items: "<list>" + "".join(f"<item>{i}</item>" for i in items) + "</list>"),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(_INLINE, _BLOCK), max_size=4).map(" ".join))
def test_no_word_of_a_text_is_ever_dropped(text: str) -> None:
    body = body_of(text)
    told = Counter("".join("".join(str(one) for one in body.itertext()).split()))
    assert not told - Counter("".join(narrative(body).lines))
    plain = " ".join(narrative(body).lines).split()
    assert all(word in plain for word in text.split() if "<" not in text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_WORDS, min_size=1, max_size=30), max_size=4))
def test_a_table_always_holds_in_the_page(cells: list[list[str]]) -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in cells)
    assert all(len(line) <= WIDTH for line in lines_of(f"<table>{rows}</table>"))
