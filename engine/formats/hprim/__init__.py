"""HPRIM, the older French laboratory formats: Santé 2.x (segments) and Médecin (header, page and RES lines)."""

from __future__ import annotations

from engine.context import Context
from engine.declarations import Conversion, Format
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.hprim.medecin import mapping as medecin
from engine.formats.hprim.policy import finding
from engine.formats.hprim.sante import conversion as sante
from engine.formats.hprim.sante.answer import err_answer
from engine.formats.hprim.sante.tokens import header
from engine.formats.hprim.sniff import Family, family

_FOUND = {
    Family.PDF: "PDF",
    Family.HL7V2: "HL7 v2",
    Family.UNKNOWN: "format non reconnu",
}


class Hprim:
    """Both families under one name: the content decides, never the file name."""

    name = "hprim"

    def recognises(self, content: bytes) -> bool:
        """True for either family, junk before the header of a Santé message included."""
        return recognised(content) in {Family.SANTE, Family.MEDECIN}

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """Documents of a message of either family; anything else is refused by its name."""
        found = recognised(message.content)
        if found is Family.SANTE:
            return sante.convert(message, context)
        if found is Family.MEDECIN:
            return medecin.convert(message, context)
        return Conversion((), (_refusal(found),), kind="HPRIM ?")

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        """HPRIM has no answer that a sender waits for."""
        return None

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """An ERR file for a refused Santé message; HPRIM Médecin has no answer."""
        if recognised(message.content) is not Family.SANTE:
            return None
        return err_answer(message, findings, context)


def recognised(content: bytes) -> Family:
    """The family by content; a message whose H comes after junk is Santé when nothing else claims it."""
    found = family(content)
    if found is not Family.UNKNOWN:
        return found
    try:
        start = header(content)
    except DocumentError:
        return Family.UNKNOWN
    rest = family(content[start.start :])
    return rest if rest is Family.SANTE else Family.UNKNOWN


def _refusal(found: Family) -> Finding:
    if found is Family.EMPTY:
        return finding("hprim.empty")
    if found is Family.HPRIM_XML:
        return finding("hprim.xml_unsupported")
    return finding("hprim.not_hprim", found=_FOUND[found])


FORMAT: Format = Hprim()
