"""SOAP 1.2 with WS-Addressing and the VIHF: envelopes written, answers read."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.xds.xml import Builder, parsed

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

_soap = Builder(SOAP, {"soap": SOAP})
_wsa = Builder(WSA, {"wsa": WSA})
_wsse = Builder(_WSSE, {"wsse": _WSSE})


@dataclass(frozen=True, slots=True)
class Fault:
    """What a SOAP fault says; `reason` may hold anything and is never shown nor logged."""

    sender: bool
    """True when the peer blames us (Sender, Client), False when it blames itself (Receiver, Server)."""
    codes: tuple[str, ...]
    """Local names of Code and Subcodes, most precise first."""
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    relates_to: str
    """MessageID of the request it answers; empty when it does not say."""
    body: etree._Element | None
    """First element of the body, unless it is a fault."""
    fault: Fault | None


def envelope(action: str, message_id: str, assertion: etree._Element, body: etree._Element) -> bytes:
    header = _soap(
        "Header",
        None,
        _wsa("Action", None, action),
        _wsa("MessageID", None, message_id),
        _wsa("ReplyTo", None, _wsa("Address", None, f"{WSA}/anonymous")),
        _wsa("To"),
        _wsse("Security", None, assertion),
    )
    return etree.tostring(_soap("Envelope", None, header, _soap("Body", None, body)), encoding="UTF-8")


def answer(content: bytes) -> Answer:
    """Raises ValueError when it is not a SOAP envelope."""
    found = parsed(content)
    namespace = etree.QName(found).namespace
    if found.tag not in (f"{{{SOAP}}}Envelope", f"{{{_SOAP_11}}}Envelope"):
        raise ValueError("not a SOAP envelope")
    body = found.find(f"{{{namespace}}}Body")
    first = None if body is None else next((one for one in body if isinstance(one.tag, str)), None)
    if first is None:
        raise ValueError("empty SOAP body")
    relates_to = (found.findtext(f".//{{{WSA}}}RelatesTo") or "").strip()
    if first.tag == f"{{{SOAP}}}Fault":
        return Answer(relates_to, None, _fault(first))
    if first.tag == f"{{{_SOAP_11}}}Fault":
        return Answer(relates_to, None, _fault_11(first))
    return Answer(relates_to, first, None)


def _fault(element: etree._Element) -> Fault:
    values = [_local(one.text) for one in element.iter(f"{{{SOAP}}}Value")]
    reason = " ".join((one.text or "").strip() for one in element.iter(f"{{{SOAP}}}Text"))
    return Fault(
        bool(values) and values[0] in ("Sender", "MustUnderstand", "VersionMismatch"), tuple(reversed(values)), reason
    )


def _fault_11(element: etree._Element) -> Fault:
    code = _local(element.findtext("faultcode"))
    return Fault(not code.startswith("Server"), (code,), (element.findtext("faultstring") or "").strip())


def _local(name: str | None) -> str:
    return (name or "").strip().rpartition(":")[2]
