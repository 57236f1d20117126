"""Worker processes for the pure middle of the line. saxonche holds the GIL and compiles per process, so the event loop
never runs it; a process that dies takes nothing with it, for the message is kept and is tried again."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from engine import registry
from engine.context import Context, Software
from engine.conversion import Built, build, interpret
from engine.declarations import Conversion
from engine.errors import TransientError
from engine.exchange import InboundMessage
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.validation import pack as packs
from engine.validation.report import Report
from engine.validation.validator import Validator

_judge: Validator
"""This process's validator; set once by `_start`."""


class ConversionPool:
    """`interpret`, `build` and `validate`, in processes."""

    def __init__(self, processes: int, timeout_seconds: float, pack_home: Path) -> None:
        self._processes = processes
        self._timeout = timeout_seconds
        self._home = pack_home
        self._executor = self._new()

    def _new(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=spawn, initializer=_start, initargs=(self._home,))

    async def warm(self) -> None:
        """Start every process and let it compile what the first document will need."""
        await asyncio.gather(*(self._run(_warm) for _ in range(self._processes)))

    async def interpret(self, message: InboundMessage, context: Context, format_name: str) -> Conversion:
        return await self._run(_interpret, message, context, format_name)  # type: ignore[no-any-return]

    async def build(
        self,
        document: ClinicalDocument,
        version: DocumentVersion,
        previous: ClinicalDocument | None,
        software: Software,
        production: bool,
    ) -> Built:
        return await self._run(_build, document, version, previous, software, production)  # type: ignore[no-any-return]

    async def validate(self, cda: bytes) -> Report:
        return await self._run(_validate, cda)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _run(self, function: Any, *arguments: Any) -> Any:
        executor = self._executor
        try:
            future = asyncio.get_running_loop().run_in_executor(executor, function, *arguments)
            return await asyncio.wait_for(future, self._timeout)
        except BrokenProcessPool:
            self._replace(executor)
            raise TransientError("engine.worker_died", "a conversion process died") from None
        except TimeoutError:
            self._replace(executor)
            raise TransientError("engine.conversion_timeout", "a conversion took too long") from None

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._executor is not broken:
            return
        self._executor = self._new()
        for process in list((getattr(broken, "_processes", None) or {}).values()):
            process.kill()
        broken.shutdown(wait=False, cancel_futures=True)


def _start(home: Path) -> None:
    """In the new process: leave Ctrl-C to the parent, and get the judge ready."""
    global _judge
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _judge = Validator(packs.current(home))


def _warm() -> None:
    _judge.warm(tuple(registry.document_types()))


def _interpret(message: InboundMessage, context: Context, format_name: str) -> Conversion:
    return interpret(message, context, registry.formats()[format_name])


def _build(
    document: ClinicalDocument,
    version: DocumentVersion,
    previous: ClinicalDocument | None,
    software: Software,
    production: bool,
) -> Built:
    return build(
        document,
        version,
        previous,
        document_type=registry.document_types()[document.type],
        validator=_judge,
        software=software,
        production=production,
    )


def _validate(cda: bytes) -> Report:
    return _judge.validate(cda)
