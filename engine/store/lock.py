"""One engine per store: a lock on a file beside it, that dies with its process."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

from engine.errors import ConfigError

_held: set[Path] = set()
"""Locks of this process: those of the system are per process, and would let a second store of ours in."""


class FileLock:
    """Held from `take` to `release`, or to the end of the process, whatever ends it."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._file: int | None = None

    def take(self) -> None:
        """Raises ConfigError, that says who holds it, when another engine does."""
        if self._path in _held:
            raise _taken(self._path, _holder())
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(file, 200).decode("utf-8", "replace").strip()
            os.close(file)
            raise _taken(self._path, holder) from None
        os.ftruncate(file, 0)
        os.write(file, _holder().encode("utf-8"))
        self._file = file
        _held.add(self._path)

    def release(self) -> None:
        """Give it back; nothing when it was not held."""
        if self._file is None:
            return
        os.ftruncate(self._file, 0)
        os.close(self._file)
        self._file = None
        _held.discard(self._path)


def _holder() -> str:
    return f"processus {os.getpid()} sur {socket.gethostname()}"


def _taken(path: Path, holder: str) -> ConfigError:
    who = holder or "un autre processus"
    return ConfigError(
        "store.locked",
        f"ce dépôt est déjà ouvert par un autre moteur ({who}) : arrêtez-le, ou donnez à celui-ci son propre dépôt",
        where=str(path),
    )
