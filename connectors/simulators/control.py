"""The control port of the simulators run as a process: HTTP on the loopback, JSON in and out.

- `GET /state`: ports, counts, refusals, behaviours to come
- `GET /dmp/documents`, `GET /mail/mails`: what was taken
- `POST /dmp/script`, `POST /mail/script`:
  `{"clear": true, "add": [{"kind": "cut_after_body", "times": 2}, {"kind": "refuse", "code": "DMPClosed"}],`
  ` "chance": [{"kind": "busy", "probability": 0.1, "seed": 7}]}`; fields as in `Behaviour`
- `POST /dmp/down`, `/dmp/up`, `/mail/down`, `/mail/up`
- `POST /dmp/certificate`, `/mail/certificate`: `{"expired": true}`, the one the server presents
- `POST /dmp/patient`: `{"matricule": "…", "status": "absent"}`
- `POST /mail/unknown`: `{"address": "…"}`
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.simulators import http
from connectors.simulators.dmp.simulator import DmpSimulator
from connectors.simulators.listener import Listener
from connectors.simulators.mailbox.simulator import MailSimulator
from connectors.simulators.script import Behaviour, Kind, Script

_MAX_BODY = 1_000_000


class Control:
    """Serves the control port of two simulators."""

    def __init__(self, dmp: DmpSimulator, mail: MailSimulator, *, port: int = 0) -> None:
        self._dmp = dmp
        self._mail = mail
        self._listener = Listener(self._serve, port=port, context=lambda: None)

    @property
    def port(self) -> int:
        return self._listener.port

    async def start(self) -> None:
        await self._listener.open()

    async def stop(self) -> None:
        await self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await http.read_head(reader)) is not None:
                body = await http.read_body(reader, writer, head, _MAX_BODY)
                status, value = await self._answer(head, body)
                content = json.dumps(value, ensure_ascii=False).encode()
                answer = http.Answer(status, "application/json", content)
                writer.write(answer.encode(close=not head.keeps_alive))
                await writer.drain()
                if not head.keeps_alive:
                    return
        except http.BadRequest as error:
            writer.write(http.Answer(error.status, "text/plain", b"").encode(close=True))
            await writer.drain()

    async def _answer(self, head: http.Head, body: bytes) -> tuple[HTTPStatus, Any]:
        try:
            if head.method == "GET":
                return self._look(head.path)
            if head.method != "POST":
                return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET ou POST"}
            return await self._act(head.path, json.loads(body or b"{}"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return HTTPStatus.BAD_REQUEST, {"error": f"demande incomprise : {type(error).__name__}"}

    def _look(self, path: str) -> tuple[HTTPStatus, Any]:
        match path:
            case "/state":
                return HTTPStatus.OK, self._state()
            case "/dmp/documents":
                return HTTPStatus.OK, [
                    {
                        "unique_id": e.unique_id,
                        "submission_id": e.submission_id,
                        "entry_uuid": e.entry_uuid,
                        "sha1": e.sha1,
                        "status": e.status,
                        "replaces": e.replaces,
                    }
                    for e in self._dmp.entries
                ]
            case "/mail/mails":
                return HTTPStatus.OK, [
                    {
                        "message_id": m.message_id,
                        "recipients": len(m.recipients),
                        "to_patient": m.to_patient,
                        "unique_ids": m.unique_ids,
                        "sha1": m.sha1,
                        "action": m.action,
                        "notify": m.notify,
                        "read_receipt": m.read_receipt,
                        "ends_talk": m.ends_talk,
                    }
                    for m in self._mail.mails
                ]
        return HTTPStatus.NOT_FOUND, {"error": "chemin inconnu"}

    def _state(self) -> Mapping[str, Any]:
        return {
            "dmp": {
                "url": self._dmp.url,
                "documents": len(self._dmp.entries),
                "max_per_second": self._dmp.max_per_second,
                "refusals": self._dmp.refusals,
                "pending": self._dmp.script.pending,
            },
            "mail": {
                "host": self._mail.host,
                "port": self._mail.port,
                "mails": len(self._mail.mails),
                "refusals": self._mail.refusals,
                "pending": self._mail.script.pending,
            },
        }

    async def _act(self, path: str, wish: dict[str, Any]) -> tuple[HTTPStatus, Any]:
        _, name, action = path.split("/")
        peers: dict[str, DmpSimulator | MailSimulator] = {"dmp": self._dmp, "mail": self._mail}
        peer = peers[name]
        match name, action:
            case _, "script":
                _script(peer.script, wish)
            case _, "down":
                await peer.down()
            case _, "up":
                await peer.up()
            case _, "certificate":
                await peer.expire_certificate(bool(wish["expired"]))
            case "dmp", "patient":
                if wish["status"] not in ("active", "closed", "absent"):
                    raise ValueError("status")
                self._dmp.set_patient(str(wish["matricule"]), wish["status"])
            case "mail", "unknown":
                self._mail.unknown_mailboxes.add(str(wish["address"]).lower())
            case _:
                return HTTPStatus.NOT_FOUND, {"error": "chemin inconnu"}
        return HTTPStatus.OK, {"done": True}


def _script(script: Script, wish: dict[str, Any]) -> None:
    """Understand everything before changing anything."""
    added = [(behaviour(w), int(w.get("times", 1))) for w in wish.get("add", [])]
    drawn = [(behaviour(w), float(w["probability"]), int(w["seed"])) for w in wish.get("chance", [])]
    if wish.get("clear"):
        script.clear()
    for wanted, times in added:
        script.add(wanted, times=times)
    for wanted, probability, seed in drawn:
        script.chance(wanted, probability=probability, seed=seed)


def behaviour(wish: Mapping[str, Any]) -> Behaviour:
    """A behaviour as JSON says it. Raises ValueError or KeyError."""
    unknown = set(wish) - {"kind", "code", "text", "fault", "seconds", "at", "times", "probability", "seed"}
    if unknown:
        raise ValueError("champ inconnu")
    return Behaviour(
        Kind(wish["kind"]),
        code=str(wish.get("code", "")),
        text=str(wish.get("text", "")),
        fault=bool(wish.get("fault", False)),
        seconds=float(wish.get("seconds", 0)),
        at=str(wish.get("at", "")),
    )
