"""A conversion process that dies takes nothing with it, not even the order in which corrections came."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.crash.ledgers import arrivals
from tests.crash.load import report
from tests.crash.scene import scene


async def test_a_correction_is_not_overtaken_by_the_next_one_when_the_process_that_converts_it_dies(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, seed=1) as one:
        await one.engine.start()
        one.sender.post([report(1)])
        await one.quiet()
        one.sender.post([report(1, 2)])
        assert await one.seen(lambda: one.store.count("converting") > 0)
        for process in one.engine.conversion_processes():
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.3)
        one.sender.post([report(1, 3)])
        await one.quiet()
        arrived = arrivals(one.dmp)
    assert [one.key[1] for one in arrived] == [1, 2, 3]
    assert all(one.values.issuperset(report(1, one.key[1]).values) for one in arrived)


async def test_an_engine_killed_alone_leaves_no_process_behind(tmp_path: Path) -> None:
    async with scene(tmp_path, seed=1) as one:
        await one.engine.start()
        one.sender.post([report(1)])
        await one.quiet()
        assert one.engine.conversion_processes()
        one.engine.kill(alone=True)
        await one.engine.dead(seconds=20)
        assert one.engine.conversion_processes() == ()
