"""Brings a store's file to the schema of this version: numbered SQL files, each in one transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engine.errors import ConfigError

APPLICATION_ID = 0x50415353
"""Mark of our files in SQLite's header."""
_FOLDER = Path(__file__).parent / "migrations"


def migrations() -> tuple[tuple[int, str], ...]:
    """(number, SQL), in order, from 1 without a gap; raises ValueError when one is missing."""
    files = sorted(_FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    numbered = tuple((int(file.name[:4]), file.read_text("utf-8")) for file in files)
    if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)):
        raise ValueError("a migration is missing")
    return numbered


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing. Raises ConfigError when the file is not ours, or comes from a newer version."""
    known = migrations()
    version = _number(connection, "user_version")
    mark = _number(connection, "application_id")
    if mark != APPLICATION_ID and (mark or version or _number(connection, "schema_version")):
        raise ConfigError("store.foreign", "ce fichier n'est pas un dépôt de Passeur")
    if version > len(known):
        raise ConfigError(
            "store.newer", "ce dépôt vient d'une version plus récente de Passeur : mettez celui-ci à jour"
        )
    for number, sql in known[version:]:
        _apply(connection, number, sql)


def _apply(connection: sqlite3.Connection, number: int, sql: str) -> None:
    marks = f"PRAGMA user_version = {number}; PRAGMA application_id = {APPLICATION_ID};"
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{marks}\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
