"""What the answers of patients do to orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.exchange import OrderKind, OrderState, Receipt
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, OppositionScope
from engine.model.document import Encounter
from engine.model.parties import Ins
from engine.model.values import Code, Identifier
from engine.ports import OrderAction, Store
from engine.records import DocumentState, MessageState, NewDocument, NewOrder
from tests.contract.store_bench import (
    LEASE,
    OTHER,
    OWNER,
    StoreBench,
    history,
    received_and_taken,
    settled,
    state,
    take,
    take_messages,
    taken,
)
from tests.contract.store_values import DOCUMENT, NOON, after, document, message, order

INS = Identifier("1.2.250.1.213.1.4.10", "280017599912359")
IPP = Identifier("1.2.250.1.999.2", "IPP-7")
ELSEWHERE = Identifier("1.2.250.1.999.3", "IPP-7")
"""The same number, given by another authority."""
NO, YES, NONE = ConsentAnswer.NO, ConsentAnswer.YES, ConsentAnswer.NOT_COLLECTED


def answer(said: ConsentAnswer, at: float | None = 0, *patient_ids: Identifier, **given: Any) -> Consent:
    values: dict[str, Any] = {"subject": ConsentSubject.FEEDING, "patient_ids": patient_ids or (IPP, INS)}
    return Consent(answer=said, collected_at=None if at is None else after(at), **{**values, **given})


def obeying(order_id: str, **given: Any) -> NewOrder:
    return order(order_id, **{"obeys_opposition": OppositionScope.PATIENT, **given})


def about(
    report: str,
    *orders: NewOrder,
    ids: tuple[Identifier, ...] = (IPP,),
    stay: str = "",
    number: int = 1,
    **given: Any,
) -> NewDocument:
    """A document of the patient who bears these identifiers, in this stay."""
    ins = next((Ins(one.extension or "", one.root, True) for one in ids if one == INS), None)
    patient = replace(DOCUMENT.patient, ids=tuple(one for one in ids if one != INS), ins=ins)
    encounter = Encounter(Code("SA25", "1.2"), id=Identifier("1.2.250.1.999.2", stay)) if stay else DOCUMENT.encounter
    content = replace(DOCUMENT, patient=patient, encounter=encounter)
    return document(report, number, document=content, orders=orders, **given)


async def answered(store: Store, *consents: Consent, at: float = 10) -> str:
    """The id of a message that brought these answers, received at `at`."""
    rank = len(await store.messages(limit=1000))
    accepted = await store.receive(message(f"ADT {rank}".encode(), at=at))
    assert accepted.message_id in [claimed.id for claimed in await take_messages(store, at=at, limit=100)]
    assert await store.settle_message(
        accepted.message_id, OWNER, MessageState.CONVERTED, now=after(at), consents=consents
    )
    return accepted.message_id


async def cause(store: Store, order_id: str) -> tuple[OrderState, str]:
    row = await store.order(order_id)
    assert row is not None
    return row.state, row.cause


class ConsentBehaviours(StoreBench):
    async def test_an_opposition_blocks_an_order_in_its_window_and_its_end_lets_it_go(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", state=OrderState.DEFERRED, not_before=after(600))))
        await answered(store, answer(NO))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "opposition")
        assert await taken(store, at=700) == []
        await answered(store, answer(YES, 20), at=30)
        assert await cause(store, "o1") == (OrderState.DEFERRED, "")
        assert await taken(store, at=599) == []
        assert await taken(store, at=600) == ["o1"]
        assert (await history(store, "o1"))[:3] == ["order.deferred", "order.blocked", "order.deferred"]

    async def test_an_order_whose_window_ended_while_it_was_blocked_leaves_at_once(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", state=OrderState.DEFERRED, not_before=after(600))))
        await answered(store, answer(NO))
        await answered(store, answer(YES, 700), at=700)
        assert await state(store, "o1") is OrderState.READY
        assert await taken(store, at=700) == ["o1"]

    async def test_an_opposition_blocks_what_is_made_later(self, store: Store) -> None:
        await answered(store, answer(NO))
        await settled(store, about("R1", obeying("o1"), order("m1", "mss")))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "opposition")
        assert await state(store, "m1") is OrderState.READY
        assert await history(store, "o1") == ["order.ready", "order.blocked"]

    async def test_a_document_and_an_opposition_of_the_same_message_meet(self, store: Store) -> None:
        message_id = await received_and_taken(store, b"both")
        made = about("R1", obeying("o1"))
        assert await store.settle_message(
            message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=(made,), consents=(answer(NO),)
        )
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_a_held_document_that_is_released_is_blocked_all_the_same(self, store: Store) -> None:
        await settled(store, about("R1", state=DocumentState.HELD), state=MessageState.HELD)
        await answered(store, answer(NO))
        assert await store.release_document("doc-R1-1", (obeying("o1"),), now=after(20))
        assert await state(store, "o1") is OrderState.BLOCKED

    @pytest.mark.parametrize("ids", [(IPP,), (INS,), (IPP, INS), (ELSEWHERE, INS)])
    async def test_any_identifier_in_common_links_an_answer_to_a_document(
        self, store: Store, ids: tuple[Identifier, ...]
    ) -> None:
        await settled(store, about("R1", obeying("o1"), ids=ids))
        await answered(store, answer(NO, 0, IPP, INS))
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_two_patients_are_never_mixed(self, store: Store) -> None:
        nobody = Identifier("1.2.250.1.999.2")
        for number, ids in enumerate(((ELSEWHERE,), (replace(IPP, extension="IPP-8"), nobody), (), (nobody,))):
            await settled(store, about(f"R{number}", obeying(f"o{number}"), ids=ids))
        await answered(store, answer(NO, 0, IPP, INS, nobody, Identifier("1.2.250.1.999.2", " ")))
        for number in range(4):
            assert await state(store, f"o{number}") is OrderState.READY

    async def test_only_orders_that_obey_are_blocked_and_deletions_never(self, store: Store) -> None:
        gone = about("R1", obeying("o1"))
        await settled(store, gone, about("R2", order("m1", "mss")))
        assert await taken(store) == ["o1"]
        assert await store.mark_sending("o1", OWNER, now=NOON)
        assert await store.deliver_order("o1", OWNER, Receipt("r"), now=NOON)
        deletion = about("R1", obeying("d1", kind=OrderKind.DELETE), kind=OrderKind.DELETE, id="del", position=2)
        await answered(store, answer(NO))
        await settled(store, deletion, content=b"deletion")
        assert await state(store, "d1") is OrderState.READY
        assert await state(store, "m1") is OrderState.READY
        assert await state(store, "o1") is OrderState.DELIVERED
        assert await taken(store, at=20) == ["d1"]

    async def test_consultation_says_nothing_of_feeding(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO, subject=ConsentSubject.CONSULTATION))
        assert await state(store, "o1") is OrderState.READY

    async def test_an_answer_not_collected_changes_nothing(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NONE))
        assert await state(store, "o1") is OrderState.READY
        await answered(store, answer(NO, 5))
        await answered(store, answer(NONE, 8))
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_an_order_that_needs_an_answer_waits_for_one(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", needs_answer=True)))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "not_collected")
        await answered(store, answer(NONE))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "not_collected")
        await answered(store, answer(NO, 5))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "opposition")
        await answered(store, answer(YES, 6))
        assert await cause(store, "o1") == (OrderState.READY, "")

    async def test_the_latest_collected_answer_holds_whenever_it_comes(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO, 8))
        await answered(store, answer(YES, 5))
        assert await state(store, "o1") is OrderState.BLOCKED
        await answered(store, answer(YES, 9))
        assert await state(store, "o1") is OrderState.READY

    async def test_an_answer_without_a_date_was_given_when_its_message_came(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(YES, 50), at=60)
        await answered(store, answer(NO, None), at=55)
        assert await state(store, "o1") is OrderState.BLOCKED
        await answered(store, answer(YES, 54), at=65)
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_of_two_answers_of_the_same_instant_the_one_received_later_holds(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO, 5), at=10)
        await answered(store, answer(YES, 5), at=11)
        assert await state(store, "o1") is OrderState.READY
        await answered(store, answer(NO, 5), at=12)
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_an_old_message_read_again_says_nothing_new(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        old = await answered(store, answer(YES, None), at=10)
        await answered(store, answer(NO, None), at=20)
        assert await store.replay_message(old, now=after(90))
        assert [one.id for one in await take_messages(store, at=90)] == [old]
        assert await store.settle_message(
            old, OWNER, MessageState.CONVERTED, now=after(90), consents=(answer(YES, None),)
        )
        assert await state(store, "o1") is OrderState.BLOCKED
        assert [one.consent.answer for one in await store.patient_consents((IPP,))] == [NO, YES]

    async def test_a_message_read_again_takes_back_what_it_said_before(self, store: Store) -> None:
        other = replace(IPP, extension="IPP-8")
        await settled(store, about("R1", obeying("o1")), about("R2", obeying("o2"), ids=(other,)))
        wrong = await answered(store, answer(NO, 5, IPP))
        assert await store.replay_message(wrong, now=after(90))
        await take_messages(store, at=90)
        assert await store.settle_message(
            wrong, OWNER, MessageState.CONVERTED, now=after(90), consents=(answer(NO, 5, other),)
        )
        assert await state(store, "o1") is OrderState.READY
        assert await state(store, "o2") is OrderState.BLOCKED

    async def test_an_order_goes_back_to_waiting_for_what_it_waited_for(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", state=OrderState.WAITING, cause="identity")))
        await answered(store, answer(NO))
        assert await state(store, "o1") is OrderState.BLOCKED
        await answered(store, answer(YES, 20), at=20)
        assert await cause(store, "o1") == (OrderState.WAITING, "identity")
        assert await taken(store, at=1e6) == []
        assert await store.wake_orders("dmp", causes=("identity",), now=after(1e6)) == 1
        assert await taken(store, at=1e6) == ["o1"]

    async def test_an_identity_that_comes_during_an_opposition_is_not_missed(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", state=OrderState.WAITING, cause="identity")))
        await answered(store, answer(NO))
        assert await store.wake_orders("dmp", causes=("identity",), now=after(15)) == 0
        assert await taken(store, at=16) == []
        await answered(store, answer(YES, 20), at=20)
        assert await taken(store, at=21) == ["o1"]

    async def test_a_held_order_is_blocked_and_goes_back_to_its_hold(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await store.change_order("o1", OrderAction.HOLD, now=NOON)
        await answered(store, answer(NO))
        assert await state(store, "o1") is OrderState.BLOCKED
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(11)) is None
        await answered(store, answer(YES, 20), at=20)
        assert await state(store, "o1") is OrderState.HELD
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(21)) is OrderState.READY

    @pytest.mark.parametrize("first", [OrderState.HELD, OrderState.WAITING])
    async def test_a_newer_version_takes_the_place_of_one_held_back_and_opposed(
        self, store: Store, first: OrderState
    ) -> None:
        cause_before = "identity" if first is OrderState.WAITING else ""
        await settled(store, about("R1", obeying("o1", state=first, cause=cause_before)))
        await answered(store, answer(NO))
        await settled(store, about("R1", obeying("o2"), number=2))
        assert await state(store, "o1") is OrderState.SUPERSEDED
        await answered(store, answer(YES, 20), at=20)
        assert await taken(store, at=21) == ["o2"]

    async def test_versions_blocked_one_after_the_other_leave_in_their_order(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO))
        await settled(store, about("R1", obeying("o2"), number=2))
        assert await state(store, "o1") is OrderState.BLOCKED
        await answered(store, answer(YES, 20), at=20)
        assert await taken(store, at=21) == ["o1"]
        await store.mark_sending("o1", OWNER, now=after(21))
        await store.deliver_order("o1", OWNER, Receipt("r"), now=after(21))
        assert await taken(store, at=22) == ["o2"]

    async def test_a_deletion_takes_the_place_of_what_was_opposed(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO))
        deletion = about("R1", obeying("d1", kind=OrderKind.DELETE), kind=OrderKind.DELETE, id="del", position=2)
        await settled(store, deletion, content=b"deletion")
        assert await state(store, "o1") is OrderState.SUPERSEDED
        assert await cause(store, "d1") == (OrderState.CANCELLED, "nothing_left")
        await answered(store, answer(YES, 20), at=20)
        assert await state(store, "o1") is OrderState.SUPERSEDED

    @pytest.mark.parametrize("woken", [False, True])
    async def test_a_hold_under_an_opposition_does_not_make_forget_what_is_waited_for(
        self, store: Store, woken: bool
    ) -> None:
        await settled(store, about("R1", obeying("o1", state=OrderState.WAITING, cause="identity")))
        await store.change_order("o1", OrderAction.HOLD, now=NOON)
        await answered(store, answer(NO))
        if woken:
            assert await store.wake_orders("dmp", causes=("identity",), now=after(15)) == 0
        await answered(store, answer(YES, 20), at=20)
        assert await cause(store, "o1") == (OrderState.HELD, "identity")
        assert await store.change_order("o1", OrderAction.RELEASE, now=after(21)) is OrderState.WAITING
        assert await taken(store, at=22) == (["o1"] if woken else [])

    async def test_a_pause_is_kept_through_an_opposition(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await store.postpone_order("o1", OWNER, OrderState.WAITING, now=NOON, next_at=after(500), cause="link")
        await answered(store, answer(NO))
        assert await taken(store, at=600) == []
        await answered(store, answer(YES, 20), at=20)
        assert await cause(store, "o1") == (OrderState.WAITING, "link")
        assert await taken(store, at=499) == []
        assert await taken(store, at=500) == ["o1"]

    async def test_a_blocked_order_may_be_cancelled_and_stays_so(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await answered(store, answer(NO))
        for action in set(OrderAction) - {OrderAction.CANCEL}:
            assert await store.change_order("o1", action, now=NOON) is None
        assert await store.change_order("o1", OrderAction.CANCEL, now=after(11)) is OrderState.CANCELLED
        await answered(store, answer(YES, 20), at=20)
        assert await state(store, "o1") is OrderState.CANCELLED

    async def test_what_was_handed_over_is_left_to_end(self, store: Store) -> None:
        for number in range(3):
            await settled(store, about(f"R{number}", obeying(f"o{number}")))
        await taken(store)
        for number in range(3):
            assert await store.mark_sending(f"o{number}", OWNER, now=NOON)
        await store.deliver_order("o0", OWNER, Receipt("r"), now=NOON)
        await store.postpone_order("o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=None, cause="no_answer")
        await answered(store, answer(NO))
        assert [await state(store, f"o{number}") for number in range(3)] == [
            OrderState.DELIVERED,
            OrderState.UNCERTAIN,
            OrderState.SENDING,
        ]
        assert await store.deliver_order("o2", OWNER, Receipt("r"), now=after(11))

    async def test_an_order_taken_before_the_opposition_is_not_handed_over_after_it(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await answered(store, answer(NO))
        assert await state(store, "o1") is OrderState.SENDING
        assert not await store.mark_sending("o1", OWNER, now=after(11))
        assert await cause(store, "o1") == (OrderState.BLOCKED, "opposition")
        assert not await store.postpone_order(
            "o1", OWNER, OrderState.WAITING, now=after(11), next_at=after(12), cause="engine.lease_lost"
        )
        assert await taken(store, at=100) == []
        await answered(store, answer(YES, 20), at=120)
        assert await taken(store, at=120) == ["o1"]

    async def test_a_try_that_has_begun_to_hand_over_goes_on(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        assert await store.mark_sending("o1", OWNER, now=NOON)
        await answered(store, answer(NO))
        assert await store.mark_sending("o1", OWNER, now=after(11))
        assert await state(store, "o1") is OrderState.SENDING

    async def test_a_try_that_failed_after_the_opposition_is_not_made_again(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await answered(store, answer(NO))
        assert await store.postpone_order(
            "o1", OWNER, OrderState.WAITING, now=after(11), next_at=after(12), cause="link"
        )
        assert await cause(store, "o1") == (OrderState.BLOCKED, "opposition")
        assert await taken(store, at=100) == []

    async def test_an_uncertain_order_that_was_not_taken_is_not_sent_again_after_an_opposition(
        self, store: Store
    ) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await answered(store, answer(NO))
        (again,) = await take(store, OTHER, at=LEASE)
        assert again.uncertain
        assert not await store.mark_sending("o1", OTHER, now=after(LEASE))
        assert await state(store, "o1") is OrderState.BLOCKED

    async def test_a_rejected_order_sent_again_after_an_opposition_is_blocked(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await store.postpone_order("o1", OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="dmp.closed")
        await answered(store, answer(NO))
        assert await state(store, "o1") is OrderState.REJECTED
        assert await store.change_order("o1", OrderAction.RESEND, now=after(11)) is OrderState.BLOCKED
        assert await taken(store, at=12) == []

    async def test_the_time_of_an_opposition_is_not_counted_in_the_age_of_an_order(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1", expires_at=after(100))))
        await answered(store, answer(NO))
        assert await taken(store, at=5000) == []
        assert await state(store, "o1") is OrderState.BLOCKED
        await answered(store, answer(YES, 5000), at=5000)
        assert await taken(store, at=5001) == ["o1"]

    async def test_a_late_receipt_of_a_blocked_order_is_the_truth(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await answered(store, answer(NO))
        await take(store, OTHER, at=LEASE)
        assert not await store.mark_sending("o1", OTHER, now=after(LEASE))
        assert await store.deliver_order("o1", OWNER, Receipt("late"), now=after(LEASE))
        assert await state(store, "o1") is OrderState.DELIVERED

    async def test_an_opposition_for_one_episode_reaches_the_others_unless_told_otherwise(self, store: Store) -> None:
        narrow = OppositionScope.EPISODE
        await settled(store, about("R1", obeying("o1"), stay="V-2"))
        await settled(store, about("R2", obeying("o2", obeys_opposition=narrow), stay="V-2"))
        await settled(store, about("R3", obeying("o3", obeys_opposition=narrow), stay="V-1"))
        await settled(store, about("R4", obeying("o4", obeys_opposition=narrow)))
        await answered(store, answer(NO, episode="V-1"))
        states = [await state(store, f"o{number}") for number in range(1, 5)]
        assert states == [OrderState.BLOCKED, OrderState.READY, OrderState.BLOCKED, OrderState.BLOCKED]
        await answered(store, answer(YES, 20, episode="V-2"), at=20)
        states = [await state(store, f"o{number}") for number in range(1, 5)]
        assert states == [OrderState.READY, OrderState.READY, OrderState.BLOCKED, OrderState.READY]

    async def test_an_answer_of_no_message_has_the_same_effect(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1")))
        given = answer(NO, 5, IPP, author="810000000001", channel="oral", episode="V-1")
        kept = await store.record_consent(given, now=after(6))
        assert (kept.consent, kept.recorded_at, kept.message_id) == (given, after(6), "")
        assert await state(store, "o1") is OrderState.BLOCKED
        await store.record_consent(answer(YES, 7, IPP), now=after(8))
        assert await state(store, "o1") is OrderState.READY

    async def test_answers_are_kept_and_shown_with_all_they_say(self, store: Store) -> None:
        whole = answer(NO, 0, IPP, INS, episode="V-1", collected_until=after(60), author="A", channel="pam")
        message_id = await answered(store, whole, replace(whole, subject=ConsentSubject.CONSULTATION, answer=YES))
        feeding, consultation = await store.patient_consents((INS, IPP))
        assert set(feeding.consent.patient_ids) == {IPP, INS}
        assert replace(feeding.consent, patient_ids=whole.patient_ids) == whole
        assert (feeding.message_id, feeding.recorded_at) == (message_id, after(10))
        assert await store.consents(limit=1) == (consultation,)
        assert await store.consents() == (consultation, feeding)
        assert await store.consent(feeding.id) == feeding
        assert await store.consent(10**6) is None
        assert await store.patient_consents((ELSEWHERE,)) == ()
        assert (await history(store, message_id)).count("consent.recorded") == 2

    async def test_orders_of_a_patient_that_obey_are_listed_in_any_state(self, store: Store) -> None:
        await settled(store, about("R1", obeying("o1"), order("m1", "mss"), ids=(IPP, INS)))
        await settled(store, about("R2", obeying("o2"), ids=(ELSEWHERE,)))
        await taken(store)
        await store.mark_sending("o1", OWNER, now=NOON)
        await store.deliver_order("o1", OWNER, Receipt("r"), now=NOON)
        assert [one.id for one in await store.obeying_orders((IPP, INS))] == ["o1"]
        assert await store.obeying_orders(()) == ()

    async def test_a_naive_date_is_never_kept(self, store: Store) -> None:
        naive = replace(answer(NO), collected_at=datetime(2026, 11, 21) + timedelta(hours=1))
        with pytest.raises(ValueError):
            await store.record_consent(naive, now=NOON)
        assert await store.consents() == ()
