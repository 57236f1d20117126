"""A pack chosen while the engine runs judges the next documents, and each verdict says which pack gave it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.pool import ConversionPool
from engine.validation import pack as packs
from engine.validation.current_pack import CurrentPack
from engine.validation.pack import Pack
from tests.unit.validation.packs import titled_pack
from tests.unit.validation.samples import CR_BIO


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def two(tmp_path: Path) -> tuple[Pack, Pack]:
    """The first is the current one."""
    home = tmp_path / "home"
    first = packs.install(titled_pack(tmp_path / "un", "biologiques"), home)
    return first, packs.install(titled_pack(tmp_path / "deux", "radiologiques"), home)


def test_a_pack_chosen_is_seen_within_a_second(two: tuple[Pack, Pack], tmp_path: Path) -> None:
    clock = Clock()
    current = CurrentPack(tmp_path / "home", clock)
    assert _version(current) == two[0].version
    packs.use(two[1].version, tmp_path / "home")
    clock.seconds += 0.5
    assert _version(current) == two[0].version, "the marker is not read again before a second"
    clock.seconds += 0.5
    assert _version(current) == two[1].version


def test_the_first_pack_installed_is_seen_too(tmp_path: Path) -> None:
    clock = Clock()
    current = CurrentPack(tmp_path / "home", clock)
    assert current.get() is None
    installed = packs.install(titled_pack(tmp_path / "un", "biologiques"), tmp_path / "home")
    clock.seconds += 1
    assert _version(current) == installed.version


def test_a_pack_that_cannot_be_read_leaves_the_one_before(two: tuple[Pack, Pack], tmp_path: Path) -> None:
    clock = Clock()
    current = CurrentPack(tmp_path / "home", clock)
    assert _version(current) == two[0].version
    packs.use(two[1].version, tmp_path / "home")
    shutil.rmtree(two[1].path)
    clock.seconds += 1
    assert _version(current) == two[0].version
    assert current.unusable == two[1].version
    packs.use(two[0].version, tmp_path / "home")
    clock.seconds += 1
    assert _version(current) == two[0].version
    assert current.unusable == ""


def test_a_first_pack_that_cannot_be_read_is_an_error(two: tuple[Pack, Pack], tmp_path: Path) -> None:
    shutil.rmtree(two[0].path)
    with pytest.raises(ConfigError, match=r"pack\.unknown"):
        CurrentPack(tmp_path / "home").get()


async def test_running_processes_follow_the_pack_in_use(two: tuple[Pack, Pack], tmp_path: Path) -> None:
    pool = ConversionPool(2, 60, tmp_path / "home")
    try:
        before = await asyncio.gather(*(pool.validate(CR_BIO) for _ in range(4)))
        assert {report.pack for report in before} == {two[0].version}
        assert all(report.may_leave for report in before)
        packs.use(two[1].version, tmp_path / "home")
        report = before[0]
        async with asyncio.timeout(30):
            while report.pack == two[0].version:
                await asyncio.sleep(0.1)
                report = await pool.validate(CR_BIO)
        after = await asyncio.gather(*(pool.validate(CR_BIO) for _ in range(4)))
        assert {report.pack for report in after} == {two[1].version}
        assert all("sm.title" in [finding.code for finding in report.findings] for report in after)
    finally:
        pool.close()


def _version(current: CurrentPack) -> str:
    pack = current.get()
    return pack.version if pack is not None else ""
