"""TLS of the peers: 1.2 or better, a client certificate always."""

from __future__ import annotations

import ssl
from pathlib import Path

from connectors.simulators.pki import Credential


def server_context(credential: Credential, authority: Path) -> ssl.SSLContext:
    """Context that presents a certificate and refuses a caller without one of the authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(credential.certificate, credential.key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
