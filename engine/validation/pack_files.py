"""The files of a pack, read with suspicion from a folder or a zip archive: nothing outside, nothing oversized."""

from __future__ import annotations

import lzma
import posixpath
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from engine.errors import ConfigError

FOLDERS = ("infrastructure", "jeuxDeValeurs", "schematrons")
"""What validation needs; examples, style sheets and tools are left behind."""
SUFFIXES = frozenset({".sch", ".xml", ".xsd", ".rdf"})
_LEFT_OUT = ("schematrons/moteur",)

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What reading an archive that is damaged, encrypted or written in an unknown way may raise."""

MAX_FILES = 20_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a source is taken for an attack, not for a pack."""

    files: int = MAX_FILES
    file_bytes: int = MAX_FILE_BYTES
    total_bytes: int = MAX_TOTAL_BYTES


def copy(source: Path, target: Path, limits: Limits | None = None) -> None:
    """Copy what validation needs from a folder or a zip archive into an empty folder.

    Raises ConfigError when the source is neither, is not a pack, or is unsafe.
    """
    limits = limits or Limits()
    if source.is_dir():
        _write(_folder_entries(source), target, limits)
    elif zipfile.is_zipfile(source):
        try:
            with zipfile.ZipFile(source) as archive:
                _write(_archive_entries(archive, limits), target, limits)
        except _DAMAGED as error:
            raise ConfigError("pack.archive", "archive illisible, chiffrée ou abîmée", where=source.name) from error
    elif not source.exists():
        raise ConfigError("pack.source", "ce dossier ou cette archive n’existe pas", where=str(source))
    else:
        raise ConfigError("pack.source", "le pack doit être un dossier ou une archive zip", where=source.name)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    """Path from the pack's root."""
    archive: zipfile.ZipFile | None
    member: zipfile.ZipInfo | None
    path: Path | None

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        if self.archive is not None and self.member is not None:
            with self.archive.open(self.member) as stream:
                yield stream
        elif self.path is not None:
            with self.path.open("rb") as stream:
                yield stream


def _folder_entries(source: Path) -> Iterator[_Entry]:
    names = [p.relative_to(source).as_posix() for p in sorted(source.rglob("*.xsd"))]
    root = source / _root_of(names)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not _is_needed(name):
            continue
        if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
            raise ConfigError("pack.link", "le pack contient un lien vers un autre endroit", where=name)
        if path.is_file():
            yield _Entry(name, None, None, path)


def _archive_entries(archive: zipfile.ZipFile, limits: Limits) -> Iterator[_Entry]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.files:
        raise ConfigError("pack.too_many_files", "l’archive contient trop de fichiers pour un pack")
    for member in members:
        _refuse_unsafe(member)
    root = _root_of([member.filename for member in members])
    prefix = f"{root}/" if root else ""
    for member in sorted(members, key=lambda m: m.filename):
        name = member.filename.removeprefix(prefix)
        if member.filename.startswith(prefix) and _is_needed(name):
            yield _Entry(name, archive, member, None)


def _refuse_unsafe(member: zipfile.ZipInfo) -> None:
    """A member that would be written elsewhere, or that is not a plain file."""
    name = member.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise ConfigError("pack.path", "l’archive contient un chemin qui sort de son dossier")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise ConfigError("pack.link", "l’archive contient autre chose que des fichiers ordinaires")


def _root_of(names: list[str]) -> str:
    """The folder that holds the pack: archives often add one of their own."""
    marker = "infrastructure/cda/CDA_extended.xsd"
    roots = [name[: -len(marker)].rstrip("/") for name in names if name == marker or name.endswith(f"/{marker}")]
    if not roots:
        raise ConfigError("pack.content", f"ce n’est pas un pack de l’ANS : {marker} est absent")
    return min(roots, key=lambda root: (root.count("/"), len(root)))


def _is_needed(name: str) -> bool:
    if name.split("/", 1)[0] not in FOLDERS or any(name.startswith(f"{left}/") for left in _LEFT_OUT):
        return False
    return posixpath.splitext(name)[1].lower() in SUFFIXES


def _write(entries: Iterator[_Entry], target: Path, limits: Limits) -> None:
    total = 0
    for count, entry in enumerate(entries, 1):
        if count > limits.files:
            raise ConfigError("pack.too_many_files", "trop de fichiers pour un pack")
        path = target / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with entry.opened() as stream, path.open("xb") as out:
            allowed = min(limits.file_bytes, limits.total_bytes - total)
            total += _copy_at_most(stream, out, allowed, entry.name)


def _copy_at_most(stream: IO[bytes], out: IO[bytes], allowed: int, name: str) -> int:
    """Bytes are counted as they come out: sizes written in an archive may lie."""
    written = 0
    while chunk := stream.read(1024 * 1024):
        written += len(chunk)
        if written > allowed:
            raise ConfigError("pack.too_large", "contenu démesuré pour un pack", where=name)
        out.write(chunk)
    return written


def discard(folder: Path) -> None:
    """Remove a folder left half made."""
    shutil.rmtree(folder, ignore_errors=True)
