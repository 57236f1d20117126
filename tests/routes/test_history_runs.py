"""A catch-up on the whole line: kept documents reach a DMP that never had them, through kills, once each."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest
from typer.testing import CliRunner

from connectors.simulators import DmpSimulator
from engine.api import app as api_app
from engine.api import history_runs as api
from engine.app import Engine
from engine.commands.history import history
from engine.exchange import OrderState, Receipt
from engine.history_runs.feeder import HistoryFeeder
from engine.history_runs.run import Criteria, Exclusion, HistoryRun, RunState, Speed
from engine.route import Installation
from engine.store.history_store import HistoryStore
from engine.store.sqlite import SqliteStore
from tests.contract.store_bench import settled
from tests.routes.installation import ROOT, Line, configured, line, peers, running, sample
from tests.unit.engine.conversion_bench import installation
from tests.unit.history_runs.bench import past


def without_dmp(installed: Installation) -> Installation:
    """The same, before its laboratory opened the feeding of the DMP."""
    routes = tuple(
        replace(one, destinations=tuple(d for d in one.destinations if d != "dmp")) for one in installed.routes
    )
    return replace(installed, routes=routes)


def history_of(engine: Engine) -> HistoryStore:
    assert isinstance(engine.store, SqliteStore)
    return HistoryStore(engine.store)


@asynccontextmanager
async def feeding(engine: Engine) -> AsyncIterator[HistoryStore]:
    """The engine's own task."""
    kept = history_of(engine)
    task = asyncio.create_task(HistoryFeeder(kept, engine.installation, engine.pipeline.orders_made).run())
    try:
        yield kept
    finally:
        task.cancel()
        await asyncio.wait({task})


async def ended(kept: HistoryStore, run_id: str = "run-1") -> HistoryRun:
    async with asyncio.timeout(30):
        while True:
            run = await kept.run(run_id)
            assert run is not None
            if run.state is RunState.DONE:
                return run
            await asyncio.sleep(0.05)


async def test_documents_kept_before_the_dmp_was_opened_reach_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-DMP-13, R-DMP-14."""
    monkeypatch.setattr("engine.history_runs.feeder._TICK_SECONDS", 0.05)
    async with peers(tmp_path) as (dmp, mail):
        whole = configured(tmp_path, dmp, mail)
        async with running(without_dmp(whole), tmp_path) as engine:
            one = Line(engine, dmp, mail)
            for number in (1, 2, 3, 5):
                await one.send(sample(number), f"{number}.hpr")
            await one.quiet()
            assert "dmp" not in await one.states()
        async with running(whole, tmp_path) as engine, feeding(engine) as kept:
            one = Line(engine, dmp, mail)
            dry = await kept.start("dry", Criteria("dmp"), Speed(6_000), dry=True, now=datetime.now(UTC))
            assert dry is not None
            told = await ended(kept, "dry")
            assert told.eligible >= 1
            assert told.excluded[Exclusion.NOT_READY] == 1
            assert "dmp" not in await one.states()
            assert await kept.start("run-1", Criteria("dmp"), Speed(6_000), dry=False, now=datetime.now(UTC))
            run = await ended(kept)
            await one.quiet()
            run = await ended(kept)
            assert run.ordered == told.eligible
            assert run.orders == {OrderState.DELIVERED: told.eligible}
            assert _submissions(dmp) == [1] * told.eligible
            again = await kept.start("again", Criteria("dmp"), Speed(6_000), dry=False, now=datetime.now(UTC))
            assert again is not None
            assert (await ended(kept, "again")).excluded[Exclusion.ALREADY_SENT] == told.eligible
            await one.quiet()
            assert _submissions(dmp) == [1] * told.eligible


def _submissions(dmp: DmpSimulator) -> list[int]:
    """How many times each document was submitted."""
    return [dmp.submissions_count(one.unique_id) for one in dmp.entries]


async def test_the_api_starts_follows_and_stops_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch)
    async with line(tmp_path) as one:
        transport = httpx2.ASGITransport(app=one.engine.application())
        key = one.engine.installation.api.key if one.engine.installation.api else None
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with httpx2.AsyncClient(transport=transport, base_url="http://passeur/v1", headers=headers) as http:
            wrong = {"destination": "dpm", "since": "2020-02-01", "until": "2020-01-01"}
            refused = await http.post("/history-runs", json=wrong)
            assert refused.status_code == 422
            assert {fault["field"] for fault in refused.json()["errors"]} == {"destination", "until"}
            refused = await http.post("/history-runs", json={"destination": "dmp", "window": "22h", "hold": True})
            assert refused.status_code == 422
            assert all(name in refused.json()["title"] for name in ("window", "hold"))
            asked = {"destination": "dmp", "since": "2020-01-01", "per_minute": 240, "window": (closed := closed_now())}
            started = await http.post("/history-runs", json=asked)
            assert started.status_code == 202
            run = started.json()
            assert run["state"] in _ACTIVE
            assert run["window"] == closed
            assert (await http.post("/history-runs", json=asked)).status_code == 409
            path = f"/history-runs/{run['id']}"
            assert (await http.post(f"{path}/pause")).json()["state"] == "paused"
            assert (await http.post(f"{path}/pause")).status_code == 409
            assert (await http.post(f"{path}/resume")).json()["state"] in _ACTIVE
            assert (await http.post(f"{path}/cancel")).json()["state"] == "cancelled"
            assert (await http.get(path)).json()["state"] == "cancelled"
            assert [shown["id"] for shown in (await http.get("/history-runs")).json()] == [run["id"]]
            assert (await http.get("/history-runs/nowhere")).status_code == 404


def test_the_command_line_says_how_far_a_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch)
    asyncio.run(_fill(installation(tmp_path), 3))
    routes = ["--routes", str(tmp_path / "routes.yaml")]
    runner = CliRunner()
    shown = runner.invoke(history, ["status", *routes])
    assert shown.exit_code == 0, shown.output
    assert "en préparation" in shown.output
    assert runner.invoke(history, ["pause", "run-1", *routes]).exit_code == 0
    assert "suspendu" in runner.invoke(history, ["status", "run-1", *routes]).output
    assert runner.invoke(history, ["cancel", "run-1", *routes]).exit_code == 0
    started = runner.invoke(history, ["start", "dmp", "--dry-run", "--json", "--since", "2019-01-01", *routes])
    assert started.exit_code == 0, started.output
    assert '"dry_run": true' in started.output
    assert runner.invoke(history, ["start", "nowhere", *routes]).exit_code == 1


_ACTIVE = ("planning", "running")


def closed_now() -> str:
    """Hours that will not come during this test: a run stays active as long as it lasts."""
    later = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(hours=3)
    return f"{later:%H:%M}-{later + timedelta(hours=1):%H:%M}"


def serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the application does not serve this resource yet."""
    if api not in api_app._RESOURCES:
        monkeypatch.setattr(api_app, "_RESOURCES", (*api_app._RESOURCES, api))


