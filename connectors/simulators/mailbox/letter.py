"""A mail taken apart: headers, texts, attachments."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses

from connectors.simulators.sums import sha1


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    content_type: str
    charset: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What the rules look at."""

    headers: dict[str, tuple[str, ...]]
    """Decoded values by lower-case name."""
    texts: tuple[Part, ...]
    """text/* parts that are no attachments."""
    attachments: tuple[Part, ...]
    multipart: str
    """Content type of the whole."""
    defects: int
    size: int
    sha1: str

    def one(self, name: str) -> str:
        """The value of a header that must stand once; empty when it is absent or repeated."""
        values = self.headers.get(name, ())
        return values[0].strip() if len(values) == 1 else ""

    def addresses(self, *names: str) -> frozenset[str]:
        """Addresses of some headers, in lower case."""
        values = [value for name in names for value in self.headers.get(name, ())]
        return frozenset(address.lower() for _, address in getaddresses(values) if address)


def letter(content: bytes) -> Letter:
    """Read a message. Never raises; what could not be read counts as a defect."""
    message = BytesParser(policy=policy.SMTP).parsebytes(content)
    assert isinstance(message, EmailMessage)
    headers: dict[str, list[str]] = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), []).append(str(value))
    texts, attachments = [], []
    defects = len(message.defects)
    for part in message.walk():
        defects += len(part.defects) if part is not message else 0
        if part.is_multipart():
            continue
        read = _part(part)
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            texts.append(read)
        else:
            attachments.append(read)
    return Letter(
        headers={name: tuple(values) for name, values in headers.items()},
        texts=tuple(texts),
        attachments=tuple(attachments),
        multipart=message.get_content_type(),
        defects=defects,
        size=len(content),
        sha1=sha1(content),
    )


def _part(part: EmailMessage) -> Part:
    payload = part.get_payload(decode=True)
    return Part(
        name=part.get_filename() or "",
        content_type=part.get_content_type(),
        charset=str(part.get_param("charset") or "").lower(),
        content=payload if isinstance(payload, bytes) else b"",
    )
