"""Every HPRIM Médecin sample, as its manifest entry says."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.declarations import Conversion
from engine.findings import Disposition
from engine.formats.hprim.encodings import decode
from engine.formats.hprim.medecin.block import Other, Res, Tex, entries
from engine.formats.hprim.medecin.file import medecin_file
from engine.model.document import TextBody
from tests.unit.formats.medecin.dossiers import at, codes, converted, fate

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "hprim"

COUNTS = {
    "M01_biochimie_simple.hpr": (3, 2),
    "M03_texte_seul.hpr": (0, 0),
    "M05_fin_manquant.hpr": (3, 2),
    "M07_entete_13_lignes.hpr": (3, 2),
    "M10_accents_macroman_cr.hpr": (3, 2),
    "M11_double_encodage.hpr": (0, 0),
    "M13_antibiogramme.hpr": (7, 2),
    "M15_html_et_entites.hpr": (3, 2),
    "M17_fin_puis_texte.hpr": (3, 2),
    "M18_pct_et_marqueurs_inconnus.hpr": (2, 1),
    "M20_sans_identite_minimale.hpr": (3, 2),
}


def sample(name: str) -> Conversion:
    return converted((SAMPLES / name).read_bytes())


def text(conversion: Conversion) -> str:
    (draft,) = conversion.drafts
    assert isinstance(draft.document.body, TextBody)
    return "\n".join(draft.document.body.lines)


@pytest.mark.parametrize("name", COUNTS)
def test_a_sample_has_its_lines(name: str) -> None:
    (dossier,) = medecin_file(decode((SAMPLES / name).read_bytes()).text).dossiers
    block = entries(dossier.block)
    assert sum(isinstance(entry, Res) for entry in block) == COUNTS[name][0]
    assert sum(isinstance(entry, Tex) for entry in block) == COUNTS[name][1]


def test_m01_is_a_level_1_document_that_may_leave() -> None:
    made = sample("M01_biochimie_simple.hpr")
    (draft,) = made.drafts
    assert fate(made) is Disposition.PUBLISH
    assert draft.document.type == "cr_bio_n1"
    assert made.sender == "LABFICT"
    assert "CREATININE                 *  12,7 mg/L       (5,5 - 10,2)" in text(made)
    assert "Prélèvement fait au laboratoire à 8h15" in text(made)
    assert made.kind == "HPRIM Médecin"
    assert made.findings == ()


def test_m03_is_text_only_and_nothing_is_guessed_from_it() -> None:
    made = sample("M03_texte_seul.hpr")
    assert "hprim.text_only" in codes(made)
    assert text(made).endswith("Validé par A. BIOTEST")


def test_m05_lacks_fin_and_is_taken_with_a_remark() -> None:
    made = sample("M05_fin_manquant.hpr")
    assert at(made, "hprim.fin_missing").disposition is Disposition.PUBLISH
    assert len(made.drafts) == 1


def test_m07_keeps_its_thirteenth_line_with_the_text() -> None:
    made = sample("M07_entete_13_lignes.hpr")
    assert at(made, "hprim.header_thirteen_lines").line == 13
    assert text(made).startswith("LABORATOIRE FICTIF - Tel: 01.00.00.00.00")


def test_m08_is_shifted_and_waits_without_any_document() -> None:
    made = sample("M08_entete_11_lignes.hpr")
    shifted = at(made, "hprim.header_shifted")
    assert (shifted.where, shifted.line, shifted.disposition) == ("H.7", 7, Disposition.HOLD)
    assert made.drafts == ()
    assert codes(made) == {"hprim.header_shifted"}


def test_m10_reads_its_macroman_accents() -> None:
    made = sample("M10_accents_macroman_cr.hpr")
    assert made.drafts[0].document.patient.used_given_name == "Hélène"
    assert text(made).startswith("Protéine élevée à contrôler")
    assert "mac_roman" in at(made, "hprim.encoding_guessed").message


def test_m11_is_repaired_and_says_so() -> None:
    made = sample("M11_double_encodage.hpr")
    assert "Mon cher confrère," in text(made)
    assert made.drafts[0].document.patient.used_given_name == "Hélène"
    assert at(made, "hprim.encoding_repaired").disposition is Disposition.PUBLISH


def test_m13_keeps_the_antibiogram_in_its_order() -> None:
    made = sample("M13_antibiogramme.hpr")
    shown = text(made)
    assert "> 1 000 000 UFC/mL" in shown
    assert shown.index("Germe : Escherichia coli") < shown.index("Amoxicilline ............ R")
    assert "Amox + ac clavulanique   I" in shown


def test_m15_drops_markup_and_decodes_entities() -> None:
    made = sample("M15_html_et_entites.hpr")
    assert "Médecin : MEDTEST" in text(made)
    assert "N°Demande : 2503100015" in text(made)
    assert "Date d'impression" in text(made)
    assert "<script>" not in text(made)
    assert at(made, "hprim.markup_removed").line == 14


def test_m17_is_one_patient_whatever_follows_its_end() -> None:
    made = sample("M17_fin_puis_texte.hpr")
    assert len(made.drafts) == 1
    assert {finding.code for finding in made.findings} == {
        "hprim.text_between_ends",
        "hprim.text_after_fin",
        "hprim.duplicate_end_markers",
    }
    assert "signature" not in text(made)


def test_m18_tells_of_every_line_it_does_not_know() -> None:
    made = sample("M18_pct_et_marqueurs_inconnus.hpr")
    names = [finding.message for finding in made.drafts[0].findings if finding.code == "hprim.unknown_line"]
    assert len(names) == 2
    assert "PCT" in names[0]
    assert "XYZ" in names[1]
    assert {"hprim.line_case", "hprim.marker_indented"} <= codes(made)
    assert "glycemie" in text(made)


def test_m18_holds_two_results_and_three_other_lines() -> None:
    (dossier,) = medecin_file((SAMPLES / "M18_pct_et_marqueurs_inconnus.hpr").read_text("latin-1")).dossiers
    assert sum(isinstance(entry, Other) for entry in entries(dossier.block)) == 2


def test_m20_waits_for_every_missing_thing_at_once() -> None:
    made = sample("M20_sans_identite_minimale.hpr")
    held = {finding.code for finding in made.findings if finding.disposition is Disposition.HOLD}
    assert held == {
        "identity.given_name_missing",
        "identity.birth_date_missing",
        "hprim.dossier_number_missing",
        "hprim.patient_code_missing",
    }
    assert made.drafts == ()
