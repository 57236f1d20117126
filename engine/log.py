"""One JSON line per event on stderr, without patient data: identifiers of ours, codes, counts, times."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(*, verbose: bool = False, to: Path | None = None) -> None:
    """Logs of Passeur as JSON lines, on stderr or in a file; libraries only from WARNING on."""
    stream: TextIO = sys.stderr
    if to is not None:
        to.parent.mkdir(parents=True, exist_ok=True)
        stream = to.open("a", encoding="utf-8")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_WithoutText("%(name)s %(levelname)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.raiseExceptions = False


class _Lines:
    """Writes one line per event; a log that cannot be written (stderr closed, disk full) stops nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


class _WithoutText(logging.Formatter):
    """Of a library's exception, its kind and its frames: its text could quote a message."""

    def formatException(self, ei: Any) -> str:
        kind, _, trace = ei
        return f"{kind.__name__ if kind else ''} {' '.join(_frames(trace))}"


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{Path(f.filename).name}:{f.lineno}:{f.name}" for f in traceback.extract_tb(trace)][-8:]


def unexpected(event: str, error: BaseException, **ids: str) -> None:
    """A fault of ours: its kind and its frames, never its text, which could quote the message."""
    log.error(event, error=type(error).__name__, frames=_frames(error.__traceback__), **ids)
