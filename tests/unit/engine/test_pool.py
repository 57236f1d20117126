"""Conversion processes: one that fails, hangs or dies takes nothing with it, and says nothing of the message."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ConfigError, DocumentError, TransientError
from engine.pool import ConversionFaultError, ConversionPool
from tests.routes.installation import ROOT


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[ConversionPool]:
    made = ConversionPool(2, 60, tmp_path)
    yield made
    made.close()


def fails_quoting_the_message() -> None:
    raise ValueError("FICTIVE Hélène 285039900000193")


def fails_as_ours() -> None:
    raise DocumentError("cda.unfit", "document impossible à construire", where="recordTarget")


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def run(pool: ConversionPool, function: Any, *arguments: Any) -> Any:
    return await pool._run(function, *arguments)


async def test_a_fault_in_a_process_comes_back_without_its_text(
    pool: ConversionPool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConversionFaultError) as caught:
        await run(pool, fails_quoting_the_message)
    logged = "".join(capsys.readouterr())
    assert caught.value.code == "engine.unexpected"
    assert "ValueError" in str(caught.value)
    assert "fails_quoting_the_message" in logged, "the place is told"
    for text in (str(caught.value), repr(caught.value.__cause__), logged):
        assert "FICTIVE" not in text
        assert "285039900000193" not in text


async def test_an_error_of_ours_in_a_process_keeps_its_code_and_the_process(pool: ConversionPool) -> None:
    with pytest.raises(ConversionFaultError, match=r"cda\.unfit"):
        await run(pool, fails_as_ours)
    assert await run(pool, abs, -1) == 1


async def test_a_process_that_dies_is_replaced(pool: ConversionPool) -> None:
    with pytest.raises(TransientError, match=r"engine\.worker_died"):
        await run(pool, dies)
    assert await run(pool, abs, -2) == 2


async def test_what_takes_too_long_is_given_up_and_harms_nothing_that_waits(tmp_path: Path) -> None:
    pool = ConversionPool(1, 1.5, tmp_path)
    try:
        assert await run(pool, abs, -1) == 1, "the process is there"
        long, *others = await asyncio.gather(
            run(pool, time.sleep, 600), *(run(pool, abs, -n) for n in range(1, 6)), return_exceptions=True
        )
        assert isinstance(long, TransientError)
        assert long.code == "engine.conversion_timeout"
        assert others == [1, 2, 3, 4, 5]
    finally:
        pool.close()


async def test_the_time_spent_waiting_for_a_process_is_not_the_work_s(tmp_path: Path) -> None:
    pool = ConversionPool(1, 4, tmp_path)
    try:
        await run(pool, abs, -1)
        assert await asyncio.gather(*(run(pool, time.sleep, 0.6) for _ in range(9))) == [None] * 9
    finally:
        pool.close()


async def test_closing_does_not_wait_for_a_process_that_hangs(pool: ConversionPool) -> None:
    hanging = asyncio.create_task(run(pool, time.sleep, 600))
    assert await run(pool, abs, -1) == 1
    await asyncio.to_thread(pool.close)
    with pytest.raises(TransientError):
        await hanging


async def test_a_signal_to_the_whole_group_leaves_the_processes_to_the_engine(pool: ConversionPool) -> None:
    child = await run(pool, os.getpid)
    os.kill(child, signal.SIGTERM)
    os.kill(child, signal.SIGINT)
    assert {await run(pool, os.getpid) for _ in range(10)} & {child}


async def test_a_pack_that_is_gone_is_told_to_the_operator_and_mended_without_a_restart(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "current").write_text("2026.10-gone\n")
    pool = ConversionPool(1, 60, tmp_path)
    try:
        with pytest.raises(ConfigError, match=r"pack\.unknown"):
            await run(pool, abs, -1)
        (tmp_path / "packs" / "current").unlink()
        assert await run(pool, abs, -1) == 1
    finally:
        pool.close()


_ENGINE_THAT_DIES = """
import asyncio, os, signal
from pathlib import Path
from engine.pool import ConversionPool

async def main():
    pool = ConversionPool(1, 60, Path("."))
    print(await pool._run(os.getpid), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_processes_end_with_an_engine_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "engine_that_dies.py"
    script.write_text(_ENGINE_THAT_DIES)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environ, cwd=tmp_path, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    child = int(ended.stdout)
    deadline = time.monotonic() + 30
    while _alive(child):
        assert time.monotonic() < deadline, "an orphan is left"
        time.sleep(0.05)


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
