"""The page of a level-1 document: nothing of what was sent is dropped, nothing contradicts it in silence."""

from __future__ import annotations

import pytest

from engine.findings import Disposition
from engine.formats.hprim.medecin.markup import plain
from engine.model.document import TextBody
from tests.unit.formats.medecin.dossiers import GLUCOSE, at, codes, converted, dossier, file

PAGE = ("GLYCEMIE A JEUN               0,95 g/L        (0,74 - 1,06)",)


def lines(*block: str, text: tuple[str, ...] = ()) -> tuple[str, ...]:
    (draft,) = converted(file(dossier(*block, text=text))).drafts
    assert isinstance(draft.document.body, TextBody)
    return draft.document.body.lines


def test_a_page_that_holds_every_result_is_left_as_it_is() -> None:
    assert lines(GLUCOSE, text=PAGE) == PAGE


def test_a_result_the_page_lacks_is_added_with_all_its_fields() -> None:
    added = lines("RES|UREE|URE|N|0.24|g/L|0.15|0.20|H|C|4.0|mmol/L|2.5|7.5", text=PAGE)
    assert added[:1] == PAGE
    assert added[-1] == (
        "UREE   0.24 g/L   (valeurs de référence : 0.15 - 0.20)   [haut]   (corrigé)   soit 4.0 mmol/L"
        "   (valeurs de référence : 2.5 - 7.5)"
    )


def test_a_text_the_page_lacks_is_added() -> None:
    assert lines("TEX|Prélèvement à 8h15", GLUCOSE, text=PAGE) == (*PAGE, "", "Prélèvement à 8h15")


def test_a_text_the_page_has_is_not_said_twice() -> None:
    assert lines("TEX|" + PAGE[0], GLUCOSE, text=PAGE) == PAGE


def test_without_a_page_the_block_is_the_page() -> None:
    assert lines("TEX", "TEX|BIOCHIMIE", GLUCOSE, "TEX") == (
        "BIOCHIMIE",
        "GLYCEMIE A JEUN   0.95 g/L   (valeurs de référence : 0.74 - 1.06)",
    )


@pytest.mark.parametrize(
    "printed",
    [
        "GLYCEMIE A JEUN        9,5 g/L",
        "Glycémie à jeun : 1.95 g/L",
        "GLYCEMIE A JEUN   0,950 g/L",
        "GLYCEMIE A JEUN 5 g/L",
    ],
)
def test_a_page_that_says_another_value_makes_a_person_look(printed: str) -> None:
    made = converted(file(dossier(GLUCOSE, text=(printed,))))
    found = at(made, "hprim.page_differs")
    assert (found.where, found.disposition) == ("RES[1].5", Disposition.HOLD)
    shown = made.drafts[0].document.body
    assert isinstance(shown, TextBody)
    assert printed in shown.lines
    assert any("0.95 g/L" in line for line in shown.lines)


@pytest.mark.parametrize(
    "printed",
    [
        "GLYCEMIE A JEUN        0,95 g/L   soit 5,27 mmol/L",
        "  Glycémie à jeun ........ 0.95 g/L",
        "GLYCEMIE A JEUN",
        "Voir la glycémie à jeun du 12/02",
        "GLYCEMIE A JEUN 0.95 135",
    ],
)
def test_a_page_that_agrees_or_says_nothing_makes_nobody_look(printed: str) -> None:
    assert "hprim.page_differs" not in codes(converted(file(dossier(GLUCOSE, text=(printed,)))))


def test_a_thousand_printed_with_a_point_and_sent_without_makes_a_person_look() -> None:
    made = converted(file(dossier("RES|LEUCOCYTES|GB|N|2920|/mm3|||N|F", text=("LEUCOCYTES   2.920 /mm3",))))
    assert at(made, "hprim.page_differs").disposition is Disposition.HOLD


def test_digits_of_a_label_are_no_value() -> None:
    made = converted(file(dossier("RES|VITAMINE B12|B12|N|250|ng/L|||N|F", text=("VITAMINE B12     250 ng/L",))))
    assert "hprim.page_differs" not in codes(made)


def test_a_sign_lost_in_the_page_is_not_overlooked() -> None:
    made = converted(file(dossier("RES|CRP|CRP|A|< 0.6|mg/L|||N|F", text=("CRP    0,6 mg/L",))))
    assert at(made, "hprim.page_differs").disposition is Disposition.HOLD


def test_a_piece_of_text_cut_by_transport_is_kept() -> None:
    assert "suite de la phrase coupée" in lines(GLUCOSE, "suite de la phrase coupée", text=PAGE)


def test_a_record_nobody_described_stays_out_of_the_document_and_is_told() -> None:
    made = converted(file(dossier(GLUCOSE, "PCT|Prescription|1", text=PAGE)))
    assert lines(GLUCOSE, "PCT|Prescription|1", text=PAGE) == PAGE
    assert "hprim.unknown_line" in codes(made)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("M&eacute;decin<br />suite", "Médecin\nsuite"),
        ("Date d&#039;impression", "Date d'impression"),
        ("<b>gras</b> et <i>penché</i>", "gras et penché"),
        ("10<sup>9</sup>/L", "10^9/L"),
        ("<td>a</td><td>b</td>", "a b "),
        ("un<p>deux</p>", "un\ndeux"),
        ('<font color="red" size=2>rouge</font>', "rouge"),
        ("<script>alert(1)</script>", "\nalert(1)"),
        ("CRP < 0,6 et > 0,1", "CRP < 0,6 et > 0,1"),
        ("si a<b et c>d", "si a<b et c>d"),
        ("&lt; 0,6", "< 0,6"),
        ("&lt;b&gt;", "<b>"),
        ("AT&T & Cie ; R&D;", "AT&T & Cie ; R&D;"),
        ("<5", "<5"),
        ("<i and b>", "<i and b>"),
    ],
)
def test_markup_goes_and_its_words_stay(sent: str, shown: str) -> None:
    assert plain(sent).text == shown


def test_plain_text_is_not_touched_nor_told() -> None:
    assert plain("Glycémie < 0,6") == plain("Glycémie < 0,6")
    assert not plain("Glycémie < 0,6").had_markup
