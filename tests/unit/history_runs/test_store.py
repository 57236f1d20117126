"""A catch-up on a real store: what it takes, why not the rest, how fast, and never twice."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.context import stable_uuid
from engine.exchange import OrderState, Receipt
from engine.history_runs.run import Criteria, Exclusion, RunAction, RunState, Speed
from engine.history_runs.verdict import verdict
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject
from engine.model.document import ReportStatus
from engine.records import DocumentState
from engine.route import ConfiguredDestination
from tests.contract.store_bench import OWNER, settled, take
from tests.contract.store_values import NOON, after, order, ready
from tests.unit.history_runs.bench import DMP, INS, PARTIAL, PATIENT, QUICK, RUN, WHO, Kept, destination, kept, past

OPPOSED = Consent(ConsentSubject.FEEDING, ConsentAnswer.NO, NOON, (PATIENT,))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Kept]:
    async with kept(tmp_path) as made:
        yield made


async def test_a_dry_run_says_what_would_leave_and_why_the_rest_would_not(bench: Kept) -> None:
    """R-DMP-14."""
    stranger = replace(WHO, ids=(replace(PATIENT, extension="7"),), ins=replace(INS, matricule="1" * 15))
    await settled(bench.store, past("leaves"))
    await settled(bench.store, past("unqualified", patient=replace(WHO, ins=replace(INS, qualified=False))))
    await settled(bench.store, past("unknown", patient=replace(WHO, ins=None)))
    await settled(bench.store, past("opposed", patient=stranger))
    await settled(bench.store, past("partial", status=PARTIAL))
    await settled(bench.store, past("held", state=DocumentState.HELD))
    await settled(bench.store, past("too-old", "20101231"))
    await settled(bench.store, past("other", type="cr_bio_n1"))
    await settled(bench.store, past("sent", orders=(ready("o1"),)))
    (claimed,) = await take(bench.store)
    await bench.store.deliver_order(claimed.id, OWNER, Receipt("ref"), now=NOON)
    await settled(bench.store, past("leaving", orders=(ready("o2"),)))
    await settled(bench.store, past("stopped", orders=(order("o3", state=OrderState.REJECTED, cause="x"),)))
    mine = replace(OPPOSED, patient_ids=stranger.ids)
    await bench.store.record_consent(mine, now=NOON)
    orders = await bench.store.orders(limit=100)
    await bench.begin(Criteria("dmp", since=date(2011, 1, 1), types=("cr_bio",)), dry=True)
    run = await bench.decided(DMP)
    assert (run.state, run.examined, run.eligible, run.ordered) == (RunState.DONE, 11, 1, 0)
    assert run.excluded == {
        Exclusion.IDENTITY: 2,
        Exclusion.OPPOSITION: 1,
        Exclusion.PARTIAL: 1,
        Exclusion.NOT_READY: 1,
        Exclusion.DATE: 1,
        Exclusion.TYPE: 1,
        Exclusion.ALREADY_SENT: 1,
        Exclusion.UNDER_WAY: 1,
        Exclusion.ENDED: 1,
    }
    assert await bench.store.orders(limit=100) == orders


async def test_the_oldest_act_leaves_first_whatever_the_order_of_keeping(bench: Kept) -> None:
    for report, day in (("b", "20200101"), ("a", "20180101"), ("c", "20220101")):
        await settled(bench.store, past(report, day))
    await bench.begin()
    assert (await bench.decided(DMP)).state is RunState.RUNNING
    assert await bench.fed(DMP, after(60)) == ["doc-a-1", "doc-b-1", "doc-c-1"]
    run = await bench.run()
    assert (run.state, run.ordered, run.eligible) == (RunState.DONE, 3, 0)
    assert run.orders == {OrderState.READY: 3}


async def test_an_order_of_a_catch_up_is_the_one_the_line_would_have_made_without_its_deferral(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    await bench.decided(DMP)
    await bench.fed(DMP, after(60))
    (made,) = await bench.store.orders()
    assert made.id == stable_uuid("order", "doc-a-1", "dmp", "")
    assert (made.state, made.not_before) == (OrderState.READY, None)
    assert made.expires_at == after(60) + timedelta(hours=24)


async def test_an_order_that_only_became_too_old_leaves_again_by_another_run(bench: Kept) -> None:
    await settled(bench.store, past("a"), past("b"))
    await bench.begin()
    await bench.decided(DMP)
    await bench.fed(DMP, after(60))
    for one in await take(bench.store, at=61):
        parked = {"now": after(62), "next_at": after(86_462), "cause": "no_dmp"}
        assert await bench.store.postpone_order(one.id, OWNER, OrderState.WAITING, **parked)  # type: ignore[arg-type]
    assert await take(bench.store, at=86_470) == [], "it never comes back before what is fresh"
    assert (await bench.run()).orders == {OrderState.REJECTED: 2}
    now = after(90_000)
    assert await bench.history.start("run-2", Criteria("dmp"), QUICK, dry=False, now=now) is not None
    await bench.decided(DMP, now, run_id="run-2")
    found = await bench.history.next_documents("run-2", 10)
    verdicts = tuple(verdict(one, Criteria("dmp"), DMP, now) for one in found)
    assert await bench.history.feed("run-2", verdicts, now=after(90_060)) == 2
    again = await take(bench.store, at=90_061)
    assert len(again) == 2
    assert len(await bench.store.orders()) == 2
    run = await bench.history.run("run-2")
    assert run is not None
    assert (run.ordered, run.orders) == (2, {OrderState.SENDING: 2})


async def test_a_run_counts_how_its_orders_end(bench: Kept) -> None:
    await settled(bench.store, past("a"), past("b"))
    await bench.begin()
    await bench.decided(DMP)
    await bench.fed(DMP, after(60))
    (first, _) = await take(bench.store, at=61)
    assert (await bench.run()).orders == {OrderState.SENDING: 2}
    await bench.store.deliver_order(first.id, OWNER, Receipt("ref"), now=after(62))
    assert (await bench.run()).orders == {OrderState.SENDING: 1, OrderState.DELIVERED: 1}


async def test_fresh_orders_of_the_lane_go_first(bench: Kept) -> None:
    for number in range(8):
        await settled(bench.store, past(f"R{number}"))
    await bench.begin(speed=Speed(6_000, queue=3))
    await bench.decided(DMP)
    await settled(bench.store, past("fresh", "20261121", orders=(ready("f1"), ready("f2", "mss"))))
    assert len(await bench.fed(DMP, after(60))) == 2
    assert await bench.fed(DMP, after(120)) == []
    claimed = await take(bench.store, at=121, limit=1)
    assert [one.id for one in claimed] == ["f1"]
    await bench.store.deliver_order("f1", OWNER, Receipt("ref"), now=after(122))
    assert len(await bench.fed(DMP, after(180))) == 1


async def test_a_lane_whose_link_is_down_or_that_is_stopped_gets_nothing_more(bench: Kept) -> None:
    for number in range(4):
        await settled(bench.store, past(f"R{number}"))
    await bench.begin(speed=Speed(6_000, queue=2))
    await bench.decided(DMP)
    await bench.fed(DMP, after(60))
    for one in await take(bench.store, at=61):
        waits = {"now": after(62), "next_at": after(900), "cause": "link"}
        assert await bench.store.postpone_order(one.id, OWNER, OrderState.WAITING, **waits)  # type: ignore[arg-type]
    assert await bench.fed(DMP, after(120)) == []
    for one in await take(bench.store, at=901):
        await bench.store.deliver_order(one.id, OWNER, Receipt("ref"), now=after(902))
    await bench.store.stop_lane("dmp", "certificat", now=after(903))
    assert await bench.fed(DMP, after(960)) == []
    await bench.store.start_lane("dmp", now=after(961))
    assert len(await bench.fed(DMP, after(1020))) == 2


async def test_the_speed_is_a_ceiling_however_often_it_looks(bench: Kept) -> None:
    for number in range(60):
        await settled(bench.store, past(f"R{number}"))
    await bench.begin(speed=Speed(30, queue=100))
    await bench.decided(DMP)
    fed = 0
    for second in range(61):
        fed += len(await bench.fed(DMP, after(second)))
    assert fed == 30


async def test_four_per_second_is_kept_within_five_percent(bench: Kept) -> None:
    """R-DMP-14."""
    await settled(bench.store, *(past(f"R{number}") for number in range(700)))
    await bench.begin(speed=Speed(240, queue=100))
    await bench.decided(DMP, limit=1_000)
    for second in range(1, 151):
        verdicts = await bench.verdicts(DMP, after(second), 8)
        await bench.history.feed(RUN, verdicts, now=after(second))
        while claimed := await take(bench.store, at=second, limit=100):
            for one in claimed:
                await bench.store.deliver_order(one.id, OWNER, Receipt("r"), now=after(second))
    run = await bench.run()
    assert 600 * 0.95 <= run.ordered <= 600 * 1.05


async def test_pausing_and_resuming_goes_on_where_it_was(bench: Kept) -> None:
    for number in range(4):
        await settled(bench.store, past(f"R{number}"))
    await bench.begin()
    assert await bench.history.change(RUN, RunAction.PAUSE, now=NOON)
    assert await bench.history.active() == ()
    found = await bench.history.unexamined(RUN, 10)
    assert len(found) == 4
    assert not await bench.history.change(RUN, RunAction.PAUSE, now=NOON)
    assert await bench.history.change(RUN, RunAction.RESUME, now=NOON)
    assert (await bench.decided(DMP)).eligible == 4
    await bench.history.change(RUN, RunAction.PAUSE, now=NOON)
    assert await bench.fed(DMP, after(60)) == []
    await bench.history.change(RUN, RunAction.RESUME, now=after(61))
    assert (await bench.run()).state is RunState.RUNNING
    assert len(await bench.fed(DMP, after(62))) == 4
    assert not await bench.history.change(RUN, RunAction.CANCEL, now=after(63))


async def test_a_cancelled_run_makes_no_more_orders_and_another_may_begin(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    assert await bench.history.start("run-2", Criteria("dmp"), Speed(60), dry=True, now=NOON) is None
    assert await bench.history.start("run-3", Criteria("mss"), Speed(60), dry=True, now=NOON) is not None
    await bench.decided(DMP)
    assert await bench.history.change(RUN, RunAction.CANCEL, now=NOON)
    assert not await bench.history.change(RUN, RunAction.RESUME, now=NOON)
    assert await bench.fed(DMP, after(60)) == []
    assert await bench.history.start("run-2", Criteria("dmp"), Speed(60), dry=True, now=NOON) is not None


async def test_the_same_step_taken_twice_makes_nothing_twice(bench: Kept) -> None:
    await settled(bench.store, past("a"), past("b"))
    run = await bench.begin()
    found = await bench.history.unexamined(RUN, 10)
    verdicts = tuple(verdict(one, run.criteria, DMP, NOON) for one in found)
    await bench.history.examined(RUN, 0, verdicts, now=NOON)
    await bench.history.examined(RUN, 0, verdicts, now=NOON)
    run = await bench.decided(DMP)
    assert (run.examined, run.eligible) == (2, 2)
    again = await bench.verdicts(DMP, after(60))
    assert await bench.history.feed(RUN, again, now=after(60)) == 2
    assert await bench.history.feed(RUN, again, now=after(120)) == 0
    assert len(await bench.store.orders()) == 2


async def test_a_run_after_another_finds_everything_sent(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    await bench.decided(DMP)
    await bench.fed(DMP, after(60))
    run = await bench.history.start("run-2", Criteria("dmp"), Speed(60), dry=True, now=after(61))
    assert run is not None
    found = await bench.history.unexamined("run-2", 10)
    assert [verdict(one, run.criteria, DMP, NOON).exclusion for one in found] == [Exclusion.UNDER_WAY]


async def test_a_patient_who_opposes_it_meanwhile_is_left_out(bench: Kept) -> None:
    """R-CON-04."""
    await settled(bench.store, past("a"), past("b"))
    await bench.begin()
    await bench.decided(DMP)
    await bench.fed(DMP, after(60), limit=1)
    await bench.store.record_consent(OPPOSED, now=after(61))
    (made,) = await bench.store.orders()
    assert made.state is OrderState.BLOCKED
    assert await bench.fed(DMP, after(120)) == []
    run = await bench.run()
    assert (run.state, run.eligible, run.excluded) == (RunState.DONE, 0, {Exclusion.OPPOSITION: 1})
    assert run.orders == {OrderState.BLOCKED: 1}


async def test_an_answer_that_comes_between_the_look_and_the_order_blocks_it(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    await bench.decided(DMP)
    verdicts = await bench.verdicts(DMP, after(60))
    await bench.store.record_consent(OPPOSED, now=after(60))
    await bench.history.feed(RUN, verdicts, now=after(60))
    (made,) = await bench.store.orders()
    assert made.state is OrderState.BLOCKED


async def test_a_correction_that_comes_between_the_look_and_the_order_takes_its_place(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    await bench.decided(DMP)
    verdicts = await bench.verdicts(DMP, after(60))
    await settled(bench.store, past("a", number=2, status=ReportStatus.CORRECTED, orders=(ready("o2"),)))
    await bench.history.feed(RUN, verdicts, now=after(60))
    assert [one.id for one in await bench.store.orders()] == ["o2"]
    assert await bench.fed(DMP, after(120)) == []
    assert (await bench.run()).excluded == {Exclusion.REPLACED: 1}


async def test_of_a_corrected_report_only_the_latest_version_leaves(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await settled(bench.store, past("a", number=2, status=ReportStatus.CORRECTED))
    await settled(bench.store, past("b"))
    await settled(bench.store, past("b", number=2, status=ReportStatus.CORRECTED, state=DocumentState.HELD))
    await bench.begin()
    run = await bench.decided(DMP)
    assert run.excluded == {Exclusion.REPLACED: 1, Exclusion.NEWER_NOT_READY: 1, Exclusion.NOT_READY: 1}
    assert await bench.fed(DMP, after(60)) == ["doc-a-2"]


async def test_documents_kept_after_a_run_began_are_none_of_its_business(bench: Kept) -> None:
    await settled(bench.store, past("a"))
    await bench.begin()
    await settled(bench.store, past("fresh"))
    assert (await bench.decided(DMP)).examined == 1


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (destination(recipients=None), Exclusion.NOT_ASKED),
        (destination(recipients=()), Exclusion.NO_RECIPIENT),
        (destination(needs_answer=True), Exclusion.NOT_COLLECTED),
    ],
)
async def test_what_a_document_lacks_there_is_named(bench: Kept, found: ConfiguredDestination, why: Exclusion) -> None:
    await settled(bench.store, past("a"))
    await bench.begin(dry=True)
    assert (await bench.decided(found)).excluded == {why: 1}


async def test_a_document_that_can_no_longer_be_read_holds_nothing_up(bench: Kept, tmp_path: Path) -> None:
    await settled(bench.store, past("a"), past("b"), past("c"))
    damage(tmp_path, "doc-a-1")
    await bench.begin()
    assert (await bench.decided(DMP)).excluded == {Exclusion.UNREADABLE: 1}
    damage(tmp_path, "doc-b-1")
    assert await bench.fed(DMP, after(60)) == ["doc-c-1"]
    run = await bench.run()
    assert (run.state, run.excluded) == (RunState.DONE, {Exclusion.UNREADABLE: 2})


def damage(folder: Path, document_id: str) -> None:
    """What a failing disk does."""
    file = sqlite3.connect(folder / "passeur.db")
    file.execute(
        "UPDATE document_bodies SET document = '{' WHERE document_seq = (SELECT seq FROM documents WHERE id = ?)",
        (document_id,),
    )
    file.commit()
    file.close()


async def test_filters_read_the_sender_the_status_and_the_catalogue(bench: Kept) -> None:
    await settled(bench.store, past("a", catalogue="medecin/general/cr-consultation", type="n1"))
    await settled(bench.store, past("b"))
    await bench.begin(Criteria("dmp", types=("cr-consultation",), statuses=(ReportStatus.FINAL,)), dry=True)
    run = await bench.decided(DMP)
    assert (run.eligible, run.excluded) == (1, {Exclusion.TYPE: 1})
    await bench.history.start("run-2", Criteria("dmp", senders=("AILLEURS",)), Speed(60), dry=True, now=NOON)
    (one, _) = await bench.history.unexamined("run-2", 10)
    assert verdict(one, Criteria("dmp", senders=("AILLEURS",)), DMP, NOON).exclusion is Exclusion.SENDER


async def test_a_run_and_its_pace_outlive_the_engine(tmp_path: Path) -> None:
    async with kept(tmp_path) as bench:
        await settled(bench.store, *(past(f"R{number}") for number in range(6)))
        await bench.begin(speed=Speed(60, queue=100))
        await bench.decided(DMP)
        assert len(await bench.fed(DMP, NOON + timedelta(seconds=2))) == 2
    async with kept(tmp_path) as bench:
        assert await bench.fed(DMP, NOON + timedelta(seconds=2)) == []
        assert len(await bench.fed(DMP, NOON + timedelta(seconds=4))) == 2
        run = await bench.run()
        assert (run.ordered, run.eligible) == (4, 2)
