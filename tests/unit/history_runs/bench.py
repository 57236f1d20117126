"""A store with documents of the past, and a destination that never had them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.declarations import DestinationDeclaration, Settings
from engine.history_runs.run import Criteria, HistoryRun, Speed, Verdict
from engine.history_runs.verdict import verdict
from engine.model.document import ClinicalDocument, Encounter, ReportStatus
from engine.model.parties import INS_NIR_TEST, Ins, Patient
from engine.model.values import Code, Identifier, Timestamp
from engine.records import NewDocument
from engine.retry import RetryPolicy
from engine.route import ConfiguredDestination, Delivery
from engine.store.history_store import HistoryStore
from engine.store.sqlite import SqliteStore
from tests.contract.store_values import DOCUMENT, NOON, document

PATIENT = Identifier("1.2.3.4", "42")
INS = Ins("279035121518989", INS_NIR_TEST, True)
WHO = Patient((PATIENT,), INS, "PATIENT", None, (), None, None, None, None)
RUN = "run-1"
EVERYTHING = Criteria("dmp")
QUICK = Speed(6_000, queue=100)


def destination(
    name: str = "dmp", recipients: Sequence[str] | None = ("",), *, needs_answer: bool = False
) -> ConfiguredDestination:
    """As the DMP: a qualified INS, no partial report, opposition obeyed."""
    given = None if recipients is None else tuple(recipients)
    declaration: DestinationDeclaration[Any] = DestinationDeclaration(
        name,
        Settings,
        lambda *_: None,  # type: ignore[arg-type,return-value]
        needs_ins=lambda _: True,
        recipients=lambda *_: given,
        takes_partial_reports=False,
        obeys_opposition=True,
    )
    delivery = Delivery(2, None, 600, False, RetryPolicy(), needs_answer=needs_answer)
    return ConfiguredDestination(name, declaration, Settings(), delivery)


DMP = destination()
PARTIAL = ReportStatus.PARTIAL


def past(report: str, day: str = "20190305", number: int = 1, **given: Any) -> NewDocument:
    """A document of which the act was that day, without any order."""
    body = act_on(day, given.pop("patient", WHO))
    body = replace(body, catalogue=given.pop("catalogue", None))
    return document(report, number, **{"document": body, **given})


def act_on(day: str, patient: Patient = WHO) -> ClinicalDocument:
    start = Timestamp(f"{day}101500+0100")
    encounter = Encounter(Code("SA25", "1.2.250.1.71.4.2.4"), id=Identifier("1.2.3", "STAY"))
    return replace(DOCUMENT, patient=patient, act=replace(DOCUMENT.act, start=start), encounter=encounter)


@dataclass(frozen=True, slots=True)
class Kept:
    store: SqliteStore
    history: HistoryStore

    async def begin(self, criteria: Criteria = EVERYTHING, speed: Speed = QUICK, *, dry: bool = False) -> HistoryRun:
        run = await self.history.start(RUN, criteria, speed, dry=dry, now=NOON)
        assert run is not None
        return run

    async def decided(
        self, verdict_of: ConfiguredDestination, now: datetime = NOON, limit: int = 3, run_id: str = RUN
    ) -> HistoryRun:
        """The run, once it has looked at everything."""
        while True:
            run = await self.run(run_id)
            if run.state != "planning":
                return run
            found = await self.history.unexamined(run_id, limit)
            verdicts = tuple(verdict(one, run.criteria, verdict_of, now) for one in found)
            await self.history.examined(run_id, run.cursor, verdicts, now=now)

    async def fed(self, to: ConfiguredDestination, now: datetime, limit: int = 100) -> list[str]:
        """One step; ids of the documents of which orders were made, in that order."""
        before = {order.id for order in await self.store.orders(limit=1000)}
        verdicts = await self.verdicts(to, now, limit)
        await self.history.feed(RUN, verdicts, now=now)
        made = [order for order in await self.store.orders(limit=1000) if order.id not in before]
        return [order.document_id for order in reversed(made)]

    async def verdicts(self, to: ConfiguredDestination, now: datetime, limit: int = 100) -> tuple[Verdict, ...]:
        run = await self.run()
        found = await self.history.next_documents(RUN, limit)
        return tuple(verdict(one, run.criteria, to, now) for one in found)

    async def run(self, run_id: str = RUN) -> HistoryRun:
        run = await self.history.run(run_id)
        assert run is not None
        return run


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Kept]:
    store = SqliteStore(folder / "passeur.db")
    await store.open()
    try:
        yield Kept(store, HistoryStore(store))
    finally:
        await store.close()
