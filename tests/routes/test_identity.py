"""A patient whose identity is qualified after the report came: it then reaches the DMP, once."""

from __future__ import annotations

from pathlib import Path

from engine import app
from tests.routes.installation import ROOT, Line, peers, routes_text, running, sample

IDENTITIES = (ROOT / "deploy/demo/tables/identities.csv").read_text(encoding="utf-8")


def routes(directory: Path, dmp_url: str, smtp_port: int, identities: str) -> Path:
    table = directory / "identities.csv"
    table.write_text(identities, encoding="utf-8")
    text = routes_text(directory, dmp_url, smtp_port)
    file = directory / "routes.yaml"
    file.write_text(text.replace(f"{ROOT}/deploy/demo/tables/identities.csv", str(table)), encoding="utf-8")
    return file


async def test_a_report_waits_for_an_identity_then_a_replay_feeds_the_dmp_once(tmp_path: Path) -> None:
    header = IDENTITIES.splitlines()[0] + "\n"
    async with peers(tmp_path) as (dmp, mail):
        before, _ = app.configured(routes(tmp_path, dmp.url, mail.port, header))
        assert before is not None
        async with running(before, tmp_path) as engine:
            one = Line(engine, dmp, mail)
            accepted = await one.send(sample(1))
            await one.quiet()
            assert await one.states() == {
                "dmp": {"waiting": 1}, "medecins": {"delivered": 1}, "patient": {"waiting": 1}
            }  # fmt: skip
        after, _ = app.configured(routes(tmp_path, dmp.url, mail.port, IDENTITIES))
        assert after is not None
        async with running(after, tmp_path) as engine:
            one = Line(engine, dmp, mail)
            for _ in range(2):
                await engine.operations.replay(accepted.message_id)
                engine.pipeline.arrived.set()
                await one.quiet()
            states = await one.states()
        assert states["dmp"] == {"superseded": 1, "delivered": 1}
        assert states["patient"] == {"superseded": 1, "delivered": 1}
        assert len(dmp.entries) == 1
        assert states["medecins"] == {"delivered": 2}, "the prescriber gets the version that replaces the first"
