"""Killing the engine at any step of the line loses nothing and delivers nothing twice, counted at the peers."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from tests.crash import steps
from tests.crash.campaign import campaign, table, whole

_SHORT = (
    steps.kept_not_acknowledged,
    steps.being_converted,
    steps.dmp_took_and_did_not_answer,
    steps.dmp_did_not_take,
    steps.mail_took_and_did_not_answer,
    steps.dmp_answered_not_settled,
    steps.stopping,
)


async def test_an_engine_killed_at_a_few_steps_loses_nothing_and_delivers_nothing_twice(tmp_path: Path) -> None:
    done = await campaign(tmp_path, [one for one in steps.STEPS if one.kill in _SHORT], seed=20)
    Console().print(table(done))
    assert done.outcome.wrong == []
    assert done.kills == len(_SHORT)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
async def test_an_engine_killed_at_every_step_loses_nothing_and_delivers_nothing_twice(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = await campaign(tmp_path, whole(seed), seed)
    with capsys.disabled():
        Console().print(table(done))
    assert done.outcome.wrong == []
    assert done.kills >= 50
    assert done.caught.total() >= 0.85 * done.kills, "a kill that misses its step proves less"
