"""Who validated, prescribed and receives: the laboratory's directory, and nobody guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.findings import Disposition, disposition
from engine.model.parties import PROFESSIONAL_OID
from engine.model.values import Identifier
from tests.unit.formats.hl7v2.results.messages import (
    acts,
    codes,
    content,
    finding,
    msh,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    results,
    sample,
    segment,
)
from tests.unit.formats.laboratory_fixture import BIOLOGIST, LABORATORY, PRESCRIBER, context

SECOND = replace(BIOLOGIST, id=Identifier(PROFESSIONAL_OID, "899900000045"))
TWO = replace(LABORATORY, biologists={**LABORATORY.biologists, "V2": SECOND})


def test_the_validator_is_the_biologist_of_the_directory() -> None:
    document = only_draft(content(msh(), pid(), orc(), obr(), obx())).document
    assert document.legal_authenticator.professional == BIOLOGIST
    assert document.act.performer.id == BIOLOGIST.id
    assert document.encounter.responsible == BIOLOGIST


def test_results_that_all_name_the_same_validator_name_the_report_s() -> None:
    draft = sample("R19_copies_et_valideurs").drafts[0]
    assert draft.document.legal_authenticator.professional == BIOLOGIST
    assert all(one.validators == (BIOLOGIST,) for one in results(draft))


@pytest.mark.parametrize(
    ("interpreter", "observer", "code"),
    [
        ("", "", "mapping.validator_missing"),
        ("INCONNU&PERSONNE&Paul", "", "mapping.validator_unknown"),
        ("", "INCONNU^PERSONNE", "mapping.validator_unknown"),
        ("99900000029&AUTREBIOLOGISTE&Paul", "", "mapping.professional_differs"),
    ],
)
def test_a_report_that_no_known_biologist_validates_holds(interpreter: str, observer: str, code: str) -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({32: interpreter}), obx({16: observer})))
    assert finding(draft.findings, code).disposition is Disposition.HOLD


def test_who_did_a_test_is_not_who_validated_it() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx({16: "TECH7^PAILLASSE"})))
    assert draft.document.legal_authenticator.professional == BIOLOGIST
    assert results(draft)[0].validators == ()
    assert finding(draft.findings, "mapping.observer_unknown").disposition is Disposition.PUBLISH


def test_a_default_biologist_is_an_agreement() -> None:
    agreed = context(replace(LABORATORY, default_biologist=BIOLOGIST))
    draft = only_draft(content(msh(), pid(), orc(), obr({32: ""}), obx()), agreed)
    assert draft.document.legal_authenticator.professional == BIOLOGIST
    assert "mapping.default_biologist" in codes(draft.findings)


def test_two_biologists_of_one_report_need_a_person() -> None:
    other = obr({4: "NFS^NFS^L", 24: "HM", 32: "V2&BIOTEST&Paul"})
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx(), orc(), other, obx()), context(TWO))
    assert finding(draft.findings, "mapping.several_validators").disposition is Disposition.HOLD
    assert [one.professional for one in draft.document.authenticators] == [SECOND]


def test_a_second_biologist_of_one_result_is_an_authenticator() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx({16: "V2^BIOTEST~VBIO^BIOTEST"})), context(TWO))
    assert [one.professional for one in draft.document.authenticators] == [SECOND]
    assert results(draft)[0].validators == (SECOND, BIOLOGIST)


def test_the_prescriber_is_completed_by_the_directory_and_receives_the_report() -> None:
    document = only_draft(content(msh(), pid(), orc(), obr(), obx())).document
    assert [(one.type_code, one.professional) for one in document.participants] == [("REF", PRESCRIBER)]
    assert document.recipients == (PRESCRIBER,)


def test_the_prescriber_of_the_order_stands_in() -> None:
    document = only_draft(content(msh(), pid(), orc({12: "99900000011^MEDTEST"}), obr({16: ""}), obx())).document
    assert document.recipients == (PRESCRIBER,)


def test_a_number_that_is_someone_else_s_in_the_directory_holds() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({16: "99900000011^AUTRENOM^Paul"}), obx()))
    assert finding(draft.findings, "mapping.professional_differs").disposition is Disposition.HOLD
    assert draft.document.recipients[0].name is not None
    assert draft.document.recipients[0].name.family == "AUTRENOM"
    assert draft.document.recipients[0].telecoms == (), "no mailbox of another person"


@pytest.mark.parametrize(
    ("sent", "extension"),
    [
        ("10001234567^DUPONT^^^^^^^^^^^RPPS", "810001234567"),
        ("810001234567^DUPONT^^^^^^^ASIP&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS", "810001234567"),
        ("810001234567^DUPONT^^^^^^^ASIP&1.2.250.1.71.4.2.1&ISO^D^^^RPPS", "810001234567"),
        ("10001234567^DUPONT^^^^^^^ASIP&1.2.250.1.71.4.2.1&ISO", "810001234567"),
        ("751234567^DUPONT^^^^^^^^^^^ADELI", "0751234567"),
        ("LOCAL7^DUPONT", None),
        ("123^DUPONT^^^^^^^ASIP&1.2.250.1.71.4.2.1&ISO^D^^^RPPS", None),
    ],
)
def test_a_national_number_is_one_only_when_it_has_its_form(sent: str, extension: str | None) -> None:
    found = only_draft(content(msh(), pid(), orc(), obr({16: sent}), obx())).document.recipients[0].id
    assert (found.extension if found else None) == extension


def test_copies_go_to_those_who_are_named_each_once() -> None:
    draft = sample("R19_copies_et_valideurs").drafts[0]
    names = [one.name.family for one in draft.document.recipients if one.name]
    assert names == ["MEDTEST", "COPIE", "DESTIN"]
    assert [t.value for t in draft.document.recipients[2].telecoms] == ["mailto:lucie.destin@medecin.mssante.example"]
    assert finding(draft.findings, "mapping.mailbox_as_sent").where == "PRT[1]-15"


def test_the_mailbox_of_the_directory_wins_over_the_one_sent() -> None:
    sent = segment("PRT", {2: "UC", 4: "RCT", 5: "99900000011^MEDTEST", 15: "^^X.400^ailleurs@example.test"})
    draft = only_draft(content(msh(), pid(), orc(), obr({16: ""}), sent, obx()))
    assert draft.document.recipients == (PRESCRIBER,)


def test_a_participant_of_another_role_receives_nothing() -> None:
    sent = segment("PRT", {2: "UC", 4: "REPLY", 5: "1^INCONNU", 15: "^^X.400^ailleurs@example.test"})
    draft = only_draft(content(msh(), pid(), orc(), obr({16: ""}), sent, obx()))
    assert draft.document.recipients == ()
    assert "hl7v2.segment_not_carried" in codes(draft.findings)


def test_the_collector_stands_in_the_document_and_on_the_sample() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({10: "IDE7^PIQURE^Jeanne"}), obx()))
    assert [one.type_code for one in draft.document.participants] == ["REF", "PRF"]
    collector = acts(draft)[0].specimens[0].collector
    assert collector is not None and collector.name is not None and collector.name.family == "PIQURE"


def test_the_visit_says_where_and_when_the_patient_was() -> None:
    visit = segment("PV1", {2: "I", 3: "UF7^12^1", 19: "V1^^^CLINIQUE&1.2.250.1.999.1.2.1&ISO^VN",
                            44: "20250309180000", 45: "20250311"})  # fmt: skip
    encounter = only_draft(content(msh(), pid(), visit, orc(), obr(), obx())).document.encounter
    assert encounter.code is not None and encounter.code.code == "IMP"
    assert encounter.id == Identifier("1.2.250.1.999.1.2.1", "V1")
    assert encounter.location_name == "UF7, chambre 12, lit 1"
    assert [one and one.value for one in (encounter.start, encounter.stop)] == ["20250309180000+0100", "20250311"]


def test_prescribers_that_differ_are_said() -> None:
    other = obr({4: "NFS^NFS^L", 16: "LOCAL9^DURAND"})
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx(), orc(), other, obx()))
    assert "mapping.prescribers_differ" in codes(draft.findings)
    assert disposition(draft.findings) is Disposition.PUBLISH
