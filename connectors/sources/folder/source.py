"""The look, the taking and the answers of a folder source."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from connectors.sources.folder.drops import Drop, State, Watch, drops, files, read_as_seen
from connectors.sources.folder.settings import FolderSettings
from connectors.sources.folder.taking import end, take, unfinished
from connectors.sources.folder.writing import write_whole
from engine.errors import ConfigError, TransientError
from engine.exchange import Attachment, InboundMessage
from engine.ports import Accept


class FolderSource:
    """Looks at the directory, and gives each whole file to the engine."""

    def __init__(self, name: str, settings: FolderSettings) -> None:
        self._name = name
        self._settings = settings
        self._watch = Watch(settings.stable_seconds)
        self._kept: dict[Path, tuple[State, ...]] = {}
        """Files the engine has, that could not be moved yet."""
        self._stuck: set[Path] = set()
        """Files that could not be read or moved, already told."""
        self._answering = asyncio.Lock()

    async def check(self) -> None:
        """Raises ConfigError when a directory cannot be made, listed or written to."""
        await asyncio.to_thread(self._check)

    async def serve(self, accept: Accept) -> None:
        """Raises TransientError when the directory cannot be listed, and once for what cannot be read or moved."""
        await self.check()
        while True:
            stuck = await self._round(accept)
            told, self._stuck = self._stuck, stuck
            if stuck - told:
                words = f"{len(stuck)} fichier(s) du dépôt ne peuvent pas être lus ou rangés : vérifier leurs droits"
                raise TransientError("folder.stuck", words, where=str(self._settings.directory))
            await asyncio.sleep(self._settings.poll_seconds)

    async def answer(self, message: InboundMessage, content: bytes) -> None:
        if self._settings.answers_directory is None:
            return
        target = self._settings.answers_directory / f"{Path(message.name).stem}.ERR.hpr"
        async with self._answering:
            try:
                await asyncio.to_thread(write_whole, target, content)
            except OSError:
                words = "le dossier des réponses ne peut pas être écrit"
                raise TransientError("folder.answers", words, where=str(target.parent)) from None

    async def _round(self, accept: Accept) -> set[Path]:
        """Take every whole file; those that could not be read or moved. A store that is busy ends the round, so that a
        file never overtakes the one before it. Nothing is taken under a name of which the last taking is not over: what
        came with that one could be read with this one."""
        stuck, names = await asyncio.to_thread(self._end_unfinished)
        for drop in await asyncio.to_thread(self._whole):
            if drop.path.stem in names:
                continue
            try:
                await self._take(drop, accept)
            except TransientError:
                break
            except OSError:
                stuck.add(drop.path)
        return stuck

    async def _take(self, drop: Drop, accept: Accept) -> None:
        """Keep, then move; a file that changed or went since it was looked at is left for the next look."""
        if drop.size > self._settings.max_file_bytes:
            await asyncio.to_thread(self._set_aside, drop)
            return
        if self._kept.get(drop.path) != drop.states:
            message = await asyncio.to_thread(self._message, drop)
            if message is None:
                return
            await accept(message)
            self._kept[drop.path] = drop.states
        await asyncio.to_thread(lambda: take(drop, "taken", self._dated("taken")))
        self._kept.pop(drop.path, None)

    def _whole(self) -> tuple[Drop, ...]:
        try:
            found = drops(self._settings.directory, self._settings.patterns)
        except OSError as error:
            words = f"le dossier de dépôt ne peut pas être lu : {error.strerror}"
            raise TransientError("folder.unreadable", words, where=str(self._settings.directory)) from None
        steady = self._watch.steady(found, monotonic())
        return tuple(drop for drop in found if drop.witness or (not self._settings.witness and drop.path in steady))

    def _message(self, drop: Drop) -> InboundMessage | None:
        """The message as it was looked at; None when it changed or went meanwhile. Raises OSError."""
        read = [read_as_seen(path, state) for path, state in ((drop.path, drop.state), *drop.pdf)]
        whole = [one for one in read if one is not None]
        if len(whole) != len(read):
            return None
        return InboundMessage(
            content=whole[0],
            source=self._name,
            name=_readable(drop.path),
            received_at=datetime.now(UTC),
            attachments=tuple(
                Attachment(_readable(path), one) for (path, _), one in zip(drop.pdf, whole[1:], strict=True)
            ),
        )

    def _set_aside(self, drop: Drop) -> None:
        """Out of the way, with the reason beside it."""
        words = f"Fichier refusé : {drop.size} octets, {self._settings.max_file_bytes} au plus (max_file_bytes).\n"
        write_whole(self._dated("refused") / f"{drop.path.name}.raison.txt", words.encode())
        take(drop, "refused", self._dated("refused"))

    def _end_unfinished(self) -> tuple[set[Path], frozenset[str]]:
        """End what a death or a fault left on its way; what still cannot be moved, and its names without ending."""
        try:
            left = unfinished(self._settings.directory)
        except OSError:
            return {self._settings.directory}, frozenset()
        stuck, names = set(), set[str]()
        for taking in left:
            try:
                end(taking, self._dated(taking.folder))
            except OSError:
                stuck.add(taking.place)
                names |= {Path(name).stem for name in taking.names}
        return stuck, frozenset(names)

    def _dated(self, folder: str) -> Path:
        made = self._settings.directory / folder / datetime.now(UTC).strftime("%Y-%m-%d")
        made.mkdir(parents=True, exist_ok=True)
        return made

    def _check(self) -> None:
        settings = self._settings
        needed = (settings.directory, settings.directory / "taken", settings.answers_directory)
        for directory in (one for one in needed if one is not None):
            try:
                directory.mkdir(parents=True, exist_ok=True)
                next(files(directory), None)
                with tempfile.TemporaryFile(dir=directory):
                    pass
            except OSError as error:
                words = f"ce dossier ne peut pas être lu et écrit : {error.strerror}"
                raise ConfigError("folder.unusable", words, where=str(directory)) from None


def _readable(path: Path) -> str:
    """A name that is not UTF-8 on disk keeps its readable part."""
    return os.fsencode(path.name).decode("utf-8", "replace")
