"""Files of a reference pack, found whatever the case of their names, never outside the pack's folder."""

from __future__ import annotations

import posixpath
from pathlib import Path


class Sources:
    """A folder of schemas and vocabularies, read-only while we use it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._listings: dict[str, dict[str, str]] = {}

    def find(self, relative: str) -> str | None:
        """The path from the root, as it is spelled on disk, of a file asked for; None when absent or outside."""
        wanted = posixpath.normpath(relative)
        if wanted.startswith(("/", "../")) or wanted == "..":
            return None
        found = ""
        for name in wanted.split("/"):
            listing = self._listing(found)
            actual = name if name in listing.values() else listing.get(name.casefold())
            if actual is None:
                return None
            found = f"{found}/{actual}" if found else actual
        path = self.root / found
        return found if path.is_file() and path.resolve().is_relative_to(self.root) else None

    def beside(self, file: str, href: str) -> str:
        """Where a reference written in a file points, from the root."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(file), href))

    def files(self, folder: str) -> tuple[str, ...]:
        """Names of the files of one folder, sorted; empty when it is absent."""
        wanted = posixpath.normpath(folder)
        if wanted.startswith(("/", "..")) or not (self.root / wanted).is_dir():
            return ()
        return tuple(sorted(path.name for path in (self.root / wanted).iterdir() if path.is_file()))

    def path(self, found: str) -> Path:
        return self.root / found

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            directory = self.root / folder
            names = sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []
            self._listings[folder] = {name.casefold(): name for name in names}
        return self._listings[folder]
