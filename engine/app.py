"""Composition root: reads routes.yaml, connects the parts, runs them. The only importer of connectors."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI

import connectors.destinations
import connectors.sources
from engine import registry
from engine.api.app import api
from engine.api.services import Services
from engine.config.load import load
from engine.config.problems import Problem
from engine.config.schema import Schema, routes_schema
from engine.errors import ConfigError, PasseurError
from engine.exchange import Accepted, InboundMessage
from engine.findings import Finding
from engine.history_runs.feeder import HistoryFeeder
from engine.log import log, unexpected
from engine.operations import Operations
from engine.pipeline import Pipeline
from engine.pool import ConversionPool
from engine.ports import Destination, Source, Store
from engine.receipts import Reporter
from engine.retry import RetryPolicy
from engine.route import Installation
from engine.store.history_store import HistoryStore
from engine.store.sqlite import SqliteStore
from engine.worker import LaneWorker

_SOURCE_RETRY = RetryPolicy(first_delay_seconds=1, max_delay_seconds=60, max_age_hours=24 * 365)


def known_connectors() -> registry.Connectors:
    """Every source and destination that is declared."""
    return registry.Connectors(
        registry.declared(connectors.sources, "SOURCE"), registry.declared(connectors.destinations, "DESTINATION")
    )


def configured(path: Path) -> tuple[Installation | None, tuple[Problem, ...]]:
    """Read and check routes.yaml."""
    return load(path, known_connectors(), tuple(registry.formats()), os.environ)


def schema() -> Schema:
    """JSON schema of routes.yaml."""
    return routes_schema(known_connectors(), tuple(registry.formats()))


_LARGE_BYTES = 100_000
"""A message from which judging takes long enough to make others wait: it is judged beside the event loop."""


class Engine:
    """One running installation."""

    def __init__(self, installation: Installation, pack_home: Path) -> None:
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.installation = installation
        store = SqliteStore(installation.store)
        self.store: Store = store
        self.pool = ConversionPool(
            installation.conversion_processes, installation.conversion_timeout_seconds, pack_home
        )
        self.operations = Operations(self.store, installation)
        self.pipeline = Pipeline(self.store, self.pool, installation, owner, self._answer)
        self.reporter = Reporter(store, installation, self.pipeline.orders_made)
        self.history = HistoryFeeder(HistoryStore(store), installation, self.pipeline.orders_made)
        self.sources: dict[str, Source] = {
            one.name: one.declaration.open(one.name, one.settings) for one in installation.sources
        }
        self.destinations: dict[str, Destination] = {
            one.name: one.declaration.open(one.name, one.settings, installation.site)
            for one in installation.destinations
        }
        self.started = asyncio.Event()
        """Set once messages are taken."""
        self.lanes = [
            LaneWorker(self.store, one, self.destinations[one.name], owner, installation.production)
            for one in installation.destinations
        ]

    async def accept(self, message: InboundMessage) -> Accepted:
        """Durably keep a message; a source tells its sender "received" only after this returns."""
        accepted = await self.store.receive(message)
        self.pipeline.arrived.set()
        if len(message.content) < _LARGE_BYTES:
            return replace(accepted, answer=self._acknowledgement(message))
        return replace(accepted, answer=await asyncio.to_thread(self._acknowledgement, message))

    def _acknowledgement(self, message: InboundMessage) -> bytes | None:
        route = self.installation.route(message.source)
        if route is None:
            return None
        context = self.installation.context(message.source, message.received_at)
        return registry.formats()[route.format].acknowledge(message, context)

    async def run(self, stop: asyncio.Event, *, warm: bool = False) -> None:
        """Until `stop` is set: then no new message is taken, what is under way ends, the rest waits for the next start.

        `warm` compiles what validation needs at once rather than with the first message. Raises ConfigError when the
        store or the API's port cannot be had.
        """
        await self.store.open()
        try:
            listening = self._listening()
        except ConfigError:
            await self.store.close()
            raise
        log.info("engine.started", sources=len(self.sources), destinations=len(self.destinations))
        intake = [asyncio.create_task(self._serve(name, source)) for name, source in self.sources.items()]
        line = [asyncio.create_task(self.pipeline.run()), asyncio.create_task(self._wake_lanes())]
        line += [asyncio.create_task(self.reporter.run()), asyncio.create_task(self.history.run())]
        line += [asyncio.create_task(lane.run()) for lane in self.lanes]
        if warm:
            line.append(asyncio.create_task(self._warm()))
        server = self._server() if listening is not None else None
        if server is not None and listening is not None:
            intake.append(asyncio.create_task(server.serve(sockets=[listening])))
        try:
            self.started.set()
            await self._until(stop, [*intake, *line])
        finally:
            if server is not None:
                server.should_exit = True
                await asyncio.wait(intake, timeout=0.2)
            await _stopped(intake)
            await _stopped(line)
            for destination in self.destinations.values():
                await destination.close()
            await asyncio.to_thread(self.pool.close)
            await self.store.close()
            log.info("engine.stopped")

    async def _until(self, stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        """Return when asked to stop; raise when a part that never ends by itself has died."""
        asked = asyncio.create_task(stop.wait())
        pending: set[asyncio.Task[object]] = {asked, *tasks}
        while asked in pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {asked}:
                task.result()

    async def _serve(self, name: str, source: Source) -> None:
        """Serve a source for ever; one that fails is tried again and never stops the others."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await source.serve(self.accept)
                return
            except PasseurError as error:
                log.error("source.failed", source=name, code=error.code, where=error.where)
            except Exception as error:  # a fault of this source must not stop the engine
                unexpected("source.failed", error, source=name)
            now = datetime.now(UTC)
            again = _SOURCE_RETRY.next_at(attempt, now, now, None, random.random())  # noqa: S311 - jitter
            await asyncio.sleep((again - now).total_seconds() if again else 60)

    async def _wake_lanes(self) -> None:
        while True:
            await self.pipeline.orders_made.wait()
            self.pipeline.orders_made.clear()
            for lane in self.lanes:
                lane.due.set()

    async def _answer(self, message: InboundMessage, findings: tuple[Finding, ...]) -> None:
        """Tell the sender in its own syntax that its message was refused, where its source has a way back."""
        route, source = self.installation.route(message.source), self.sources.get(message.source)
        if route is None or source is None:
            return
        context = self.installation.context(message.source, message.received_at)
        content = registry.formats()[route.format].negative_answer(message, findings, context)
        if content is not None:
            await source.answer(message, content)

    def application(self) -> FastAPI:
        """The API over this engine's store, serving or not."""
        configured_api = self.installation.api
        limit = configured_api.max_body_bytes if configured_api else 50_000_000
        given = Services(self.store, self.operations, self.pool, self.accept, self._wake, limit, self.installation)
        return api(given, configured_api.key if configured_api else None)

    def _wake(self) -> None:
        self.pipeline.arrived.set()
        self.pipeline.orders_made.set()

    async def _warm(self) -> None:
        try:
            await self.pool.warm()
        except PasseurError as error:
            log.warning("pool.not_warm", code=error.code)

    def _listening(self) -> socket.socket | None:
        where = self.installation.api
        if where is None:
            return None
        try:
            family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
            return socket.create_server((where.host, where.port), family=family, backlog=2048)
        except OSError as error:
            words = f"l'API ne peut pas écouter sur {where.host}:{where.port} ({error.strerror})"
            raise ConfigError("api.port", words, where="routes.yaml : api") from None

    def _server(self) -> uvicorn.Server | None:
        where = self.installation.api
        if where is None:
            return None
        config = uvicorn.Config(
            self.application(), where.host, where.port, log_config=None, access_log=False, lifespan="off"
        )
        return _Server(config)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the engine decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
