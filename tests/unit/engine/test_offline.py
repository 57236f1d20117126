"""Files converted without a server: the same steps as the line, and a bad file harms no other."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.findings import Disposition
from engine.offline import Converted, OfflineConversion, write
from engine.pool import ConversionPool
from tests.routes.installation import SAMPLES, sample
from tests.unit.engine.conversion_bench import installation


@asynccontextmanager
async def offline(tmp_path: Path) -> AsyncIterator[OfflineConversion]:
    configured = installation(tmp_path)
    pool = ConversionPool(2, 60, tmp_path / "home")
    try:
        yield OfflineConversion(pool, configured, configured.routes[0])
    finally:
        await asyncio.to_thread(pool.close)


def files(tmp_path: Path, *names: str) -> list[Path]:
    """Samples of the demonstration, in the order asked for."""
    target = tmp_path / "files"
    target.mkdir(exist_ok=True)
    found = [next(SAMPLES.glob(f"{name}*")) for name in names]
    return [Path(shutil.copy(one, target / one.name)) for one in found]


def told(_: Converted) -> None:
    """Nobody looks at the progress."""


async def test_a_correction_after_its_original_is_its_second_version_whatever_the_speed_of_each(tmp_path: Path) -> None:
    async with offline(tmp_path) as one:
        converted = await one.convert(files(tmp_path, "02", "01", "04"), told)
    numbers = [[document.version.number for document in each.documents] for each in converted]
    assert numbers == [[1], [1], [2]]
    assert [each.disposition for each in converted] == [Disposition.PUBLISH] * 3
    original, correction = converted[1].documents[0], converted[2].documents[0]
    assert correction.version.replaces == original.version.id


async def test_the_same_file_twice_makes_one_version(tmp_path: Path) -> None:
    (only,) = files(tmp_path, "01")
    async with offline(tmp_path) as one:
        first, again = await one.convert([only, only], told)
    assert len(first.documents) == 1
    assert again.documents == ()
    assert "line.unchanged" in [finding.code for finding in again.findings]


async def test_a_file_that_vanished_harms_no_other(tmp_path: Path) -> None:
    (sound,) = files(tmp_path, "01")
    async with offline(tmp_path) as one:
        lost, kept = await one.convert([tmp_path / "files" / "lost.hpr", sound], told)
    assert lost.disposition is Disposition.REFUSE
    assert [finding.code for finding in lost.findings] == ["offline.unreadable_file"]
    assert kept.disposition is Disposition.PUBLISH


async def test_a_process_that_dies_is_no_file_s_loss(tmp_path: Path) -> None:
    (sound,) = files(tmp_path, "01")
    async with offline(tmp_path) as one:
        killed = asyncio.create_task(_kill_once(one))
        converted = await one.convert([sound], told)
        assert await killed
    assert converted[0].disposition is Disposition.PUBLISH, converted[0].findings


async def _kill_once(one: OfflineConversion) -> bool:
    """Kill the first process while it works."""
    while not (processes := getattr(one._pool._executor, "_processes", None)):
        await asyncio.sleep(0.005)
    for process in list(processes.values()):
        process.kill()
    return True


async def test_what_was_written_of_an_earlier_conversion_does_not_stay_beside_a_refusal(tmp_path: Path) -> None:
    (file,) = files(tmp_path, "01")
    output = tmp_path / "out"
    async with offline(tmp_path) as one:
        (converted,) = await one.convert([file], told)
        assert write(converted, output, set()) == [file.stem]
        assert {path.suffix for path in output.iterdir()} == {".xml", ".pdf", ".json"}
        file.write_bytes(sample(6))
        (refused,) = await one.convert([file], told)
        write(refused, output, set())
    assert [path.name for path in output.iterdir()] == [f"{file.stem}.findings.json"]
    content = json.loads((output / f"{file.stem}.findings.json").read_text())
    assert content["state"] == "refuse"
    assert content["unique_id"] is None


async def test_files_of_one_name_in_two_folders_do_not_overwrite_one_another(tmp_path: Path) -> None:
    (first,) = files(tmp_path, "01")
    (tmp_path / "other").mkdir()
    second = Path(shutil.copy(next(SAMPLES.glob("02*")), tmp_path / "other" / first.name))
    async with offline(tmp_path) as one:
        converted = await one.convert([first, second], told)
        taken: set[str] = set()
        names = [write(each, tmp_path / "out", taken) for each in converted]
    assert names == [[first.stem], [f"{first.stem}-2"]]
    assert len(list((tmp_path / "out").glob("*.xml"))) == 2


async def test_each_document_of_a_file_has_its_own_files(tmp_path: Path) -> None:
    (three,) = files(tmp_path, "03")
    async with offline(tmp_path) as one:
        (converted,) = await one.convert([three], told)
        names = write(converted, tmp_path / "out", set())
    assert names == [three.stem, *(f"{three.stem}-{n}" for n in range(2, len(converted.documents) + 1))]
    contents = [json.loads((tmp_path / "out" / f"{name}.findings.json").read_text()) for name in names]
    assert len({content["unique_id"] for content in contents}) == len(converted.documents) == 4
