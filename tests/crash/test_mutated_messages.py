"""Ten thousand spoiled messages by MLLP against the whole engine: it lives, keeps, converts, and serves the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.mllp_peers import Level, peer
from tests.crash.mllp_mutants import campaign

_COUNT = 5_000
_SPEAKS_OF_A_FAULT = frozenset({"error", "critical"})


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
async def test_spoiled_messages_never_stop_the_engine_nor_keep_a_sound_connection_from_its_answers(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with peer(Level.ENGINE, tmp_path) as one:
        outcome = await campaign(one.port, _COUNT, seed, compared=_COUNT // 10)
        assert one.alive
        kept, states, memory = list(one.kept()), one.states(), one.peak_megabytes()
    with capsys.disabled():
        with_them, without = outcome.late
        print(
            f"\n{outcome.sent} spoiled messages, answers {dict(outcome.answers)}, {len(kept)} kept {states}; sound "
            f"connection: {len(outcome.took)} exchanges, p99 {with_them:.1f} ms with them, {without:.1f} ms with sound "
            f"messages in their place; peak memory {memory} MB"
        )
    assert outcome.wrong == []
    assert outcome.sent == _COUNT
    for run, took in ((f"W{seed}-", outcome.took), (f"B{seed}-", outcome.alone)):
        assert [name for name in kept if name.startswith(run)] == [f"{run}{rank}" for rank in range(len(took))]
    assert {line["event"] for line in map(json.loads, one.log_lines()) if line["level"] in _SPEAKS_OF_A_FAULT} == set()
