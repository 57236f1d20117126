"""A correction makes a whole new version: what it sends replaces, what it does not send stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.cda.codes import LOINC
from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.documents.fidelity import fidelity_findings
from engine.findings import Disposition
from engine.model.document import ClinicalDocument, PdfBody, Signature, TextBody
from engine.model.laboratory import Battery, Comment, Isolate, LaboratoryReport, Result, TextValue
from engine.model.parties import BirthPlace
from engine.model.values import Code, Identifier, Timestamp
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import (
    GLUCOSE,
    HAEMATOLOGY,
    UREA,
    act,
    antibiogram_with_two_isolates,
    concept,
    quantity,
    report,
    result,
    simple_biochemistry,
)

NEW_UREA = replace(UREA, value=quantity("6.1", "mmol/L"), value_as_sent="6.1", status_as_sent="C", comments=())
SODIUM = result(concept("Sodium", "NA"), quantity("140", "mmol/L"), "140", "mmol/L", "OBX[9]")


def merged(before: ClinicalDocument, now: ClinicalDocument) -> tuple[LaboratoryReport, list[str]]:
    document, findings = DOCUMENT_TYPE.merge(before, now)
    assert isinstance(document.body, LaboratoryReport)
    assert fidelity_findings(document, DOCUMENT_TYPE.render(document, parties.SECOND_VERSION, Software()).cda) == ()
    return document.body, [finding.code for finding in findings]


def sent(*acts: object) -> ClinicalDocument:
    return parties.document(report(*acts))  # type: ignore[arg-type]


def test_what_is_not_sent_again_is_carried_over_in_its_place_and_counted() -> None:
    body, codes = merged(sent(act(GLUCOSE, UREA, SODIUM)), sent(act(NEW_UREA)))
    (only,) = body.chapters[0].acts
    assert [(item.concept.text, item.carried_over) for item in only.items] == [
        ("Glycémie à jeun", True),
        ("Urée", False),
        ("Sodium", True),
    ]
    assert only.items[0].origin == "OBX[1] (version précédente)"
    assert only.items[1] == NEW_UREA
    assert codes[0] == "merge.carried_over"
    _, findings = DOCUMENT_TYPE.merge(sent(act(GLUCOSE, UREA, SODIUM)), sent(act(NEW_UREA)))
    assert findings[0].message.endswith(": 2.")


def test_a_value_that_was_replaced_is_nowhere_in_the_new_version() -> None:
    document, _ = DOCUMENT_TYPE.merge(sent(act(GLUCOSE, UREA)), sent(act(NEW_UREA)))
    cda = DOCUMENT_TYPE.render(document, parties.SECOND_VERSION, Software()).cda
    assert b"9.1" not in cda
    assert b"6.1" in cda


def test_comments_stay_with_the_results_that_are_carried_over() -> None:
    body, _ = merged(sent(act(GLUCOSE, UREA)), sent(act(replace(GLUCOSE, status_as_sent="C"))))
    kept = body.chapters[0].acts[0].items[1]
    assert isinstance(kept, Result)
    assert kept.comments == (Comment("À contrôler\ndans un mois.", "C[1] (version précédente)"),)


def test_comments_of_a_replaced_result_go_with_it() -> None:
    body, _ = merged(sent(act(UREA)), sent(act(NEW_UREA)))
    assert body.chapters[0].acts[0].items == (NEW_UREA,)


def test_a_correction_of_the_unit_replaces_the_result_whatever_its_new_unit() -> None:
    mass = replace(GLUCOSE, value=quantity("0.95", "g/L"), value_as_sent="0,95", unit_as_sent="g/L")
    body, codes = merged(sent(act(GLUCOSE)), sent(act(mass)))
    assert body.chapters[0].acts[0].items == (mass,)
    assert codes == []


def test_one_of_two_results_of_a_test_sent_again_is_looked_at_by_a_person() -> None:
    mass = replace(GLUCOSE, value=quantity("0.95", "g/L"), value_as_sent="0,95", unit_as_sent="g/L")
    body, codes = merged(sent(act(GLUCOSE, mass)), sent(act(mass)))
    assert body.chapters[0].acts[0].items == (mass,)
    assert codes == ["merge.fewer_results"]


def test_a_confirmed_result_keeps_its_value() -> None:
    confirmed = replace(UREA, value=TextValue(""), value_as_sent="", status_as_sent="U", comments=(), origin="OBX[7]")
    body, codes = merged(sent(act(UREA)), sent(act(confirmed)))
    (kept,) = body.chapters[0].acts[0].items
    assert isinstance(kept, Result)
    assert (kept.value, kept.status_as_sent, kept.origin, kept.carried_over) == (UREA.value, "U", "OBX[7]", False)
    assert codes == []


def test_a_confirmation_that_changes_the_value_is_looked_at_by_a_person() -> None:
    _, codes = merged(sent(act(UREA)), sent(act(replace(NEW_UREA, status_as_sent="U"))))
    assert codes == ["merge.confirmed_value_differs"]


def test_a_confirmation_of_something_unknown_is_looked_at_by_a_person() -> None:
    _, codes = merged(sent(act(GLUCOSE)), sent(act(replace(NEW_UREA, status_as_sent="U"))))
    assert "merge.confirmed_result_unknown" in codes


@pytest.mark.parametrize("status", ["D", "X"])
def test_a_withdrawn_result_is_named_without_its_value(status: str) -> None:
    withdrawn = Result(UREA.concept, None, "", None, "OBX[1]", status="aborted", status_as_sent=status)
    body, _ = merged(sent(act(GLUCOSE, UREA)), sent(act(withdrawn)))
    assert body.chapters[0].acts[0].items[1] == withdrawn


def test_a_cancelled_request_takes_its_results_back() -> None:
    body, codes = merged(sent(act(GLUCOSE, UREA)), sent(act(status="aborted")))
    assert codes == []
    results = body.chapters[0].acts[0].items
    assert [(item.value, item.status, item.value_as_sent) for item in results] == [(None, "aborted", "")] * 2


def test_a_request_that_is_not_sent_again_is_carried_over_whole() -> None:
    other = act(SODIUM, Comment("Sans garrot.", "C[8]"), title="Ionogramme", origin="OBR[2]")
    body, _ = merged(sent(act(UREA), other), sent(act(NEW_UREA)))
    assert [one.title for one in body.chapters[0].acts] == ["Bilan", "Ionogramme"]
    assert body.chapters[0].acts[1].items[1] == Comment("Sans garrot.", "C[8] (version précédente)")


def test_a_request_of_words_only_is_carried_over_too() -> None:
    words = act(Comment("Conclusion.", "C[8]"), title="Conclusion", origin="OBR[2]")
    body, _ = merged(sent(act(UREA), words), sent(act(NEW_UREA)))
    assert body.chapters[0].acts[1].items == (Comment("Conclusion.", "C[8] (version précédente)"),)


def test_a_result_sent_again_under_another_request_is_not_kept_twice() -> None:
    body, codes = merged(sent(act(UREA, SODIUM)), sent(act(NEW_UREA, title="Autre intitulé")))
    assert "merge.moved_result" in codes
    told = [item.concept.text for one in body.chapters[0].acts for item in one.items]
    assert sorted(told) == ["Sodium", "Urée"]


def test_a_correction_that_names_no_chapter_takes_the_places_of_the_version_before() -> None:
    common = Code("26436-6", LOINC, "Biologie polyvalente", "LOINC")
    new = replace(SODIUM, origin="OBX[9]")
    sent_alone = report(act(NEW_UREA, Comment("Contrôlé.", "C[9]"), new, title="Autre intitulé"), chapter=common)
    body, codes = merged(sent(act(GLUCOSE, UREA)), parties.document(sent_alone))
    assert "merge.put_back" in codes
    assert "merge.moved_result" not in codes
    assert body.chapters[0].title == "BIOCHIMIE"
    kept = body.chapters[0].acts[0]
    assert kept.title == "Bilan"
    values = [item.value for item in kept.items if isinstance(item, Result)]
    assert values == [GLUCOSE.value, NEW_UREA.value]
    assert Comment("Contrôlé.", "C[9]") in kept.items
    assert body.chapters[1].acts[0].items == (new,)


def test_new_chapters_and_results_come_after_the_known_ones() -> None:
    before = sent(act(GLUCOSE))
    cells = report(act(SODIUM, title="Numération"), chapter=HAEMATOLOGY).chapters
    now = parties.document(replace(report(act(UREA)), chapters=(*cells, *report(act(UREA)).chapters)))
    body, _ = merged(before, now)
    assert [chapter.title for chapter in body.chapters] == ["BIOCHIMIE", "HÉMATOLOGIE"]
    assert [item.concept.text for item in body.chapters[0].acts[0].items] == ["Glycémie à jeun", "Urée"]


def test_a_group_keeps_its_title_and_takes_the_corrected_result() -> None:
    group = Battery(concept("Bilan rénal", "REN"), (UREA, SODIUM), "OBX[1]", (Comment("Groupe.", "C[4]"),))
    body, _ = merged(sent(act(group)), sent(act(NEW_UREA)))
    (kept,) = body.chapters[0].acts[0].items
    assert isinstance(kept, Battery)
    assert [one.carried_over for one in kept.results] == [False, True]
    assert kept.comments == (Comment("Groupe.", "C[4] (version précédente)"),)


def test_the_germ_that_is_not_sent_again_keeps_its_antibiogram() -> None:
    before = antibiogram_with_two_isolates()
    assert isinstance(before.body, LaboratoryReport)
    chapter = before.body.chapters[0]
    isolate = chapter.acts[0].items[2]
    assert isinstance(isolate, Isolate)
    changed = replace(isolate, antibiogram=isolate.antibiogram[:1])
    now = replace(before, body=replace(before.body, chapters=(replace(chapter, acts=(act(changed, title="ECBU"),)),)))
    body, _ = merged(before, now)
    _, coli, entero, _ = body.chapters[0].acts[0].items
    assert isinstance(coli, Isolate) and isinstance(entero, Isolate)
    assert all(one.carried_over for one in (*coli.results, *coli.antibiogram))
    assert [one.carried_over for one in entero.antibiogram] == [False, True]


def test_another_germ_in_place_of_one_is_looked_at_by_a_person() -> None:
    before = antibiogram_with_two_isolates()
    assert isinstance(before.body, LaboratoryReport)
    isolate = before.body.chapters[0].acts[0].items[2]
    assert isinstance(isolate, Isolate)
    renamed = replace(isolate, organism=replace(isolate.organism, text="Staphylocoque", local=None))
    chapter = replace(before.body.chapters[0], acts=(act(renamed, title="ECBU"),))
    _, codes = merged(before, replace(before, body=replace(before.body, chapters=(chapter,))))
    assert "merge.isolate_changed" in codes


def test_whoever_validated_what_is_carried_over_still_answers_for_it() -> None:
    before = sent(act(GLUCOSE, UREA))
    now = replace(
        sent(act(NEW_UREA)),
        authenticators=(),
        legal_authenticator=Signature(parties.SIGNED, parties.SECOND_BIOLOGIST),
    )
    document, _ = DOCUMENT_TYPE.merge(before, now)
    assert [one.professional for one in document.authenticators] == [parties.BIOLOGIST]


def test_words_about_the_whole_stay_as_long_as_a_result_they_speak_of() -> None:
    before = parties.document(report(act(GLUCOSE, UREA), comments=(Comment("Non à jeun.", "C[5]"),)))
    body, _ = merged(before, sent(act(NEW_UREA)))
    assert body.comments == (Comment("Non à jeun.", "C[5] (version précédente)"),)
    body, _ = merged(before, sent(act(GLUCOSE, NEW_UREA)))
    assert body.comments == ()


def test_the_full_text_of_the_version_before_is_not_shown_again() -> None:
    before = parties.document(report(act(UREA), full_text=Comment("Urée 9.1", "OBX[8]")))
    body, codes = merged(before, sent(act(NEW_UREA)))
    assert body.full_text is None
    assert codes == ["merge.full_text_not_carried_over"]


@pytest.mark.parametrize(
    "change",
    [
        {"birth_name": "AUTRE"},
        {"birth_time": Timestamp("19610416")},
        {"gender": "M"},
        {"first_given_name": "PAULE"},
        {"ids": (Identifier(parties.LAB_OID, "P-9999"),)},
    ],
)
def test_results_of_two_patients_are_never_merged(change: dict[str, object]) -> None:
    other = replace(parties.PATIENT, **change)  # type: ignore[arg-type]
    now = parties.document(report(act(NEW_UREA)), other)
    for document_type in (DOCUMENT_TYPE, LEVEL_1):
        document, findings = document_type.merge(simple_biochemistry(), now)
        assert document == now
        assert [(one.code, one.disposition) for one in findings] == [
            ("identity.differs_from_previous_version", Disposition.HOLD)
        ]
        assert "ESSAI" not in findings[0].message


def test_how_a_name_is_typed_does_not_change_who_it_is() -> None:
    typed = replace(parties.PATIENT, birth_name="Éssai", birth_place=BirthPlace("76351"), telecoms=())
    _, findings = DOCUMENT_TYPE.merge(sent(act(UREA)), parties.document(report(act(NEW_UREA)), typed))
    assert findings == ()


def test_a_version_without_structure_is_not_merged_with_one_that_has_it() -> None:
    before = replace(simple_biochemistry(), body=PdfBody(parties.PDF))
    document, findings = DOCUMENT_TYPE.merge(before, sent(act(NEW_UREA)))
    assert document == sent(act(NEW_UREA))
    assert [one.disposition for one in findings] == [Disposition.HOLD]


def test_at_level_1_the_new_text_replaces_the_old_one() -> None:
    before = replace(simple_biochemistry(), body=TextBody(("ancien",)))
    now = replace(before, body=TextBody(("nouveau",)))
    assert LEVEL_1.merge(before, now) == (now, ())
