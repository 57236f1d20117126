"""`passeur consents`: lists, shows and searches; a patient is asked for, never written on a command line."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from engine.model.consent import Consent, ConsentAnswer, ConsentSubject
from engine.model.values import Identifier
from engine.store.sqlite import SqliteStore
from tests.routes.installation import sample
from tests.unit.commands.shell import Said, engine_with, environment, passeur
from tests.unit.engine.conversion_bench import installation

INS = Identifier("1.2.250.1.213.1.4.10", "285039900000193")
IPP = Identifier("1.2.250.1.999.1.2.1", "IPP0001")
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def told(folder: Path, *arguments: str, typed: str) -> Said:
    """The command, with what is typed when it asks."""
    ended = subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=folder,
        env=environment(folder),
        input=typed.encode(),
        capture_output=True,
        timeout=90,
        check=False,
    )
    return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


async def recorded(folder: Path, *consents: Consent) -> None:
    """Answers in the store of a stopped installation."""
    store = SqliteStore(installation(folder).store)
    await store.open()
    for one in consents:
        await store.record_consent(one, now=AT)
    await store.close()


def answer(said: ConsentAnswer, subject: ConsentSubject = ConsentSubject.FEEDING) -> Consent:
    return Consent(subject, said, AT, (INS, IPP), "V-1", author="Dr TESTARD", channel="oral")


async def test_answers_are_listed_and_shown_without_their_patient(tmp_path: Path) -> None:
    await recorded(tmp_path, answer(ConsentAnswer.NO), answer(ConsentAnswer.NO, ConsentSubject.CONSULTATION))
    listed = passeur(tmp_path, "consents")
    assert listed.code == 0, listed.err
    for words in ("alimentation du DMP", "opposé", "consultation du DMP", "refuse", "2026-03-10 09:30:00", "V-1"):
        assert words in listed.out
    rows = passeur(tmp_path, "consents", "--json").json
    assert [row["subject"] for row in rows] == ["consultation", "feeding"]
    shown = passeur(tmp_path, "consents", "show", str(rows[1]["id"]))
    assert "Dr TESTARD" in shown.out
    assert passeur(tmp_path, "consents", "show", str(rows[1]["id"]), "--json").json == rows[1]
    for said in (listed, shown):
        assert "285039900000193" not in said.out
        assert "IPP0001" not in said.out
    missing = passeur(tmp_path, "consents", "show", "99")
    assert (missing.code, len(missing.err.splitlines())) == (1, 1)


async def test_a_patient_is_searched_for_by_what_is_typed(tmp_path: Path) -> None:
    async with engine_with(tmp_path, sample(1)):
        pass
    await recorded(tmp_path, answer(ConsentAnswer.NO))
    found = told(tmp_path, "consents", "search", typed="285039900000193\n")
    assert found.code == 0, found.err
    assert "alimentation du DMP : opposé" in found.out
    assert "consultation du DMP : aucune réponse connue" in found.out
    assert "opposition du patient" in found.out
    number = told(tmp_path, "consents", "search", "--system", IPP.root, "--json", typed="IPP0001\n")
    assert json.loads(number.out)["feeding"] == "no"
    assert [one["state"] for one in json.loads(number.out)["orders"]] == ["blocked"]
    other = told(tmp_path, "consents", "search", "--system", INS.root, "--json", typed="IPP0001\n")
    assert json.loads(other.out) == {"feeding": None, "consultation": None, "answers": [], "orders": []}
    refused = told(tmp_path, "consents", "search", "--system", "LABO", typed="IPP0001\n")
    assert refused.code == 1
    assert "IPP0001" not in refused.err
