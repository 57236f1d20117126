"""Dossiers and end markers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.findings import Disposition
from engine.model.document import TextBody
from tests.unit.formats.medecin.dossiers import (
    GLUCOSE,
    LABORATORY_M,
    at,
    codes,
    converted,
    dossier,
    fate,
    file,
    header,
)

OTHER = header(l1="0000099999", l2="AUTRE", l3="Paul", l7="01/02/1950", l9="2503100002")


def test_each_patient_of_a_file_has_a_document() -> None:
    made = converted(file(dossier(GLUCOSE), dossier(GLUCOSE, head=OTHER)))
    assert [draft.document.patient.used_name for draft in made.drafts] == ["FICTIVE", "AUTRE"]
    assert made.drafts[0].set_id != made.drafts[1].set_id
    assert made.drafts[0].patient_key != made.drafts[1].patient_key


def test_blank_lines_before_a_header_are_left_out() -> None:
    made = converted(file("\r\n\r\n", dossier(GLUCOSE), "\r\n \r\n", dossier(GLUCOSE, head=OTHER)))
    assert len(made.drafts) == 2
    assert fate(made) is Disposition.PUBLISH


def test_a_blank_first_line_may_be_an_absent_patient_code() -> None:
    made = converted(file(dossier(GLUCOSE, head=header(l1=""))))
    (draft,) = made.drafts
    assert draft.document.patient.used_name == "FICTIVE"
    assert draft.document.patient.ids == ()
    assert at(made, "hprim.patient_code_missing").disposition is Disposition.HOLD


def test_a_file_with_neither_end_is_truncated() -> None:
    made = converted(file(dossier(GLUCOSE, fin=""), end=""))
    assert fate(made) is Disposition.REFUSE
    assert "hprim.end_missing" in codes(made)


def test_fin_missing_is_refused_where_the_laboratory_wants_it() -> None:
    content = file(dossier(GLUCOSE, fin=""))
    strict = replace(LABORATORY_M, missing_fin_is_refused=True)
    assert fate(converted(content)) is Disposition.PUBLISH
    assert at(converted(content, strict), "hprim.fin_missing_refused").disposition is Disposition.REFUSE


def test_finfichier_missing_is_told() -> None:
    made = converted(file(dossier(GLUCOSE), end=""))
    assert at(made, "hprim.finfichier_missing").disposition is Disposition.PUBLISH
    assert len(made.drafts) == 1


def test_a_second_dossier_cut_off_refuses_the_file() -> None:
    made = converted(file(dossier(GLUCOSE), "\r\n".join(OTHER[:5]), end=""))
    assert fate(made) is Disposition.REFUSE


def test_a_short_header_refuses_the_file() -> None:
    made = converted(file(dossier(GLUCOSE, head=header()[:9])))
    assert at(made, "hprim.header_incomplete").disposition is Disposition.REFUSE
    assert made.drafts == ()


def test_two_dossiers_without_fin_between_are_never_mixed() -> None:
    texts = file(dossier(text=["Texte"], fin=""), dossier(text=["Autre texte"], head=OTHER))
    blocks = file(dossier(GLUCOSE, fin=""), dossier(GLUCOSE, head=OTHER))
    for content in (texts, blocks):
        made = converted(content)
        assert at(made, "hprim.dossiers_merged").disposition is Disposition.REFUSE


def test_a_lost_marker_does_not_hide_what_is_not_validated() -> None:
    made = converted(file(dossier(text=["Page", GLUCOSE[:-1] + "R", "TEX|fin"])))
    assert {"hprim.lab_marker_missing", "hprim.not_validated"} <= codes(made)
    assert fate(made) is Disposition.HOLD


def test_another_patient_s_header_is_seen_by_its_number_too() -> None:
    stranger = header(l1="0000099999", l2="AUTRE", l3="Paul", l7="01/02/1950", l9="2503100002", l11="")
    made = converted(file(dossier(text=["Texte"], fin=""), dossier(text=["Autre texte"], head=stranger)))
    assert at(made, "hprim.dossiers_merged").disposition is Disposition.REFUSE


def test_a_dossier_after_the_end_of_the_file_is_never_lost_in_silence() -> None:
    made = converted(file(dossier(GLUCOSE)) + file(dossier(GLUCOSE, head=OTHER)))
    assert at(made, "hprim.dossier_after_end").disposition is Disposition.HOLD
    assert len(made.drafts) == 1


def test_a_dossier_between_fin_and_finfichier_is_a_dossier() -> None:
    made = converted(file(dossier(GLUCOSE), dossier(GLUCOSE, head=OTHER, fin="")))
    assert len(made.drafts) == 2


def test_the_same_dossier_twice_counts_once() -> None:
    made = converted(file(dossier(GLUCOSE), dossier(GLUCOSE)))
    assert len(made.drafts) == 1
    assert "hprim.dossier_twice" in codes(made)
    assert fate(made) is Disposition.PUBLISH


def test_two_contents_under_one_number_wait() -> None:
    made = converted(file(dossier(GLUCOSE), dossier(GLUCOSE.replace("0.95", "1.25"))))
    assert at(made, "hprim.dossier_repeated").disposition is Disposition.HOLD


def test_two_patients_under_one_number_wait() -> None:
    made = converted(file(dossier(GLUCOSE), dossier(GLUCOSE, head=header(l2="AUTRE"))))
    assert at(made, "hprim.dossier_of_two_patients").disposition is Disposition.HOLD


@pytest.mark.parametrize("mark", ["****FIN**** ", " ****FIN****", "****fin****", "\t****Fin****"])
def test_a_marker_is_known_however_it_is_written(mark: str) -> None:
    assert len(converted(file(dossier(GLUCOSE, fin=mark))).drafts) == 1


def test_an_empty_file_is_refused() -> None:
    assert fate(converted(b"")) is Disposition.REFUSE
    assert fate(converted(b"\r\n\r\n")) is Disposition.REFUSE


def test_a_dossier_without_text_nor_result_waits() -> None:
    made = converted(file(dossier(text=["", "  "])))
    assert at(made, "hprim.dossier_empty").disposition is Disposition.HOLD


def test_end_of_file_signs_are_no_text() -> None:
    made = converted(file(dossier(GLUCOSE)) + b"\x1a")
    assert made.findings == ()


def test_tabs_and_form_feeds_do_not_reach_the_document() -> None:
    made = converted(file(dossier(text=["Avant\x0c", "a\tb", "c\x00d"])))
    body = made.drafts[0].document.body
    assert isinstance(body, TextBody)
    assert body.lines == ("Avant", "a       b", "cd")
    assert "hprim.control_characters" in codes(made)
