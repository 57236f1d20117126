"""The IHE_XDM archive (IHE ITI TF-2, 3.32): opened with care, then read by its METADATA.XML."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulators.metadata.ebrim import RegistryObject, Submission, submission
from connectors.simulators.metadata.vocabulary import LCM, RIM
from connectors.simulators.problems import Problem
from connectors.simulators.xml import parse

_NAME = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?")
_SUBSET = re.compile(r"IHE_XDM/([A-Z0-9_]{1,8})/METADATA\.XML")
_MAX_FILES = 200
_MAX_BYTES = 100_000_000
_MAX_RATIO = 200


@dataclass(frozen=True, slots=True)
class Subset:
    """One submission set of an archive."""

    path: str
    """`IHE_XDM/SUBSET01`."""
    submission: Submission
    documents: tuple[tuple[RegistryObject, bytes], ...]
    """Entries with the bytes their URI names."""


@dataclass(frozen=True, slots=True)
class Archive:
    files: dict[str, bytes]
    subsets: tuple[Subset, ...]
    problems: tuple[Problem, ...]


def archive(content: bytes) -> Archive:
    """Open an archive; what is wrong in it is in `problems`, what could be read is in the rest."""
    files, problems = _files(content)
    subsets = []
    problems += _layout_problems(files)
    for path in sorted(files):
        match = _SUBSET.fullmatch(path)
        if match:
            subset, found = _subset(path.rpartition("/")[0], files)
            problems += found
            if subset is not None:
                subsets.append(subset)
    if not subsets:
        problems.append(Problem("xdm.metadata", "aucun lot lisible dans l'archive"))
    return Archive(files, tuple(subsets), tuple(problems))


def _files(content: bytes) -> tuple[dict[str, bytes], list[Problem]]:
    """Files by path; nothing is read from an archive that does not look safe."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            members = opened.infolist()
            problems = list(_safety_problems(members))
            if problems:
                return {}, problems
            return {m.filename: opened.read(m) for m in members if not m.is_dir()}, []
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        return {}, [Problem("xdm.zip", "archive illisible")]


def _safety_problems(members: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    names = [m.filename.upper() for m in members]
    if len(members) > _MAX_FILES or sum(m.file_size for m in members) > _MAX_BYTES:
        yield Problem("xdm.zip_size", "archive trop grande")
    if len(set(names)) != len(names):
        yield Problem("xdm.zip_path", "nom de fichier répété")
    for member in members:
        parts = member.filename.rstrip("/").split("/")
        if any(not _NAME.fullmatch(part) for part in parts):
            yield Problem("xdm.zip_path", "nom de fichier qui n'est pas en majuscules 8.3, ou chemin interdit")
        if stat.S_ISLNK(member.external_attr >> 16):
            yield Problem("xdm.zip_path", "lien symbolique interdit")
        if member.flag_bits & 1:
            yield Problem("xdm.zip", "archive chiffrée")
        if member.file_size > _MAX_RATIO * max(member.compress_size, 1):
            yield Problem("xdm.zip_size", "taux de compression suspect")


def _layout_problems(files: dict[str, bytes]) -> list[Problem]:
    if not files:
        return []
    problems = [
        Problem("xdm.layout", f"{name} manque ou est vide", name)
        for name in ("INDEX.HTM", "README.TXT")
        if not files.get(name, b"").strip()
    ]
    index = files.get("INDEX.HTM", b"")
    if index.strip() and b"README.TXT" not in index:
        problems.append(Problem("xdm.layout", "INDEX.HTM doit renvoyer à README.TXT", "INDEX.HTM"))
    try:
        files.get("README.TXT", b"").decode("utf-8")
    except UnicodeDecodeError:
        problems.append(Problem("xdm.layout", "README.TXT n'est pas en UTF-8", "README.TXT"))
    strangers = [p for p in files if p not in ("INDEX.HTM", "README.TXT") and not p.startswith("IHE_XDM/")]
    if strangers:
        problems.append(Problem("xdm.layout", "fichier hors de IHE_XDM", "racine"))
    return problems


def _subset(path: str, files: dict[str, bytes]) -> tuple[Subset | None, list[Problem]]:
    where = f"{path}/METADATA.XML"
    try:
        root = parse(files[where])
    except ValueError as error:
        return None, [Problem("xdm.metadata", str(error), where)]
    registry_objects = root.find(f"{{{RIM}}}RegistryObjectList")
    if root.tag != f"{{{LCM}}}SubmitObjectsRequest" or registry_objects is None:
        return None, [Problem("xdm.metadata", "SubmitObjectsRequest avec RegistryObjectList attendu", where)]
    found = submission(registry_objects)
    documents, problems, named = [], [], {where}
    for entry in found.entries:
        uri = entry.value("URI")
        if len(entry.values("URI")) != 1 or f"{path}/{uri}" not in files:
            problems.append(Problem("xdm.uri", "URI absente, ou qui ne nomme aucun fichier", f"{path} {entry.where}"))
        else:
            documents.append((entry, files[f"{path}/{uri}"]))
            named.add(f"{path}/{uri}")
    if any(name.startswith(f"{path}/") and name not in named for name in files):
        problems.append(Problem("xdm.uri", "fichier que rien ne décrit", path))
    return Subset(path, found, tuple(documents)), problems
