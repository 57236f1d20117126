"""XML signature, by hand: canonical forms, digests, SignedInfo (W3C XML Signature Syntax and Processing)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from connectors.destinations.dmp.credentials import Signer
from engine.xds.xml import Builder

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
WITH_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
ENVELOPED = f"{DS}enveloped-signature"
DIGEST_METHODS = {"sha256": "http://www.w3.org/2001/04/xmlenc#sha256", "sha1": f"{DS}sha1"}
_SIGNATURE_METHODS = {"sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "sha1": f"{DS}rsa-sha1"}

ds = Builder(DS, {"ds": DS})


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: what is digested and how it was canonicalised."""

    uri: str
    digest: bytes
    transforms: tuple[str, ...]
    type: str | None = None


def canonical(element: etree._Element, method: str) -> bytes:
    """Canonical form of an element as it stands in its document."""
    if method == EXCLUSIVE:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    return etree.tostring(element, method="c14n", exclusive=False, with_comments=True)


def digest(content: bytes, algorithm: str) -> bytes:
    if algorithm == "sha256":
        return hashlib.sha256(content).digest()
    return hashlib.sha1(content, usedforsecurity=False).digest()


def base64_text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def reference(one: Reference, algorithm: str) -> etree._Element:
    attributes = {"URI": one.uri} | ({} if one.type is None else {"Type": one.type})
    transforms = [ds("Transform", {"Algorithm": name}) for name in one.transforms]
    return ds(
        "Reference",
        attributes,
        *([ds("Transforms", None, *transforms)] if transforms else []),
        ds("DigestMethod", {"Algorithm": DIGEST_METHODS[algorithm]}),
        ds("DigestValue", None, base64_text(one.digest)),
    )


def signed_info(references: tuple[Reference, ...], method: str, algorithm: str) -> etree._Element:
    return ds(
        "SignedInfo",
        None,
        ds("CanonicalizationMethod", {"Algorithm": method}),
        ds("SignatureMethod", {"Algorithm": _SIGNATURE_METHODS[algorithm]}),
        *(reference(one, algorithm) for one in references),
    )


def key_info(signer: Signer, *, whole_chain: bool) -> etree._Element:
    chain = signer.chain if whole_chain else signer.chain[:1]
    certificates = (ds("X509Certificate", None, base64_text(one.public_bytes(Encoding.DER))) for one in chain)
    return ds("KeyInfo", None, ds("X509Data", None, *certificates))
