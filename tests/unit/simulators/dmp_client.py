"""A feeding software in one file: envelopes, MTOM, mutual TLS; every part can be spoilt."""

from __future__ import annotations

import ssl
import uuid
from dataclasses import dataclass, field

import httpx2
from lxml import etree

from connectors.simulators import Credential, DmpSimulator, Pki
from tests.unit.simulators.documents import CX, Entry, Submission, cda, new_oid
from tests.unit.simulators.signatures import Edit, dsg, same, vihf

SOAP = "http://www.w3.org/2003/05/soap-envelope"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
FEED = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
EXISTS = "urn:hl7-org:v3:PRPA_IN201307UV02"


def context(pki: Pki, client: Credential | None = None) -> ssl.SSLContext:
    trust = ssl.create_default_context(cafile=str(pki.ca))
    credential = client or pki.client
    trust.load_cert_chain(credential.certificate, credential.key)
    return trust


def spoil(old: str, new: str) -> Edit:
    """An edit that is sure to have changed something."""

    def edit(text: str) -> str:
        assert old in text, f"nothing to spoil: {old}"
        return text.replace(old, new)

    return edit


@dataclass
class Feeding:
    """A valid TD2.1, to be spoilt through its edits."""

    pki: Pki
    unique_id: str = field(default_factory=new_oid)
    set_id: str = field(default_factory=new_oid)
    signature_id: str = field(default_factory=new_oid)
    content: bytes = b""
    slots: tuple[str, ...] = ()
    cx: str = CX
    replaced: str | None = None
    signing: Credential | None = None
    dsg_signing: Credential | None = None
    edit_metadata: Edit = same
    edit_vihf: Edit = same
    edit_signed_vihf: Edit = same
    edit_envelope: Edit = same
    edit_dsg: Edit = same
    edit_signed_dsg: Edit = same
    edit_body: Edit = same
    """Of the whole multipart body, read as Latin-1."""
    edit_content_type: Edit = same
    message_id: str = field(default_factory=lambda: f"urn:uuid:{uuid.uuid4()}")

    def __post_init__(self) -> None:
        self.content = self.content or cda(self.unique_id)
        self.signing = self.signing or self.pki.signing

    def request(self) -> tuple[str, bytes]:
        """(Content-Type, body)."""
        assert self.signing is not None
        submission = Submission(
            self.set_id,
            [Entry(self.unique_id, self.content, slots=self.slots)],
            cx=self.cx,
            signature_id=self.signature_id,
            replaced=self.replaced,
        )
        sealed = dsg(
            self.dsg_signing or self.signing,
            self.set_id,
            {self.unique_id: self.content},
            before=self.edit_dsg,
            after=self.edit_signed_dsg,
        )
        documents = "".join(
            f'<xds:Document id="{name}"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" '
            f'href="cid:{name}%40passeur"/></xds:Document>'
            for name in ("Document01", "Signature01")
        )
        payload = (
            '<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds="urn:ihe:iti:xds-b:2007">'
            f"{self.edit_metadata(submission.xml())}{documents}</xds:ProvideAndRegisterDocumentSetRequest>"
        )
        assertion = vihf(self.signing, cx=self.cx, before=self.edit_vihf, after=self.edit_signed_vihf)
        text = self.edit_envelope(envelope(FEED, assertion, payload, self.message_id))
        parts = [
            part("root@passeur", 'application/xop+xml; charset=UTF-8; type="application/soap+xml"', text.encode()),
            part("Document01@passeur", "text/xml", self.content),
            part("Signature01@passeur", "text/xml", sealed),
        ]
        body = b"".join(parts) + b"--frontier--\r\n"
        content_type = self.edit_content_type(
            'multipart/related; type="application/xop+xml"; boundary=frontier; start="<root@passeur>"; '
            'start-info="application/soap+xml"'
        )
        return content_type, self.edit_body(body.decode("latin-1")).encode("latin-1")


def part(identifier: str, content_type: str, content: bytes) -> bytes:
    head = (
        f"--frontier\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{identifier}>\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def envelope(action: str, assertion: str, payload: str, message_id: str) -> str:
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header>'
        f"<wsa:Action>{action}</wsa:Action><wsa:MessageID>{message_id}</wsa:MessageID><wsa:To/>"
        "<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>"
        '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/'
        f'oasis-200401-wss-wssecurity-secext-1.0.xsd">{assertion}</wsse:Security></soap:Header>'
        f"<soap:Body>{payload}</soap:Body></soap:Envelope>"
    )


@dataclass
class Outcome:
    """What came back."""

    status: int
    root: etree._Element

    @property
    def relates_to(self) -> str:
        return self.root.findtext(f"{{{SOAP}}}Header/{{http://www.w3.org/2005/08/addressing}}RelatesTo", "")

    @property
    def taken(self) -> bool:
        found = [e.get("status", "") for e in self.root.iter() if e.get("status", "").startswith("urn:oasis")]
        return any(value.endswith(":Success") for value in found)

    @property
    def codes(self) -> set[str]:
        """Codes of the RegistryErrors, or the subcode (else code) of the fault."""
        subcode = self.root.findtext(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value")
        code = self.root.findtext(f".//{{{SOAP}}}Code/{{{SOAP}}}Value")
        errors = {e.get("errorCode", "") for e in self.root.iter(f"{{{RS}}}RegistryError")}
        return errors | ({subcode or code} if code else set())

    @property
    def text(self) -> str:
        errors = [e.get("codeContext", "") for e in self.root.iter(f"{{{RS}}}RegistryError")]
        return " | ".join([*errors, self.root.findtext(f".//{{{SOAP}}}Text") or ""])


async def post(
    dmp: DmpSimulator, pki: Pki, service: str, content_type: str, body: bytes, client: Credential | None = None
) -> httpx2.Response:
    async with httpx2.AsyncClient(verify=context(pki, client), timeout=10) as http:
        return await http.post(dmp.url + service, content=body, headers={"Content-Type": content_type})


async def feed(dmp: DmpSimulator, feeding: Feeding, client: Credential | None = None) -> Outcome:
    content_type, body = feeding.request()
    return outcome(await post(dmp, feeding.pki, "repository", content_type, body, client))


async def call(
    dmp: DmpSimulator,
    pki: Pki,
    service: str,
    action: str,
    payload: str,
    *,
    cx: str = CX,
    signing: Credential | None = None,
) -> Outcome:
    text = envelope(action, vihf(signing or pki.signing, cx=cx), payload, f"urn:uuid:{uuid.uuid4()}")
    content_type = f'application/soap+xml; charset=UTF-8; action="{action}"'
    return outcome(await post(dmp, pki, service, content_type, text.encode()))


def outcome(response: httpx2.Response) -> Outcome:
    content = response.content
    if response.headers["content-type"].startswith("multipart/related"):
        content = content.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
    return Outcome(response.status_code, etree.fromstring(content))
