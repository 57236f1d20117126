"""PID: nothing is guessed, and a matricule leaves only when the identity is qualified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.context import Context
from engine.declarations import Draft
from engine.exchange import InboundMessage
from engine.findings import Disposition
from engine.formats.hprim import FORMAT as HPRIM
from engine.model.directory import KnownIdentity
from engine.model.parties import INS_NIR_TEST, Ins, Patient
from engine.model.values import Timestamp
from tests.unit.formats.hl7v2.results.messages import (
    TRUSTING,
    codes,
    content,
    convert,
    finding,
    msh,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    sample,
)
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context
from tests.unit.formats.sante import messages as hprim

MATRICULE = "285039900000193"
INS = f"{MATRICULE}^^^ASIP-SANTE-INS-NIR&{INS_NIR_TEST}&ISO^INS"
IPP = "IPP0001^^^CLINIQUE FICTIVE&1.2.250.1.999.1.2.1&ISO^PI"
KNOWN = KnownIdentity(
    ipp="IPP0001",
    ins=Ins(MATRICULE, INS_NIR_TEST, qualified=True),
    birth_name="TESTNAISSANCE",
    birth_given_names=("Hélène", "Zoé", "Marie"),
    birth_date=Timestamp("19850312"),
    gender="F",
    birth_cog="99000",
)


def draft_of(changes: dict[int, str], circumstances: Context | None = None) -> Draft:
    return only_draft(content(msh(), pid(changes), orc(), obr(), obx()), circumstances)


def patient_of(changes: dict[int, str], circumstances: Context | None = None) -> Patient:
    return draft_of(changes, circumstances).document.patient


def test_names_go_by_their_type() -> None:
    patient = patient_of({})
    assert (patient.birth_name, patient.used_name) == ("TESTNAISSANCE", "FICTIVE")
    assert (patient.first_given_name, patient.used_given_name) == ("Hélène", "Hélène")
    assert patient.birth_given_names == ("Hélène", "Zoé", "Marie")
    assert patient.prefix == "MME"


@pytest.mark.parametrize("kind", ["", "D"])
def test_a_name_that_is_not_said_to_be_of_birth_is_none(kind: str) -> None:
    draft = draft_of({5: f"FICTIVE^Hélène^^^^^{kind}"})
    patient = draft.document.patient
    assert (patient.birth_name, patient.used_name, patient.first_given_name) == (None, "FICTIVE", "Hélène")
    assert "identity.birth_name_missing" in codes(draft.findings)


def test_second_given_names_that_are_no_full_list_are_not_taken_for_one() -> None:
    draft = draft_of({5: "TESTNAISSANCE^Hélène^Zoé Marie^^^^L"})
    assert draft.document.patient.birth_given_names == ()
    assert "identity.given_names_unsure" in codes(draft.findings)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({5: ""}, "identity.name_missing"),
        ({5: "TESTNAISSANCE^^^^^^L"}, "identity.given_name_missing"),
        ({7: ""}, "identity.birth_date_missing"),
        ({7: "1985"}, "identity.birth_date_invalid"),
        ({7: "19850231"}, "identity.birth_date_invalid"),
        ({7: "20260101"}, "identity.birth_date_in_future"),
        ({8: ""}, "identity.gender_missing"),
        ({8: '""'}, "identity.gender_missing"),
        ({8: "A"}, "identity.gender_unknown"),
        ({3: INS}, "identity.local_id_missing"),
        ({32: "FICTI"}, "identity.doubtful"),
    ],
)
def test_a_trait_that_is_missing_or_impossible_holds(changes: dict[int, str], code: str) -> None:
    draft = draft_of(changes)
    found = finding(draft.findings, code)
    assert found.disposition is Disposition.HOLD
    assert found.where.startswith("PID[1]")


def test_birth_filled_with_zeros_is_a_date() -> None:
    birth = patient_of({7: "19850312000000"}).birth_time
    assert birth is not None and birth.value == "19850312"


def test_the_place_of_birth_is_that_of_the_birth_address() -> None:
    place = patient_of({}).birth_place
    assert place is not None and (place.cog, place.city) == ("99000", "VILLETEST")
    elsewhere = patient_of({11: "3 rue^^VILLETEST^^00000^FRA^H^^63220", 23: "LYON"}).birth_place
    assert elsewhere is not None and (elsewhere.cog, elsewhere.city) == (None, "LYON"), "XAD-9 of a home is none"


def test_a_birth_address_is_no_address() -> None:
    assert [one.lines for one in patient_of({}).addresses] == [("3 rue du Test",)]


@pytest.mark.parametrize(
    ("number", "root"),
    [
        ("X1^^^CLINIQUE&1.2.250.1.42&ISO^PI", "1.2.250.1.42"),
        ("X1^^^990000002^PI", LABORATORY.patient_ids_oid),
        ("X1", LABORATORY.patient_ids_oid),
        ("X1^^^CLINIQUE&120456789&M^PI", LABORATORY.requester_patient_ids_oid),
    ],
)
def test_a_number_goes_with_the_domain_that_gave_it(number: str, root: str) -> None:
    (found,) = patient_of({3: number}).ids
    assert (found.root, found.extension) == (root, "X1")


def test_two_authorities_without_an_oid_are_never_one_domain() -> None:
    alone = context(replace(LABORATORY, requester_patient_ids_oid=None))
    (one,), (other,) = (patient_of({3: f"X1^^^{name}^PI"}, alone).ids for name in ("CLINIQUE A", "CLINIQUE B"))
    assert one.root != other.root


@pytest.mark.parametrize("number", [f"{MATRICULE}^^^CNAM^NH", f"{MATRICULE}^^^CNAM&1.2.3&ISO^SS"])
def test_a_social_security_number_is_never_repeated(number: str) -> None:
    draft = draft_of({3: f"{IPP}~{number}"})
    assert [one.extension for one in draft.document.patient.ids] == ["IPP0001"]
    assert draft.document.patient.ins is None
    assert "identity.nir_not_carried" in codes(draft.findings)


def test_a_matricule_is_read_and_not_trusted_by_default() -> None:
    draft = draft_of({3: f"{IPP}~{INS}", 32: "VALI"})
    assert draft.document.patient.ins == Ins(MATRICULE, INS_NIR_TEST, qualified=False)
    assert finding(draft.findings, "identity.ins_not_qualified").disposition is Disposition.PUBLISH


def test_a_validated_identity_is_believed_of_a_laboratory_trusted_for_it() -> None:
    patient = patient_of({3: f"{IPP}~{INS}", 32: "VALI"}, context(TRUSTING))
    assert patient.ins == Ins(MATRICULE, INS_NIR_TEST, qualified=True)


@pytest.mark.parametrize(
    "changes",
    [
        {32: "PROV"},
        {32: ""},
        {32: "VALI~PROV"},
        {11: ""},
        {5: "TESTNAISSANCE^Hélène^^^^^L"},
        {5: "FICTIVE^Hélène^Hélène Zoé^^^^D"},
        {8: "U"},
    ],
)
def test_trust_is_not_enough_without_validation_and_every_trait(changes: dict[int, str]) -> None:
    patient = patient_of({3: f"{IPP}~{INS}", 32: "VALI", **changes}, context(TRUSTING))
    assert patient.ins is None or not patient.ins.qualified


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (f"{MATRICULE}^^^X&1.2.3&ISO^INS", "identity.ins_oid_unknown"),
        (f"{MATRICULE}^^^X&{INS_NIR_TEST}&ISO^INS-NIA", "identity.ins_oid_mismatch"),
        ("1234567890123456789012^^^X&1.2.250.1.213.1.4.2&ISO^INS-C", "identity.ins_type_refused"),
        (f"285039900000194^^^X&{INS_NIR_TEST}&ISO^INS", "identity.ins_invalid"),
        (f"185039900000146^^^X&{INS_NIR_TEST}&ISO^INS", "identity.ins_traits_inconsistent"),
    ],
)
def test_a_matricule_in_doubt_is_not_taken_up(number: str, code: str) -> None:
    draft = draft_of({3: f"{IPP}~{number}", 32: "VALI"}, context(TRUSTING))
    assert code in codes(draft.findings)
    assert draft.document.patient.ins is None


def test_an_identity_qualified_here_completes_the_one_sent() -> None:
    laboratory = replace(LABORATORY, identities={"IPP0001": KNOWN})
    patient = patient_of({5: "TESTNAISSANCE^Hélène^^^^^L", 11: ""}, context(laboratory))
    assert patient.ins == KNOWN.ins
    assert patient.birth_given_names == KNOWN.birth_given_names
    assert patient.birth_place is not None and patient.birth_place.cog == "99000"


@pytest.mark.parametrize(
    ("changes", "trait"),
    [
        ({5: "AUTRE^Hélène^^^^^L"}, "nom de naissance"),
        ({7: "19850313"}, "date de naissance"),
        ({8: "M"}, "sexe"),
        ({11: "^^PARIS^^^FRA^BDL^^75113"}, "lieu de naissance"),
    ],
)
def test_another_identity_under_a_known_number_holds(changes: dict[int, str], trait: str) -> None:
    draft = draft_of(changes, context(replace(LABORATORY, identities={"IPP0001": KNOWN})))
    found = finding(draft.findings, "identity.traits_differ")
    assert found.disposition is Disposition.HOLD
    assert trait in found.message
    assert draft.document.patient.ins is None


def test_another_matricule_under_a_known_number_holds() -> None:
    known = replace(KNOWN, ins=Ins("285039900000290", INS_NIR_TEST, qualified=True))
    draft = draft_of({3: f"{IPP}~{INS}"}, context(replace(LABORATORY, identities={"IPP0001": known})))
    assert finding(draft.findings, "identity.ins_differs").disposition is Disposition.HOLD
    assert draft.document.patient.ins is None


def test_a_new_born_keeps_its_rank_and_leaves_the_numbers_of_its_mother() -> None:
    patient = sample("R09_nouveau_ne").drafts[0].document.patient
    assert patient.multiple_birth_order == 2
    assert [one.extension for one in patient.ids] == ["NN0009"]
    assert patient.birth_time is not None and patient.birth_time.value == "202503091742+0100"


def test_a_new_born_takes_nothing_from_the_identity_known_for_its_mother() -> None:
    laboratory = replace(LABORATORY, identities={"IPP0001": KNOWN})
    draft = sample("R09_nouveau_ne", context(laboratory)).drafts[0]
    assert draft.document.patient.ins is None
    assert "identity.traits_differ" not in codes(draft.findings)


@pytest.mark.parametrize(
    ("indicator", "rank", "order"), [("N", "1", None), ("", "1", None), ("Y", "1", 1), ("", "2", 2)]
)
def test_a_rank_is_one_of_a_multiple_birth_only(indicator: str, rank: str, order: int | None) -> None:
    assert patient_of({24: indicator, 25: rank}).multiple_birth_order == order


def test_a_patient_has_the_same_key_in_both_formats() -> None:
    draft = draft_of({})
    message = hprim.content(hprim.header(), hprim.patient({3: "IPP0001"}), hprim.request(), hprim.result())
    (other,) = HPRIM.convert(InboundMessage(message, "d", "f", RECEIVED_AT), context()).drafts
    assert draft.patient_key == other.patient_key


def test_no_finding_holds_a_word_of_the_patient() -> None:
    changes = {3: f"{IPP}~{INS}", 5: "SECRETNOM^Secretprénom^Autres^^^^L", 7: "18000101", 8: "Q", 13: "0611223344"}
    conversion = convert(content(msh(), pid(changes), orc(), obr(), obx()))
    private = ("SECRETNOM", "Secretprénom", MATRICULE, "IPP0001", "18000101", "0611223344", "rue du Test")
    told = [*conversion.findings, *(one for draft in conversion.drafts for one in draft.findings)]
    assert told
    for one in told:
        assert not any(word in one.message + one.remedy + one.where for word in private), one
