"""What SQLite's errors mean for who called: wait, or mend the disk. None of them holds data."""

from __future__ import annotations

import sqlite3

from engine.errors import ConfigError, PasseurError, TransientError

_TRANSIENT = {
    sqlite3.SQLITE_FULL: (
        "store.full",
        "le disque du dépôt est plein : libérez de la place ; d'ici là, aucune réception n'est confirmée",
    ),
    sqlite3.SQLITE_BUSY: ("store.busy", "le dépôt est occupé par un autre programme"),
    sqlite3.SQLITE_LOCKED: ("store.busy", "le dépôt est occupé par un autre programme"),
    sqlite3.SQLITE_IOERR: ("store.disk", "le disque du dépôt ne répond pas correctement : vérifiez-le"),
    sqlite3.SQLITE_NOMEM: ("store.memory", "la mémoire manque pour écrire dans le dépôt"),
    sqlite3.SQLITE_TOOBIG: ("store.too_big", "le contenu dépasse ce que le dépôt peut garder (1 Go)"),
    sqlite3.SQLITE_READONLY: ("store.unwritable", "le dépôt n'est pas accessible en écriture : vérifiez ses droits"),
    sqlite3.SQLITE_PERM: ("store.unwritable", "le dépôt n'est pas accessible en écriture : vérifiez ses droits"),
    sqlite3.SQLITE_CANTOPEN: ("store.unwritable", "le dépôt ne peut pas être ouvert : vérifiez son dossier"),
}
_CONFIG = {
    sqlite3.SQLITE_CORRUPT: ("store.corrupt", "le dépôt est endommagé : restaurez la dernière sauvegarde"),
    sqlite3.SQLITE_NOTADB: ("store.foreign", "ce fichier n'est pas un dépôt de Passeur"),
}


def fault(error: sqlite3.Error) -> PasseurError | None:
    """The error to raise in its place; None when it tells of a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    if primary in _TRANSIENT:
        return TransientError(*_TRANSIENT[primary])
    if primary in _CONFIG:
        return ConfigError(*_CONFIG[primary])
    return None


def failed_group(error: Exception) -> PasseurError:
    """What every item of a group is told when the group as a whole could not be written."""
    known = fault(error) if isinstance(error, sqlite3.Error) else None
    return known or TransientError("store.failed", "le dépôt n'a pas pu écrire : rien n'a été enregistré")
