"""Puts the files of an order in a directory."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from connectors.destinations.folder.files import Files, files, reference
from connectors.destinations.folder.settings import FolderSettings
from engine.declarations import Site
from engine.errors import DocumentError, LaneError, PasseurError, PermanentError, TransientError
from engine.exchange import Order, Receipt
from engine.ports import Sending

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TRIAL = ".passeur-essai"


class FolderDestination:
    """One directory; any number of orders at once, each with names of its own."""

    def __init__(self, name: str, settings: FolderSettings, site: Site) -> None:
        self._directory = settings.directory
        self._settings = settings
        self._mode = 0o640 if settings.group_readable else 0o600

    async def check(self) -> None:
        """Write a file, and take it back."""
        try:
            await asyncio.to_thread(self._try)
        except OSError as error:
            raise _failure(error) from None

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        made = self._files(order)
        try:
            await _whole(self._prepare, made)
            await sending()
            await _whole(self._publish, made)
        except OSError as error:
            raise _failure(error) from None
        finally:
            self._clear(made)
        return _receipt(order, made)

    async def find(self, order: Order) -> Receipt | None:
        """Whether every file is there as it should be; one that was already taken away is put again, the same."""
        made = self._files(order)
        try:
            there = await asyncio.to_thread(self._there, made)
        except OSError as error:
            raise _failure(error) from None
        return _receipt(order, made, already_there=True) if there else None

    async def close(self) -> None:
        """Nothing is kept open."""

    def _files(self, order: Order) -> Files:
        try:
            return files(order, self._settings)
        except DocumentError as error:
            raise PermanentError(error.code, error.message, where=error.where) from None

    # -- on the disk --------------------------------------------------------------------------------------------

    def _try(self) -> None:
        self._prepare(((_TRIAL, b""),))
        self._hidden(_TRIAL).unlink()

    def _prepare(self, made: Files) -> None:
        """Write every file under its hidden name, on the disk: the same one each time, so that none is left behind."""
        for name, content in made:
            descriptor = os.open(self._hidden(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, self._mode)
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, made with its mode
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

    def _publish(self, made: Files) -> None:
        for name, _ in made:
            self._hidden(name).replace(self._directory / name)
        with suppress(OSError):  # shares that cannot
            descriptor = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _clear(self, made: Files) -> None:
        """Nothing of a delivery that did not end is left, hidden as it is."""
        for name, _ in made:
            with suppress(OSError):
                self._hidden(name).unlink(missing_ok=True)

    def _there(self, made: Files) -> bool:
        for name, content in made:
            try:
                if (self._directory / name).read_bytes() != content:
                    return False
            except FileNotFoundError:
                return False
        return True

    def _hidden(self, name: str) -> Path:
        return self._directory / f".{name}.part"


async def _whole(work: Callable[[Files], None], made: Files) -> None:
    """In a thread; a cancellation waits for what was begun, so that it is never half done."""
    task = asyncio.ensure_future(asyncio.to_thread(work, made))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _receipt(order: Order, made: Files, *, already_there: bool = False) -> Receipt:
    detail = "1 fichier déposé" if len(made) == 1 else f"{len(made)} fichiers déposés"
    return Receipt(reference(order), detail, already_there)


def _failure(error: OSError) -> PasseurError:
    if error.errno in _FULL:
        return TransientError("folder.full", "le disque du dossier est plein")
    if error.errno in _FORBIDDEN:
        return LaneError("folder.forbidden", "le dossier ne peut pas être écrit : droits du compte du moteur ?")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return TransientError("folder.missing", "le dossier n'existe pas, ou son partage n'est pas monté")
    return TransientError("folder.unwritable", "le dossier ne peut pas être écrit pour l'instant")
