"""The folder source on real files: nothing is lost, nothing is taken half written, nothing outside is read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.sources.folder import FolderSettings, FolderSource
from connectors.sources.folder.drops import Watch, drops, read_as_seen
from connectors.sources.folder.writing import write_whole
from engine.errors import ConfigError, TransientError
from engine.exchange import Accepted, InboundMessage

REPORT = b"H|~^\\&|essai\rL|1||1|\r"


class Engine:
    """Takes messages, or fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.messages: list[InboundMessage] = []
        self.failures = list(failures)
        self.tried = 0
        self.before: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, message: InboundMessage) -> Accepted:
        self.tried += 1
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append(message)
        if self.before is not None:
            await self.before()
        return Accepted(f"m{len(self.messages)}", False)

    @property
    def names(self) -> list[str]:
        return [message.name for message in self.messages]


def settings(directory: Path, **changes: object) -> FolderSettings:
    quick = {"directory": directory, "poll_seconds": 0.01, "stable_seconds": 0.03, **changes}
    return FolderSettings.model_validate(quick)


def source(directory: Path, **changes: object) -> FolderSource:
    return FolderSource("depot", settings(directory, **changes))


@asynccontextmanager
async def serving(directory: Path, engine: Engine, **changes: object):  # type: ignore[no-untyped-def]
    """A source at work; ended on leaving, and what ended it before raised."""
    one = source(directory, **changes)
    await one.check()
    task = asyncio.create_task(one.serve(engine))
    try:
        yield one
    finally:
        task.cancel()
        done = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(done[0], asyncio.CancelledError):
            raise done[0]


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.005)


async def several_looks() -> None:
    """Time for the source to look again, more than once."""
    await asyncio.sleep(0.12)


def taken(directory: Path, folder: str = "taken") -> list[str]:
    return sorted(path.name for path in (directory / folder).rglob("*") if path.is_file())


def dropped(path: Path, content: bytes = REPORT, changed_at: int | None = None) -> Path:
    path.write_bytes(content)
    if changed_at is not None:
        os.utime(path, (changed_at, changed_at))
    return path


async def test_a_file_is_kept_by_the_engine_then_moved(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine):
        dropped(tmp_path / "un.hpr")
        await until(lambda: taken(tmp_path) == ["un.hpr"])
    (message,) = engine.messages
    assert (message.content, message.source, message.name) == (REPORT, "depot", "un.hpr")
    assert message.attachments == ()
    assert message.received_at.tzinfo is not None
    assert not (tmp_path / "un.hpr").exists()


def looked_at(directory: Path, watch: Watch, now: float) -> list[str]:
    return sorted(path.name for path in watch.steady(drops(directory, ("*.hpr",)), now))


def test_a_file_is_whole_once_it_has_not_changed_for_long_enough(tmp_path: Path) -> None:
    watch = Watch(5)
    dropped(tmp_path / "un.hpr", b"half")
    assert looked_at(tmp_path, watch, 100) == []
    assert looked_at(tmp_path, watch, 104) == []
    dropped(tmp_path / "un.hpr", b"whole!")
    assert looked_at(tmp_path, watch, 106) == []
    assert looked_at(tmp_path, watch, 110) == []
    assert looked_at(tmp_path, watch, 111) == ["un.hpr"]


def test_a_pdf_that_arrives_or_grows_holds_its_message_back(tmp_path: Path) -> None:
    watch = Watch(5)
    dropped(tmp_path / "un.hpr")
    dropped(tmp_path / "deux.hpr")
    assert looked_at(tmp_path, watch, 100) == []
    dropped(tmp_path / "un.pdf", b"%PDF")
    assert looked_at(tmp_path, watch, 105) == ["deux.hpr"]
    dropped(tmp_path / "un.pdf", b"%PDF-1.4")
    assert looked_at(tmp_path, watch, 109) == ["deux.hpr"]
    assert looked_at(tmp_path, watch, 114) == ["deux.hpr", "un.hpr"]


def test_a_file_that_went_and_came_back_is_watched_anew(tmp_path: Path) -> None:
    watch = Watch(5)
    path = dropped(tmp_path / "un.hpr", changed_at=1_700_000_000)
    assert looked_at(tmp_path, watch, 100) == []
    path.rename(tmp_path / "un.tmp")
    assert looked_at(tmp_path, watch, 103) == []
    (tmp_path / "un.tmp").rename(path)
    assert looked_at(tmp_path, watch, 106) == []
    assert looked_at(tmp_path, watch, 111) == ["un.hpr"]


