"""`passeur demo`: the whole line on this machine, against the built-in simulators, with a table of what happened."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from engine import app, views
from engine.errors import ConfigError
from engine.exchange import OrderState
from engine.records import DocumentRow, DocumentState, MessageRow, MessageState
from engine.resources import folder
from engine.route import Installation
from engine.validation import pack as packs

DIRECTORY = Path("var/demo")
LOG = Path("var/demo.log")
_PATIENCE_SECONDS = 90
_MOVING_MESSAGES = {MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED}
_MOVING_ORDERS = {OrderState.DEFERRED, OrderState.READY, OrderState.SENDING}
_INVITATION = """
[bold]À vous[/bold] : copiez un fichier de deploy/demo/hprim dans var/demo/in après l'avoir modifié (un résultat, par
exemple) : il arrive à son tour. Dans un autre terminal : [bold]passeur messages[/bold], [bold]passeur orders[/bold].
Ctrl-C pour arrêter."""


async def demo(routes: Path, out: Console, *, stay: bool) -> None:
    """Start over in var/demo, run, show; stay until Ctrl-C where asked.

    Raises ConfigError when something is missing.
    """
    installation, problems = app.configured(routes)
    if installation is None:
        raise ConfigError("demo.routes", "; ".join(map(str, problems)))
    out.print("[bold]Passeur — démonstration[/bold] : tout reste sur cette machine, dans var/demo\n")
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    async with _simulators(installation):
        engine, stop = app.Engine(installation, packs.default_home()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        try:
            await _first(running, engine.started.wait())
            await _watch(engine, _drop_samples(), out, running)
            await _show(engine, out)
            if stay:
                out.print(_INVITATION)
                await running
        finally:
            stop.set()
            await running


@asynccontextmanager
async def _simulators(installation: Installation) -> AsyncIterator[None]:
    """The DMP and the MSSanté operator, as another process, on the ports routes.yaml names."""
    settings = {one.declaration.name: one.settings for one in installation.destinations}
    dmp, smtp = urlsplit(getattr(settings["dmp"], "url", "")).port, getattr(settings["mssante"], "port", 0)
    options = ("--directory", str(DIRECTORY / "peers"), "--dmp-port", str(dmp), "--smtp-port", str(smtp))
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "connectors.simulators", *options, stdout=PIPE)
    try:
        await _started(process, f"les simulateurs n'ont pas démarré : ports {dmp} et {smtp} occupés ?")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _started(process: Process, otherwise: str) -> None:
    assert process.stdout is not None
    try:
        json.loads(await process.stdout.readline())
    except ValueError:
        raise ConfigError("demo.simulators", otherwise) from None


async def _first(running: asyncio.Task[None], started: Coroutine[Any, Any, object]) -> None:
    """Wait until the engine takes messages, or has failed to."""
    begun = asyncio.create_task(started)
    await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    if running.done():
        running.result()


def _drop_samples() -> int:
    """Copy the sample files into the folder the demo watches; how many."""
    target = DIRECTORY / "in"
    target.mkdir(parents=True, exist_ok=True)
    samples = sorted((folder("deploy") / "demo" / "hprim").glob("*.hpr"))
    for sample in samples:
        shutil.copyfile(sample, target / sample.name)
    return len(samples)


async def _watch(engine: app.Engine, expected: int, out: Console, running: asyncio.Task[None]) -> None:
    """Show the counts until every message is settled and no order moves, or patience is over."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    with Live(console=out, transient=True, refresh_per_second=8) as live:
        while asyncio.get_running_loop().time() < deadline and not running.done():
            counts = await engine.store.message_counts()
            lanes = await engine.store.lanes()
            live.update(_progress(counts, {lane.destination: lane.counts for lane in lanes}, expected))
            moving = sum(counts.get(state, 0) for state in _MOVING_MESSAGES)
            sending = sum(lane.counts.get(state, 0) for lane in lanes for state in _MOVING_ORDERS)
            if sum(counts.values()) >= expected and not moving and not sending:
                return
            await asyncio.sleep(0.2)
    if running.done():
        running.result()


def _progress(counts: dict[MessageState, int], lanes: dict[str, dict[OrderState, int]], expected: int) -> Table:
    table = Table(box=None, show_header=False)
    settled = sum(count for state, count in counts.items() if state not in _MOVING_MESSAGES)
    table.add_row("messages", f"{settled} / {expected} traités")
    for name, states in sorted(lanes.items()):
        words = ", ".join(f"{count} {views.WORDS.get(state, state)}" for state, count in states.items() if count)
        table.add_row(name, words)
    return table


async def _show(engine: app.Engine, out: Console) -> None:
    """What was received, converted, judged, delivered, and where to look at each thing."""
    files = DIRECTORY / "documents"
    files.mkdir(parents=True, exist_ok=True)
    table = Table("Fichier", "Converti en", "Jugé par", "Verdict", "Envois", box=None, header_style="bold")
    for message in reversed(await engine.store.messages(limit=200)):
        rows = await engine.store.documents(message.id)
        if not rows:
            table.add_row(*_undocumented(message))
        for index, row in enumerate(rows):
            await _export(engine, row, files)
            table.add_row(escape(message.name) if index == 0 else "", *_documented(row))
    out.print(table)
    peers = DIRECTORY / "peers"
    where = Table("Pour voir", "", box=None, header_style="bold")
    where.add_row("les CDA, PDF et constats", f"{files}/")
    where.add_row("ce que le DMP a pris (document, métadonnées XDS, VIHF)", f"{peers}/dmp/")
    where.add_row("les messages MSSanté (message.eml, IHE_XDM.zip)", f"{peers}/mail/")
    where.add_row("les fichiers refusés : réponse ERR à l'émetteur", f"{DIRECTORY}/answers/")
    out.print(where)


def _undocumented(message: MessageRow) -> tuple[str, ...]:
    """A message of which nothing was made, and why."""
    told = escape(message.findings[0].message) if message.findings else ""
    return escape(message.name), escape(message.kind) or "—", "—", views.told(message.state.value), told


def _documented(row: DocumentRow) -> tuple[str, ...]:
    made = escape(f"{row.title} v{row.version.number}")
    judge = escape(f"pack {row.pack}") if row.pack else "règles de Passeur"
    verdict = "[green]valide[/green]" if row.state is DocumentState.READY else views.told(row.state.value)
    why = next((escape(one.message) for one in row.findings if one.disposition.value != "publish"), "")
    sent = "\n".join(views.sent(one.destination, one.state.value, one.cause) for one in row.orders)
    return made, judge, verdict, sent or why


async def _export(engine: app.Engine, row: DocumentRow, directory: Path) -> None:
    cda, pdf = await engine.store.document_files(row.id) or (None, None)
    for content, suffix in ((cda, "xml"), (pdf, "pdf")):
        if content is not None:
            (directory / f"{row.file_name}-v{row.version.number}.{suffix}").write_bytes(content)
