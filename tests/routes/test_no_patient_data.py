"""Nothing of a patient leaves by a side door: logs, errors, causes, reasons and reports are searched for what the files
hold, after a run in which everything that can go wrong went wrong, and peers quoted the patient back to us."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from connectors.simulators import Behaviour, DmpSimulator, Kind, MailSimulator
from tests.routes.installation import ROOT, SAMPLES, configured, peers

QUOTED = "patient NOMSECRET Hélène 285039900000193 né le 12/03/1985 IPP0001 kaliémie 6.873491"
SECRETS = (
    *("NOMSECRET", "NOMCACHE", "TESTNAISSANCE", "Hélène", "HELENE", "Helene", "Zoé", "Jean-Noël", "l'Église"),
    *("19850312", "12/03/1985", "1985-03-12", "19620714", "1962-07-14"),
    *("IPP0001", "IPP0002", "IPP0003", "LAB0001", "LAB0002", "LAB0003", "DOS0001", "0000012345"),
    *("285039900000193", "2850399000001", "162079900000272"),
    "73491",
    *("Escherichia", "hémolyse", "mictionnelles"),
)
"""Names, dates of birth, numbers of the patients; `73491` ends every numeric result."""

_NUMBER = re.compile(rb"^(OBX\|\d+\|NM\|[^|]*\|[^|]*\|\d+\.?\d*)", re.MULTILINE)
_STILL = {"received", "converting", "postponed"}


def marked(content: bytes) -> bytes:
    """The same report with names of its own and results that no other number looks like."""
    named = content.replace(b"FICTIVE~", b"NOMSECRET~").replace(b"FICTIF~", b"NOMCACHE~")
    named = named.replace(b"\r\nFICTIVE\r\n", b"\r\nNOMSECRET\r\n").replace(b"|0.95|", b"|0.9573491|")
    return _NUMBER.sub(rb"\g<1>73491", named)


def files() -> dict[str, bytes]:
    """The demonstration's, as a laboratory names them, and some that cannot be read."""
    made = {f"NOMSECRET_Helene_{path.name}": marked(path.read_bytes()) for path in sorted(SAMPLES.glob("*.hpr"))}
    whole = next(content for name, content in made.items() if "01_" in name)
    assert b"73491" in whole
    assert b"NOMSECRET" in whole
    made["hl7v2.hpr"] = b"MSH|^~\\&|LAB|X|||2025||ORU^R01|1|P|2.5\rPID|1||IPP0001||NOMSECRET^H\xe9l\xe8ne||19850312|F\r"
    made["unknown_sender.hpr"] = whole.replace(b"||990000002~", b"||777777777~")
    made["nul_bytes.hpr"] = whole.replace(b"|", b"|\x00")
    made["shifted.hpr"] = whole.replace(b"|19850312|F|", b"|F|19850312|").replace(b"25031000001", b"25031000091")
    made["no_birth_date.hpr"] = whole.replace(b"|19850312|", b"|1985-03-12|").replace(b"25031000001", b"25031000092")
    made["other_ins.hpr"] = whole.replace(b"IPP0001", b"IPP0002").replace(b"25031000001", b"25031000093")
    made["odd_value.hpr"] = whole.replace(b"|NM|NA~", b"|NM|NA~~").replace(b"25031000001", b"25031000094")
    return made