async def test_a_file_not_yet_steady_is_left_alone(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine, stable_seconds=3600):
        dropped(tmp_path / "un.hpr")
        await several_looks()
    assert engine.messages == []
    assert (tmp_path / "un.hpr").exists()


async def test_a_witness_says_that_a_file_is_whole_and_leaves_with_it(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine, stable_seconds=3600):
        dropped(tmp_path / "un.hpr")
        await several_looks()
        assert engine.messages == []
        dropped(tmp_path / "un.ok", b"")
        await until(lambda: taken(tmp_path) == ["un.hpr", "un.ok"])
    assert engine.names == ["un.hpr"]


async def test_where_witnesses_are_agreed_on_a_file_without_one_waits(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine, witness=True):
        dropped(tmp_path / "un.hpr")
        dropped(tmp_path / "deux.hpr")
        dropped(tmp_path / "deux.OK", b"")
        await until(lambda: engine.names == ["deux.hpr"])
        await several_looks()
    assert engine.names == ["deux.hpr"]
    assert (tmp_path / "un.hpr").exists()


@pytest.mark.parametrize("name", ["un.pdf", "un.PDF"])
async def test_the_pdf_of_the_same_name_comes_with_its_message(tmp_path: Path, name: str) -> None:
    engine = Engine()
    async with serving(tmp_path, engine):
        dropped(tmp_path / name, b"%PDF-1")
        dropped(tmp_path / "autre.pdf", b"%PDF-2")
        dropped(tmp_path / "un.hpr")
        await until(lambda: len(taken(tmp_path)) == 2)
    (message,) = engine.messages
    assert [(one.name, one.content) for one in message.attachments] == [(name, b"%PDF-1")]
    assert (tmp_path / "autre.pdf").exists()


async def test_a_message_the_engine_cannot_keep_now_stays_and_is_offered_again(tmp_path: Path) -> None:
    engine = Engine(TransientError("store.busy", "occupé"), TransientError("store.busy", "occupé"))
    async with serving(tmp_path, engine):
        dropped(tmp_path / "un.hpr")
        await until(lambda: engine.tried == 1)
        assert (tmp_path / "un.hpr").exists()
        assert taken(tmp_path) == []
        await until(lambda: taken(tmp_path) == ["un.hpr"])
    assert engine.names == ["un.hpr"]


async def test_no_file_overtakes_the_one_the_engine_could_not_keep(tmp_path: Path) -> None:
    dropped(tmp_path / "b.hpr", b"first", changed_at=1_700_000_000)
    dropped(tmp_path / "a.hpr", b"second", changed_at=1_700_000_060)
    engine = Engine(TransientError("store.busy", "occupé"))
    async with serving(tmp_path, engine):
        await until(lambda: len(engine.messages) == 2)
    assert engine.names == ["b.hpr", "a.hpr"]


async def test_files_come_in_the_order_of_their_last_change_then_of_their_names(tmp_path: Path) -> None:
    for name, changed_at in (("c.hpr", 100), ("a.hpr", 300), ("b.hpr", 200), ("d.hpr", 200)):
        dropped(tmp_path / name, changed_at=1_700_000_000 + changed_at)
    engine = Engine()
    async with serving(tmp_path, engine):
        await until(lambda: len(engine.messages) == 4)
    assert engine.names == ["c.hpr", "b.hpr", "d.hpr", "a.hpr"]


async def test_a_name_used_again_never_replaces_what_was_taken(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine):
        for number in range(3):
            dropped(tmp_path / "un.hpr", b"%d" % number)
            await until(lambda expected=number + 1: len(taken(tmp_path)) == expected)  # type: ignore[misc]
    assert taken(tmp_path) == ["un-2.hpr", "un-3.hpr", "un.hpr"]
    kept = {path.name: path.read_bytes() for path in (tmp_path / "taken").rglob("*.hpr")}
    assert kept == {"un.hpr": b"0", "un-2.hpr": b"1", "un-3.hpr": b"2"}


