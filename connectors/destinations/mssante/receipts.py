"""The receipts asked for with a mail: a DSN that it reached the mailbox (RFC 3461), an MDN that it was read (RFC 8098).

Asked for when routes.yaml wants them of every mail, or when the sender of the document awaits them (ACK_RECEPTION,
ACK_LECTURE_MSS).
"""

from __future__ import annotations

from connectors.destinations.mssante.settings import MssanteSettings
from engine.exchange import Order


def wants_delivery(order: Order, settings: MssanteSettings) -> bool:
    awaited = order.package.instructions.receipts
    return settings.delivery_receipt or (awaited is not None and awaited.reception)


def wants_reading(order: Order, settings: MssanteSettings) -> bool:
    awaited = order.package.instructions.receipts
    return settings.read_receipt or (awaited is not None and awaited.reading)


def original_recipient(mailbox: str) -> str:
    """ORCPT: whom the mail was written to, whatever mailbox it is forwarded to (RFC 3461, 4.2)."""
    return f"rfc822;{xtext(mailbox)}"


def xtext(words: str) -> str:
    """RFC 3461, 4."""
    return "".join(sign if "!" <= sign <= "~" and sign not in "+=" else f"+{ord(sign):02X}" for sign in words)