def misbehave(dmp: DmpSimulator, mail: MailSimulator) -> None:
    """Every kind of refusal, with the patient in its words."""
    for code in ("XDSPatientIdDoesNotMatch", "XDSRepositoryMetadataError", "XDSRegistryError", "NotInAnyTable"):
        dmp.script.add(Behaviour(Kind.REFUSE, code=code, text=QUOTED))
    dmp.script.add(Behaviour(Kind.REFUSE, code="DMPOther", text=QUOTED, fault=True))
    for kind in (Kind.FAULT, Kind.CUT_AFTER_BODY, Kind.PARTIAL_ANSWER, Kind.HTML_502, Kind.HTTP_503, Kind.BUSY):
        dmp.script.add(Behaviour(kind, text=QUOTED))
    mail.script.add(Behaviour(Kind.REFUSE, code="550", text=f"5.7.1 {QUOTED}"))
    mail.script.add(Behaviour(Kind.REFUSE, code="554", text=f"5.6.0 {QUOTED}", at="rcpt"))
    mail.script.add(Behaviour(Kind.REFUSE, code="451", text=f"4.3.2 {QUOTED}"))
    mail.script.add(Behaviour(Kind.CUT_AFTER_BODY))
    mail.unknown_mailboxes.add("285039900000193@patient.mssante.example")


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`passeur --verbose run`, as in production; it is asked to stop at the end."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PASSEUR_HOME": str(folder / "home")}
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "engine", "--verbose", "run", cwd=folder, env=environ, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


def settings(folder: Path, dmp: DmpSimulator, mail: MailSimulator) -> int:
    """Write routes.yaml and the tables under the patients' other names; the port of the API."""
    site = configured(folder, dmp, mail)
    tables = folder / "tables"
    tables.mkdir()
    for table in (ROOT / "deploy" / "demo" / "tables").glob("*.csv"):
        text = table.read_text(encoding="utf-8").replace("FICTIVE;", "NOMSECRET;").replace(";FICTIF;", ";NOMCACHE;")
        (tables / table.name).write_text(text, encoding="utf-8")
    routes = folder / "routes.yaml"
    text = routes.read_text(encoding="utf-8").replace(f"{ROOT}/deploy/demo/tables", str(tables))
    routes.write_text(text.replace("poll_seconds: 0.5", "poll_seconds: 0.1"), encoding="utf-8")
    assert site.api is not None
    return site.api.port


async def until(http: httpx2.AsyncClient, met: Callable[[Any], bool]) -> None:
    """Wait for something to be seen in the engine's health, or at a peer."""
    async with asyncio.timeout(100):
        while True:
            try:
                if met((await http.get("/v1/health")).json()):
                    return
            except httpx2.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)


def settled(health: Any, expected: int) -> bool:
    """Every file was taken, and nothing is on its way in."""
    states = health["messages"]
    return sum(states.values()) >= expected and not _STILL & set(states)


def counts(health: Any, destination: str) -> dict[str, int]:
    """Orders of a destination by state."""
    found: dict[str, int] = next((one["counts"] for one in health["lanes"] if one["destination"] == destination), {})
    return found


def stopped(health: Any) -> bool:
    return {lane["destination"] for lane in health["lanes"] if lane["stopped"]} >= {"dmp", "medecins"}


async def told(http: httpx2.AsyncClient) -> dict[str, str]:
    """What the API says of messages, documents, orders and lanes, except what is a patient's by nature: the names of
    files, which the sender or the rule ECO.2.1.6 makes of the patient's."""
    found: dict[str, str] = {}
    for message in (await http.get("/v1/messages?limit=1000")).json():
        detail = (await http.get(f"/v1/messages/{message['id']}")).json()
        detail["message"].pop("name")
        for document in detail["documents"]:
            document.pop("file_name")
        found[f"message {message['id']}"] = json.dumps(detail, ensure_ascii=False)
    for order in (await http.get("/v1/orders?limit=1000")).json():
        detail = (await http.get(f"/v1/orders/{order['id']}")).json()
        found[f"order {order['id']}"] = json.dumps(detail, ensure_ascii=False)
    found["lanes"] = (await http.get("/v1/lanes")).text
    return found


