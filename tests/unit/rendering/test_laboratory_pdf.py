from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.laboratory import (
    Comment,
    Concept,
    LabAct,
    LaboratoryReport,
    PreviousResult,
    Quantity,
    ReferenceRange,
    Result,
    TextValue,
)
from engine.model.parties import INS_NIR, Ins, Organization, Patient, Professional
from engine.model.values import Code, Identifier, PersonName, Telecom, Timestamp
from engine.rendering.chapters import all_results
from engine.rendering.laboratory_pdf import laboratory_pdf
from engine.rendering.pdfa import pdfa_findings
from tests.unit.rendering import situations
from tests.unit.rendering.reading import lines, pages, squeezed, words

SITUATIONS = (situations.biochemistry, situations.bacteriology, situations.partial, situations.correction)
HOSTILE = (
    "#let x = 1; #panic()",
    "*gras* _italique_ `brut`",
    "$x^2$ <étiquette> @renvoi",
    r"\ \u{1F600} \n",
    "= Titre",
    "- puce",
    "// commentaire /* bloc */",
    "https://exemple.test/a?b=c#d",
    "a -- b --- c ... \"d\" 'e' ~ f",
    '"}]); #read("/etc/passwd")',
    "]] #[ {",
)


def shown(document: ClinicalDocument, version: DocumentVersion = situations.VERSION) -> bytes:
    return laboratory_pdf(document, version, situations.SOFTWARE)


def one_result(result: Result, **report: object) -> ClinicalDocument:
    act = LabAct("Examens", "OBR[1]", (result,))
    return situations.document(situations.chapter("Biochimie", act), **report)


def texts_of(result: Result) -> Iterator[str]:
    yield result.concept.text
    if result.status != "aborted":
        yield result.value_as_sent if isinstance(result.value, Quantity) else ""
        yield result.unit_as_sent or ""
    yield result.reference_range.text if result.reference_range else ""
    for comment in result.comments:
        yield from comment.text.split("\n")
    for earlier in result.previous:
        yield earlier.value_as_sent


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_every_value_unit_range_comment_and_name_can_be_read(situation) -> None:
    document = situation()
    assert isinstance(document.body, LaboratoryReport)
    text = squeezed(words(shown(document)))
    expected = [piece for result in all_results(document.body) for piece in texts_of(result)]
    expected += [chapter.title for chapter in document.body.chapters]
    expected += [act.title for chapter in document.body.chapters for act in chapter.acts]
    expected += [comment.text for comment in document.body.comments]
    expected += [document.title, document.custodian.name, "TESTNAISSANCE", "FICTIVE", "Hélène", "Zoé", "12/03/1985"]
    assert [piece for piece in expected if squeezed(piece) not in text] == []


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_the_same_report_gives_the_same_bytes_and_is_pdf_a_1(situation) -> None:
    first = shown(situation())
    assert shown(situation()) == first
    assert pdfa_findings(first) == ()


def test_bytes_do_not_depend_on_what_was_laid_out_before() -> None:
    first = shown(situations.correction(), situations.SECOND_VERSION)
    shown(situations.biochemistry())
    assert shown(situations.correction(), situations.SECOND_VERSION) == first


def test_only_our_own_fonts_are_used_and_every_face_is_there() -> None:
    document = one_result(situations.measured("Potassium", "6.8", "mmol/L", "3.5-5.1", "HH", carried_over=True))
    with pikepdf.open(io.BytesIO(shown(document))) as pdf:
        names = {
            str(found.BaseFont)
            for found in pdf.objects
            if isinstance(found, pikepdf.Dictionary) and "/BaseFont" in found
        }
    faces = {name.split("+")[-1].removesuffix("-Identity-H") for name in names}
    assert faces <= {f"SourceSansPro-{face}" for face in ("Regular", "Semibold", "Bold", "It")} | {"DejaVuSansMono"} | {
        "DejaVuSansMono-Bold"
    }
    assert {"SourceSansPro-Regular", "SourceSansPro-Semibold", "SourceSansPro-Bold", "SourceSansPro-It"} <= faces


