"""The simulators as a process: what they announce, their control port, their end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.simulators import Behaviour, DmpSimulator, Kind, MailSimulator, Pki
from connectors.simulators.control import Control
from tests.unit.simulators.dmp_client import Feeding, feed
from tests.unit.simulators.mail_client import Letter, send


@pytest.fixture
async def control(dmp: DmpSimulator, mail: MailSimulator) -> AsyncIterator[str]:
    served = Control(dmp, mail)
    await served.start()
    yield f"http://127.0.0.1:{served.port}"
    await served.stop()


async def tell(url: str, path: str, wish: dict[str, Any] | None = None) -> httpx2.Response:
    async with httpx2.AsyncClient() as http:
        return await http.get(url + path) if wish is None else await http.post(url + path, json=wish)


async def test_a_script_given_by_the_control_port_is_followed(control: str, dmp: DmpSimulator, pki: Pki) -> None:
    wish = {"add": [{"kind": "refuse", "code": "DMPClosed", "times": 2}]}
    assert (await tell(control, "/dmp/script", wish)).status_code == 200
    assert (await feed(dmp, Feeding(pki))).codes == {"DMPClosed"}
    assert (await tell(control, "/dmp/script", {"clear": True})).json() == {"done": True}
    assert (await feed(dmp, Feeding(pki))).taken


async def test_a_script_with_a_mistake_changes_nothing(control: str, dmp: DmpSimulator) -> None:
    dmp.script.add(Behaviour(Kind.BUSY))
    for wish in (
        {"clear": True, "add": [{"kind": "explode"}]},
        {"clear": True, "add": [{"kind": "busy", "tmes": 2}]},
        {"clear": True, "chance": [{"kind": "busy", "probability": 0.5}]},
    ):
        assert (await tell(control, "/dmp/script", wish)).status_code == 400
    assert dmp.script.pending == 1


async def test_what_was_taken_can_be_read(control: str, dmp: DmpSimulator, mail: MailSimulator, pki: Pki) -> None:
    feeding, letter = Feeding(pki), Letter()
    await feed(dmp, feeding)
    await send(mail, pki, letter)
    documents = (await tell(control, "/dmp/documents")).json()
    assert [d["unique_id"] for d in documents] == [feeding.unique_id]
    mails = (await tell(control, "/mail/mails")).json()
    assert [m["message_id"] for m in mails] == [letter.message_id]
    state = (await tell(control, "/state")).json()
    assert (state["dmp"]["documents"], state["mail"]["mails"]) == (1, 1)


async def test_peers_go_down_and_up(control: str, dmp: DmpSimulator, pki: Pki) -> None:
    await tell(control, "/dmp/down", {})
    with pytest.raises(httpx2.ConnectError):
        await feed(dmp, Feeding(pki))
    await tell(control, "/dmp/up", {})
    assert (await feed(dmp, Feeding(pki))).taken


async def test_patients_and_mailboxes_can_be_set(
    control: str, dmp: DmpSimulator, mail: MailSimulator, pki: Pki
) -> None:
    await tell(control, "/dmp/patient", {"matricule": "279035121518989", "status": "absent"})
    assert (await feed(dmp, Feeding(pki))).codes == {"XDSUnknownPatientId"}
    await tell(control, "/mail/unknown", {"address": "Anne.Durand@medecin.mssante.example"})
    assert (await send(mail, pki, Letter()))[0] == 550
    assert (await tell(control, "/dmp/patient", {"matricule": "1", "status": "perdu"})).status_code == 400


@pytest.mark.parametrize("path", ["/", "/dmp", "/dmp/explode", "/pmi/down", "/dmp/unknown"])
async def test_an_unknown_path_does_nothing(control: str, path: str) -> None:
    assert (await tell(control, path, {})).status_code in (400, 404)


async def test_the_process_announces_itself_survives_a_kill_and_ends_on_sigterm(tmp_path: Path, pki: Pki) -> None:
    feeding = Feeding(pki)
    process, told = await _start(tmp_path)
    paths = _pki(told)
    dmp = DmpSimulator(tmp_path / "unused", paths, port=told["dmp_port"])
    assert (await feed(dmp, Feeding(paths, unique_id=feeding.unique_id, content=feeding.content))).taken
    process.kill()
    await process.wait()
    process, told = await _start(tmp_path)
    documents = (await tell(told["control_url"], "/dmp/documents")).json()
    assert [d["unique_id"] for d in documents] == [feeding.unique_id]
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def _start(directory: Path) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "connectors.simulators", "--directory", str(directory), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())


def _pki(told: dict[str, Any]) -> Pki:
    from connectors.simulators import Credential

    def value(name: str) -> Any:
        found = told["pki"][name]
        if isinstance(found, dict):
            return Credential(Path(found["certificate"]), Path(found["key"]))
        return Path(found) if name in ("directory", "ca") else found

    return Pki(**{f.name: value(f.name) for f in fields(Pki)})