async def refused(http: httpx2.AsyncClient) -> dict[str, str]:
    """Bodies of errors, where what was asked holds a patient."""
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/v1/messages/NOMSECRET", b""),
        ("GET", "/v1/messages?state=NOMSECRET&limit=73491", b""),
        ("GET", "/v1/IPP0001/NOMSECRET", b""),
        ("POST", "/v1/orders/IPP0001/NOMSECRET", b""),
        ("POST", "/v1/documents/IPP0001/release", b"NOMSECRET"),
        ("POST", "/v1/lanes/NOMSECRET/start", b""),
        ("PUT", "/v1/messages", b"NOMSECRET"),
    ]
    answers = [await http.request(method, path, content=body) for method, path, body in asked]
    assert all(400 <= answer.status_code < 500 for answer in answers)
    return {f"{asked[n][0]} {n}": answer.text for n, answer in enumerate(answers)}


async def judged(http: httpx2.AsyncClient) -> dict[str, str]:
    """Reports on documents damaged where the patient is."""
    found: dict[str, str] = {}
    rows = [row for row in (await http.get("/v1/messages")).json() if row["state"] == "converted"]
    detail = (await http.get(f"/v1/messages/{rows[-1]['id']}")).json()
    cda = (await http.get(f"/v1/documents/{detail['documents'][0]['id']}/cda")).content
    assert b"NOMSECRET" in cda
    damages = (
        cda[: cda.index(b"NOMSECRET") + 20],
        cda.replace(b'value="19850312"', b'value="NOMSECRET 12/03/1985"'),
        cda.replace(b"<given", b"<patient/><given"),
        cda.replace(b'extension="285039900000193"', b'extension="285039900000193 NOMSECRET"'),
        cda.replace(b"73491", b"73491 NOMSECRET"),
        cda.replace(b"recordTarget", b"subject"),
    )
    for number, damaged in enumerate(damages):
        assert damaged != cda
        for form in ("json", "text", "html"):
            answer = await http.post(f"/v1/validate?format={form}", content=damaged)
            found[f"report {number} in {form}"] = answer.text
    return found


async def test_nothing_of_a_patient_is_in_logs_errors_causes_reasons_or_reports(tmp_path: Path) -> None:
    async with peers(tmp_path) as (dmp, mail):
        port = settings(tmp_path, dmp, mail)
        misbehave(dmp, mail)
        (tmp_path / "in").mkdir()
        for name, content in files().items():
            (tmp_path / "in" / name).write_bytes(content)
        async with engine(tmp_path), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            await until(http, lambda health: settled(health, len(files())))
            await until(http, lambda _: len(dmp.refusals) >= 5 and not mail.script.pending)
            for peer in (dmp, mail):
                peer.script.clear()
            await until(http, lambda health: all(counts(health, name).get("delivered") for name in ("dmp", "medecins")))
            for peer in (dmp, mail):
                peer.script.add(Behaviour(Kind.CERTIFICATE_EXPIRED, text=QUOTED), times=5)
            again = marked(next(SAMPLES.glob("01*")).read_bytes()).replace(b"25031000001", b"25031000099")
            assert (await http.post("/v1/messages", content=again)).status_code == 202
            await until(http, stopped)
            found = {**await told(http), **await refused(http), **await judged(http)}
        found["log"] = (tmp_path / "log").read_text(encoding="utf-8", errors="replace")
    _is_not_empty(found)
    leaks = {where: [one for one in SECRETS if one in text] for where, text in found.items()}
    assert {where: secrets for where, secrets in leaks.items() if secrets} == {}


def _is_not_empty(found: dict[str, str]) -> None:
    """The search had something to find: every kind of trouble is there."""
    orders = " ".join(text for where, text in found.items() if where.startswith("order "))
    for state in ("delivered", "rejected", "waiting"):
        assert f'"state": "{state}"' in orders, state
    messages = " ".join(text for where, text in found.items() if where.startswith("message "))
    for state in ("converted", "held", "refused"):
        assert f'"state": "{state}"' in messages, state
    assert '"stopped":true' in found["lanes"]
    for event in ("message.settled", "order.failed", "order.delivered", "engine.stopped"):
        assert event in found["log"], event