@pytest.mark.parametrize("how", ["replaced", "appended"])
async def test_a_file_that_changes_while_the_engine_keeps_it_is_read_again(tmp_path: Path, how: str) -> None:
    engine = Engine()

    async def change() -> None:
        engine.before = None
        if how == "replaced":
            dropped(tmp_path / "next.tmp", b"second").rename(tmp_path / "un.hpr")
        else:
            with (tmp_path / "un.hpr").open("ab") as file:
                file.write(b"second")

    engine.before = change
    async with serving(tmp_path, engine):
        dropped(tmp_path / "un.hpr", b"first")
        await until(lambda: len(engine.messages) == 2 and not (tmp_path / "un.hpr").exists())
    assert [message.content for message in engine.messages] == [
        b"first",
        b"second" if how == "replaced" else b"firstsecond",
    ]


async def test_a_file_that_goes_while_the_engine_keeps_it_harms_nothing(tmp_path: Path) -> None:
    engine = Engine()

    async def remove() -> None:
        (tmp_path / "un.hpr").unlink(missing_ok=True)

    engine.before = remove
    async with serving(tmp_path, engine):
        dropped(tmp_path / "un.hpr")
        await until(lambda: engine.names == ["un.hpr"])
        dropped(tmp_path / "deux.hpr")
        await until(lambda: engine.names == ["un.hpr", "deux.hpr"])


def test_a_file_that_goes_or_changes_between_look_and_reading_is_not_read(tmp_path: Path) -> None:
    path = dropped(tmp_path / "un.hpr")
    (drop,) = drops(tmp_path, ("*.hpr",))
    assert read_as_seen(path, drop.state) == REPORT
    dropped(path, REPORT + b"x")
    assert read_as_seen(path, drop.state) is None
    path.unlink()
    assert read_as_seen(path, drop.state) is None
    path.symlink_to(dropped(tmp_path / "ailleurs", REPORT))
    assert read_as_seen(path, drop.state) is None


async def test_a_file_too_large_is_set_aside_with_the_reason(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine, max_file_bytes=1000):
        dropped(tmp_path / "grand.hpr", bytes(1001))
        dropped(tmp_path / "double.hpr", bytes(600))
        dropped(tmp_path / "double.pdf", bytes(600))
        dropped(tmp_path / "petit.hpr", bytes(1000))
        await until(lambda: engine.names == ["petit.hpr"] and len(taken(tmp_path, "refused")) == 5)
    assert taken(tmp_path, "refused") == [
        "double.hpr",
        "double.hpr.raison.txt",
        "double.pdf",
        "grand.hpr",
        "grand.hpr.raison.txt",
    ]
    (reason,) = (tmp_path / "refused").rglob("grand.hpr.raison.txt")
    assert reason.read_text() == "Fichier refusé : 1001 octets, 1000 au plus (max_file_bytes).\n"


async def test_what_is_not_a_message_is_left_where_it_is(tmp_path: Path) -> None:
    outside = dropped(tmp_path / "secret.hpr")
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "lien.hpr").symlink_to(outside)
    (inbox / "casse.hpr").symlink_to(tmp_path / "rien")
    (inbox / "dossier.hpr").mkdir()
    (inbox / "sous").mkdir()
    dropped(inbox / "sous" / "profond.hpr")
    os.mkfifo(inbox / "tube.hpr")
    for name in ("un.hpr.tmp", "un.part", "un.filepart", ".cache.hpr", "seul.pdf", "seul.ok", "lisez.doc"):
        dropped(inbox / name)
    engine = Engine()
    before = sorted(path.name for path in inbox.iterdir())
    async with serving(inbox, engine):
        dropped(inbox / "vrai.HPR")
        await until(lambda: engine.names == ["vrai.HPR"])
        await several_looks()
    assert engine.names == ["vrai.HPR"]
    assert sorted(path.name for path in inbox.iterdir() if path.name != "taken") == before
    assert outside.exists()


async def test_a_pdf_that_is_a_link_is_never_attached(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "un.pdf").symlink_to(dropped(tmp_path / "secret.pdf", b"%PDF-secret"))
    engine = Engine()
    async with serving(inbox, engine):
        dropped(inbox / "un.hpr")
        await until(lambda: engine.names == ["un.hpr"])
    assert engine.messages[0].attachments == ()


async def test_a_name_that_is_not_utf_8_does_not_stop_the_source(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine):
        dropped(Path(os.fsdecode(os.fsencode(tmp_path) + b"/H\xe9l\xe8ne.hpr")))
        await until(lambda: engine.names != [])
    assert engine.names == ["H�l�ne.hpr"]
    assert engine.names[0].encode()


