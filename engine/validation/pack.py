"""The official reference material (ANS test pack): installed outside the project, verified by hash, chosen by name."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.findings import Disposition, Finding, Severity
from engine.validation import pack_completeness, pack_files

_MANIFEST = "manifest.json"
_CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Pack:
    """An installed pack."""

    version: str
    """Name of its folder under `packs/`: source name and first digits of its hash."""
    path: Path
    hash: str
    """SHA-256 over every file's path and content."""
    problems: tuple[Finding, ...] = ()
    """What was found missing or broken in it when it was installed."""


def default_home() -> Path:
    """$PASSEUR_HOME, else ~/.local/share/passeur."""
    configured = os.environ.get("PASSEUR_HOME")
    return Path(configured) if configured else Path.home() / ".local" / "share" / "passeur"


def install(source: Path, home: Path) -> Pack:
    """Copy a pack (folder or zip archive) into `home/packs/<version>/`; the first one becomes the current one.

    What the pack lacks is said in `problems`; the missing vocabularies that can be rebuilt from its value sets are.
    Installing the same content again gives the pack already there. Raises ConfigError when it is no pack or is unsafe.
    """
    packs = home / "packs"
    packs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=packs))
    try:
        pack_files.copy(source, folder)
        problems = pack_completeness.complete(folder)
        files = _digests(folder)
        digest = _digest_of(files)
        version = f"{_label(source)}-{digest[:12]}"
        manifest = {"version": version, "hash": digest, "problems": [asdict(p) for p in problems], "files": files}
        (folder / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        if not (packs / version).exists():
            folder.chmod(0o755)
            folder.replace(packs / version)
    finally:
        pack_files.discard(folder)
    if current(home) is None:
        use(version, home)
    return _read(packs / version)


def installed(home: Path) -> tuple[Pack, ...]:
    """Every pack installed, by version."""
    packs = home / "packs"
    manifests = sorted(packs.glob(f"*/{_MANIFEST}")) if packs.is_dir() else []
    return tuple(_read(manifest.parent) for manifest in manifests if not manifest.parent.name.startswith("."))


def current(home: Path) -> Pack | None:
    """The pack in use; None when none was installed. Raises ConfigError when the one chosen is gone."""
    version = chosen(home)
    return find(version, home) if version else None


def chosen(home: Path) -> str:
    """Version of the pack in use, as written by `use`; empty when none was installed."""
    try:
        return (home / "packs" / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def use(version: str, home: Path) -> Pack:
    """Choose an installed pack. Raises ConfigError when it is not there."""
    pack = find(version, home)
    marker = home / "packs" / _CURRENT
    written = marker.with_name(f".{_CURRENT}.new")
    written.write_text(f"{version}\n", encoding="utf-8")
    written.replace(marker)
    return pack


def verify(pack: Pack) -> tuple[Finding, ...]:
    """Files changed, missing or added since the pack was installed, as errors; none when it is intact."""
    expected: dict[str, str] = _manifest(pack.path)["files"]
    actual = _digests(pack.path)
    changes = (
        ("pack.file_missing", "Fichier du pack disparu", sorted(expected.keys() - actual.keys())),
        ("pack.file_added", "Fichier étranger au pack", sorted(actual.keys() - expected.keys())),
        (
            "pack.file_changed",
            "Fichier du pack modifié",
            sorted(name for name in expected.keys() & actual.keys() if expected[name] != actual[name]),
        ),
    )
    found = [_damage(code, message, name) for code, message, names in changes for name in names]
    if _digest_of(expected) != pack.hash:
        found.append(_damage("pack.manifest", "Inventaire du pack modifié", _MANIFEST))
    return tuple(found)


def _damage(code: str, message: str, where: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        where=where,
        message=f"{message} depuis son installation.",
        remedy="Réinstaller le pack depuis la source officielle.",
        layer="pack",
        disposition=Disposition.HOLD,
    )


def find(version: str, home: Path) -> Pack:
    """An installed pack. Raises ConfigError when it is not there, or cannot be read."""
    folder = home / "packs" / version
    if not re.fullmatch(r"[\w.-]+", version) or version.startswith(".") or not (folder / _MANIFEST).is_file():
        raise ConfigError("pack.unknown", "cette version du pack n’est pas installée", where=version)
    return _read(folder)


def _read(folder: Path) -> Pack:
    manifest = _manifest(folder)
    problems = tuple(
        Finding(**{**p, "severity": Severity(p["severity"]), "disposition": Disposition(p["disposition"])})
        for p in manifest["problems"]
    )
    return Pack(version=manifest["version"], path=folder, hash=manifest["hash"], problems=problems)


def _manifest(folder: Path) -> Any:
    try:
        return json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            "pack.manifest", "inventaire du pack illisible : réinstaller le pack", where=folder.name
        ) from error


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by its path from the pack's root, the manifest excepted."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _MANIFEST
    }


def _digest_of(files: dict[str, str]) -> str:
    lines = "".join(f"{digest} {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _label(source: Path) -> str:
    name = source.resolve().name.removesuffix(".zip")
    return re.sub(r"[^\w.-]+", "-", name).strip("-._") or "pack"
