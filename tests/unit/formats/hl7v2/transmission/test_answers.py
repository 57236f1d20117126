"""What the sender is told at once: a wrong patient, an unreadable document, an incoherent demand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.context import Strictness, UnknownCombination
from engine.findings import Disposition, disposition
from engine.model.parties import Ins
from engine.model.values import Identifier, Timestamp
from tests.unit.documents_fixture import DOCUMENT, PATIENT
from tests.unit.formats.hl7v2.messages import with_value
from tests.unit.formats.hl7v2.transmission.messages import (
    FIRST,
    ROOT,
    SECOND,
    answer,
    cda,
    convert,
    doctor,
    errors,
    flags,
    message,
    only_draft,
    patient,
    pid,
    sender,
)

DOCUMENT_PLACE = "OBX^1^5^1^5"


def about(**traits: object) -> bytes:
    """The document of somebody else, by some traits."""
    return cda(FIRST, replace(DOCUMENT, patient=replace(PATIENT, **traits)))  # type: ignore[arg-type]


def test_a_document_that_may_leave_is_accepted() -> None:
    assert answer(message(cda())).text("MSA-1") == "AA"


@pytest.mark.parametrize(
    ("raw", "code", "application"),
    [
        (about(ins=Ins("180017599912342", "1.2.250.1.213.1.4.10", True)), "hl7v2.other_patient", "904"),
        (about(birth_name="AUTRE"), "hl7v2.traits_differ", "902"),
        (about(birth_time=Timestamp("19850313")), "hl7v2.traits_differ", "902"),
        (about(gender="M"), "hl7v2.traits_differ", "902"),
        (about(ins=None, ids=(Identifier("1.2.250.1.999.1.2.1", "IPP0002"),)), "hl7v2.no_common_id", "903"),
    ],
    ids=["INS", "birth name", "birth date", "sex", "number"],
)
def test_the_document_of_another_patient_is_refused_at_once(raw: bytes, code: str, application: str) -> None:
    content = message(raw)
    assert answer(content).text("MSA-1") == "AE"
    assert errors(content)[code] == (DOCUMENT_PLACE, "207", application)
    assert convert(content).drafts == ()


def test_a_twin_is_looked_at_by_a_person() -> None:
    conversion = convert(message(about(first_given_name="Zoé", used_given_name=None, birth_given_names=("Zoé",))))
    assert disposition(conversion.findings) is Disposition.HOLD
    assert "hl7v2.given_name_differs" in [one.code for one in conversion.findings]


@pytest.mark.parametrize("name", ["TestNaissance", "TEST-NAISSANCE", "Test Naissance", "TÉSTNAISSANCE"])
def test_how_a_name_is_typed_is_not_who_it_names(name: str) -> None:
    assert answer(message(cda(), identity=pid(birth_name=name))).text("MSA-1") == "AA"


def test_a_document_without_ins_is_the_patients_by_its_number() -> None:
    draft = only_draft(message(about(ins=None)))
    assert draft.document.patient.ins is None


@pytest.mark.parametrize("reliability", ["PROV", "VIDE", "", "DOUT"])
def test_an_ins_that_nobody_vouches_for_does_not_leave(reliability: str) -> None:
    content = message(cda(), identity=pid(reliability=reliability))
    assert errors(content)["hl7v2.document_ins_not_validated"] == ("PID^1^32", "207", "906")
    without = only_draft(message(about(ins=None), identity=pid(reliability=reliability)))
    assert without.document.patient.ins is None


def test_an_ins_without_its_strict_traits_does_not_leave() -> None:
    raw = cda().replace(b"<county>99000</county>", b"")
    assert errors(message(raw))["hl7v2.document_ins_traits"] == (DOCUMENT_PLACE, "207", "905")


def test_a_document_with_two_ins_does_not_leave() -> None:
    one = b'<id root="1.2.250.1.213.1.4.10" extension="285039900000193"/>'
    raw = cda().replace(one, one + one.replace(b"000193", b"000290"))
    assert errors(message(raw))["hl7v2.document_several_ins"] == (DOCUMENT_PLACE, "207", "904")


@pytest.mark.parametrize(
    ("raw", "code", "condition"),
    [
        (b"Document au format CDA", "hl7v2.not_cda", "102"),
        (b'<!DOCTYPE a><ClinicalDocument xmlns="urn:hl7-org:v3"/>', "hl7v2.not_cda", "102"),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.250.1.999.7.1"/>', "hl7v2.not_cda", "102"),
    ],
)
def test_what_is_no_document_is_refused_at_once(raw: bytes, code: str, condition: str) -> None:
    assert errors(message(raw))[code][:2] == (DOCUMENT_PLACE, condition)


def test_a_damaged_document_is_refused_at_once() -> None:
    assert errors(with_value(message(cda()), "OBX-5.5", b"QUJDR"))["hl7v2.base64"][:2] == (DOCUMENT_PLACE, "102")


def test_the_action_must_be_the_same_everywhere() -> None:
    content = message(cda())
    for spoiled in (
        with_value(content, "ORC-1", b"RO"),
        with_value(content, "OBX-11", b"D"),
        with_value(content, "MSH-9.2", b"T04"),
        with_value(message(cda(), kind="ORU"), "OBX-11", b"D"),
    ):
        assert "hl7v2.incoherent_action" in errors(spoiled)


def test_a_replacement_says_what_it_replaces_and_never_itself() -> None:
    assert "hl7v2.no_replacement_link" in errors(message(cda(), action="RO", kind="ORU"))
    itself = cda(replace(SECOND, replaces=SECOND.id))
    assert "hl7v2.replaces_itself" in errors(message(itself, action="RO", kind="ORU"))
    content = message(cda(SECOND), action="RO", ids=(SECOND.id.root, f"{ROOT}.77"))
    assert answer(content).text("MSA-1") == "AA"
    assert "hl7v2.other_parent" in [one.code for one in convert(content).findings]


def test_a_document_that_replaces_another_one_unasked_is_said_and_taken_at_its_word() -> None:
    content = message(cda(SECOND), ids=(SECOND.id.root, ""))
    assert "hl7v2.replacement_not_asked" in [one.code for one in convert(content).findings]
    assert only_draft(content).version == SECOND
    assert answer(content, strictness=Strictness.STRICT).text("MSA-1") == "AE"


def test_a_second_version_that_replaces_nothing_is_looked_at_by_a_person() -> None:
    conversion = convert(message(cda(replace(FIRST, number=2))))
    assert disposition(conversion.findings) is Disposition.HOLD
    assert "hl7v2.version_without_link" in [one.code for one in conversion.findings]


def test_another_document_than_announced_is_refused() -> None:
    assert "hl7v2.other_document" in errors(message(cda(), ids=(f"{ROOT}.77", "")))


def test_a_document_is_neither_sent_twice_nor_beside_the_one_it_replaces() -> None:
    assert "hl7v2.document_repeated" in errors(message(cda(), cda(), kind="ORU"))
    both = message(cda(), kind="ORU")
    both += (newer := message(cda(SECOND), kind="ORU", action="RO"))[newer.index(b"ORC|") :]
    assert "hl7v2.versions_together" in errors(both)


@pytest.mark.parametrize(
    ("content", "code", "condition"),
    [
        (message(cda(), participants=[sender(), patient()]), "hl7v2.no_recipient", "101"),
        (message(cda(), participants=[doctor()]), "hl7v2.no_sender", "101"),
        (message(cda(), flags=flags(DESTMSSANTEPAT="Y")), "hl7v2.no_patient_recipient", "101"),
        (
            message(
                cda(),
                flags=flags(DESTMSSANTEPAT="Y", INVISIBLE_PATIENT="Y"),
                participants=[sender(), doctor(), patient()],
            ),
            "hl7v2.hidden_and_mailed",
            "207",
        ),
        (with_value(message(cda()), "MSH-12", b"2.9"), "hl7v2.version", "203"),
        (with_value(message(cda()), "MSH-9.2", b"T11"), "hl7v2.event", "201"),
        (with_value(message(cda()), "MSH-9.1", b"ORM"), "hl7v2.message_type", "200"),
    ],
)
def test_a_demand_that_cannot_be_met_is_refused(content: bytes, code: str, condition: str) -> None:
    assert answer(content).text("MSA-1") == "AE"
    assert errors(content)[code][1] == condition


def test_a_route_says_how_strict_it_is() -> None:
    content = with_value(message(cda()), "MSH-17", b"")
    assert answer(content).text("MSA-1") == "AA"
    assert answer(content, strictness=Strictness.LINT).text("MSA-1") == "AA"
    assert answer(content, strictness=Strictness.STRICT).text("MSA-1") == "AE"
    assert convert(content, strictness=Strictness.STRICT).drafts == ()


def test_what_would_harm_somebody_is_refused_however_lenient_the_route() -> None:
    content = message(about(birth_name="AUTRE"))
    for strictness in Strictness:
        assert answer(content, strictness=strictness).text("MSA-1") == "AE"


def test_a_route_says_what_it_makes_of_unknown_combinations() -> None:
    content = message(cda())
    assert answer(content, unknown_combinations=UnknownCombination.REJECT).text("MSA-1") == "AE"
    said = [one.code for one in convert(content, unknown_combinations=UnknownCombination.OFF).findings]
    assert "hl7v2.mss_matrix" not in said


def test_a_route_may_answer_as_soon_as_a_readable_message_is_kept() -> None:
    wrong = message(about(birth_name="AUTRE"))
    assert answer(wrong, answer_on_receipt=True).text("MSA-1") == "AA"
    assert convert(wrong, answer_on_receipt=True).drafts == (), "what is refused is refused all the same"
    assert answer(b"rien", answer_on_receipt=True).text("MSA-1") == "AR"


def test_no_answer_holds_patient_data() -> None:
    raw = about(birth_name="AUTRE", gender="M", birth_time=Timestamp("19850313"))
    content = message(raw, identity=pid(reliability="PROV"))
    for word in (b"TESTNAISSANCE", b"AUTRE", b"285039900000193", b"IPP0001", b"1985"):
        assert word not in answer(content).content
