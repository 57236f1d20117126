"""Worker processes for the pure middle of the line. saxonche holds the GIL and compiles per process, so the event loop
never runs it; a process that dies takes nothing with it, for the message is kept and is tried again."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from engine import registry
from engine.context import Context, Software
from engine.conversion import Built, build, interpret
from engine.declarations import Conversion
from engine.errors import PasseurError, TransientError
from engine.exchange import InboundMessage
from engine.log import log
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.validation.current_pack import CurrentPack
from engine.validation.pack import Pack
from engine.validation.report import Report
from engine.validation.validator import Validator

_judge: Validator | None = None
"""This process's validator; made by `_told` for the pack of the work it is given."""


_TRIES = 3


class ConversionFaultError(PasseurError):
    """A conversion ended on a fault that no finding tells: ours, or a missing pack."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What a process says of a fault: never its text when it is not ours, for it could quote the message."""

    code: str
    message: str
    frames: tuple[str, ...]


class ConversionPool:
    """`interpret`, `build` and `validate`, in processes."""

    def __init__(self, processes: int, timeout_seconds: float, pack_home: Path) -> None:
        self._processes = processes
        self._timeout = timeout_seconds
        self._pack = CurrentPack(pack_home)
        self._told_unusable = ""
        self._free = asyncio.Semaphore(processes)
        """Nothing queues in the executor: the timeout is that of the work alone, and a process that dies takes with it
        only what ran."""
        self._executor: ProcessPoolExecutor | None = None
        self._closed = False

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            clean = multiprocessing.get_context("forkserver")
            clean.set_forkserver_preload(["engine.preloaded"])
            self._executor = ProcessPoolExecutor(self._processes, mp_context=clean, initializer=_start)
        return self._executor

    def _current_pack(self) -> Pack | None:
        """The pack to judge with, the same for all processes. Raises ConfigError when the first one is gone."""
        pack = self._pack.get()
        if self._pack.unusable != self._told_unusable:
            self._told_unusable = self._pack.unusable
            if self._told_unusable:
                log.error("pack.unusable", version=self._told_unusable, kept=pack.version if pack else "")
        return pack

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
        """What still runs is given up: its message is kept. Nothing is started any more."""
        self._closed = True
        if self._executor is not None:
            _end(self._executor, joined=True)

    async def _run(self, function: Any, *arguments: Any) -> Any:
        """Raises ConversionFaultError, or TransientError when the process died again and again, or took too long.

        A process that dies is replaced at once and the work done again, so that a message keeps its turn.
        """
        async with self._free:
            for attempt in range(_TRIES):
                try:
                    outcome = await self._once(function, arguments)
                    break
                except BrokenProcessPool:
                    if self._closed:
                        raise TransientError("engine.stopping", "le moteur s'arrête") from None
                    log.warning("conversion.process_died", attempt=attempt + 1)
            else:
                raise TransientError("engine.worker_died", "un processus de conversion s'est arrêté")
        if isinstance(outcome, _Fault):
            log.error("conversion.failed", code=outcome.code, frames=outcome.frames)
            raise ConversionFaultError(outcome.code, outcome.message)
        return outcome

    async def _once(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        pack, executor = self._current_pack(), self._started()
        try:
            future = asyncio.get_running_loop().run_in_executor(executor, _told, pack, function, *arguments)
            return await asyncio.wait_for(future, self._timeout)
        except BrokenProcessPool:
            self._replace(executor)
            raise
        except TimeoutError:
            self._replace(executor)
            raise TransientError("engine.conversion_timeout", "une conversion a pris trop de temps") from None

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._executor is broken:
            self._executor = None
            _end(broken, joined=False)


def _end(executor: ProcessPoolExecutor, *, joined: bool) -> None:
    """Kill its processes, whatever they do; what waits for them is told that they died."""
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        process.kill()
    executor.shutdown(wait=joined)


def _start() -> None:
    """In the new process: leave Ctrl-C and SIGTERM to the parent, and end with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _told(pack: Pack | None, function: Any, *arguments: Any) -> Any:
    """In the new process: the result, or the fault as a value; the judge is made anew when the pack is another."""
    global _judge
    try:
        if _judge is None or _judge.pack != pack:
            _judge = Validator(pack)
        return function(*arguments)
    except PasseurError as error:
        return _Fault(error.code, error.message, _frames(error))
    except Exception as error:
        words = f"défaut de Passeur ({type(error).__name__}) : signalez-le, le message reste conservé"
        return _Fault("engine.unexpected", words, (type(error).__name__, *_frames(error)))


def _frames(error: BaseException) -> tuple[str, ...]:
    found = traceback.extract_tb(error.__traceback__)
    return tuple(f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in found[-8:])


def _judging() -> Validator:
    assert _judge is not None
    return _judge


def _warm() -> None:
    _judging().warm(tuple(registry.document_types()))


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
        validator=_judging(),
        software=software,
        production=production,
    )


def _validate(cda: bytes) -> Report:
    return _judging().validate(cda)
