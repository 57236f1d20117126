"""One installation to be killed again and again: the engine as a process, its peers here, a laboratory that sends."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connectors.simulators import DmpSimulator, MailSimulator
from tests.crash.load import Report, report, truncated
from tests.crash.process import EngineProcess
from tests.crash.remains import KeptOrder, StoreFile
from tests.crash.sender import Sender
from tests.crash.wire import HOST, Wire
from tests.routes.installation import peers, routes_text


@dataclass(slots=True)
class Scene:
    """What a step of the campaign acts upon and looks at."""

    engine: EngineProcess
    dmp: DmpSimulator
    mail: MailSimulator
    dmp_wire: Wire
    mail_wire: Wire
    store: StoreFile
    sender: Sender
    answers: Path
    """Folder where refusals are written for the laboratory."""
    random: random.Random
    sent: dict[int, int] = field(default_factory=dict)
    """Rank of a report → the last version sent of it; a report keeps to one way in."""
    refused: list[Report] = field(default_factory=list)
    _ranks: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def post(self, reports: int, corrections: int = 0) -> None:
        """New reports by REST, and corrections of some that were posted, these ones included."""
        self.sender.post(self._new(reports, posted=True))
        self.sender.post(self._corrected(corrections, posted=True))

    def drop(self, reports: int, corrections: int = 0) -> None:
        """The same by the folder."""
        self.sender.drop(self._new(reports, posted=False))
        self.sender.drop(self._corrected(corrections, posted=False))

    def drop_truncated(self) -> Report:
        one = truncated(next(self._ranks))
        self.refused.append(one)
        self.sender.drop((one,))
        return one

    def is_told(self, one: Report) -> bool:
        """Whether the laboratory was told that its file is refused."""
        return any(self.answers.glob(f"{one.number}*.hpr"))

    def marked_for_dmp(self) -> tuple[KeptOrder, ...]:
        """Orders that a worker holds past their mark: the DMP may have them."""
        return self.store.orders(lambda one: one.at_work and one.handed and not one.by_mail)

    def marked_for_mail(self) -> tuple[KeptOrder, ...]:
        return self.store.orders(lambda one: one.at_work and one.handed and one.by_mail)

    def is_at_dmp(self, one: KeptOrder) -> bool:
        return self.dmp.submissions_count(self.store.unique_ids()[one.document_id]) > 0

    def is_in_mailbox(self, one: KeptOrder) -> bool:
        return self.mails_of(one) > 0

    def mails_of(self, one: KeptOrder) -> int:
        """How many mails an order has made, at the mailboxes."""
        return sum(one.id in mail.message_id for mail in self.mail.mails)

    async def seen(self, met: Callable[[], bool], seconds: float = 20, *, every_seconds: float = 0.001) -> bool:
        """Look until something is so; False when it was never seen."""
        try:
            async with asyncio.timeout(seconds):
                while not met():
                    await asyncio.sleep(every_seconds)
        except TimeoutError:
            return False
        return True

    async def quiet(self, seconds: float = 120) -> None:
        """Wait until nothing is on its way any more."""
        async with asyncio.timeout(seconds):
            while self.sender.waiting or self.sender.in_folder or self.store.moving():
                assert self.engine.alive, "the engine ended by itself"
                await asyncio.sleep(0.1)

    def behave(self) -> None:
        """Peers without any mischief left."""
        self.dmp.script.clear()
        self.mail.script.clear()
        self.dmp_wire.after_answer = self.mail_wire.after_answer = None

    def _new(self, count: int, *, posted: bool) -> list[Report]:
        """Posted reports have odd ranks, dropped ones even ranks."""
        ranks = [2 * next(self._ranks) + posted for _ in range(count)]
        self.sent.update(dict.fromkeys(ranks, 1))
        return [report(rank) for rank in ranks]

    def _corrected(self, count: int, *, posted: bool) -> list[Report]:
        known = [rank for rank in self.sent if rank % 2 == posted]
        ranks = self.random.sample(known, min(count, len(known)))
        for rank in ranks:
            self.sent[rank] += 1
        return [report(rank, self.sent[rank]) for rank in ranks]


@asynccontextmanager
async def scene(directory: Path, seed: int) -> AsyncIterator[Scene]:
    """Peers listening, engine not started; it is killed at the end when it still runs."""
    async with peers(directory) as (dmp, mail):
        dmp_wire, mail_wire = Wire(urlsplit(dmp.url).port or 0), Wire(mail.port)
        await dmp_wire.open()
        await mail_wire.open()
        routes = directory / "routes.yaml"
        routes.write_text(
            routes_text(directory, dmp.url.replace(f":{dmp.port}", f":{dmp_wire.port}"), mail_wire.port),
            encoding="utf-8",
        )
        engine, sender = EngineProcess(routes), Sender(f"http://{HOST}:{_api_port(routes)}", directory / "in")
        store = StoreFile(directory / "passeur.db")
        try:
            yield Scene(
                engine,
                dmp,
                mail,
                dmp_wire,
                mail_wire,
                store,
                sender,
                directory / "answers",
                random.Random(seed),
            )
        finally:
            engine.kill()
            await sender.close()
            await mail_wire.close()
            await dmp_wire.close()


def _api_port(routes: Path) -> int:
    found = re.search(r"^api:.*?port: (\d+)", routes.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, "routes.yaml has no API"
    return int(found[1])
