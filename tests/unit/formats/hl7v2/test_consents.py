"""ADT of PAM-FR → what the patient answered about their DMP."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import Context, Strictness
from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, Severity
from engine.formats.hl7v2 import FORMAT
from engine.formats.hl7v2.consents import convert, period
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.validation import Mode, findings
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject
from engine.model.values import Identifier
from tests.unit.formats.hl7v2.messages import (
    OFFICIAL,
    codes,
    needs_official,
    refusals,
    sample,
    with_value,
    without_segments,
)
from tests.unit.formats.hl7v2.results.messages import msh, obr, obx, orc, pid
from tests.unit.formats.laboratory_fixture import LABORATORY, context

YES, NO, NONE = ConsentAnswer.YES, ConsentAnswer.NO, ConsentAnswer.NOT_COLLECTED
FEEDING, CONSULTATION = ConsentSubject.FEEDING, ConsentSubject.CONSULTATION
PARIS = ZoneInfo("Europe/Paris")
ADT, OPPOSED, NOT_COLLECTED = (sample(f"adt_{name}") for name in ("consentement", "opposition", "non_recueilli"))
RECEIVED = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)
CONTEXT = replace(context(), received_at=RECEIVED)
INS = Identifier("1.2.250.1.213.1.4.10", "280017599912359")
IPP = Identifier("1.2.250.1.999.2", "IPP-7")


def converted(content: bytes, given: Context = CONTEXT) -> Conversion:
    return FORMAT.convert(InboundMessage(content, "gam", "adt.hl7", given.received_at), given)


def answers(content: bytes, given: Context = CONTEXT) -> dict[ConsentSubject, ConsentAnswer]:
    return {one.subject: one.answer for one in converted(content, given).consents}


def feeding(content: bytes, given: Context = CONTEXT) -> Consent:
    return next(one for one in converted(content, given).consents if one.subject is FEEDING)


def dated(when: bytes) -> bytes:
    return with_value(ADT, "ZFA-10", when)


def with_segment(content: bytes, segment: bytes) -> bytes:
    """The message with this segment in place of the one of that name."""
    return b"\r".join(segment if line[:3] == segment[:3] else line for line in content.split(b"\r"))


def numbered(numbers: bytes) -> bytes:
    return with_value(ADT, "PID-3", numbers)


def roots(numbers: bytes, given: Context = CONTEXT) -> set[Identifier]:
    return set(feeding(numbered(numbers), given).patient_ids)


_PAM = "Vague 2/Consentement_DMP_PAMFR"


@needs_official
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{_PAM}/ConsentementConsultation_NonOppositionAlimentation.er7", (YES, YES)),
        (f"{_PAM}/NonConsentementConsultation_NonOppositionAlimentation.er7", (YES, NO)),
        (f"{_PAM}/NonConsentementConsultation_OppositionAlimentation.er7", (NO, NO)),
        (f"{_PAM}/NonRecueillieConsentementConsultation_NonOppositionAlimentation.er7", (YES, NONE)),
        (f"{_PAM}/NonRecueillieConsentementConsultation_NonRecueillieOppositionAlimentation.er7", (NONE, NONE)),
        ("SGL/admission.er7", (YES, YES)),
        ("SGL/sortie.er7", (YES, YES)),
    ],
)
def test_the_official_examples_say_what_their_names_say(name, expected):
    if not (OFFICIAL / name).is_file():
        pytest.skip("this official example is not beside us")
    made = converted((OFFICIAL / name).read_bytes())
    assert tuple(one.answer for one in made.consents) == expected
    for one in made.consents:
        assert Identifier("1.2.250.1.213.1.4.10", "279035121518989") in one.patient_ids
        assert (one.collected_at is None) == (one.answer is NONE)
        assert one.channel == "pam"


def test_a_choice_is_read_with_its_date_its_patient_and_its_episode():
    made = converted(OPPOSED)
    assert made.kind == "HL7v2 ADT^A01 2.5"
    assert made.drafts == ()
    assert made.findings == ()
    when = datetime(2025, 3, 10, 8, 56, tzinfo=PARIS)
    one = Consent(FEEDING, NO, when, (IPP, INS), "V-1", channel="pam")
    assert made.consents == (one, replace(one, subject=CONSULTATION))
    assert [said.collected_at.utcoffset() for said in made.consents if said.collected_at] == [timedelta(hours=1)] * 2


def test_each_code_has_its_meaning_and_only_that():
    for code, expected in ((b"INO", YES), (b"IO", NO), (b"NA", NONE), (b"ino", YES), (b" IO ", NO), (b"IO^x^y", NO)):
        assert answers(with_value(ADT, "ZFA-9", code))[FEEDING] is expected
    for code, expected in ((b"IC", YES), (b"INC", NO), (b"NA", NONE)):
        assert answers(with_value(ADT, "ZFA-11", code))[CONSULTATION] is expected


@pytest.mark.parametrize("event", ["A01", "A03", "A04", "A05", "A08", "A11", "A28", "A31", "A40", "Z99"])
def test_every_admission_message_may_bring_a_choice(event):
    content = OPPOSED.replace(b"ADT^A01^ADT_A01", f"ADT^{event}^ADT_A01".encode())
    assert answers(content) == {FEEDING: NO, CONSULTATION: NO}


def test_an_admission_without_a_choice_is_ignored():
    for content in (without_segments(ADT, b"ZFA"), with_value(with_value(ADT, "ZFA-9", b""), "ZFA-11", b"")):
        made = converted(content)
        assert made.consents == ()
        assert [one.code for one in made.findings] == ["hl7v2.nothing_to_publish"]


def test_one_choice_may_be_said_without_the_other():
    assert answers(with_value(OPPOSED, "ZFA-11", b"")) == {FEEDING: NO}
    assert answers(with_value(OPPOSED, "ZFA-9", b"")) == {CONSULTATION: NO}


@pytest.mark.parametrize("code", [b"OUI", b"I0", b"IC", b"INO~IO", b"INO~INO", b"^IO", b"N", b"IO&IO"])
@pytest.mark.parametrize("strictness", list(Strictness))
def test_a_choice_out_of_its_table_is_said_and_never_guessed(code, strictness):
    given = replace(CONTEXT, strictness=strictness)
    made = converted(with_value(ADT, "ZFA-9", code), given)
    assert ("hl7v2.consent", "ZFA[1]-9") in {(one.code, one.where) for one in made.findings}
    assert FEEDING not in {one.subject for one in made.consents}


def test_two_different_choices_are_none():
    twice = ADT.replace(b"ZFD|", b"ZFA|ACTIF|20250310085500|||||||IO|20250310085700|IC|20250310085600\rZFD|")
    made = converted(twice)
    assert made.consents == ()
    assert ("hl7v2.consent_contradicted", "ZFA[2]-9", Disposition.REFUSE) in {
        (one.code, one.where, one.disposition) for one in made.findings
    }
    same = ADT.replace(b"ZFD|", b"ZFA|ACTIF||||||||INO|20250310085700|IC|20250310085600\rZFD|")
    assert answers(same) == {FEEDING: YES, CONSULTATION: YES}


def test_two_different_choices_are_none_even_where_nobody_refused_them():
    twice = ADT.replace(b"ZFD|", b"ZFA|ACTIF||||||||IO|20250310085700|IC|20250310085600\rZFD|")
    made = convert(Message.parse(twice), InboundMessage(twice, "gam", "a", RECEIVED), CONTEXT, ())
    assert {one.subject: one.answer for one in made.consents} == {CONSULTATION: YES}


def test_a_choice_that_is_erased_changes_nothing_and_is_said():
    made = converted(with_value(ADT, "ZFA-9", b'""'))
    assert {one.subject for one in made.consents} == {CONSULTATION}
    assert ("hl7v2.consent_erased", "ZFA[1]-9") in {(one.code, one.where) for one in made.findings}


def test_a_choice_not_collected_is_kept_and_said():
    made = converted(with_value(with_value(ADT, "ZFA-9", b"NA"), "ZFA-10", b""))
    assert {one.subject: one.answer for one in made.consents} == {FEEDING: NONE, CONSULTATION: YES}
    (said,) = made.findings
    assert (said.code, said.where, said.severity) == ("hl7v2.consent_not_collected", "ZFA[1]-9", Severity.WARNING)
    assert said.disposition is Disposition.PUBLISH
    assert converted(NOT_COLLECTED).findings == ()
    assert feeding(NOT_COLLECTED).answer is YES


# -- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "begins", "until"),
    [
        (b"20250310085600", datetime(2025, 3, 10, 8, 56, tzinfo=PARIS), None),
        (b"20250310085600.1234", datetime(2025, 3, 10, 8, 56, tzinfo=PARIS), None),
        (b"20250310085600+0400", datetime(2025, 3, 10, 4, 56, tzinfo=UTC), None),
        (b"202503100856", datetime(2025, 3, 10, 8, 56, tzinfo=PARIS), datetime(2025, 3, 10, 8, 57, tzinfo=PARIS)),
        (b"2025031008", datetime(2025, 3, 10, 8, tzinfo=PARIS), datetime(2025, 3, 10, 9, tzinfo=PARIS)),
        (b"20250310", datetime(2025, 3, 10, tzinfo=PARIS), datetime(2025, 3, 11, tzinfo=PARIS)),
        (b"202412", datetime(2024, 12, 1, tzinfo=PARIS), datetime(2025, 1, 1, tzinfo=PARIS)),
        (b"2024", datetime(2024, 1, 1, tzinfo=PARIS), datetime(2025, 1, 1, tzinfo=PARIS)),
    ],
)
def test_a_date_is_as_precise_as_it_was_sent_in_the_sites_zone(sent, begins, until):
    one = feeding(dated(sent))
    assert one.collected_at == begins
    assert one.collected_until == (None if until is None else until - timedelta(microseconds=1))


def test_a_day_alone_counts_from_midnight_and_that_is_said():
    made = converted(dated(b"20250310"))
    assert [(one.code, one.where, one.severity) for one in made.findings] == [
        ("hl7v2.consent_day", "ZFA[1]-10", Severity.INFO)
    ]


def test_the_zone_is_that_of_the_sender_else_the_only_one_of_the_site():
    reunion = replace(LABORATORY, time_zone="Indian/Reunion")
    midnight = datetime(2025, 3, 9, 20, tzinfo=UTC)
    only = replace(CONTEXT, laboratories=(reunion,))
    assert feeding(dated(b"20250310"), only).collected_at == midnight
    both = replace(CONTEXT, laboratories=(LABORATORY, replace(reunion, sender_codes=("X",))))
    assert feeding(dated(b"20250310"), both).collected_at == datetime(2025, 3, 9, 23, tzinfo=UTC)
    sender = replace(CONTEXT, laboratories=(LABORATORY, replace(reunion, sender_codes=("Hopital-E",))))
    assert feeding(dated(b"20250310"), sender).collected_at == midnight
    nobody = replace(CONTEXT, laboratories=())
    assert feeding(dated(b"20250310"), nobody).collected_at == datetime(2025, 3, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "sent", [b"20251301", b"20250230085600", b"hier", b"20250310256000", b"00000000", b"2025-03-10"]
)
def test_a_date_that_is_none_is_said_and_the_choice_is_kept(sent):
    made = converted(dated(sent))
    assert ("hl7v2.consent_date_form", "ZFA[1]-10") in {(one.code, one.where) for one in made.findings}
    assert (feeding(dated(sent)).answer, feeding(dated(sent)).collected_at) == (YES, None)
    strict = converted(dated(sent), replace(CONTEXT, strictness=Strictness.STRICT))
    assert strict.consents == ()


def test_a_missing_date_is_said_and_the_choice_is_kept():
    made = converted(dated(b""))
    assert [(one.code, one.where) for one in made.findings] == [("hl7v2.consent_date", "ZFA[1]-10")]
    assert feeding(dated(b"")).collected_at is None


def test_a_date_to_come_is_said():
    assert converted(dated(b"20250310105900")).findings == ()
    made = converted(dated(b"20420310085600"))
    assert [(one.code, one.where) for one in made.findings] == [("hl7v2.consent_date_future", "ZFA[1]-10")]
    assert feeding(dated(b"20420310085600")).answer is YES


# -- patients -------------------------------------------------------------------------------------------------------


def test_the_same_number_of_two_authorities_is_two_patients():
    found = [
        roots(b"000003^^^CHU-X&000897406&N^PI"),
        roots(b"000003^^^CHU-Y&000897406&N^PI"),
        roots(b"000003^^^CHU-X&000897407&N^PI"),
        roots(b"000003^^^CHU-X^PI"),
        roots(b"000003^^^&1.2.250.1.999.2&ISO^PI"),
        roots(b"000003^^^&1.2.250.1.999.3&ISO^PI"),
        roots(b"000003^^^990000002^PI"),
        roots(b"000003"),
    ]
    assert all(len(one) == 1 for one in found)
    assert len(set.union(*found)) == len(found)
    elsewhere = numbered(b"000003^^^CHU-X&000897406&N^PI").replace(b"|Hopital-E|PASSEUR", b"|Hopital-F|PASSEUR")
    assert set(feeding(elsewhere).patient_ids).isdisjoint(found[0])


def test_a_number_without_an_oid_is_said_to_link_little():
    made = converted(numbered(b"000003^^^CHU-X&000897406&N^PI"))
    assert [(one.code, one.where) for one in made.findings] == [("hl7v2.consent_local_number", "PID[1]-3")]


def test_a_laboratorys_own_numbers_are_those_of_its_reports():
    for authority in ("990000002", "990000002&1.2.250.1.999.2&ISO", "&1.2.250.1.999.2&ISO", "CLINIQUE", ""):
        given = replace(CONTEXT, laboratories=(replace(LABORATORY, requester_patient_ids_oid=None),))
        number = f"IPP9^^^{authority}^PI"
        report = "\r".join([msh(), pid({3: number}), orc(), obr(), obx()]).encode()
        (draft,) = converted(report, given).drafts
        admission = numbered(number.encode()).replace(b"|GAM-ESSAI|Hopital-E|", b"|SIL-FICTIF|990000002|")
        assert set(feeding(admission, given).patient_ids) == set(draft.document.patient.ids), authority


def test_a_number_of_no_authority_is_not_supposed_to_be_the_laboratorys():
    served = replace(CONTEXT, default_laboratory=LABORATORY.name)
    (found,) = roots(b"000003", served)
    assert found.root not in (LABORATORY.patient_ids_oid, LABORATORY.requester_patient_ids_oid)
    (named,) = roots(b"000003^^^CHU-X^PI", served)
    assert named.root not in (LABORATORY.patient_ids_oid, LABORATORY.requester_patient_ids_oid, found.root)


def test_numbers_that_do_not_name_this_patient_alone_link_nothing():
    own = b"IPP-7^^^HOPITAL&1.2.250.1.999.2&ISO^PI"
    for other in (
        b"2800175999123^^^CPAM^SS",
        b"2800175999123^^^INSEE^NH",
        b"0123^^^X&1.2.250.1.213.1.4.2&ISO^INS-C",
        b"280017599912359^^^ASIP-SANTE-INS-NIR^INS",
        b"^^^HOPITAL&1.2.250.1.999.2&ISO^PI",
    ):
        assert roots(own + b"~" + other) == {IPP}
    mother = with_value(numbered(own + b"~IPP-6^^^HOPITAL&1.2.250.1.999.2&ISO^PI"), "PID-18", b"D^^^H^AN|||IPP-6")
    assert set(feeding(mother).patient_ids) == {IPP}
    assert roots(b"280017599912359^^^1.2.250.1.213.1.4.10^INS") == {INS}


def test_a_choice_that_links_to_nobody_is_refused():
    content = numbered(b"2800175999123^^^CPAM^SS")
    assert "hl7v2.consent_of_nobody" in refusals(content)
    assert converted(content).consents == ()
    ack = FORMAT.acknowledge(InboundMessage(content, "gam", "a", RECEIVED), CONTEXT) or b""
    assert b"MSA|AE|ADT-1" in ack
    assert "hl7v2.consent_of_nobody" not in codes(without_segments(content, b"ZFA"))


def test_a_refused_message_gives_no_choice():
    twice = ADT.replace(b"PV1|", b"PID|||OTHER^^^H&1.2.3&ISO^PI||X\rPV1|")
    several = numbered(
        b"280017599912359^^^A&1.2.250.1.213.1.4.10&ISO^INS~279035121518989^^^A&1.2.250.1.213.1.4.10&ISO^INS"
    )
    for content in (twice, several, with_value(ADT, "PID-3", b"")):
        made = converted(content)
        assert made.consents == ()
        assert Disposition.REFUSE in {one.disposition for one in made.findings}


def test_the_episode_is_the_visit_else_the_file():
    assert feeding(ADT).episode == "V-1"
    assert feeding(with_value(ADT, "PV1-19", b"")).episode == "DOS-41"
    assert feeding(with_value(with_value(ADT, "PV1-19", b""), "PID-18", b"")).episode == ""


def test_who_collected_it_is_told():
    assert feeding(with_value(ADT, "EVN-5", b"810000000001^TESTARD")).author == "810000000001"


def test_a_test_message_says_nothing_of_a_real_patient():
    production = replace(CONTEXT, production=True)
    for mark in (b"T", b"D"):
        content = with_value(ADT, "MSH-11", mark)
        assert answers(content) == {FEEDING: YES, CONSULTATION: YES}
        made = converted(content, production)
        assert made.consents == ()
        assert ("hl7v2.consent_in_test", Disposition.HOLD) in {(one.code, one.disposition) for one in made.findings}
    assert len(answers(ADT, production)) == 2


# -- movements ------------------------------------------------------------------------------------------------------

DISCHARGE = OPPOSED.replace(b"ADT^A01^ADT_A01", b"ADT^A03^ADT_A03")
SHIFTED = with_segment(DISCHARGE, b"ZBE|MVT-1^HOPITAL|20250310085500|20250314085500||INSERT|N||UF^^^^^H^UF||HMS")


def test_a_shifted_movement_is_refused_by_a_strict_route_and_said_by_a_tolerant_one():
    strict = findings(Message.parse(SHIFTED), Mode.STRICT)
    refused = {(one.code, str(one.path), one.error) for one in strict if one.disposition is Disposition.REFUSE}
    assert ("hl7v2.required", "ZBE[1]-4", "101") in refused
    assert ("hl7v2.required", "ZBE[1]-9", "101") in refused
    tolerant = converted(SHIFTED)
    assert "hl7v2.movement_shifted" in {one.code for one in tolerant.findings}
    assert {one.answer for one in tolerant.consents} == {NO}
    assert converted(SHIFTED, replace(CONTEXT, strictness=Strictness.STRICT)).consents == ()


# -- anything -------------------------------------------------------------------------------------------------------

_FIELD = st.binary(max_size=12).map(lambda value: re.sub(rb"[|\r\n\x0b\x1c]", b"", value))


@given(st.lists(_FIELD, min_size=12, max_size=12), _FIELD)
def test_whatever_is_sent_nothing_is_raised_and_nothing_is_guessed(fields, numbers):
    content = with_segment(numbered(numbers), b"ZFA|" + b"|".join(fields))
    for strictness in Strictness:
        made = converted(content, replace(CONTEXT, strictness=strictness))
        for one in made.consents:
            rank = 8 if one.subject is FEEDING else 10
            known = {b"INO": YES, b"IO": NO, b"IC": YES, b"INC": NO, b"NA": NONE}
            assert known[fields[rank].split(b"^")[0].strip().upper()] is one.answer
            assert one.patient_ids
            assert one.collected_at is None or one.collected_at.tzinfo is not None


@given(st.text(alphabet="0123456789+-.T ", max_size=20))
def test_a_period_begins_before_it_ends(sent):
    found = period(sent, PARIS)
    assert found is None or found[1] is None or found[0] < found[1]


def test_no_finding_holds_patient_data():
    spoiled = ADT
    for where in ("ZFA-9", "ZFA-10", "ZFA-11", "ZFA-12", "PID-3", "ZBE-4"):
        spoiled = with_value(spoiled, where, b"ESSAI-DURAND")
    for strictness in Strictness:
        for one in converted(spoiled, replace(CONTEXT, strictness=strictness)).findings:
            assert not re.search("ESSAI|DURAND|CAMILLE|IPP-7|28001", f"{one.message} {one.remedy} {one.where}")
