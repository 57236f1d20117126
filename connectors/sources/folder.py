"""Folder source: files dropped by a laboratory system, taken once they are whole.

A file is read when it has stopped changing between two looks, or as soon as its empty witness (`name.ok`) is there.
It is moved to `taken/` only after the engine has durably kept it; a crash in between gives it twice to the engine,
which keeps it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.declarations import Settings, SourceDeclaration
from engine.errors import ConfigError, TransientError
from engine.exchange import Attachment, InboundMessage
from engine.ports import Accept

_IGNORED = {".ok", ".tmp", ".part", ".pdf", ".filepart"}
_WITNESS = ".ok"

Seen = dict[Path, tuple[int, int]]


class FolderSettings(Settings):
    """A directory of files, one message each."""

    directory: Path
    """Where files are dropped."""
    patterns: tuple[str, ...] = ("*.hpr", "*.HPR", "*.hpm", "*.HPM", "*.hprim", "*.HPRIM", "*.txt", "*.TXT")
    witness: bool = False
    """True when the sender writes an empty `name.ok` once `name.hpr` is whole; without it a file is then left alone."""
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    answers_directory: Path | None = None
    """Where refusals are written for the sender (HPRIM ERR files); none are written without it."""
    max_file_bytes: Annotated[int, Field(gt=0)] = 100_000_000


class FolderSource:
    """Looks at the directory, and gives each whole file to the engine."""

    def __init__(self, name: str, settings: FolderSettings) -> None:
        self._name = name
        self._settings = settings
        self._seen: Seen = {}

    async def check(self) -> None:
        directory = self._settings.directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "taken").mkdir(exist_ok=True)
            if self._settings.answers_directory is not None:
                self._settings.answers_directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            words = f"le dossier de dépôt ne peut pas être ouvert en écriture : {error.strerror}"
            raise ConfigError("folder.unusable", words, where=str(directory)) from None

    async def serve(self, accept: Accept) -> None:
        await self.check()
        while True:
            for path in await asyncio.to_thread(self._whole_files):
                await self._take(path, accept)
            await asyncio.sleep(self._settings.poll_seconds)

    async def answer(self, message: InboundMessage, content: bytes) -> None:
        if self._settings.answers_directory is not None:
            target = _free(self._settings.answers_directory / f"{Path(message.name).stem}.ERR.hpr")
            await asyncio.to_thread(_write, target, content)

    async def _take(self, path: Path, accept: Accept) -> None:
        """Keep, then move; a file that cannot be read or kept now is looked at again later."""
        try:
            message, beside = await asyncio.to_thread(self._message, path)
            await accept(message)
            await asyncio.to_thread(self._move, (path, *beside))
        except (OSError, TransientError):
            self._seen.pop(path, None)

    def _whole_files(self) -> tuple[Path, ...]:
        whole, now = [], Seen()
        for path in self._files():
            now[path] = _state((path, *_beside(path)))
            witnessed = path.with_suffix(_WITNESS).exists()
            stable = not self._settings.witness and self._seen.get(path) == now[path]
            if not (witnessed or stable):
                continue
            if now[path][0] > self._settings.max_file_bytes:
                self._set_aside(path)
            else:
                whole.append(path)
        self._seen = now
        return tuple(sorted(whole, key=lambda path: (now[path][1], path.name)))

    def _files(self) -> Iterator[Path]:
        found = {path for pattern in self._settings.patterns for path in self._settings.directory.glob(pattern)}
        return (path for path in found if path.suffix.lower() not in _IGNORED and path.is_file())

    def _message(self, path: Path) -> tuple[InboundMessage, tuple[Path, ...]]:
        beside = _beside(path)
        message = InboundMessage(
            content=path.read_bytes(),
            source=self._name,
            name=path.name,
            received_at=datetime.now(UTC),
            attachments=tuple(Attachment(one.name, one.read_bytes()) for one in beside),
        )
        witness = path.with_suffix(_WITNESS)
        return message, (*beside, witness) if witness.exists() else beside

    def _set_aside(self, path: Path) -> None:
        """A file too large to be a message: out of the way, with the reason beside it."""
        refused = self._settings.directory / "refused"
        refused.mkdir(exist_ok=True)
        target = _free(refused / path.name)
        path.rename(target)
        words = f"Fichier refusé : plus de {self._settings.max_file_bytes} octets (max_file_bytes).\n"
        _write(target.with_name(target.name + ".raison.txt"), words.encode())

    def _move(self, paths: tuple[Path, ...]) -> None:
        taken = self._settings.directory / "taken" / datetime.now(UTC).strftime("%Y-%m-%d")
        taken.mkdir(parents=True, exist_ok=True)
        for path in paths:
            path.rename(_free(taken / path.name))


def _beside(path: Path) -> tuple[Path, ...]:
    """The PDF of the same name, when the laboratory dropped one."""
    return tuple(one for one in (path.with_suffix(".pdf"), path.with_suffix(".PDF")) if one.is_file())[:1]


def _state(paths: tuple[Path, ...]) -> tuple[int, int]:
    """(size, last change) of files taken together."""
    states = [path.stat() for path in paths]
    return sum(state.st_size for state in states), max(state.st_mtime_ns for state in states)


def _free(path: Path) -> Path:
    """The same path, numbered where a file of this name is already there."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".tmp")
    partial.write_bytes(content)
    partial.rename(path)


SOURCE = SourceDeclaration("folder", FolderSettings, FolderSource)
