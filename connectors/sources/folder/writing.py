"""Files written for a reader who may look at any moment, under names that nothing else has."""

from __future__ import annotations

import os
from pathlib import Path


def free_name(path: Path) -> Path:
    """The same path, numbered where a file of this name is already there."""
    candidate, number = path, 1
    while candidate.is_symlink() or candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def write_whole(path: Path, content: bytes) -> None:
    """Under a free name, whole or not at all."""
    target = free_name(path)
    partial = target.with_name(target.name + ".tmp")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
