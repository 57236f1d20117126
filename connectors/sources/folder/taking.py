"""The way out of the drop directory for a message and what was dropped beside it, as one.

Its first step is one rename: the message goes into a directory of its own, below `.taking/`, whose name tells the state
of each part. A death before that step leaves everything to be read again, whole; after it, nothing of it is read again
and what is left to move is known, even where files of the same names were dropped meanwhile.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from connectors.sources.folder.drops import PDF, WITNESS, Drop, State, state_of
from connectors.sources.folder.writing import free_name

_DIRECTORY = ".taking"
_NONE = "none"
_STATE = r"(\d+\.-?\d+|none)"
_NAME = re.compile(rf"(taken|refused)_{_STATE}_{_STATE}_{_STATE}")

Seen = tuple[int, int]
"""Size in octets, last change in nanoseconds: what a file keeps where a share mounted again gives it another inode."""


@dataclass(frozen=True, slots=True)
class Taking:
    """One message on its way out; `place` is its own directory."""

    place: Path
    folder: str
    """`taken` or `refused`: where it goes."""
    message: Seen | None
    pdf: Seen | None
    witness: Seen | None

    @classmethod
    def of(cls, drop: Drop, folder: str) -> Self:
        message = _seen(drop.state)
        pdf = _seen(drop.pdf[0][1]) if drop.pdf else None
        witness = _seen(drop.witness[1]) if drop.witness else None
        name = "_".join((folder, *(_written(one) for one in (message, pdf, witness))))
        return cls(drop.path.parent / _DIRECTORY / name, folder, message, pdf, witness)

    @property
    def dropped_in(self) -> Path:
        return self.place.parent.parent

    @property
    def names(self) -> tuple[str, ...]:
        """Of the message, 0..1: none when it had not gone in yet, or is out already."""
        with suppress(FileNotFoundError):
            return tuple(sorted(path.name for path in self.place.iterdir()))
        return ()


def take(drop: Drop, folder: str, target: Path) -> None:
    """Move a message and what came with it to `target`, which exists; what somebody changed since is left in its place.

    Raises OSError, after which `unfinished` tells what `end` still has to do.
    """
    taking = Taking.of(drop, folder)
    taking.place.mkdir(parents=True, exist_ok=True)
    replaced = False
    try:
        moved = drop.path.rename(taking.place / drop.path.name)
        replaced = state_of(moved.lstat()) != drop.state
    except FileNotFoundError:  # somebody took it away; what came with it must not go with the next one of its name
        _end_beside(taking, drop.path.name, changed=False, target=target)
    end(taking, target, replaced=replaced)


def unfinished(directory: Path) -> tuple[Taking, ...]:
    """What a death or a fault left on its way. Raises OSError when it cannot be listed."""
    try:
        places = sorted((directory / _DIRECTORY).iterdir())
    except FileNotFoundError:
        return ()
    named = ((place, _NAME.fullmatch(place.name)) for place in places)
    return tuple(Taking(place, name[1], *(_read(seen) for seen in name.groups()[1:])) for place, name in named if name)


def end(taking: Taking, target: Path, *, replaced: bool = False) -> None:
    """Do what is left: the PDF, the witness, then the message. Doing it again changes nothing. Raises OSError.

    `replaced` says that the message is surely another than was read, even of the same size and time.
    """
    for name in taking.names:
        message = taking.place / name
        changed = replaced or _seen(state_of(message.lstat())) != taking.message
        _end_beside(taking, name, changed=changed, target=target)
        message.rename(free_name((taking.dropped_in if changed else target) / name))
    taking.place.rmdir()
    with suppress(OSError):  # another one is on its way
        taking.place.parent.rmdir()


def _end_beside(taking: Taking, name: str, *, changed: bool, target: Path) -> None:
    """The PDF as it was read; the witness as it was seen, or whatever it holds when nothing else can be its message."""
    stem = Path(name).stem
    for ending in PDF:
        _move_as_seen(taking.dropped_in / f"{stem}{ending}", taking.pdf, target)
    alone = not changed and not (taking.dropped_in / name).exists()
    for ending in WITNESS:
        witness = taking.dropped_in / f"{stem}{ending}"
        if taking.witness is not None and alone:
            with suppress(FileNotFoundError):
                witness.rename(free_name(target / witness.name))
        else:
            _move_as_seen(witness, taking.witness, target)


def _move_as_seen(path: Path, seen: Seen | None, target: Path) -> None:
    """Move this very file; what somebody put in its place is left, or put back, to be read in its turn."""
    with suppress(FileNotFoundError):
        if seen is None or _seen(state_of(path.lstat())) != seen:
            return
        moved = path.rename(free_name(target / path.name))
        if _seen(state_of(moved.lstat())) != seen:
            moved.rename(free_name(path))


def _seen(state: State) -> Seen:
    _, size, changed_at = state
    return size, changed_at


def _written(seen: Seen | None) -> str:
    return _NONE if seen is None else f"{seen[0]}.{seen[1]}"


def _read(text: str) -> Seen | None:
    if text == _NONE:
        return None
    size, _, changed_at = text.partition(".")
    return int(size), int(changed_at)
