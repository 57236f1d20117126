"""The store's file: its folder, its rights, its connection for writing, its soundness."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from engine.errors import ConfigError
from engine.store.faults import fault
from engine.store.migration import migrate

_CHECKED_BYTES = 64 << 20
"""Above that, opening does not read the whole file: an engine that restarts must answer at once."""


def prepare(path: Path) -> None:
    """The folder and the file, readable by the engine's account alone. Raises ConfigError when it may not be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        message = f"le dépôt ne peut pas être créé ou ouvert ici ({error.strerror}) : vérifiez le chemin et les droits"
        raise ConfigError("store.unwritable", message, where=str(path)) from None


def connect(path: Path) -> sqlite3.Connection:
    """The writer's connection, on a file brought to this version's schema and found sound.

    Raises ConfigError when the file is damaged, not ours, or of a newer version.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        _prepare(connection)
        migrate(connection)
        if path.stat().st_size <= _CHECKED_BYTES:
            check(connection)
    except (sqlite3.Error, ConfigError) as error:
        connection.close()
        raise _located(error, path) from None
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Read every page. Raises ConfigError when the file is damaged."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise ConfigError("store.corrupt", "le dépôt est endommagé : restaurez la dernière sauvegarde")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16384")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")


def _located(error: Exception, path: Path) -> Exception:
    """The same error, with the file it is about."""
    known = fault(error) if isinstance(error, sqlite3.Error) else error
    if isinstance(known, ConfigError):
        return ConfigError(known.code, known.message, where=str(path))
    return known or error
