"""The vendor's call as a FHIR R4 Bundle (POST /v1/fhir): a document, or a laboratory report, to the same model.

Taken: a Bundle of type `document` or `transaction` that holds one DocumentReference (with its Binary or its data), or
one DiagnosticReport of biology with its Observations. The JSON is read with its decimals as written, judged with the
R4B models of fhir.resources (`structure` says how R4 differs), then mapped from the tree as sent.
"""

from __future__ import annotations

from engine.context import Context
from engine.declarations import Conversion, Format
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.fhir.conversion import converted


class Fhir:
    """A FHIR R4 Bundle, in JSON."""

    name = "fhir"

    def recognises(self, content: bytes) -> bool:
        """True for a JSON object that says it is a Bundle near its beginning."""
        head = content[:65536].lstrip(b"\xef\xbb\xbf \t\r\n")
        return head.startswith(b"{") and b'"Bundle"' in head

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """One document, or every fault of the Bundle, each at its own element."""
        return converted(message, context)

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        """None: the API answers for itself."""
        return None

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """None: what becomes of the Bundle is read at the API."""
        return None


FORMAT: Format = Fhir()
