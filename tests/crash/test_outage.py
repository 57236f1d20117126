"""A DMP that is out of reach for a whole morning's reports: nobody else waits for it, and it gets all of them after."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from connectors.simulators import DmpSimulator
from engine import app
from tests.crash.ledgers import arrivals
from tests.crash.load import Report, report
from tests.routes.installation import Line, peers, routes_text, running

_MAX_PER_SECOND = 8
_REPORTS = 38
_CORRECTED_ONCE, _CORRECTED_TWICE = range(1, 11), range(1, 3)


def fifty() -> tuple[Report, ...]:
    """First versions, then corrections, then corrections of corrections."""
    sent = [report(rank) for rank in range(1, _REPORTS + 1)]
    sent += [report(rank, 2) for rank in _CORRECTED_ONCE]
    return (*sent, *(report(rank, 3) for rank in _CORRECTED_TWICE))


def versions(dmp: DmpSimulator) -> list[tuple[str, int]]:
    return [one.key for one in arrivals(dmp)]


async def test_after_an_outage_of_the_dmp_fifty_reports_drain_by_themselves_in_order_and_no_faster_than_allowed(
    tmp_path: Path,
) -> None:
    sent = fifty()
    routes = tmp_path / "routes.yaml"
    async with peers(tmp_path) as (dmp, mail):
        text = routes_text(tmp_path, dmp.url, mail.port)
        routes.write_text(text.replace("max_per_second: 50", f"max_per_second: {_MAX_PER_SECOND}"), encoding="utf-8")
        installation, problems = app.configured(routes)
        assert installation is not None, problems
        await dmp.down()
        async with running(installation, tmp_path / "home") as engine:
            line = Line(engine, dmp, mail)
            for one in sent:
                await line.send(one.content, one.name)
            await line.until(lambda: len(mail.mails) == 2 * len(sent), seconds=60)
            assert dmp.entries == (), "the mailboxes have all while the DMP has nothing"
            await dmp.up()
            await line.until(lambda: len(dmp.entries) == len(sent), seconds=90)
            await line.quiet()
            states = await line.states()
    assert states == {"dmp": {"delivered": 50}, "medecins": {"delivered": 50}, "patient": {"delivered": 50}}
    assert Counter(versions(dmp)) == Counter((one.number, one.version) for one in sent)
    for number in {one.number for one in sent}:
        came = [version for which, version in versions(dmp) if which == number]
        assert came == sorted(came)
    assert 0 < dmp.max_per_second <= _MAX_PER_SECOND
