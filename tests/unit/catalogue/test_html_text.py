"""HTML becomes lines of text only when a reader of the lines understands what a reader of the page does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue.html_text import html_body
from engine.findings import Disposition
from engine.model.document import TextBody


def lines(html: str) -> tuple[str, ...]:
    body, findings = html_body(html)
    assert findings == ()
    assert body is not None
    return body.lines


def refused(html: str) -> list[tuple[str, str]]:
    body, findings = html_body(html)
    assert body is None
    assert all(one.disposition is Disposition.REFUSE and one.remedy for one in findings)
    return [(one.code, one.where) for one in findings]


def test_paragraphs_headings_and_line_breaks_become_lines() -> None:
    html = "<h1>Compte rendu</h1>\n<p>TA <b>13/8</b>,\n FC&nbsp;70.<br/>À revoir.</p><div>Dr B.</div>"
    assert lines(f"<html><body>{html}</body></html>") == ("Compte rendu", "TA 13/8, FC\u00a070.", "À revoir.", "Dr B.")


def test_empty_lines_asked_for_stay() -> None:
    assert lines("a<br><br>b") == ("a", "", "b")


def test_lists_keep_their_marks_their_numbers_and_their_depth() -> None:
    html = "<ol><li>Doliprane<ul><li>matin</li><li>soir</li></ul></li><li>Repos</li></ol>"
    assert lines(html) == ("1. Doliprane", "  - matin", "  - soir", "2. Repos")


def test_a_plain_table_keeps_its_cells_side_by_side_empty_ones_included() -> None:
    rows = "<tr><th>Examen</th><th>J1</th><th>J2</th></tr><tr><td><p>CRP</p></td><td></td> <td>12</td></tr>"
    assert lines(f"<table border='1'>{rows}</table>") == ("Examen | J1 | J2", "CRP |  | 12")


def test_preformatted_lines_keep_their_columns() -> None:
    assert lines("<pre>Na    140\nK       4</pre>fin") == ("Na    140", "K       4", "fin")


def test_signs_stay_as_they_are_read() -> None:
    assert lines("PSA &lt; 0,01 &amp; stable &ge; 3 mois &#233;") == ("PSA < 0,01 & stable ≥ 3 mois é",)


def test_a_long_paragraph_is_folded_between_words() -> None:
    made = lines("<p>" + "mot " * 60 + "</p>")
    assert len(made) == 3 and max(map(len, made)) <= 89
    assert " ".join(made).split() == ["mot"] * 60


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("10<sup>9</sup>/L", "n1.html_tag"),
        ("<s>Ne pas prendre</s>", "n1.html_tag"),
        ("<img src='x.png'>", "n1.html_tag"),
        ("<a href='http://x'>y</a>", "n1.html_tag"),
        ("<style>p{display:none}</style><p>a</p>", "n1.html_tag"),
        ("<script>alert(1)</script>", "n1.html_tag"),
        ("<![CDATA[a]]>", "n1.html_tag"),
        ("<p style='text-decoration:line-through'>a</p>", "n1.html_attribute"),
        ("<p class='x'>a</p>", "n1.html_attribute"),
        ("<p hidden>a</p>", "n1.html_attribute"),
        ("<table><tr><td colspan='2'>a</td></tr></table>", "n1.html_attribute"),
        ("<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>", "n1.html_cell"),
        ("<table><tr><td>120<br>80</td></tr></table>", "n1.html_cell"),
        ("<table><tr><td>a</td> perdu <td>b</td></tr></table>", "n1.html_cell"),
        ("<table><tr><td><ul><li>a</li></ul></td></tr></table>", "n1.html_cell"),
    ],
)
def test_what_lines_cannot_tell_is_refused(html: str, code: str) -> None:
    assert code in {found for found, _ in refused(html)}


def test_every_reason_is_given_with_its_place() -> None:
    assert refused("<p>\n  10<sup>9</sup>\n</p>\n<p class='x'>a</p>") == [
        ("n1.html_tag", "html:2:5"),
        ("n1.html_attribute", "html:4:1"),
    ]


@given(st.text("<>/!-[]&;#ab \n\u00e9pliotdtr=\"'", max_size=60))
def test_any_text_is_read_or_refused(html: str) -> None:
    body, findings = html_body(html)
    assert (body is None) == bool(findings)


WORDS = st.text("abcé0123456789,./%", min_size=1, max_size=8)


@given(st.lists(st.tuples(st.sampled_from(["p", "div", "h2", "li", "span", "b"]), WORDS), max_size=20))
def test_no_word_is_lost_added_or_moved(pieces: list[tuple[str, str]]) -> None:
    html = " ".join(f"<{tag}>{word}</{tag}>" for tag, word in pieces)
    read = [word for line in lines(html) for word in line.split() if word != "-"]
    assert read == [word for _, word in pieces]


def test_nothing_makes_an_empty_text() -> None:
    assert html_body("<p> </p>") == (TextBody(()), ())
