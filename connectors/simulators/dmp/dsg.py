"""The signature of a submission set (IHE DSG over XAdES, as the DMP asks for it): every digest is computed again."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors.simulators import certificates
from connectors.simulators.dmp.vihf import (
    DS,
    SIGNATURE_ERRORS,
    SIGNATURES,
    signing_certificate,
)
from connectors.simulators.metadata.vocabulary import REPOSITORY_METADATA_ERROR, SIGNATURE_PURPOSE
from connectors.simulators.problems import Problem
from connectors.simulators.xml import Element, local_name, parse, text

XADES = "http://uri.etsi.org/01903/v1.1.1#"
_NS = {"d": DS, "x": XADES}
_DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}
"""Algorithm → (exclusive, with comments)."""


def signature_problems(
    content: bytes,
    *,
    set_unique_id: str,
    documents: Mapping[str, bytes],
    authority: x509.Certificate,
    structure_id: str,
) -> Iterator[Problem]:
    """Everything wrong in a signature document. `documents`: uniqueId → bytes of each document of the set.

    Raises SoapFault when the certificate is not one to sign with.
    """
    try:
        root = parse(content)
    except ValueError:
        yield _problem("document de signature illisible")
        return
    if root.tag != f"{{{DS}}}Signature":
        yield _problem("l'élément racine n'est pas ds:Signature")
        return
    certificate = signing_certificate(root, authority)
    if certificates.structure_id(certificate) != structure_id:
        yield _problem("le certificat de signature est celui d'une autre structure")
    yield from _signed_info_problems(root, certificate)
    yield from _manifest_problems(root, set_unique_id, documents)
    yield from _property_problems(root, certificate)


def _signed_info_problems(root: Element, certificate: x509.Certificate) -> Iterator[Problem]:
    references = root.findall("d:SignedInfo/d:Reference", _NS)
    types = {r.get("Type", ""): r.get("URI", "") for r in references}
    if len(references) != 2 or set(types) != {f"{DS}Manifest", f"{XADES}SignedProperties"}:
        yield _problem("deux références attendues : le manifeste et les SignedProperties")
        return
    if types[f"{DS}Manifest"] != "#IHEManifest":
        yield _problem("la référence au manifeste doit être #IHEManifest")
    properties = root.find("d:Object/x:QualifyingProperties/x:SignedProperties", _NS)
    if properties is None or types[f"{XADES}SignedProperties"] != f"#{properties.get('Id')}":
        yield _problem("la référence aux SignedProperties ne les désigne pas")
    configuration = SignatureConfiguration(
        location="./",
        expect_references=2,
        signature_methods=SIGNATURES.signature_methods,
        digest_algorithms=SIGNATURES.digest_algorithms,
    )
    try:
        XMLVerifier().verify(
            root, x509_cert=certificate, id_attribute="Id", expect_config=configuration, validate_schema=False
        )
    except SIGNATURE_ERRORS:
        yield _problem("signature du lot fausse")


def _manifest_problems(root: Element, set_unique_id: str, documents: Mapping[str, bytes]) -> Iterator[Problem]:
    manifests = [m for m in root.findall("d:Object/d:Manifest", _NS) if m.get("Id") == "IHEManifest"]
    if len(manifests) != 1:
        yield _problem("un manifeste IHEManifest et un seul attendu")
        return
    references = {r.get("URI", ""): r for r in manifests[0].findall("d:Reference", _NS)}
    wanted = [f"urn:oid:{set_unique_id}", *(f"urn:oid:{unique_id}" for unique_id in documents)]
    if len(manifests[0].findall("d:Reference", _NS)) != len(wanted) or set(references) != set(wanted):
        yield _problem("le manifeste ne désigne pas le lot et ses documents, tous et eux seuls")
        return
    if next(iter(references)) != wanted[0]:
        yield _problem("la première référence du manifeste doit être celle du lot")
    if text(references[wanted[0]].find("d:DigestValue", _NS)) != "AA==":
        yield _problem("empreinte AA== attendue pour le lot")
    for unique_id, content in documents.items():
        if not _digest_matches(references[f"urn:oid:{unique_id}"], content):
            yield _problem("l'empreinte d'un document du manifeste est fausse")


def _digest_matches(reference: Element, content: bytes) -> bool:
    transforms = [t.get("Algorithm", "") for t in reference.findall("d:Transforms/d:Transform", _NS)]
    method = reference.find("d:DigestMethod", _NS)
    name = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if len(transforms) != 1 or transforms[0] not in _CANONICAL or name is None:
        return False
    exclusive, comments = _CANONICAL[transforms[0]]
    try:
        tree = parse(content).getroottree()
        wanted = base64.b64decode(text(reference.find("d:DigestValue", _NS)), validate=True)
    except (ValueError, binascii.Error):
        return False
    canonical = etree.tostring(tree, method="c14n", exclusive=exclusive, with_comments=comments)
    return hashlib.new(name, canonical).digest() == wanted


def _property_problems(root: Element, certificate: x509.Certificate) -> Iterator[Problem]:
    qualifying = root.find("d:Object/x:QualifyingProperties", _NS)
    if qualifying is None or not root.get("Id") or qualifying.get("Target") != f"#{root.get('Id')}":
        yield _problem("QualifyingProperties XAdES v1.1.1 visant la signature attendu")
        return
    signed = qualifying.find("x:SignedProperties/x:SignedSignatureProperties", _NS)
    names = [local_name(e) for e in signed if isinstance(e.tag, str)] if signed is not None else []
    if signed is None or names[:3] != ["SigningTime", "SigningCertificate", "SignaturePolicyIdentifier"]:
        yield _problem("SigningTime, SigningCertificate et SignaturePolicyIdentifier attendus, dans cet ordre")
        return
    if not text(signed.find("x:SigningTime", _NS)):
        yield _problem("SigningTime vide")
    if signed.find("x:SignaturePolicyIdentifier/x:SignaturePolicyImplied", _NS) is None:
        yield _problem("SignaturePolicyImplied attendu")
    if not _names_certificate(signed, certificate):
        yield _problem("SigningCertificate ne désigne pas le certificat de signature")
    purposes = root.findall("d:Object/d:SignatureProperties/d:SignatureProperty[@Id='purposeOfSignature']", _NS)
    if ["".join(str(t) for t in p.itertext()).strip() for p in purposes] != [SIGNATURE_PURPOSE]:
        yield _problem("SignatureProperty purposeOfSignature attendu")


def _names_certificate(signed: Element, certificate: x509.Certificate) -> bool:
    """Whether the first Cert is the signer's; XAdES 1.1.1 puts digests in its own namespace, later ones in ds."""
    first = signed.find("x:SigningCertificate/x:Cert/x:CertDigest", _NS)
    if first is None:
        return False
    parts = {local_name(e): e for e in first if isinstance(e.tag, str)}
    if set(parts) != {"DigestMethod", "DigestValue"}:
        return False
    name = _DIGESTS.get(parts["DigestMethod"].get("Algorithm", ""))
    if name is None:
        return False
    digest = hashlib.new(name, certificate.public_bytes(Encoding.DER)).digest()
    return text(parts["DigestValue"]) == base64.b64encode(digest).decode()


def _problem(reason: str) -> Problem:
    return Problem(REPOSITORY_METADATA_ERROR, reason, "Signature du lot")
