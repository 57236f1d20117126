"""SOAP 1.2 envelopes with WS-Addressing (W3C SOAP 1.2 part 1, WS-Addressing 1.0 SOAP binding)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lxml import etree

from connectors.simulators.xml import Element, children, parse, text

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ANONYMOUS = f"{WSA}/anonymous"
_MISSING = "A required header representing a Message Addressing Property is not present"


class SoapFault(Exception):
    """The answer is a fault. `code`: Sender or Receiver; `subcode`: (namespace, local name), or None."""

    def __init__(self, reason: str, *, code: str = "Sender", subcode: tuple[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.subcode = subcode


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is a sound envelope."""

    action: str
    message_id: str
    header: Element
    payload: Element
    """The one element of the body."""


def message_id(envelope: bytes) -> str:
    """MessageID of an envelope, empty when it cannot be read: to answer a fault with its RelatesTo."""
    try:
        return text(parse(envelope).find(f"{{{SOAP}}}Header/{{{WSA}}}MessageID"))
    except ValueError:
        return ""


def call(envelope: bytes, actions: frozenset[str]) -> Call:
    """Read and judge an envelope. Raises SoapFault."""
    try:
        root = parse(envelope)
    except ValueError as error:
        raise SoapFault(f"enveloppe illisible : {error}") from error
    if root.tag != f"{{{SOAP}}}Envelope":
        raise SoapFault("enveloppe SOAP 1.2 attendue")
    names = [child.tag for child in children(root)]
    if names != [f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"]:
        raise SoapFault("une enveloppe porte un Header puis un Body")
    header, body = children(root)
    _check_addressing(header, actions)
    payloads = children(body)
    if len(payloads) != 1:
        raise SoapFault("le Body porte un élément et un seul")
    return Call(
        action=text(header.find(f"{{{WSA}}}Action")),
        message_id=text(header.find(f"{{{WSA}}}MessageID")),
        header=header,
        payload=payloads[0],
    )


def _check_addressing(header: Element, actions: frozenset[str]) -> None:
    for name in ("Action", "MessageID", "To", "ReplyTo"):
        found = header.findall(f"{{{WSA}}}{name}")
        if not found:
            raise SoapFault(f"{_MISSING} ({name})", subcode=(WSA, "MessageAddressingHeaderRequired"))
        if len(found) > 1:
            raise SoapFault(f"{name} répété", subcode=(WSA, "InvalidAddressingHeader"))
    identifier = text(header.find(f"{{{WSA}}}MessageID"))
    try:
        valid = identifier.startswith("urn:uuid:") and bool(uuid.UUID(identifier.removeprefix("urn:uuid:")))
    except ValueError:
        valid = False
    if not valid:
        raise SoapFault("MessageID attendu sous la forme urn:uuid:", subcode=(WSA, "InvalidAddressingHeader"))
    if text(header.find(f"{{{WSA}}}ReplyTo/{{{WSA}}}Address")) != ANONYMOUS:
        raise SoapFault("ReplyTo anonyme attendu", subcode=(WSA, "InvalidAddressingHeader"))
    action = text(header.find(f"{{{WSA}}}Action"))
    if action not in actions:
        raise SoapFault("action inconnue de ce service", subcode=(WSA, "ActionNotSupported"))


def envelope(payload: Element, *, action: str, relates_to: str) -> bytes:
    """The envelope of an answer."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "wsa": WSA})
    header = etree.SubElement(root, f"{{{SOAP}}}Header")
    for name, value in (
        ("Action", action),
        ("MessageID", f"urn:uuid:{uuid.uuid4()}"),
        ("To", ANONYMOUS),
        ("RelatesTo", relates_to),
    ):
        if value:
            etree.SubElement(header, f"{{{WSA}}}{name}").text = value
    etree.SubElement(root, f"{{{SOAP}}}Body").append(payload)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault_envelope(fault: SoapFault, *, relates_to: str) -> bytes:
    """The envelope of a fault."""
    payload = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    code = etree.SubElement(payload, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = f"soap:{fault.code}"
    if fault.subcode is not None:
        namespace, name = fault.subcode
        subcode = etree.SubElement(code, f"{{{SOAP}}}Subcode")
        prefix = {SOAP: "soap", WSA: "wsa", WSSE: "wsse"}[namespace]
        value = etree.SubElement(subcode, f"{{{SOAP}}}Value", nsmap={prefix: namespace})
        value.text = f"{prefix}:{name}"
    reason = etree.SubElement(payload, f"{{{SOAP}}}Reason")
    words = etree.SubElement(reason, f"{{{SOAP}}}Text")
    words.set("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    words.text = fault.reason
    return envelope(payload, action=f"{WSA}/soap/fault", relates_to=relates_to)