async def test_what_cannot_be_moved_is_told_once_kept_once_and_blocks_nobody(tmp_path: Path) -> None:
    engine, one = Engine(), source(tmp_path)
    await one.check()
    today = datetime.now(UTC)
    blocked = [tmp_path / "taken" / f"{today + timedelta(days=days):%Y-%m-%d}" for days in (0, 1)]
    for path in blocked:
        dropped(path, b"")
    for names in (["un.hpr"], ["un.hpr", "deux.hpr"]):
        dropped(tmp_path / names[-1])
        with pytest.raises(TransientError) as caught:
            await one.serve(engine)
        assert caught.value.code == "folder.stuck"
        assert ".hpr" not in str(caught.value)
        assert engine.names == names
    for path in blocked:
        path.unlink()
    task = asyncio.create_task(one.serve(engine))
    await until(lambda: taken(tmp_path) == ["deux.hpr", "un.hpr"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert engine.names == ["un.hpr", "deux.hpr"]


async def test_a_directory_that_is_none_is_a_matter_of_configuration(tmp_path: Path) -> None:
    dropped(tmp_path / "fichier")
    for changes in ({"directory": tmp_path / "fichier"}, {"answers_directory": tmp_path / "fichier"}):
        with pytest.raises(ConfigError) as caught:
            await source(**{"directory": tmp_path / "in", **changes}).check()
        assert caught.value.code == "folder.unusable"
        assert caught.value.where == str(tmp_path / "fichier")


async def test_a_directory_that_goes_while_we_serve_is_told(tmp_path: Path) -> None:
    one = source(tmp_path / "in")
    task = asyncio.create_task(one.serve(Engine()))
    await until(lambda: (tmp_path / "in" / "taken").is_dir())
    (tmp_path / "in").rename(tmp_path / "parti")
    with pytest.raises(TransientError) as caught:
        await task
    assert caught.value.code == "folder.unreadable"


async def test_missing_directories_are_made(tmp_path: Path) -> None:
    await source(tmp_path / "a" / "in", answers_directory=tmp_path / "b" / "out").check()
    assert (tmp_path / "a" / "in" / "taken").is_dir()
    assert (tmp_path / "b" / "out").is_dir()
    assert list((tmp_path / "a" / "in").iterdir()) == [tmp_path / "a" / "in" / "taken"]


async def test_answers_are_whole_files_each_under_its_own_name(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    one = source(tmp_path / "in", answers_directory=answers)
    await one.check()
    engine = Engine()
    async with serving(tmp_path / "in", engine):
        dropped(tmp_path / "in" / "un.hpr")
        await until(lambda: engine.names == ["un.hpr"])
    (message,) = engine.messages
    await asyncio.gather(*(one.answer(message, b"ERR%d" % number) for number in range(5)))
    written = sorted(path.name for path in answers.iterdir())
    assert written == ["un.ERR-2.hpr", "un.ERR-3.hpr", "un.ERR-4.hpr", "un.ERR-5.hpr", "un.ERR.hpr"]
    assert {path.read_bytes() for path in answers.iterdir()} == {b"ERR%d" % number for number in range(5)}


async def test_no_answer_is_written_where_nobody_reads_it(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path, engine) as one:
        dropped(tmp_path / "un.hpr")
        await until(lambda: engine.names == ["un.hpr"])
        await one.answer(engine.messages[0], b"ERR")
        await several_looks()
    assert taken(tmp_path) == ["un.hpr"]
    assert engine.names == ["un.hpr"]


async def test_an_answer_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    engine = Engine()
    async with serving(tmp_path / "in", engine, answers_directory=tmp_path / "answers") as one:
        dropped(tmp_path / "in" / "un.hpr")
        await until(lambda: engine.names == ["un.hpr"])
        (tmp_path / "answers").rmdir()
        with pytest.raises(TransientError) as caught:
            await one.answer(engine.messages[0], b"ERR")
    assert caught.value.code == "folder.answers"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", b"1")
    write_whole(tmp_path / "a.txt", b"2")
    (tmp_path / "b.txt").symlink_to(tmp_path / "nulle-part")
    write_whole(tmp_path / "b.txt", b"3")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.is_symlink()} == {
        "a.txt": b"1",
        "a-2.txt": b"2",
        "b-2.txt": b"3",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"patterns": ["../*.hpr"]},
        {"patterns": ["sous/*.hpr"]},
        {"answers_directory": "in"},
        {"stable_seconds": 0},
        {"poll_seconds": 0},
        {"max_file_bytes": 0},
    ],
)
def test_a_configuration_that_would_read_elsewhere_or_for_ever_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FolderSettings.model_validate({"directory": "in", **changes})
