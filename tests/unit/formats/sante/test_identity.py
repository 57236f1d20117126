"""Who the report is about: nothing guessed, nothing trusted that was not qualified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.context import Context
from engine.findings import Disposition, disposition
from engine.model.directory import KnownIdentity
from engine.model.parties import INS_NIR_TEST, Ins, Patient
from engine.model.values import Timestamp
from tests.unit.formats.laboratory_fixture import LABORATORY, context
from tests.unit.formats.sante.messages import (
    codes,
    content,
    convert,
    finding,
    header,
    only_draft,
    patient,
    request,
    result,
)

MATRICULE = "285039900000193"
KNOWN = KnownIdentity(
    ipp="IPP0001",
    ins=Ins(MATRICULE, INS_NIR_TEST, True),
    birth_name="TESTNAISSANCE",
    birth_given_names=("HELENE", "ZOE"),
    birth_date=Timestamp("19850312"),
    gender="F",
    birth_cog="99999",
)
KNOWING = context(replace(LABORATORY, identities={"IPP0001": KNOWN}))
V25 = {13: "H2.5~C"}


def draft_of(changes: dict[int, str], circumstances: Context | None = None, version: dict[int, str] | None = None):  # type: ignore[no-untyped-def]
    return only_draft(content(header(version), patient(changes), request(), result()), circumstances)


def person(changes: dict[int, str], circumstances: Context | None = None) -> Patient:
    return draft_of(changes, circumstances, V25).document.patient


def ins_field(value: str = MATRICULE, kind: str = "INS-NIR", oid: str = INS_NIR_TEST) -> str:
    return f"{value}~{kind}~20250101~20250101~~{oid}"


def test_the_usual_name_is_never_taken_for_the_birth_name() -> None:
    draft = draft_of({7: ""})
    assert (draft.document.patient.birth_name, draft.document.patient.used_name) == (None, "FICTIVE")
    assert "identity.birth_name_missing" in codes(draft.findings)


def test_the_birth_fields_of_25_come_first() -> None:
    found = person({7: "TESTNAISSANCE~Hélène~Hélène Zoé Marie"})
    assert (found.birth_name, found.first_given_name, found.used_given_name) == ("TESTNAISSANCE", "Hélène", "Helene")
    assert found.birth_given_names == ("Hélène", "Zoé", "Marie")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({6: "~Helene", 7: ""}, "identity.name_missing"),
        ({6: "FICTIVE"}, "identity.given_name_missing"),
        ({8: ""}, "identity.birth_date_missing"),
        ({8: "19851399"}, "identity.birth_date_invalid"),
        ({8: "19850000"}, "identity.birth_date_invalid"),
        ({8: "20300101"}, "identity.birth_date_in_future"),
        ({9: ""}, "identity.gender_missing"),
        ({9: "X"}, "identity.gender_unknown"),
        ({3: "", 4: ""}, "identity.local_id_missing"),
    ],
)
def test_a_missing_or_impossible_trait_holds_for_a_person(changes: dict[int, str], code: str) -> None:
    draft = draft_of(changes)
    assert finding(draft.findings, code).disposition is Disposition.HOLD
    assert finding(draft.findings, code).where.startswith("P[1].8.")


def test_one_bad_patient_does_not_block_another() -> None:
    other = patient({2: "2", 3: "IPP0002", 4: "LAB0002"})
    message = content(
        header(), patient({8: "", 9: ""}), request(), result(), other, request({4: "~25031000002"}), result()
    )
    conversion = convert(message)
    assert conversion.findings == ()
    assert [disposition(draft.findings) for draft in conversion.drafts] == [Disposition.HOLD, Disposition.PUBLISH]


def test_results_before_any_request_refuse_that_patient_only() -> None:
    other = patient({2: "2", 3: "IPP0002", 4: "LAB0002"})
    message = content(header(), patient(), result(), request(), result(), other, request({4: "~25031000002"}), result())
    first, second = convert(message).drafts
    assert finding(first.findings, "hprim.obx_before_obr").where == "OBX[1]"
    assert disposition(first.findings) is Disposition.REFUSE
    assert disposition(second.findings) is Disposition.PUBLISH


def test_a_patient_with_results_and_no_request_at_all_is_refused_in_sight() -> None:
    (draft,) = convert(content(header(), patient(), result())).drafts
    assert disposition(draft.findings) is Disposition.REFUSE
    assert {"hprim.obx_before_obr", "hprim.request_number_missing"} <= codes(draft.findings)


def test_numbers_of_requester_and_laboratory_have_their_own_domain() -> None:
    found = person({})
    assert [(one.root, one.extension) for one in found.ids] == [
        (LABORATORY.requester_patient_ids_oid, "IPP0001"),
        (LABORATORY.patient_ids_oid, "LAB0001"),
    ]
    alone = context(replace(LABORATORY, requester_patient_ids_oid=None))
    assert [one.extension for one in person({}, alone).ids] == ["LAB0001"]


def test_the_key_of_a_patient_is_stable_and_tells_nothing() -> None:
    keys = {draft_of(one).patient_key for one in ({}, {6: "AUTRE~Prenom"}, {8: "19850313"})}
    assert len(keys) == 1
    assert draft_of({3: "IPP0002"}).patient_key not in keys
    assert draft_of({5: "DOS0001~1"}).patient_key not in keys, "a new-born is not its mother"
    assert not any("IPP" in key for key in keys)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (ins_field(kind="INS-C"), "identity.ins_type_refused"),
        (ins_field(kind="INS-A"), "identity.ins_type_refused"),
        (ins_field(oid=""), "identity.ins_oid_unknown"),
        (ins_field(oid="1.2.3"), "identity.ins_oid_unknown"),
        (ins_field(kind="INS-NIA"), "identity.ins_oid_mismatch"),
        (ins_field("285039900000194"), "identity.ins_invalid"),
        (ins_field("162079900000272"), "identity.ins_traits_inconsistent"),
    ],
)
def test_a_doubtful_matricule_is_never_kept(sent: str, code: str) -> None:
    trusting = context(replace(LABORATORY, trusted_identity_statuses=("V",)))
    draft = draft_of({12: sent, 39: "V"}, trusting, V25)
    assert draft.document.patient.ins is None
    assert code in codes(draft.findings)


def test_a_matricule_is_qualified_only_by_a_trusted_status() -> None:
    trusting = context(replace(LABORATORY, trusted_identity_statuses=("VALI",)))
    for status, circumstances, qualified in (
        ("VALI", trusting, True),
        ("PROV", trusting, False),
        ("", trusting, False),
        ("VALI", context(), False),
    ):
        assert person({12: ins_field(), 39: status}, circumstances).ins == Ins(MATRICULE, INS_NIR_TEST, qualified)


def test_two_matricules_are_none() -> None:
    draft = draft_of({12: f"{ins_field()}^{ins_field('285039900100172')}"}, None, V25)
    assert draft.document.patient.ins is None
    assert disposition(draft.findings) is Disposition.HOLD or "identity.ins_invalid" in codes(draft.findings)


@pytest.mark.parametrize("given", ["Hélène", "HELENE", "Hélène Zoé"])
def test_an_identity_known_here_qualifies_when_every_trait_is_equal(given: str) -> None:
    found = person({6: f"FICTIVE~{given}~~~Mme", 7: "TestNaissance"}, KNOWING)
    assert found.ins == Ins(MATRICULE, INS_NIR_TEST, True)
    assert found.birth_given_names == ("HELENE", "ZOE")
    assert found.birth_place is not None and found.birth_place.cog == "99999"


@pytest.mark.parametrize(
    ("changes", "trait"),
    [
        ({7: "AUTRE"}, "nom de naissance"),
        ({6: "FICTIVE~Zoe"}, "prénom"),
        ({8: "19850313"}, "date de naissance"),
        ({9: "M"}, "sexe"),
        ({7: "TESTNAISSANCE~Helene~Helene Marie"}, "prénoms"),
    ],
)
def test_one_trait_that_differs_holds_and_gives_no_matricule(changes: dict[int, str], trait: str) -> None:
    draft = draft_of(changes, KNOWING, V25)
    assert draft.document.patient.ins is None
    found = finding(draft.findings, "identity.traits_differ")
    assert found.disposition is Disposition.HOLD
    assert f"({trait})" in found.message
    assert "AUTRE" not in found.message


def test_a_trait_that_was_not_sent_qualifies_nothing() -> None:
    draft = draft_of({7: ""}, KNOWING)
    assert draft.document.patient.ins is None
    assert draft.document.patient.birth_name is None
    assert "identity.traits_incomplete" in codes(draft.findings)


def test_another_matricule_than_the_known_one_holds() -> None:
    number = "2850399000002"
    other = number + f"{97 - int(number) % 97:02d}"
    draft = draft_of({12: ins_field(other)}, KNOWING, V25)
    assert draft.document.patient.ins is None
    assert finding(draft.findings, "identity.ins_differs").disposition is Disposition.HOLD


def test_a_new_born_takes_nothing_from_its_mother_s_numbers() -> None:
    draft = draft_of({5: "DOS0001~1", 8: "20250309"}, KNOWING)
    found = draft.document.patient
    assert found.ins is None
    assert [one.extension for one in found.ids] == ["LAB0001"]
    assert found.multiple_birth_order == 1
    assert draft.document.encounter.id is None


def test_one_number_for_two_patients_holds_both() -> None:
    other = patient({2: "2", 3: "IPP0002", 4: "LAB0002"})
    drafts = convert(content(header(), patient(), request(), result(), other, request(), result())).drafts
    assert len(drafts) == 2
    for draft in drafts:
        assert finding(draft.findings, "hprim.request_of_two_patients").disposition is Disposition.HOLD


def test_the_same_patient_sent_twice_is_one() -> None:
    again = patient({2: "2"})
    message = content(header(), patient(), request(), result(), again, request(), result({4: "K~Potassium~L"}))
    (draft,) = convert(message).drafts
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_forbidden_fields_are_left_out_and_said() -> None:
    draft = draft_of({10: "x", 28: "y"})
    assert [one.where for one in draft.findings if one.code == "hprim.forbidden_field"] == ["P[1].8.10", "P[1].8.28"]


def test_a_missing_request_number_holds() -> None:
    draft = only_draft(content(header(), patient(), request({4: "TUBE1"}), result()))
    assert finding(draft.findings, "hprim.request_number_missing").disposition is Disposition.HOLD
