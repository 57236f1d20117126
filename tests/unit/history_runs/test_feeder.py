"""The task: one step at a time, at the hours it may, and a fault of one run stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.history_runs.feeder import FAULT, NO_DESTINATION, HistoryFeeder
from engine.history_runs.run import Criteria, RunState, Speed
from engine.history_runs.window import NightWindow
from engine.route import Installation
from tests.contract.store_bench import settled
from tests.unit.engine.conversion_bench import installation
from tests.unit.history_runs.bench import QUICK, RUN, Kept, destination, kept, past


@dataclass(frozen=True, slots=True)
class Fed:
    bench: Kept
    site: Installation
    made: asyncio.Event

    @property
    def feeder(self) -> HistoryFeeder:
        return HistoryFeeder(self.bench.history, self.site, self.made)

    async def begin(self, run_id: str, name: str, speed: Speed = QUICK) -> None:
        early = datetime.now(UTC) - timedelta(minutes=1)
        assert await self.bench.history.start(run_id, Criteria(name), speed, dry=False, now=early)

    async def looked(self, times: int = 5) -> None:
        for _ in range(times):
            await self.feeder.look()


@pytest.fixture
async def fed(tmp_path: Path) -> AsyncIterator[Fed]:
    site = replace(installation(tmp_path), destinations=(destination(), destination("other")))
    async with kept(tmp_path) as bench:
        yield Fed(bench, site, asyncio.Event())


async def test_a_run_goes_from_its_start_to_its_end(fed: Fed) -> None:
    await settled(fed.bench.store, *(past(f"R{number}") for number in range(70)))
    await fed.begin(RUN, "dmp")
    assert await fed.feeder.look(), "there is more to look at"
    await fed.looked(6)
    run = await fed.bench.run()
    assert (run.state, run.ordered) == (RunState.DONE, 70)
    assert fed.made.is_set()
    assert not await fed.feeder.look()


async def test_outside_its_hours_a_run_looks_and_counts_but_sends_nothing(fed: Fed) -> None:
    await settled(fed.bench.store, past("a"))
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    closed = NightWindow((minute + 60) % 1440, (minute + 120) % 1440, "UTC")
    await fed.begin(RUN, "dmp", replace(QUICK, window=closed))
    await fed.looked()
    run = await fed.bench.run()
    assert (run.state, run.eligible, run.ordered) == (RunState.RUNNING, 1, 0)
    assert await fed.bench.store.orders() == ()


async def test_a_run_of_a_destination_that_is_gone_is_paused_and_says_why(fed: Fed) -> None:
    await fed.begin(RUN, "gone")
    await fed.looked(1)
    run = await fed.bench.run()
    assert (run.state, run.reason) == (RunState.PAUSED, NO_DESTINATION)


async def test_a_fault_of_ours_in_one_run_pauses_it_and_lets_the_others_go_on(fed: Fed) -> None:
    await settled(fed.bench.store, past("a"))
    broken = destination("other")
    declaration = replace(broken.declaration, recipients=lambda *_: 1 / 0)  # type: ignore[arg-type,return-value]
    site = replace(fed.site, destinations=(destination(), replace(broken, declaration=declaration)))
    both = replace(fed, site=site)
    await both.begin("run-2", "other")
    await both.begin(RUN, "dmp")
    await both.looked()
    assert (await fed.bench.run()).state is RunState.DONE
    stopped = await fed.bench.run("run-2")
    assert (stopped.state, stopped.reason) == (RunState.PAUSED, FAULT)


async def test_two_engines_worth_of_looks_at_once_make_nothing_twice(fed: Fed) -> None:
    await settled(fed.bench.store, *(past(f"R{number}") for number in range(40)))
    await fed.begin(RUN, "dmp")
    await asyncio.gather(*(fed.looked(6) for _ in range(4)))
    run = await fed.bench.run()
    assert (run.state, run.examined, run.ordered) == (RunState.DONE, 40, 40)
    assert len(await fed.bench.store.orders(limit=1000)) == 40
