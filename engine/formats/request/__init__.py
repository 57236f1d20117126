"""A document asked for by a host software (POST /v1/documents): JSON, and the file it speaks of beside it."""

from __future__ import annotations

from engine.context import Context
from engine.declarations import Conversion, Format
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, disposition
from engine.formats.request.conversion import converted
from engine.formats.request.reading import read

_KIND = "Demande de document"


class Request:
    """The caller says what the document is and for whom; the catalogue says all that follows."""

    name = "document"

    def recognises(self, content: bytes) -> bool:
        """True for a JSON object."""
        return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """One document, or every fault of the request, each at the caller's own field."""
        drafts, findings = converted(read(message.content), message, context)
        if disposition(findings) is Disposition.REFUSE:
            drafts = ()
        return Conversion(drafts, findings, kind=_KIND, sender=message.sender)

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        """None: the API answers for itself."""
        return None

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """None: what becomes of the request is read at the API."""
        return None


FORMAT: Format = Request()