def test_the_file_is_dated_by_the_document_not_by_the_clock() -> None:
    with pikepdf.open(io.BytesIO(shown(situations.biochemistry()))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20250310133000Z"
        assert datetime.now(UTC).strftime("%Y%m%d").encode() not in pdf.Root.Metadata.read_bytes()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_markup_in_what_was_sent_is_shown_as_it_is(hostile: str) -> None:
    patient = replace(situations.PATIENT, birth_name=hostile, used_name=None)
    result = Result(
        concept=Concept(hostile),
        value=TextValue(hostile),
        value_as_sent=hostile,
        unit_as_sent=None,
        origin="OBX[1]",
        reference_range=ReferenceRange(hostile),
        comments=(Comment(f"avant {hostile}\n{hostile} après", "C[1]"),),
    )
    document = replace(one_result(result, full_text=Comment(hostile, "OBX[2]")), patient=patient)
    text = squeezed(words(shown(document)))
    assert text.count(squeezed(hostile)) >= 7


def test_signs_of_french_laboratories_are_shown_by_a_font_that_has_them() -> None:
    signs = "é è à ç œ Œ æ µ μ ≤ ≥ < > ≠ ± × ÷ ² ³ ° ½ ¼ Ω α β γ Δ λ ‰ → ↑ ↓ ⇒ € § • – — … « » “ ” ’"
    signs += " ₂ ⁹ ∞ √ ≈ − ℓ ‑ ♀ ♂ ☐ ✓"
    document = one_result(situations.measured("Signes", "1", "µmol/L", comments=(Comment(signs, "C[1]"),)))
    text = words(shown(document))
    assert [sign for sign in signs.split() if sign not in text] == []
    assert "[U+" not in text


def test_a_sign_that_cannot_be_shown_is_named_never_dropped() -> None:
    comment = Comment("a\x00b\x1bc\u202e321\u200b日\ud800\ue000\u05d0é", "C[1]")
    text = words(shown(one_result(situations.measured("Sodium", "139", "mmol/L", comments=(comment,)))))
    assert "a[U+0000]b[U+001B]c[U+202E]321[U+200B][U+65E5][U+D800][U+E000][U+05D0]é" in text


def test_a_long_word_is_broken_in_its_cell_and_stays_whole_to_a_reader() -> None:
    word = "Anticorps" * 30
    result = situations.measured(word, "1234567890123456789012345678901234567890", "x" * 60, "9" * 80)
    pdf = shown(one_result(result))
    text = squeezed(words(pdf))
    assert max(len(line) for line in lines(pdf)) < 130
    for piece in (word, "1234567890123456789012345678901234567890", "x" * 60, "9" * 80):
        assert piece in text


def test_three_hundred_results_fill_pages_that_each_name_the_patient() -> None:
    results = tuple(
        situations.measured(f"Analyte {rank}", f"{rank}.50", "mmol/L", "1.00-9.00", "H", "4.2")
        for rank in range(1, 301)
    )
    act = LabAct("Bilan", "OBR[1]", results, specimens=(situations.BLOOD,))
    pdf = shown(situations.document(situations.chapter("Biochimie", act)), situations.SECOND_VERSION)
    sheets = pages(pdf)
    assert len(sheets) > 5
    found = [line for line in lines(pdf) if line.startswith("Analyte ")]
    assert [line.split()[1:4] for line in found] == [[str(rank), f"{rank}.50", "mmol/L"] for rank in range(1, 301)]
    for number, sheet in enumerate(sheets, start=1):
        assert "FICTIVE (nom de naissance TESTNAISSANCE) Zoé, née le 12/03/1985" in sheet
        assert "Demande n° DEM0001" in sheet
        assert f"Page {number} / {len(sheets)}" in sheet
        assert "Copie lisible produite à partir du message du laboratoire" in sheet
        assert "ANNULE ET REMPLACE" in sheet
        if "Analyte" in sheet:
            assert "Valeurs de référence" in sheet
    assert pdfa_findings(pdf) == ()


def test_a_result_is_never_parted_from_its_comment_by_a_page() -> None:
    call = Comment("Contrôlé.\nAppelé.\nConfirmé.", "C[1]")
    results = tuple(situations.measured(f"Analyte-{rank}.", "1", "g/L", comments=(call,)) for rank in range(90))
    sheets = pages(shown(situations.document(situations.chapter("Biochimie", LabAct("Bilan", "OBR[1]", results)))))
    assert len(sheets) > 3
    for sheet in sheets:
        assert sheet.count("Analyte-") == sheet.count("Contrôlé.") == sheet.count("Confirmé.")


@pytest.mark.parametrize("above", range(20, 48, 3))
def test_a_comment_that_a_page_can_hold_is_not_parted_from_its_result(above: int) -> None:
    """What is read at the head of a page always says what it is about."""
    fillers = tuple(situations.measured(f"Analyte-{rank}.", "1", "g/L") for rank in range(above))
    comment = Comment("\n".join(f"Ligne {rank} du commentaire." for rank in range(1, 36)), "C[1]")
    last = situations.measured("NT-proBNP", "12450", "ng/L", "-300", "HH", comments=(comment,))
    act = LabAct("Bilan", "OBR[1]", (*fillers, last))
    sheets = pages(shown(situations.document(situations.chapter("Biochimie", act))))
    (sheet,) = [one for one in sheets if "NT-proBNP" in one]
    assert all(f"Ligne {rank} du commentaire." in sheet for rank in range(1, 36))


def test_a_comment_longer_than_a_page_is_shown_whole() -> None:
    comment = Comment("\n".join(f"Ligne {rank} du commentaire." for rank in range(1, 201)), "C[1]")
    text = words(shown(one_result(situations.measured("Sodium", "139", "mmol/L", comments=(comment,)))))
    assert all(f"Ligne {rank} du commentaire." in text for rank in range(1, 201))


def test_a_report_with_nothing_optional_is_still_a_report() -> None:
    nobody = Patient((), None, None, None, (), None, None, None, None)
    structure = Organization(None, "Laboratoire")
    someone = Professional(None, None)
    document = situations.document(
        situations.chapter("Biochimie", LabAct("Biochimie", "OBR[1]", (situations.said("Aspect", "Clair", time=None),)))
    )
    bare = replace(
        document,
        patient=nobody,
        custodian=structure,
        act=replace(document.act, performer=someone, id=None),
        legal_authenticator=replace(document.legal_authenticator, professional=someone),
        participants=(),
        recipients=(),
        orders=(),
    )
    text = words(shown(bare))
    assert "Nom de naissance non transmis" in text
    assert "Date de naissance non transmis" in text
    assert "un biologiste dont le nom n'a pas été transmis" in text
    assert "None" not in text


def test_the_matricule_is_shown_only_when_the_identity_is_qualified() -> None:
    result = situations.measured("Sodium", "139", "mmol/L")
    qualified = replace(situations.PATIENT, ins=Ins("285039900000193", INS_NIR, qualified=True))
    unqualified = replace(situations.PATIENT, ins=Ins("285039900000193", INS_NIR, qualified=False))
    assert "INS (NIR) 285039900000193" in words(shown(replace(one_result(result), patient=qualified)))
    pdf = shown(replace(one_result(result), patient=unqualified))
    assert "285039900000193" not in words(pdf)
    assert "INS" not in words(pdf).split()


def test_decimals_stay_as_sent() -> None:
    text = words(shown(one_result(situations.measured("Glucose", "5.30", "mmol/L", "4.10-5.90"))))
    assert "Glucose 5.30 mmol/L 4.10-5.90" in text


def test_a_number_whose_unit_could_not_be_typed_is_shown_once_as_sent() -> None:
    result = replace(situations.measured("Dosage", "12.40", "u.a."), value=TextValue("12.40 u.a."))
    line = next(line for line in lines(shown(one_result(result))) if line.startswith("Dosage"))
    assert line.split() == ["Dosage", "12.40", "u.a."]


def test_a_range_with_one_bound_cannot_be_read_as_a_negative_number() -> None:
    text = words(shown(one_result(situations.measured("CRP", "2.0", "mg/L", "-5.0"))))
    assert "jusqu'à 5.0 transmis : -5.0" in text


def test_earlier_results_keep_their_date_and_their_own_unit() -> None:
    earlier = PreviousResult(Quantity(Decimal("0.95"), "g/L"), "0.95", "g/L", Timestamp("20241202"))
    text = words(shown(one_result(situations.measured("Glucose", "5.30", "mmol/L", previous=(earlier,)))))
    assert "0.95 g/L" in text
    assert "02/12/2024" in text


def test_a_flag_that_nobody_mapped_is_shown_as_sent() -> None:
    from engine.model.laboratory import Interpretation

    result = situations.measured("Sodium", "139", "mmol/L", interpretations=(Interpretation("ZZ"),))
    assert "139 mmol/L ZZ" in words(shown(one_result(result)))


def test_all_recipients_are_listed_with_their_mailboxes() -> None:
    doctors = tuple(
        Professional(None, PersonName(f"MEDECIN{rank}"), telecoms=(Telecom(f"mailto:m{rank}@mss.example"),))
        for rank in range(12)
    )
    text = words(shown(replace(situations.biochemistry(), recipients=doctors)))
    assert all(f"MEDECIN{rank}" in text and f"m{rank}@mss.example" in text for rank in range(12))


def test_full_text_keeps_its_columns() -> None:
    sent = "GLYCEMIE A JEUN               0,95 g/L        (0,74 - 1,06)"
    document = one_result(situations.measured("Glucose", "0.95", "g/L"), full_text=Comment(f"TITRE\n{sent}", "OBX[9]"))
    assert sent in lines(shown(document))


def test_a_method_and_a_different_hour_are_said() -> None:
    later = situations.measured(
        "Lactate", "1.1", "mmol/L", time=Timestamp("202503101530"), method=Code("M1", "2.25.9", "Enzymatique")
    )
    act = LabAct("Bilan", "OBR[1]", (situations.measured("Sodium", "139", "mmol/L"), later), time=situations.OBTAINED)
    text = words(shown(situations.document(situations.chapter("Biochimie", act))))
    assert "Méthode : Enzymatique" in text
    assert "Le 10/03/2025 à 15:30" in text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_no_text_whatever_breaks_a_report(name: str, value: str, comment: str) -> None:
    result = Result(Concept(name), TextValue(value), value, None, "OBX[1]", comments=(Comment(comment, "C[1]"),))
    assert pdfa_findings(shown(one_result(result))) == ()


def test_another_body_is_a_programming_fault() -> None:
    with pytest.raises(ValueError, match="no laboratory report"):
        shown(situations.text())


def test_a_version_that_replaces_names_the_document_it_cancels() -> None:
    version = replace(situations.SECOND_VERSION, replaces=Identifier("2.25.42"))
    text = words(shown(situations.correction(), version))
    assert "ANNULE ET REMPLACE LA VERSION PRÉCÉDENTE" in text
    assert "remplace 2.25.42" in text
