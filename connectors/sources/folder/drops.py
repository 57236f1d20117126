"""What one look at a directory finds, and the reading of a file exactly as it was looked at."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

_IGNORED = (".ok", ".tmp", ".part", ".pdf", ".filepart")
PDF = (".pdf", ".PDF")
WITNESS = (".ok", ".OK")
_GONE = (errno.ENOENT, errno.ELOOP)

State = tuple[int, int, int]
"""Inode, size in octets, last change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A message file and what was dropped with it, as one look found them."""

    path: Path
    state: State
    pdf: tuple[tuple[Path, State], ...] = ()
    """The PDF of the same base name, 0..1."""
    witness: tuple[Path, State] | None = None
    """The file that says that the message is whole; what it holds does not matter."""

    @property
    def states(self) -> tuple[State, ...]:
        return (self.state, *(state for _, state in self.pdf))

    @property
    def size(self) -> int:
        return sum(size for _, size, _ in self.states)


class Watch:
    """Since when, on a clock that never goes back, each drop has been as it is."""

    def __init__(self, stable_seconds: float) -> None:
        self._stable_seconds = stable_seconds
        self._since: dict[Path, tuple[tuple[State, ...], float]] = {}

    def steady(self, found: tuple[Drop, ...], now: float) -> frozenset[Path]:
        """Those that have not changed for as long as is asked, at this look made at `now` seconds."""
        since = {}
        for drop in found:
            states, first = self._since.get(drop.path, ((), now))
            since[drop.path] = (drop.states, first if states == drop.states else now)
        self._since = since
        return frozenset(path for path, (_, first) in since.items() if now - first >= self._stable_seconds)


def drops(directory: Path, patterns: tuple[str, ...]) -> tuple[Drop, ...]:
    """The messages in a directory, by last change then name. Raises OSError when it cannot be listed."""
    present = dict(files(directory))
    found = [_drop(directory, name, present) for name in present if _is_message(name, patterns)]
    return tuple(sorted(found, key=lambda drop: (drop.state[2], drop.path.name)))


def read_as_seen(path: Path, state: State) -> bytes | None:
    """The bytes of a file that is, before and after, as it was looked at; else None. A link is never followed.

    Raises OSError when it is there and cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        if state_of(os.fstat(descriptor)) != state:
            return None
        read = file.read()
        return read if state_of(os.fstat(descriptor)) == state and len(read) == state[1] else None


def files(directory: Path) -> Iterator[tuple[str, State]]:
    """Plain files by name; one that goes while it is looked at is not there."""
    with os.scandir(directory) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    yield entry.name, state_of(entry.stat(follow_symlinks=False))


def _is_message(name: str, patterns: tuple[str, ...]) -> bool:
    lower = name.lower()
    if lower.startswith(".") or lower.endswith(_IGNORED):
        return False
    return any(fnmatchcase(lower, pattern.lower()) for pattern in patterns)


def _drop(directory: Path, name: str, present: dict[str, State]) -> Drop:
    stem = Path(name).stem
    pdf, witness = _beside(directory, stem, PDF, present), _beside(directory, stem, WITNESS, present)
    return Drop(directory / name, present[name], pdf, witness[0] if witness else None)


def _beside(
    directory: Path, stem: str, endings: tuple[str, ...], present: dict[str, State]
) -> tuple[tuple[Path, State], ...]:
    """The first file of these endings, 0..1."""
    names = [f"{stem}{ending}" for ending in endings if f"{stem}{ending}" in present]
    return tuple((directory / name, present[name]) for name in names[:1])


def state_of(found: os.stat_result) -> State:
    """What tells a file from what it becomes when somebody writes to it, or puts another in its place."""
    return found.st_ino, found.st_size, found.st_mtime_ns
