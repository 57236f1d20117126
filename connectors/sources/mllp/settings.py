"""What routes.yaml says of an MLLP source."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from engine.declarations import Settings

Seconds = Annotated[float, Field(gt=0)]


class MllpSettings(Settings):
    """A port that listens. Times are in seconds, sizes in octets."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]
    certificate: Path | None = None
    """Our certificate, PEM, intermediates after it; with it every connection is TLS 1.2 or better."""
    key: Path | None = None
    password: SecretStr | None = None
    """Of the key."""
    require_client_certificate: bool = False
    """Take messages only from those who show a certificate of `ca_bundle`."""
    ca_bundle: Path | None = None
    """PEM of the authorities trusted for the senders' certificates."""
    allow_cleartext: bool = False
    """Listen without TLS on an address that is not this machine's own."""

    final_cr: Literal["required", "optional"] = "required"
    """`optional` for senders that end a frame with 0x1C alone: 0x1C then ends a frame wherever it stands."""
    when_unavailable: Literal["reject", "disconnect"] = "reject"
    """What a sender is told while nothing can be kept (full disk): `reject`, an HL7 AR, "may be sent again";
    `disconnect`, nothing at all, for those that give a rejected message up instead of sending it again."""
    patience_seconds: Annotated[float, Field(ge=0, le=60)] = 4
    """How long we try to keep a message before that; less than the time the sender waits for its answer."""

    max_message_bytes: Annotated[int, Field(gt=0, le=900_000_000)] = 50_000_000
    max_large_messages: Annotated[int, Field(gt=0)] = 4
    """Messages of more than 1 MiB read or being kept at the same time; the others wait their turn, unread."""
    max_connections: Annotated[int, Field(gt=0)] = 256
    idle_timeout_seconds: Seconds = 86_400
    """Without a message. Long, for senders that do not connect again by themselves; dead hosts are found out anyway."""
    frame_timeout_seconds: Seconds = 60
    """From the first octet of a frame to its last."""
    write_timeout_seconds: Seconds = 30
    """Of a peer that does not read its answers."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("« certificate » et « key » vont ensemble")
        if self.require_client_certificate and (self.certificate is None or self.ca_bundle is None):
            raise ValueError("« require_client_certificate » demande « certificate », « key » et « ca_bundle »")
        if self.ca_bundle is not None and not self.require_client_certificate:
            raise ValueError("« ca_bundle » ne sert qu'avec « require_client_certificate: true »")
        if self.certificate is None and not self.allow_cleartext and not _loopback(self.host):
            raise ValueError(
                "un port ouvert au réseau demande « certificate » et « key », ou « allow_cleartext: true » sur un "
                "réseau que vous savez protégé"
            )
        return self


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
