"""One JSON line per event on stderr, without patient data: identifiers of ours, codes, counts, times."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(*, verbose: bool = False, to: Path | None = None) -> None:
    """Logs of Passeur as JSON lines, on stderr or in a file; libraries only from WARNING on."""
    stream = sys.stderr
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
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, force=True, format="%(name)s %(levelname)s")


def unexpected(event: str, error: BaseException, **ids: str) -> None:
    """A fault of ours: its kind and its frames, never its text, which could quote the message."""
    frames = [f"{Path(f.filename).name}:{f.lineno}:{f.name}" for f in traceback.extract_tb(error.__traceback__)]
    log.error(event, error=type(error).__name__, frames=frames[-8:], **ids)
