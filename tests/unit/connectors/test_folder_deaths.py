"""A death of the folder source at each of its steps, on real directories: what is dropped together is kept together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.folder import FolderSettings, FolderSource
from connectors.sources.folder.drops import drops
from connectors.sources.folder.taking import Taking
from engine.exchange import Accepted, InboundMessage

FIRST = (b"H|~^\\&|un\rL|1||1|\r", b"%PDF-un")
SECOND = (b"H|~^\\&|deux, un autre patient\rL|1||1|\r", b"%PDF-deux")
_STEPS = ("rename", "mkdir", "rmdir", "unlink", "link", "open")

Kept = tuple[bytes, ...]


class Death(BaseException):
    """The process is no more: no code of ours runs after it."""


class Engine:
    def __init__(self) -> None:
        self.kept: list[Kept] = []

    async def __call__(self, message: InboundMessage) -> Accepted:
        one = (message.content, *(beside.content for beside in message.attachments))
        self.kept.append(one)
        return Accepted(str(len(self.kept)), self.kept.count(one) > 1)


def source(directory: Path, **changes: object) -> FolderSource:
    settings = {"directory": directory, "poll_seconds": 0.001, "stable_seconds": 0.001, "witness": True, **changes}
    return FolderSource("depot", FolderSettings.model_validate(settings))


def dropped(directory: Path, content: bytes, pdf: bytes | None) -> None:
    """As a sender writes it: each file whole under its name at once, the witness last."""
    for ending, written in ((".pdf", pdf), (".hpr", content), (".ok", b"")):
        if written is not None:
            partial = directory / f"un{ending}.tmp"
            partial.write_bytes(written)
            partial.rename(directory / f"un{ending}")


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, step: int) -> Iterator[list[str]]:
    """Before the call number `step` (from 0) that changes a directory, everything ends; the calls made are told."""
    made: list[str] = []

    def mortal(name: str, real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not (kwargs.get("flags", args[1] if len(args) > 1 else 0) & os.O_CREAT):
                return real(*args, **kwargs)
            if len(made) >= step:
                raise Death
            made.append(name)
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as mortals:
        for name in _STEPS:
            mortals.setattr(os, name, mortal(name, getattr(os, name)))
        yield made


async def died(monkeypatch: pytest.MonkeyPatch, one: FolderSource, engine: Engine, step: int) -> bool:
    with dying(monkeypatch, step):
        try:
            await one._round(engine)
        except Death:
            return True
    return False


async def restarted(directory: Path, engine: Engine, **changes: object) -> None:
    one = source(directory, **changes)
    for _ in range(3):
        assert await one._round(engine) == set()


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


def left(directory: Path) -> list[str]:
    """What is neither taken nor refused; the directory of what is on its way may stay, empty."""
    below = (directory / "taken", directory / "refused")
    return sorted(path.name for path in directory.rglob("*") if path.is_file() and not set(below) & set(path.parents))


async def every_death(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changes: object) -> list[tuple[Path, Engine]]:
    """One directory for each step at which the source may die while it takes a message, and what was kept of it."""
    scenes = []
    for step in range(100):
        directory, engine = tmp_path / f"d{step}", Engine()
        directory.mkdir()
        dropped(directory, *FIRST)
        if not await died(monkeypatch, source(directory, **changes), engine, step):
            break
        scenes.append((directory, engine))
    assert len(scenes) >= 6, "the source was let die at every step"
    return scenes


async def test_a_death_at_any_step_ends_in_the_same_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for directory, engine in await every_death(monkeypatch, tmp_path):
        await restarted(directory, engine)
        assert set(engine.kept) == {FIRST}, directory.name
        assert left(directory) == [], directory.name
        assert files(directory) == ["un.hpr", "un.ok", "un.pdf"], directory.name


async def test_a_share_that_gives_other_inodes_after_a_death_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for directory, engine in await every_death(monkeypatch, tmp_path):
        for path in [one for one in directory.rglob("un.*") if one.is_file()]:
            at = path.stat().st_mtime_ns
            path.with_suffix(".tmp").write_bytes(path.read_bytes())
            path.with_suffix(".tmp").replace(path)
            os.utime(path, ns=(at, at))
        await restarted(directory, engine)
        assert set(engine.kept) == {FIRST}, directory.name
        assert left(directory) == [], directory.name


async def test_a_death_while_a_death_is_mended_ends_in_the_same_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for directory, engine in await every_death(monkeypatch, tmp_path):
        for again in (0, 1, 2, 1, 0):
            await died(monkeypatch, source(directory), engine, again)
        await restarted(directory, engine)
        assert set(engine.kept) == {FIRST}, directory.name
        assert left(directory) == [], directory.name


async def test_what_is_dropped_under_the_same_name_after_a_death_is_never_mixed_with_what_was_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for directory, engine in await every_death(monkeypatch, tmp_path):
        dropped(directory, *SECOND)
        await restarted(directory, engine)
        assert set(engine.kept) <= {FIRST, SECOND}, directory.name
        assert engine.kept.count(SECOND) == 1, directory.name
        assert left(directory) == [], directory.name


async def test_a_message_without_a_pdf_never_gets_the_one_of_a_message_taken_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    met = 0
    for directory, engine in await every_death(monkeypatch, tmp_path):
        if (directory / "un.hpr").exists():
            continue
        met += 1
        dropped(directory, SECOND[0], None)
        await restarted(directory, engine)
        assert engine.kept == [FIRST, (SECOND[0],)], directory.name
        assert left(directory) == [], directory.name
    assert met >= 3


async def test_a_message_that_changes_between_its_keeping_and_a_death_is_read_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    grown = (FIRST[0] + b"suite\r",)
    met = 0
    for directory, engine in await every_death(monkeypatch, tmp_path):
        inside = list((directory / ".taking").rglob("un.hpr")) if (directory / ".taking").exists() else []
        if not inside:
            continue
        met += 1
        with inside[0].open("ab") as file:
            file.write(b"suite\r")
        one = source(directory, witness=False)
        while len(engine.kept) == 1:
            assert await one._round(engine) == set()
        assert engine.kept == [FIRST, grown], directory.name
    assert met >= 3


async def test_a_message_too_large_with_its_pdf_is_refused_whatever_dies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit = len(FIRST[0]) + 1
    for directory, engine in await every_death(monkeypatch, tmp_path, max_file_bytes=limit):
        await restarted(directory, engine, max_file_bytes=limit)
        assert engine.kept == [], directory.name
        kept = [path.name for path in (directory / "refused").rglob("un.*") if path.suffix != ".txt"]
        assert sorted(name for name in kept if "raison" not in name) == ["un.hpr", "un.ok", "un.pdf"], directory.name


async def test_nothing_is_taken_under_a_name_of_which_the_last_taking_cannot_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tested = 0
    for directory, engine in await every_death(monkeypatch, tmp_path):
        if (
            (directory / "un.hpr").exists()
            or not (directory / ".taking").exists()
            or not (directory / "un.pdf").exists()
        ):
            continue
        tested += 1
        day = next(one for one in (directory / "taken").iterdir())
        day.rename(directory / "taken" / "ailleurs")
        day.write_bytes(b"")
        dropped(directory, SECOND[0], None)
        one = source(directory)
        assert len(await one._round(engine)) == 1
        assert engine.kept == [FIRST]
        day.unlink()
        await restarted(directory, engine)
        assert engine.kept == [FIRST, (SECOND[0],)]
    assert tested


async def test_a_pdf_that_comes_after_a_message_that_could_not_be_moved_is_not_lost(tmp_path: Path) -> None:
    engine, one = Engine(), source(tmp_path)
    (tmp_path / "taken").write_bytes(b"")
    dropped(tmp_path, FIRST[0], None)
    assert await one._round(engine) == {tmp_path / "un.hpr"}
    (tmp_path / "un.pdf").write_bytes(FIRST[1])
    (tmp_path / "taken").unlink()
    assert await one._round(engine) == set()
    assert engine.kept == [(FIRST[0],), FIRST]


def test_the_longest_name_a_file_may_have_can_be_taken(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".hpr")
    path.write_bytes(FIRST[0])
    os.utime(path, ns=(0, -(2**62)))
    (drop,) = drops(tmp_path, ("*.hpr",))
    taking = Taking.of(drop, "refused")
    assert len(taking.place.name) < 255
    taking.place.mkdir(parents=True)
    path.rename(taking.place / path.name)
    assert taking.names == (path.name,)


async def test_a_message_replaced_by_one_of_the_same_size_and_time_is_read_too(tmp_path: Path) -> None:
    other = FIRST[0].replace(b"un", b"mm")
    dropped(tmp_path, FIRST[0], None)
    at = (tmp_path / "un.hpr").stat().st_mtime_ns

    class Slow(Engine):
        async def __call__(self, message: InboundMessage) -> Accepted:
            if not self.kept:
                dropped(tmp_path, other, None)
                os.utime(tmp_path / "un.hpr", ns=(at, at))
            return await super().__call__(message)

    engine = Slow()
    one = source(tmp_path, witness=False)
    while len(engine.kept) < 2:
        await one._round(engine)
    assert engine.kept == [(FIRST[0],), (other,)]
