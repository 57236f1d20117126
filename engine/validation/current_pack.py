"""The pack that judges, followed while the engine runs: `passeur pack use` counts from the next second on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import ConfigError
from engine.validation import pack as packs
from engine.validation.pack import Pack

_EVERY_SECONDS = 1.0


class CurrentPack:
    """The pack chosen under `home`; its marker is read again at most once a second."""

    def __init__(self, home: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._seconds = seconds
        self._looked_at: float | None = None
        self._marker = ""
        self._pack: Pack | None = None
        self.unusable = ""
        """Version that was chosen and cannot be read: the one before it still judges. Empty when all is well."""

    def get(self) -> Pack | None:
        """The pack to judge with, without what was said when it was installed; None when there is none.

        Raises ConfigError when the first one asked for cannot be read.
        """
        now, first = self._seconds(), self._looked_at is None
        if self._looked_at is not None and now - self._looked_at < _EVERY_SECONDS:
            return self._pack
        marker = packs.chosen(self._home)
        if first or marker != self._marker:
            self._read(marker, first)
        self._looked_at, self._marker = now, marker
        return self._pack

    def _read(self, marker: str, first: bool) -> None:
        try:
            found = packs.find(marker, self._home) if marker else None
        except ConfigError:
            if first:
                raise
            self.unusable = marker
            return
        self.unusable = ""
        self._pack = replace(found, problems=()) if found is not None else None
