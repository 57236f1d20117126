"""Reports of the mandatory examinations: every field shown, nothing asked for, nothing lost, nothing added."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.catalogue.catalogue import entry
from engine.catalogue.child_exams import child_exam, child_exams
from engine.childhood.fields import ChildExamFields
from engine.childhood.form import form
from engine.childhood.report import as_child_exam, child_exam_body, child_exam_schema
from engine.context import Software
from engine.conversion import build
from engine.documents.n1 import DOCUMENT_TYPE
from engine.findings import Severity
from engine.model.document import ClinicalDocument, TextBody
from engine.rendering.child_exam import child_exam_pdf
from engine.rendering.form_lines import Form, FormField, FormSection, form_lines, form_of
from engine.rendering.pdfa import pdfa_findings
from engine.validation.pack import install
from engine.validation.validator import Validator
from engine.xds.metadata import document_entry
from tests.golden.n1.situations import VERSION, minimal
from tests.unit.rendering.reading import squeezed, words

REPORT = entry("medecin", "medecin-traitant-suivi-enfant", "cr-examen-enfant")
CONSULTATION = entry("medecin", "general", "cr-consultation")
RANKS = range(1, 21)
OFFICIAL = Path(__file__).resolve().parents[3] / ".." / "shared" / "ans" / "TestContenuCDA-3-0"


def fields(rank: int, **given: Any) -> ChildExamFields:
    return ChildExamFields.model_validate_json(json.dumps({"exam": rank, **given}))


def report(asked: ChildExamFields) -> ClinicalDocument:
    document = replace(minimal(REPORT), body=child_exam_body(asked))
    return as_child_exam(document, child_exam(asked.exam))


def pdf(asked: ChildExamFields) -> bytes:
    made = child_exam_pdf(report(asked), VERSION, Software())
    assert made is not None
    return made


def labels(asked: ChildExamFields) -> dict[str, str]:
    made = form(asked, child_exam(asked.exam))
    return {field.label: field.value for section in made.sections for field in section.fields}


@pytest.mark.parametrize("rank", RANKS)
def test_an_empty_report_of_each_examination_is_a_document_and_shows_every_field(rank: int) -> None:
    """R-PMI-04, LGC.CSE.04, .13 and .14: no field is mandatory, all are printable."""
    empty = fields(rank)
    made = pdf(empty)
    assert pdfa_findings(made) == ()
    text = squeezed(words(made))
    for section in form(empty, child_exam(rank)).sections:
        assert squeezed(section.title) in text
        for field in section.fields:
            assert squeezed(field.label) in text, field.label
    rendered = DOCUMENT_TYPE.render(report(empty), VERSION, Software())
    assert rendered.cda
    assert not [one for one in rendered.findings if one.disposition != "publish"]


def test_a_field_added_by_the_site_is_in_the_pdf() -> None:
    """R-PMI-04, LGC.CSE.05 and .07."""
    extra = [{"label": "Nombre de dents", "value": "4"}, {"label": "Siège auto"}]
    text = squeezed(words(pdf(fields(8, autres=extra))))
    assert squeezed("Autres champs Nombre de dents 4 Siège auto") in text


def test_every_value_sent_is_shown_as_it_was_sent() -> None:
    given = fields(
        8,
        mesures={"poids": {"valeur": "8.250", "unite": "kg"}, "taille": {"valeur": "71", "unite": "cm"}},
        mode_de_vie={"enfants_au_foyer": 0, "type_de_garde": "assistance maternelle"},
        antecedents={"observations": "Rien à signaler\n\n– deuxième ligne : la suite"},
        texte_libre="Vu avec sa mère.",
    )
    shown = labels(given)
    assert shown["Poids (g ou kg)"] == "8,250 kg"
    assert shown["Taille (cm)"] == "71 cm"
    assert shown["Nombre d'enfants vivant au foyer"] == "0"
    assert shown["Type de garde principal"] == "[ ] accueil collectif  [x] assistance maternelle  [ ] garde à domicile"
    text = squeezed(words(pdf(given)))
    for value in ("8,250 kg", "71 cm", "Rien à signaler", "– deuxième ligne : la suite", "Vu avec sa mère."):
        assert squeezed(value) in text


def test_a_long_text_runs_over_pages_and_loses_nothing() -> None:
    text = "\n".join(f"ligne {number}" for number in range(150))
    shown = squeezed(
        words(pdf(fields(12, conclusions={"conclusion": text}, autres=[{"label": "x", "value": "y" * 900}])))
    )
    assert all(f"ligne{number}" in shown for number in range(150))
    assert shown.count("y") >= 900


def test_no_answer_not_asked_unknown_and_no_are_four_things() -> None:
    said = {
        answer: labels(fields(8, mode_de_vie={"risque_saturnisme": answer}))["Risque de saturnisme"]
        for answer in ("oui", "non", "ne sait pas", "non demandé")
    }
    empty = labels(fields(8))["Risque de saturnisme"]
    assert empty == "[ ] oui  [ ] non  [ ] ne sait pas  [ ] non demandé"
    assert len({*said.values(), empty}) == 5
    assert said["non"] == "[ ] oui  [x] non  [ ] ne sait pas  [ ] non demandé"


def test_a_field_of_another_examination_is_shown_where_it_was_filled() -> None:
    assert "Apgar à 1 minute" not in labels(fields(12))
    assert labels(fields(12, naissance={"apgar_1": 0}))["Apgar à 1 minute"] == "0"
    assert "Rougeole, oreillons, rubéole, 1re dose" not in labels(fields(8))
    assert "Coqueluche, rappel" not in labels(fields(8))
    given = labels(fields(8, vaccinations={"coqueluche": {"rappel": "non"}}))
    assert given["Coqueluche, rappel"].startswith("[ ] oui  [x] non")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mesures": {"poids": {"valeur": 8.25, "unite": "kg"}}},
        {"mesures": {"poids": {"valeur": "8250", "unite": "kg"}}},
        {"mesures": {"poids": {"valeur": "8", "unite": "g"}}},
        {"mesures": {"poids": {"valeur": "8,2"}}},
        {"mesures": {"taille": {"valeur": "0,71", "unite": "cm"}}},
        {"mesures": {"poid": {"valeur": "8", "unite": "kg"}}},
        {"mode_de_vie": {"risque_saturnisme": "peut-être"}},
        {"mode_de_vie": {"enfants_au_foyer": "2"}},
        {"naissance": {"apgar_1": 11}},
        {"autres": [{"label": "Dents : haut", "value": "2"}]},
        {"autres": [{"value": "2"}]},
    ],
)
def test_a_number_that_would_lose_digits_or_is_of_the_wrong_unit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        fields(8, **wrong)


@pytest.mark.parametrize("rank", [0, 21, "8", 8.0, None])
def test_only_the_rank_is_asked_for(rank: object) -> None:
    with pytest.raises(ValidationError):
        ChildExamFields.model_validate_json(json.dumps({"exam": rank}))


def test_the_rank_is_in_the_title_the_code_and_the_business_date_in_the_metadata() -> None:
    """Requirements 2.4: one type code for all, so the rank is in the title, the business date and a local attribute."""
    document = report(fields(12))
    assert document.title == "CR d'examen de l'enfant n° 12 : entre 24 et 25 mois"
    found = document_entry(DOCUMENT_TYPE.render(document, VERSION, Software()).cda, symbolic_id="Document01")
    assert found.type_code.code == "59283-2"
    assert document.title in str(found)
    assert "MED-1236" in str(found)
    assert document.act.start == minimal(REPORT).act.start


@pytest.mark.parametrize("rank", [1, 8, 12, 20])
def test_a_report_goes_through_the_whole_line_without_a_finding(rank: int) -> None:
    """R-PMI-04, R-DOC-06: rendered, reread, compared with its patient, validated."""
    built = build(
        report(fields(rank)),
        VERSION,
        None,
        document_type=DOCUMENT_TYPE,
        validator=Validator(None),
        software=Software(),
        production=False,
    )
    assert built.findings == ()
    assert built.cda is not None and built.pdf is not None


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="official ANS pack absent (../shared/ans/TestContenuCDA-3-0)")
def test_a_report_passes_the_official_layers(tmp_path: Path) -> None:
    """Read in place, never copied: XSD and structuration minimale with the code of the examination."""
    cda = DOCUMENT_TYPE.render(report(fields(8)), VERSION, Software()).cda
    told = Validator(install(OFFICIAL, tmp_path)).validate(cda)
    assert [(one.code, one.message) for one in told.findings if one.severity is not Severity.INFO] == []


def test_a_document_of_another_kind_is_never_made_one() -> None:
    with pytest.raises(ValueError, match="no report"):
        as_child_exam(minimal(CONSULTATION), child_exam(8))
    with pytest.raises(ValueError, match="another examination"):
        form(fields(8), child_exam(9))


def test_a_text_that_is_no_form_is_left_to_its_own_layout() -> None:
    document = replace(minimal(REPORT), body=TextBody(("Examen du 9e mois", "– Poids : 8 kg")))
    assert child_exam_pdf(document, VERSION, Software()) is None


def test_what_a_site_adds_below_its_documents_is_shown_below_the_form() -> None:
    lines = (*child_exam_body(fields(9)).lines, "", "Information du patient", "– droit : accès")
    document = as_child_exam(replace(minimal(REPORT), body=TextBody(lines)), child_exam(9))
    made = child_exam_pdf(document, VERSION, Software())
    assert made is not None
    assert squeezed("Information du patient – droit : accès") in squeezed(words(made))


def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf(fields(8)) == pdf(fields(8))


def test_the_schema_names_every_field_in_french() -> None:
    schema = child_exam_schema()
    assert schema["required"] == ["exam"]
    parts = [one for one in schema["$defs"].values() if any("examens" in p for p in one.get("properties", {}).values())]
    assert parts
    for part in parts:
        for name, described in part["properties"].items():
            assert described["title"], name
            assert set(described["examens"]) <= set(RANKS)


_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=40)
_LABEL = st.text(st.characters(exclude_categories=("Cs", "Zl", "Cc"), exclude_characters=":"), min_size=1, max_size=20)


@given(st.lists(st.tuples(_LABEL, _TEXT), min_size=1, max_size=6), st.lists(_LABEL, max_size=2))
def test_a_form_is_read_back_from_its_lines(given_fields: list[tuple[str, str]], titles: list[str]) -> None:
    values = tuple(FormField(label, value) for label, value in given_fields)
    made = Form("Examen", tuple(FormSection(title, values) for title in ("Section", *titles)))
    assert form_of(form_lines(made)) == made


@given(st.lists(_TEXT, max_size=8))
def test_reading_any_lines_never_fails(lines: list[str]) -> None:
    form_of(("▣ Examen", *lines))
    form_of(tuple(lines))


def test_there_are_twenty_examinations_thirteen_before_three_years() -> None:
    assert [exam.rank for exam in child_exams()] == list(RANKS)
    assert sum(exam.closes.months <= 36 for exam in child_exams()) == 13
    assert len({exam.code.code for exam in child_exams()}) == 20
