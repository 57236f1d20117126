"""What a scripted behaviour does to one exchange with the DMP."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from connectors.simulators.dmp.soap import SOAP, SoapFault
from connectors.simulators.http import Answer
from connectors.simulators.problems import Problem
from connectors.simulators.script import Behaviour, Kind


def page(behaviour: Behaviour) -> Answer | None:
    """The page of a proxy that answers in the DMP's place, or None."""
    if behaviour.kind is Kind.HTTP_503:
        headers = (("Retry-After", str(math.ceil(behaviour.seconds))),) if behaviour.seconds else ()
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=UTF-8", b"Maintenance en cours", headers)
    if behaviour.kind is Kind.HTML_502:
        html = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"
        return Answer(HTTPStatus.BAD_GATEWAY, "text/html", html)
    return None


def refuse(behaviour: Behaviour) -> None:
    """Raise the fault a behaviour asks for."""
    if behaviour.kind is Kind.FAULT:
        raise SoapFault(behaviour.text or "erreur interne", code="Receiver")
    if behaviour.kind is Kind.CERTIFICATE_EXPIRED:
        raise SoapFault("certificat expiré", subcode=(SOAP, "DMPInvalidCertificate"))
    if behaviour.kind is Kind.REFUSE and behaviour.fault:
        raise SoapFault(behaviour.text or "refus", subcode=(SOAP, behaviour.code) if behaviour.code else None)


def problem(behaviour: Behaviour, service: str) -> Problem | None:
    """The error a behaviour asks for, or None."""
    if behaviour.kind is Kind.BUSY:
        busy = "XDSRegistryBusy" if service == "registry" else "XDSRepositoryBusy"
        return Problem(behaviour.code or busy, behaviour.text or "service occupé")
    if behaviour.kind is Kind.REFUSE:
        return Problem(behaviour.code or "XDSRegistryError", behaviour.text or "refus")
    return None


async def send(writer: asyncio.StreamWriter, answer: bytes, behaviour: Behaviour) -> bool:
    """Send an answer as asked; False when the connection was cut."""
    if behaviour.kind is Kind.LATE:
        await asyncio.sleep(behaviour.seconds)
    if behaviour.kind is Kind.CUT_AFTER_BODY:
        writer.transport.abort()
        return False
    if behaviour.kind is Kind.PARTIAL_ANSWER:
        writer.write(answer[: len(answer) // 2])
        await writer.drain()
        writer.close()
        return False
    writer.write(answer * 2 if behaviour.kind is Kind.ANSWER_TWICE else answer)
    await writer.drain()
    return True
