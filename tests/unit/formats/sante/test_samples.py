"""Every shared Santé sample behaves as its manifest entry says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hprim import FORMAT
from engine.formats.hprim.sante.reading import Reading, reading
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.view.error import error_view
from engine.formats.hprim.sante.view.patient import merges, patient_view
from engine.formats.hprim.sante.view.result import PUBLISHED, result_view
from engine.model.document import ReportStatus
from engine.model.laboratory import Battery, CodedValue, Isolate, LaboratoryReport, Result, TextValue
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context
from tests.unit.formats.sante.messages import results

FOLDER = Path(__file__).resolve().parents[3] / "samples" / "hprim"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
SAMPLES = [one for one in MANIFEST["samples"] if one["file"].startswith("S")]
REFUSALS = {
    "no L segment: message truncated": "hprim.truncated",
    "empty file": "hprim.empty",
    "not HPRIM: PDF": "hprim.not_hprim",
    "not HPRIM: HL7 v2": "hprim.not_hprim",
}


def converted(name: str) -> Conversion:
    return FORMAT.convert(InboundMessage((FOLDER / name).read_bytes(), "dossier", name, RECEIVED_AT), context())


def read(name: str) -> Reading:
    found = reading((FOLDER / name).read_bytes(), context(), Remarks(None))
    assert found is not None
    return found


def test_every_sample_of_the_folder_is_in_the_manifest() -> None:
    assert {one["file"] for one in SAMPLES} == {path.name for path in FOLDER.glob("S*.hpr")}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one["file"])
def test_a_sample_behaves_as_its_manifest_says(sample: dict[str, Any]) -> None:
    name, expected = sample["file"], sample["expect"]
    conversion = converted(name)
    if expected.get("reject"):
        assert conversion.drafts == ()
        assert disposition(conversion.findings) is Disposition.REFUSE
        assert REFUSALS[expected["error"]] in {one.code for one in conversion.findings}
        return
    tree = read(name)
    requests = [request for patient in tree.message.patients for request in patient.requests]
    found = {
        "patients": len(tree.message.patients),
        "obr": len(requests),
        "obx": sum(len(request.results) for request in requests),
        "comments": sum(segment.name == "C" for segment in tree.segments),
        "errors": len(tree.message.errors),
        "documents": len({draft.patient_key for draft in conversion.drafts}),
        "merges": [list(pair) for pair in merges(tuple(patient_view(p.segment) for p in tree.message.patients))],
    }
    assert {key: found[key] for key in found if key in expected} == {k: expected[k] for k in found if k in expected}
    assert conversion.kind.startswith(f"HPRIM Santé {sample['context']} {sample['version'][:4]}")
    if sample["context"] != "ORU":
        assert conversion.drafts == ()
        assert "hprim.nothing_to_publish" in {one.code for one in conversion.findings}


def test_the_plain_case_leaves_without_a_warning() -> None:
    conversion = converted("S01_biochimie_simple.hpr")
    (draft,) = conversion.drafts
    assert conversion.findings == ()
    assert {one.severity.value for one in draft.findings} == {"info"}
    assert draft.status is ReportStatus.FINAL
    assert not draft.test


def test_two_germs_keep_their_own_drugs() -> None:
    (draft,) = converted("S03_antibiogramme.hpr").drafts
    assert isinstance(draft.document.body, LaboratoryReport)
    (chapter,) = draft.document.body.chapters
    isolates = [item for item in chapter.acts[0].items if isinstance(item, Isolate)]
    by_germ = {
        one.organism.text: [r.concept.local[0].code for r in one.antibiogram if isinstance(r.value, CodedValue)]
        for one in isolates
    }
    assert by_germ == {
        "Escherichia coli": ["AMX", "AMC", "CTX", "NOR", "FOS", "SXT"],
        "Enterococcus faecalis": ["AMX", "NIT", "LEV"],
    }
    assert [one.organism.code.code for one in isolates if one.organism.code] == ["112283007", "78065002"]
    assert isolates[0].antibiogram[-1].value_as_sent == "16"
    flags = {r.concept.local[0].code: r.interpretations[0] for one in isolates for r in one.antibiogram}
    assert (flags["FOS"].as_sent, flags["FOS"].code) == ("VS", None)
    assert (flags["LEV"].as_sent, flags["LEV"].code) == ("MS", None)
    titles = [item.concept.text for item in chapter.acts[0].items if isinstance(item, Battery) and item.concept]
    assert titles == ["BACTERIOLOGIE DES URINES"]


def test_the_repeater_is_a_line_break_and_the_whole_text_is_no_result() -> None:
    (draft,) = converted("S04_texte_libre.hpr").drafts
    body = draft.document.body
    assert isinstance(body, LaboratoryReport)
    first, second = results(draft)
    assert isinstance(first.value, TextValue)
    assert first.value.text.split("\n")[1:3] == ["Quelques cellules en cible.", ""]
    assert second.concept.local[0].code == "GRP"
    assert body.full_text is not None
    assert body.full_text.text.startswith("LABORATOIRE FICTIF\n\nMyélogramme du 10/03/2025")
    assert [one.text for one in body.comments] == ["Compte rendu dicté, relu le 10/03/2025."]


def test_each_patient_and_request_is_a_document_of_its_own() -> None:
    drafts = converted("S06_plusieurs_patients.hpr").drafts
    assert len(drafts) == 4, "patient 1 has two request numbers"
    assert len({draft.set_id for draft in drafts}) == 4
    assert len({draft.patient_key for draft in drafts}) == 3
    newborn = drafts[3].document.patient
    assert (newborn.multiple_birth_order, newborn.gender) == (2, "UN")
    assert [one.extension for one in newborn.ids] == ["LAB0003"], "8.3.1 is the mother's number"


@pytest.mark.parametrize("name", ["S08_accents_cp850.hpr", "S10_accents_latin1.hpr", "S12_accents_utf8_bom.hpr"])
def test_accents_survive_every_encoding(name: str) -> None:
    (draft,) = converted(name).drafts
    patient = draft.document.patient
    assert (patient.first_given_name, patient.birth_name) == ("Anaïs-Hélène", "ÇÉLÈNE")
    (comment,) = results(draft)[1].comments
    first, second = comment.text.split("\n")
    assert first == "Prélèvement effectué à 8 °C ± 2 ; coefficient × 2 ; surface 1,73 m²."
    assert second.startswith("À contrôler. Île, ")
    assert second.endswith("Noël, où, ça, naïf, ambiguë.")


def test_wrong_counts_are_said_and_nothing_is_lost() -> None:
    conversion = converted("S13_compte_l_faux.hpr")
    assert {one.code: one.where for one in conversion.findings} == {
        "hprim.patient_count": "L.14.4",
        "hprim.segment_count": "L.14.5",
    }
    assert disposition(conversion.findings) is Disposition.PUBLISH


def test_unknown_segments_are_kept_and_said() -> None:
    conversion = converted("S15_segment_inconnu.hpr")
    assert [one.where for one in conversion.findings if one.code == "hprim.unknown_segment"] == ["ZLA[1]", "NTE[1]"]
    assert [one.text for one in read("S15_segment_inconnu.hpr").message.unknown] == [
        "ZLA|1|champ local|valeur~x",
        "NTE|1|L|commentaire à la HL7",
    ]


def test_lines_out_of_order_publish_nothing() -> None:
    """The manifest says that an OBX stands before its OBR; in the bytes, the A line of the OBR stands before it."""
    conversion = converted("S17_hierarchie_fausse.hpr")
    (draft,) = conversion.drafts
    assert disposition(draft.findings) is Disposition.REFUSE
    assert "hprim.patient_shifted" in {one.code for one in draft.findings}


@pytest.mark.parametrize("name", ["S19_delimiteurs_facon_hl7.hpr", "S20_cr_seul.hpr"])
def test_other_separators_and_line_ends_say_the_same(name: str) -> None:
    (plain,), (other,) = converted("S01_biochimie_simple.hpr").drafts, converted(name).drafts
    assert other.document == plain.document
    assert (other.set_id, other.patient_key) == (plain.set_id, plain.patient_key)


def test_escapes_are_decoded() -> None:
    (draft,) = converted("S22_echappements.hpr").drafts
    expected = next(one["expect"]["text"] for one in SAMPLES if one["file"].startswith("S22"))
    assert [one.value_as_sent for one in results(draft)] == [expected]


def test_a_correction_is_the_same_report_as_the_first_version() -> None:
    (first,), (second,) = converted("S01_biochimie_simple.hpr").drafts, converted("S24_correction.hpr").drafts
    assert second.set_id == first.set_id
    assert second.patient_key == first.patient_key
    assert second.status is ReportStatus.CORRECTED
    assert [(one.value_as_sent, one.status_as_sent) for one in results(second)] == [("5.30", "U"), ("4.2", "C")]


def test_results_not_validated_hold_and_are_not_in_the_document() -> None:
    (draft,) = converted("S26_non_valide.hpr").drafts
    assert disposition(draft.findings) is Disposition.HOLD
    assert "hprim.not_validated" in {one.code for one in draft.findings}
    assert [one.concept.local[0].code for one in results(draft)] == ["NA"]
    tree = read("S26_non_valide.hpr")
    views = [result_view(one.segment) for one in tree.message.patients[0].requests[0].results]
    assert sum(view.status in PUBLISHED for view in views) == 1


def test_a_test_message_is_marked_as_such() -> None:
    (draft,) = converted("S27_mode_test.hpr").drafts
    assert draft.test


def test_an_unqualified_matricule_is_read_and_not_trusted() -> None:
    (draft,) = converted("S28_h25_identite_ins.hpr").drafts
    expected = next(one["expect"]["ins"] for one in SAMPLES if one["file"].startswith("S28"))
    patient = draft.document.patient
    assert patient.ins is not None
    assert (patient.ins.matricule, patient.ins.qualified) == (expected["value"], False)
    assert expected["oid"].startswith(patient.ins.oid)
    assert patient.birth_given_names == ("Hélène", "Zoé", "Marie")
    assert patient.birth_place is not None and patient.birth_place.cog == "99000"
    assert "mailto:helene.fictive@example.test" in {one.value for one in patient.telecoms}


def test_an_error_message_can_be_read() -> None:
    errors = [error_view(one) for one in read("S31_err.hpr").message.errors]
    assert [(one.file_name, one.severity, one.line, one.field, one.kind) for one in errors] == [
        ("FICT0007.HPR", "T", "2", "8.8", "A"),
        ("FICT0007.HPR", "P", "4", "10.7", "A"),
    ]


def test_an_order_keeps_its_number() -> None:
    tree = read("S30_orm.hpr")
    assert tree.message.patients[0].requests[0].segment.get(3, 2) == "DEM0030"


def test_results_of_a_sample_have_no_findings_with_patient_data() -> None:
    private = ("FICTIV", "TESTNAISSANCE", "IPP0", "LAB0", "19850312", "285039900000193", "Hélène")
    for sample in SAMPLES:
        conversion = converted(sample["file"])
        for one in (*conversion.findings, *(f for draft in conversion.drafts for f in draft.findings)):
            assert not any(word in one.message + one.remedy + one.where for word in private), one


def test_results_are_all_typed_in_the_plain_case() -> None:
    (draft,) = converted("S01_biochimie_simple.hpr").drafts
    found: tuple[Result, ...] = results(draft)
    assert [type(one.value).__name__ for one in found] == ["Quantity"] * 5 + ["Interval"]
    assert all(one.concept.code is not None for one in found)
