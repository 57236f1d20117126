from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.document import ClinicalDocument, TextBody
from engine.rendering.pdfa import pdfa_findings
from engine.rendering.text_lines import wrapped
from engine.rendering.text_pdf import text_pdf
from tests.unit.rendering import situations
from tests.unit.rendering.reading import lines, pages, words


def shown(document: ClinicalDocument) -> bytes:
    return text_pdf(document, situations.VERSION, situations.SOFTWARE)


def with_lines(*sent: str) -> ClinicalDocument:
    return replace(situations.text(), body=TextBody(sent))


def test_columns_and_empty_lines_stay_as_sent() -> None:
    document = situations.text()
    assert isinstance(document.body, TextBody)
    read = lines(shown(document))
    assert [line for line in document.body.lines if line and line not in read] == []


def test_head_and_foot_are_those_of_every_report() -> None:
    text = words(shown(situations.text()))
    assert "Laboratoire de biologie médicale Fictif" in text
    assert "Nom de naissance TESTNAISSANCE" in text
    assert "Validé par Dr Andréa BIOTEST, le 10/03/2025 à 14:10" in text
    assert "FICTIVE (nom de naissance TESTNAISSANCE) Zoé, née le 12/03/1985 · Demande n° DEM0001" in text
    assert "Copie lisible produite à partir du message du laboratoire (Passeur 0.1.0)" in text


def test_the_same_text_gives_the_same_bytes_and_is_pdf_a_1() -> None:
    first = shown(situations.text())
    assert shown(situations.text()) == first
    assert pdfa_findings(first) == ()


def test_a_line_of_132_columns_is_folded_not_cut() -> None:
    sent = "".join(f"{rank:>4}" for rank in range(100))
    read = "".join(line.replace("↳", "") for line in lines(shown(with_lines(sent))))
    assert "".join(sent.split()) in "".join(read.split())


def test_markup_is_shown_as_it_is() -> None:
    hostile = ("#panic()", "*a* _b_ `c`", "``` raw ```", "$x$ <y> @z", "\\ // /* */", "= titre")
    read = lines(shown(with_lines(*hostile)))
    assert [line for line in hostile if line not in read] == []


def test_tabs_keep_their_columns_and_page_breaks_become_lines() -> None:
    read = lines(shown(with_lines("a\tb", "c\fd")))
    assert "a       b" in read
    assert "c" in read
    assert "d" in read


def test_a_thousand_lines_each_page_names_the_patient() -> None:
    pdf = shown(with_lines(*(f"LIGNE {rank}" for rank in range(1000))))
    sheets = pages(pdf)
    assert [line for line in lines(pdf) if line.startswith("LIGNE")] == [f"LIGNE {rank}" for rank in range(1000)]
    assert all("née le 12/03/1985" in sheet for sheet in sheets)


def test_an_empty_text_is_still_a_document() -> None:
    assert "TESTNAISSANCE" in words(shown(with_lines()))


def test_another_body_is_a_programming_fault() -> None:
    with pytest.raises(ValueError, match="no text"):
        shown(situations.biochemistry())


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=255), max_size=400), max_size=20))
def test_folding_loses_nothing_and_never_overflows(sent: list[str]) -> None:
    folded = wrapped(sent)
    pieces = folded["lines"]
    assert isinstance(pieces, list)
    columns = 51_000 * 1000 // (602 * int(str(folded["size"])))
    assert all(len(piece["text"]) <= columns for piece in pieces)
    together = "".join(("" if piece["rest"] else "\n") + piece["text"] for piece in pieces)
    from engine.rendering.typesetting import printable

    assert together == "".join(f"\n{printable(line)}" for line in sent)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=8))
def test_no_text_whatever_breaks_a_document(sent: list[str]) -> None:
    assert pdfa_findings(shown(with_lines(*sent))) == ()
