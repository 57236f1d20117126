"""Files that survive being killed: what is written is on the disk before the caller goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_file(path: Path, content: bytes) -> None:
    """Write a file under another name, flush it, then give it its name."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def make_directory(path: Path) -> None:
    """Make a directory, with its parents, durably."""
    missing = [p for p in (path, *path.parents) if not p.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        flush_directory(made.parent)


def flush_directory(path: Path) -> None:
    """Flush the names a directory holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Ledger:
    """JSON lines, only ever added to. A line is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[dict[str, Any]]:
        """What was written; a last line torn by a kill is cut off the file."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            os.truncate(self.path, len(whole))
        return [json.loads(line) for line in whole.splitlines()]

    def rewrite(self, lines: Iterable[dict[str, Any]]) -> None:
        """Start again from these lines: after a kill, when the last write was not whole."""
        write_file(self.path, _block(lines))
        flush_directory(self.path.parent)

    def add(self, lines: Iterable[dict[str, Any]]) -> None:
        """Add lines, and return once they are on the disk."""
        known = self.path.exists()
        block = _block(lines)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            _write_all(descriptor, block)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not known:
            flush_directory(self.path.parent)


def _block(lines: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def _write_all(descriptor: int, block: bytes) -> None:
    while block:
        block = block[os.write(descriptor, block) :]
