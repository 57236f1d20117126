"""What routes.yaml says of an MLLP destination."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from engine.declarations import Settings

Seconds = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[^|~\\\x00-\x1f\x7f]+$", max_length=227)]
"""An HD as it is written: `name`, or `name^oid^ISO`."""


class MllpSettings(Settings):
    """A port of a software of care. Times are in seconds."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")]
    port: Annotated[int, Field(ge=1, le=65535)]
    tls: bool = False
    """TLS 1.2 or better, the certificate of the peer checked."""
    allow_cleartext: bool = False
    """Send without TLS to another machine than this one."""
    ca_bundle: Path | None = None
    """PEM of the authorities trusted for the peer; those of the system when absent."""
    certificate: Path | None = None
    """Our certificate, PEM, where the peer asks for one; read again when it changes."""
    key: Path | None = None
    password: SecretStr | None = None
    """Of the key."""

    application: Name = "PASSEUR"
    """MSH-3; of an acknowledgement only where the sender did not name us itself."""
    facility: Name = "PASSEUR"
    """MSH-4, likewise."""
    receiving_application: Name = "LPS"
    """MSH-5 of the documents; that of an acknowledgement is the sender's own MSH-3."""
    receiving_facility: Name = "LPS"
    """MSH-6, likewise."""
    mailbox: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    """MSSanté mailbox documents are sent in the name of (PRT-15 of the sender, which the volet requires)."""
    charset: Literal["UNICODE UTF-8", "8859/15"] = "UNICODE UTF-8"
    dmp_error_system: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")] = "DMP_ERROR_CODE"
    """Name of the table of the DMP's codes in an acknowledgement; some software expects DMPERRORCODE."""

    resend_when_uncertain: bool | None = None
    """When no answer came: send the same message again (same MSH-10, same bytes), which a software that knows its
    MSH-10 takes once; else a person decides. Without it: acknowledgements are sent again, documents are not."""
    connect_timeout_seconds: Seconds = 10
    """To connect, then to agree on TLS."""
    send_timeout_seconds: Seconds = 60
    """Of a message that the peer does not read."""
    answer_timeout_seconds: Seconds = 60
    idle_timeout_seconds: Seconds = 30
    """How long a connection is kept for the next message; a peer that closes earlier is noticed."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("« certificate » et « key » vont ensemble")
        if not self.tls and (self.certificate is not None or self.ca_bundle is not None):
            raise ValueError("« certificate », « key » et « ca_bundle » ne servent qu'avec « tls: true »")
        if not self.tls and not self.allow_cleartext and not _loopback(self.host):
            raise ValueError(
                "envoyer à une autre machine demande « tls: true », ou « allow_cleartext: true » sur un réseau que "
                "vous savez protégé"
            )
        return self


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
