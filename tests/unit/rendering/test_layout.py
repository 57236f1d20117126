"""What a biologist looks for on the page, in the situations that matter most."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf

from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.laboratory import PREVIOUS_VERSION, Comment, Concept, LabAct, ReferenceRange
from engine.model.values import Code, Timestamp
from engine.rendering.laboratory_pdf import laboratory_pdf
from tests.unit.rendering import situations
from tests.unit.rendering.reading import lines, pages, words


def shown(document: ClinicalDocument, version: DocumentVersion = situations.VERSION) -> bytes:
    return laboratory_pdf(document, version, situations.SOFTWARE)


def line_of(pdf: bytes, name: str) -> list[str]:
    return next(line for line in lines(pdf) if line.startswith(name)).split()


def test_the_head_names_the_laboratory_and_its_accreditation() -> None:
    first = pages(shown(situations.biochemistry()))[0]
    for words_sent in (
        "Laboratoire de biologie médicale Fictif",
        "1 rue du Test",
        "00000 Villetest",
        "Tél. 0100000000",
        "FINESS 990000002",
        "Accréditation COFRAC n° 8-0000",
    ):
        assert words_sent in first


def test_the_dates_of_the_sample_are_told_apart() -> None:
    text = words(shown(situations.biochemistry()))
    assert "Prescrit le 09/03/2025" in text
    assert "Prélevé le 10/03/2025 à 08:15" in text
    assert "Reçu le 10/03/2025 à 09:05" in text
    assert "Validé le 10/03/2025 à 14:10" in text
    assert "Édité le 10/03/2025 à 14:30" in text


def test_a_critical_value_is_said_in_words_and_letters_without_colour() -> None:
    pdf = shown(situations.biochemistry())
    assert line_of(pdf, "Potassium 6.8") == ["Potassium", "6.8", "mmol/L", "↑↑", "HH"]
    text = words(pdf)
    assert text.count("CRITIQUE") == 1
    assert "↑↑ HH : supérieur au seuil critique haut" in text


def test_a_critical_value_is_framed_in_black_on_grey() -> None:
    """Nothing depends on colour: every colour of the page is a grey."""
    with pikepdf.open(io.BytesIO(shown(situations.biochemistry()))) as pdf:
        operators = {str(i.operator) for page in pdf.pages for i in pikepdf.parse_content_stream(page)}
        frames = sum(str(i.operator) == "S" for page in pdf.pages for i in pikepdf.parse_content_stream(page))
    assert operators.isdisjoint({"rg", "RG", "k", "K"})
    assert frames > 0


def test_the_comment_of_a_critical_value_follows_it() -> None:
    read = lines(shown(situations.biochemistry()))
    at = next(rank for rank, line in enumerate(read) if line.startswith("Potassium 6.8"))
    assert "Potassium contrôlé sur un second passage." in read[at : at + 6]
    assert "Appel au prescripteur le 10/03/2025 à 14h05." in read[at : at + 6]


def test_results_keep_the_order_of_the_laboratory() -> None:
    read = [line.split()[0] for line in lines(shown(situations.biochemistry())) if "mmol/L" in line]
    assert read == ["Glucose", "Urée", "Sodium", "Potassium", "Chlorures"]


def test_normal_results_have_no_flag() -> None:
    assert line_of(shown(situations.biochemistry()), "Sodium")[:4] == ["Sodium", "139", "mmol/L", "136-145"]


def test_each_germ_has_its_own_antibiogram() -> None:
    read = lines(shown(situations.bacteriology()))
    coli = read.index("Antibiogramme : Escherichia coli")
    enterococcus = read.index("Antibiogramme : Enterococcus faecalis")
    assert "Amoxicilline R Résistant" in read[coli:enterococcus]
    assert "Céfotaxime S Sensible" in read[coli:enterococcus]
    assert "Fosfomycine VS Très sensible" in read[coli:enterococcus]
    assert "Amoxicilline S Sensible" in read[enterococcus:]
    assert "Amoxicilline R Résistant" not in read[enterococcus:]


def test_a_mic_stands_on_the_line_of_its_drug_when_the_label_is_the_same() -> None:
    assert "Amoxicilline + acide clavulanique I Intermédiaire 16 mg/L" in lines(shown(situations.bacteriology()))


def test_a_mic_under_another_label_keeps_its_own_line() -> None:
    document = situations.bacteriology()
    act = document.body.chapters[0].acts[0]
    isolate = act.items[3]
    labelled = situations.measured("CMI Céfotaxime", "0.5", "mg/L")
    alone = replace(isolate, antibiogram=(situations.said("Céfotaxime", "Sensible", "S", "S"), labelled))
    read = lines(shown(situations.document(situations.chapter("Bactériologie", replace(act, items=(alone,))))))
    assert "Céfotaxime S Sensible" in read
    assert "CMI Céfotaxime 0.5 mg/L" in read


def test_a_partial_report_says_so_on_every_page_and_at_the_running_request() -> None:
    document = situations.partial()
    pdf = shown(document)
    assert "COMPTE RENDU PARTIEL : des résultats sont encore attendus" in words(pdf)
    assert "Hémoculture — Examen en cours : résultats incomplets" in words(pdf)
    many = tuple(situations.measured(f"Analyte {rank}", "1", "g/L") for rank in range(100))
    long = replace(
        document,
        body=replace(document.body, chapters=(situations.chapter("C", LabAct("A", "O", many)),)),
    )
    assert all("COMPTE RENDU PARTIEL" in sheet for sheet in pages(shown(long)))


def test_a_cancelled_result_is_said_and_its_comment_kept() -> None:
    text = words(shown(situations.partial()))
    assert "Lactate — Examen annulé" in text
    assert "Résultat annulé Tube non conforme." in text


def test_a_report_all_cancelled_is_a_cancelled_report() -> None:
    act = LabAct("Lactate", "OBR[1]", (Comment("Tube perdu.", "C[1]"),), status="aborted")
    assert "COMPTE RENDU ANNULÉ" in words(shown(situations.document(situations.chapter("Biochimie", act))))


def test_a_correction_shows_what_it_cancels_what_it_corrects_and_what_it_carries_over() -> None:
    text = words(shown(situations.correction(), situations.SECOND_VERSION))
    assert "ANNULE ET REMPLACE LA VERSION PRÉCÉDENTE" in text
    assert "Version 2" in text
    assert "Sodium 139 mmol/L 136-145 Résultat repris de la version précédente" in text or (
        "Sodium Résultat repris de la version précédente 139 mmol/L 136-145" in text
    )
    assert text.count("Résultat repris de la version précédente") == 1
    assert text.count("Résultat corrigé") == 1


def test_a_withdrawn_value_cannot_be_taken_for_a_result() -> None:
    text = words(shown(situations.correction(), situations.SECOND_VERSION))
    assert "Résultat annulé" in text
    assert "valeur retirée : 98 mmol/L" in text
    assert "Chlorures 98" not in text


def test_a_first_version_replaces_nothing() -> None:
    assert "ANNULE ET REMPLACE" not in words(shown(situations.biochemistry()))


def test_a_comment_carried_over_is_told_apart() -> None:
    kept = Comment("Sérum hémolysé.", f"C[1]{PREVIOUS_VERSION}")
    act = LabAct("Ionogramme", "OBR[1]", (situations.measured("Sodium", "139", "mmol/L", comments=(kept,)),))
    text = words(shown(situations.document(situations.chapter("Biochimie", act)), situations.SECOND_VERSION))
    assert "Commentaire de la version précédente : Sérum hémolysé." in text


def test_a_result_without_words_is_named_by_its_code() -> None:
    unnamed = replace(situations.measured("", "139", "mmol/L"), concept=Concept("", local=(Code("NA", "2.25.1"),)))
    act = LabAct("Ionogramme", "OBR[1]", (unnamed,))
    assert line_of(shown(situations.document(situations.chapter("Biochimie", act))), "NA") == ["NA", "139", "mmol/L"]


def test_an_hour_that_all_the_results_of_a_request_have_is_said_once_with_that_of_their_report() -> None:
    results = tuple(situations.measured(name, "1.0", "g/L") for name in ("Albumine", "Protéines", "Globulines"))
    act = LabAct("Bilan", "OBR[1]", results, time=Timestamp("202503101410"))
    text = words(shown(situations.document(situations.chapter("Biochimie", act))))
    assert text.count("10/03/2025 à 14:00") == 1
    assert "Résultats du 10/03/2025 à 14:00, rendus le 10/03/2025 à 14:10" in text


def test_a_result_that_has_no_hour_of_its_own_is_never_given_that_of_the_others() -> None:
    timed, bare = (
        situations.measured("Albumine", "1.0", "g/L"),
        situations.measured("Protéines", "2.0", "g/L", time=None),
    )
    act = LabAct("Bilan", "OBR[1]", (timed, bare), time=Timestamp("202503101410"))
    text = words(shown(situations.document(situations.chapter("Biochimie", act))))
    assert "Résultats du 10/03/2025 à 14:10" in text
    assert text.count("10/03/2025 à 14:00") == 1


def test_a_germ_and_a_date_stand_on_one_line() -> None:
    results = (
        situations.said("Germe identifié", "Enterococcus faecalis", flag="A"),
        situations.said("Heure de prise", "10/03/2025 à 07:30"),
        situations.said("Recherche", "Absence de germe", reference_range=ReferenceRange("Absence")),
    )
    act = LabAct("Bilan", "OBR[1]", results)
    read = [" ".join(line.split()) for line in lines(shown(situations.document(situations.chapter("Biochimie", act))))]
    assert any(line.startswith("Germe identifié Enterococcus faecalis") for line in read), read
    assert "Heure de prise 10/03/2025 à 07:30" in read
    assert "Recherche Absence de germe Absence" in read


def test_the_comment_of_the_whole_and_its_validation_are_on_one_page() -> None:
    for count in range(20, 50):
        results = tuple(situations.measured(f"Analyte {rank}", "1", "g/L") for rank in range(count))
        chapter = situations.chapter("Biochimie", LabAct("Bilan", "OBR[1]", results))
        sheets = pages(shown(situations.document(chapter, comments=(Comment("Dossier discuté.", "C[1]"),))))
        (last,) = [sheet for sheet in sheets if "Validé biologiquement" in sheet]
        assert "Dossier discuté." in last, count
