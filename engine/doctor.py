"""`passeur doctor`: is this installation able to work, point by point, with what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Awaitable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from engine import app
from engine.errors import PasseurError
from engine.log import unexpected
from engine.route import Installation
from engine.validation import pack as packs

_LOW_DISK_BYTES = 1_000_000_000


async def examine(routes: Path, pack_home: Path, out: Console) -> bool:
    """Print one line per point; True when none failed."""
    try:
        installation, problems = app.configured(routes)
    except (OSError, UnicodeDecodeError) as error:
        return _said(out, False, "configuration", f"{routes} illisible ({type(error).__name__})")
    _said(
        out,
        not problems,
        "configuration",
        f"{len(problems)} problème(s) : passeur check" if problems else "aucun problème",
    )
    if installation is None:
        return False
    sound = [_store(installation, out), _pack(pack_home, out)]
    engine = app.Engine(installation, pack_home)
    for name, source in engine.sources.items():
        sound.append(await _part(out, f"source {name}", source.check()))
    for name, destination in engine.destinations.items():
        sound.append(await _part(out, f"destination {name}", destination.check()))
        await destination.close()
    engine.pool.close()
    return all(sound)


def _store(installation: Installation, out: Console) -> bool:
    path = installation.store
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _said(out, False, "stockage", f"{path.parent} ne peut pas être créé : {error.strerror}")
    free = shutil.disk_usage(path.parent).free
    words = f"{path.name}, SQLite {sqlite3.sqlite_version}, {free // 1_000_000} Mo libres"
    return _said(out, free > _LOW_DISK_BYTES, "stockage", words)


def _pack(home: Path, out: Console) -> bool:
    try:
        current = packs.current(home)
    except PasseurError as error:
        return _said(out, False, "pack", f"{error.message} : {error.where}")
    if current is None:
        words = "aucun pack officiel : seules les règles de Passeur jugent (passeur pack install DOSSIER_OU_ZIP)"
        out.print(f"[yellow]?[/yellow] pack : {words}")
        return True
    changed = packs.verify(current)
    return _said(out, not changed, "pack", f"{len(changed)} fichier(s) modifié(s)" if changed else current.version)


async def _part(out: Console, name: str, checked: Awaitable[None]) -> bool:
    try:
        await checked
    except PasseurError as error:
        return _said(out, False, name, f"{error.message} [{error.code}]" + (f" : {error.where}" if error.where else ""))
    except Exception as error:  # our bug: the other points are still worth looking at
        unexpected("doctor.failed", error, point=name)
        return _said(out, False, name, f"défaut de Passeur ({type(error).__name__}) : signalez-le")
    return _said(out, True, name, "prête")


def _said(out: Console, sound: bool, name: str, words: str) -> bool:
    mark = "[green]✓[/green]" if sound else "[red]✗[/red]"
    out.print(f"{mark} {escape(name)} : {escape(words)}", highlight=False, soft_wrap=True)
    return sound