_CARRY_ON = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from engine.app import configured
from engine.exchange import Receipt
from engine.history_runs.feeder import HistoryFeeder
from engine.store.history_store import HistoryStore
from engine.store.sqlite import SqliteStore

async def main():
    installation, _ = configured(Path(sys.argv[1]))
    store = SqliteStore(installation.store)
    await store.open()
    feeder = HistoryFeeder(HistoryStore(store), installation, asyncio.Event())
    while True:
        await feeder.look()
        now = datetime.now(UTC)
        for order in await store.claim_orders("dmp", "w", now=now, lease_seconds=60, limit=100):
            if await store.mark_sending(order.id, "w", now=now):
                os.write(1, f"{order.document_id}\\n".encode())
                await store.deliver_order(order.id, "w", Receipt(order.id), now=now)
        os.write(1, b".\\n")

asyncio.run(main())
"""
DOCUMENTS = 150


async def test_a_run_killed_again_and_again_makes_each_order_once(tmp_path: Path) -> None:
    """R-DMP-14."""
    configuration = installation(tmp_path)
    await _fill(configuration, DOCUMENTS)
    for lines in (1, 3, 20, 40, 60):
        await _killed_after(lines, tmp_path)
    store = SqliteStore(configuration.store)
    await store.open()
    kept = HistoryStore(store)
    feeder = HistoryFeeder(kept, configuration, asyncio.Event())
    async with asyncio.timeout(60):
        while await kept.active():
            await feeder.look()
            now = datetime.now(UTC)
            for order in await store.claim_orders("dmp", "w", now=now, lease_seconds=60, limit=100):
                assert await store.deliver_order(order.id, "w", Receipt(order.id), now=now)
            await asyncio.sleep(0.01)
    orders = await store.orders(limit=1000)
    run = await kept.run("run-1")
    assert run is not None
    assert len(orders) == len({order.document_id for order in orders}) == DOCUMENTS
    assert (run.state, run.ordered, run.eligible) == (RunState.DONE, DOCUMENTS, 0)
    assert sum(run.orders.values()) == DOCUMENTS
    await store.close()


async def _killed_after(lines: int, folder: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CARRY_ON, str(folder / "routes.yaml"), stdout=pipe, cwd=ROOT
    )
    assert child.stdout is not None
    for _ in range(lines):
        await child.stdout.readline()
    child.kill()
    await child.wait()


async def _fill(configuration: Installation, documents: int) -> None:
    store = SqliteStore(configuration.store)
    await store.open()
    await settled(store, *(past(f"R{number}") for number in range(documents)))
    speed = Speed(6_000, 20)
    assert await HistoryStore(store).start("run-1", Criteria("dmp"), speed, dry=False, now=datetime.now(UTC))
    await store.close()
