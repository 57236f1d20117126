"""Whatever comes in by MLLP, the listener lives, answers as it should, and others get their answers meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.mllp_peers import Level, peer
from tests.crash.mllp_mutants import campaign

_COUNT = 300
"""The ten thousand are in tests/crash/test_mutated_messages.py."""


async def test_three_hundred_spoiled_messages_neither_stop_the_listener_nor_trouble_another_connection(
    tmp_path: Path,
) -> None:
    async with peer(Level.ANSWER, tmp_path) as one:
        outcome = await campaign(one.port, _COUNT, seed=7)
        assert outcome.wrong == []
        assert outcome.sent == _COUNT
        assert set(outcome.answers) == {"AA", "AE", "AR"}
        assert one.alive
        kept = list(one.kept())
    assert [name for name in kept if name.startswith("W7-")] == [f"W7-{rank}" for rank in range(len(outcome.took))]
    assert len(kept) >= outcome.answers["AA"] + outcome.answers["AE"]
    said = [json.loads(line) for line in one.log_lines()]
    assert "mllp.listening" in {line["event"] for line in said}
    assert {line["event"] for line in said if line["level"] == "error"} == set()
