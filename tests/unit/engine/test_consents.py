"""Which answer of a patient holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.consents import NOT_COLLECTED, OPPOSITION, concerning, holding, link, links, obstacle
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, OppositionScope, RecordedConsent
from engine.model.values import Identifier

YES, NO, NONE = ConsentAnswer.YES, ConsentAnswer.NO, ConsentAnswer.NOT_COLLECTED
FEEDING = ConsentSubject.FEEDING
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
PATIENT = (Identifier("1.2.3", "7"),)


def kept(
    rank: int,
    answer: ConsentAnswer,
    collected: datetime | None,
    *,
    until: datetime | None = None,
    recorded: datetime | None = None,
    subject: ConsentSubject = FEEDING,
    episode: str = "",
) -> RecordedConsent:
    consent = Consent(subject, answer, collected, PATIENT, episode, until)
    return RecordedConsent(rank, consent, recorded or NOON + timedelta(days=1, seconds=rank), f"{rank:05}")


def held(*answers: RecordedConsent) -> ConsentAnswer | None:
    found = holding(answers, FEEDING)
    return None if found is None else found.consent.answer


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def test_nothing_holds_where_nothing_was_collected():
    assert held() is None
    assert held(kept(1, NONE, NOON)) is None
    assert held(kept(1, NO, NOON, subject=ConsentSubject.CONSULTATION)) is None


def test_the_latest_collected_holds_whatever_came_last():
    assert held(kept(1, NO, hours(2)), kept(2, YES, hours(1))) is NO
    assert held(kept(1, YES, hours(2)), kept(2, NO, hours(1))) is YES


def test_an_answer_not_collected_never_lifts_an_opposition():
    assert held(kept(1, NO, NOON), kept(2, NONE, hours(1)), kept(3, NONE, None)) is NO


def test_an_answer_without_a_date_was_given_when_we_had_it():
    assert held(kept(1, NO, None, recorded=hours(3)), kept(2, YES, hours(2))) is NO
    assert held(kept(1, NO, None, recorded=hours(1)), kept(2, YES, hours(2))) is YES


def test_an_answer_cannot_be_given_after_we_had_it():
    wrong = kept(1, YES, hours(24 * 365 * 16), recorded=hours(1))
    assert held(wrong, kept(2, NO, hours(2), recorded=hours(3))) is NO


def test_at_the_same_instant_the_one_received_later_holds():
    assert held(kept(1, NO, NOON), kept(2, YES, NOON)) is YES
    assert held(kept(2, NO, NOON), kept(1, YES, NOON)) is NO


def test_an_answer_given_to_us_counts_beside_those_of_messages_by_its_reception():
    told = RecordedConsent(9, Consent(FEEDING, NO, NOON, PATIENT), NOON + timedelta(days=1, seconds=9))
    assert held(kept(1, YES, NOON), told) is NO
    assert held(kept(10, YES, NOON), told) is YES


def test_a_day_alone_and_an_hour_of_that_day_are_told_apart_by_reception():
    day = {"collected": MIDNIGHT, "until": MIDNIGHT + timedelta(days=1, microseconds=-1)}
    assert held(kept(1, YES, hours(-1)), kept(2, NO, **day)) is NO
    assert held(kept(1, NO, **day), kept(2, YES, hours(-1))) is YES
    assert held(kept(1, NO, **day), kept(2, YES, hours(24))) is YES
    assert held(kept(2, NO, **day), kept(1, YES, hours(-24))) is NO
    received_that_day = kept(2, NO, **day, recorded=hours(1))
    assert held(kept(1, YES, hours(2), recorded=hours(3)), received_that_day) is YES


def test_an_opposition_reaches_every_episode_unless_told_otherwise():
    answers = (kept(1, NO, NOON, episode="V-1"), kept(2, YES, hours(1), episode="V-2"))
    whole, narrow = OppositionScope.PATIENT, OppositionScope.EPISODE
    assert obstacle(answers, episode="V-1", scope=whole, needs_answer=False) is None
    assert obstacle(answers, episode="V-1", scope=narrow, needs_answer=False) == OPPOSITION
    assert obstacle(answers, episode="V-2", scope=narrow, needs_answer=False) is None
    assert obstacle(answers[:1], episode="V-3", scope=whole, needs_answer=False) == OPPOSITION
    assert obstacle(answers[:1], episode="V-3", scope=narrow, needs_answer=False) is None
    assert obstacle(answers[:1], episode="V-3", scope=narrow, needs_answer=True) == NOT_COLLECTED
    assert obstacle(answers[:1], episode="", scope=narrow, needs_answer=False) == OPPOSITION
    general = (kept(1, NO, NOON),)
    assert obstacle(general, episode="V-3", scope=narrow, needs_answer=False) == OPPOSITION
    assert concerning(answers, "V-1", narrow) == answers[:1]


def test_what_needs_an_answer_waits_for_one():
    for answers, expected in (((), NOT_COLLECTED), ((kept(1, NONE, NOON),), NOT_COLLECTED)):
        assert obstacle(answers, episode="", scope=OppositionScope.PATIENT, needs_answer=True) == expected
        assert obstacle(answers, episode="", scope=OppositionScope.PATIENT, needs_answer=False) is None
    assert obstacle((kept(1, YES, NOON),), episode="", scope=OppositionScope.PATIENT, needs_answer=True) is None
    assert obstacle((kept(1, NO, NOON),), episode="", scope=OppositionScope.PATIENT, needs_answer=True) == OPPOSITION


@pytest.mark.parametrize(
    "one", [Identifier("1.2.3"), Identifier("1.2.3", ""), Identifier("1.2.3", " "), Identifier("", "7")]
)
def test_an_identifier_without_a_number_or_an_authority_links_nobody(one):
    assert link(one) is None


def test_identifiers_are_linked_by_authority_and_number():
    found = links((Identifier("1.2.3", " 7 "), Identifier("1.2.3", "7"), Identifier("1.2.3"), Identifier("1.2.4", "7")))
    assert found == ("1.2.3^7", "1.2.4^7")


_INSTANTS = st.one_of(st.none(), st.integers(-72, 72).map(hours))


@given(st.lists(st.tuples(st.sampled_from(ConsentAnswer), _INSTANTS, st.integers(0, 48)), max_size=8), st.randoms())
def test_what_holds_does_not_depend_on_the_order_it_is_read_in(given_answers, random):
    answers = [
        kept(rank, answer, at, until=None if at is None else at + timedelta(hours=length))
        for rank, (answer, at, length) in enumerate(given_answers)
    ]
    expected = holding(answers, FEEDING)
    random.shuffle(answers)
    assert holding(answers, FEEDING) == expected
    assert expected is None or expected.consent.answer is not NONE


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), min_size=1, unique_by=lambda one: one[1]), st.randoms()
)
def test_dated_answers_hold_the_same_in_whatever_order_they_come(given_answers, random):
    latest = max(given_answers, key=lambda one: one[1])
    random.shuffle(given_answers)
    answers = [
        kept(rank, YES if agrees else NO, NOON + timedelta(seconds=at), recorded=NOON + timedelta(days=2, seconds=rank))
        for rank, (agrees, at) in enumerate(given_answers)
    ]
    assert held(*answers) is (YES if latest[0] else NO)
