"""The signature of a submission set, verified by another library and by its own bytes."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors.destinations.dmp.credentials import FileSigner
from connectors.destinations.dmp.dsg import document_canonical, signature
from tests.unit.dmp.certificates import signer
from tests.unit.xds.documents import REPORT_ID, cda

NS = {"d": "http://www.w3.org/2000/09/xmldsig#", "x": "http://uri.etsi.org/01903/v1.1.1#"}
SIGNED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def made(by: FileSigner, xades: str = "1.1.1", content: bytes | None = None) -> bytes:
    documents = ((REPORT_ID, cda() if content is None else content),)
    return signature("2.25.7", documents, by, signed_at=SIGNED_AT, xades=xades)


def verify(content: bytes, by: FileSigner) -> None:
    legacy = by.algorithm == "sha1"
    configuration = SignatureConfiguration(
        signature_methods=frozenset({SignatureMethod.RSA_SHA1 if legacy else SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA1 if legacy else DigestAlgorithm.SHA256}),
        expect_references=2,
        location="./",
    )
    XMLVerifier().verify(
        etree.fromstring(content),
        x509_cert=by.chain[0].public_bytes(Encoding.PEM).decode(),
        id_attribute="Id",
        expect_config=configuration,
        validate_schema=False,
    )


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
@pytest.mark.parametrize("xades", ["1.1.1", "1.3.2"])
def test_another_library_verifies_both_references(algorithm: str, xades: str) -> None:
    by = signer(algorithm)  # type: ignore[arg-type]
    verify(made(by, xades), by)


@pytest.mark.parametrize("altered", [(REPORT_ID.encode(), b"2.25.9"), (b"2026-01-05T", b"2026-01-06T")])
def test_an_altered_manifest_or_date_is_found_out(altered: tuple[bytes, bytes]) -> None:
    by = signer()
    with pytest.raises((InvalidDigest, InvalidSignature)):
        verify(made(by).replace(*altered), by)


def test_the_manifest_names_the_set_then_each_document() -> None:
    manifest = etree.fromstring(made(signer())).find("d:Object/d:Manifest", NS)
    assert manifest is not None
    references = manifest.findall("d:Reference", NS)
    assert [one.get("URI") for one in references] == ["urn:oid:2.25.7", f"urn:oid:{REPORT_ID}"]
    assert references[0].findtext("d:DigestValue", namespaces=NS) == "AA=="
    digest = hashlib.sha256(document_canonical(cda())).digest()
    assert references[1].findtext("d:DigestValue", namespaces=NS) == base64.b64encode(digest).decode()


def test_a_document_is_digested_whole_with_its_comments() -> None:
    canonical = document_canonical(cda())
    assert b"<!-- rendu -->" in canonical
    assert b"<?xml-stylesheet" in canonical


def test_one_letter_changed_in_the_document_changes_its_digest() -> None:
    by = signer()
    assert made(by) != made(by, content=cda().replace(b"Sodium 140", b"Sodium 141"))


def test_signed_properties_are_canonical_with_the_namespaces_in_scope() -> None:
    """W3C C14N 1.0, 2.4: the apex carries every namespace in scope, used or not."""
    from connectors.destinations.dmp.xmldsig import WITH_COMMENTS, canonical

    properties = etree.fromstring(made(signer())).find(".//x:SignedProperties", NS)
    assert properties is not None
    start = canonical(properties, WITH_COMMENTS).split(b">")[0]
    assert start == (
        b'<xades:SignedProperties xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        b'xmlns:xades="http://uri.etsi.org/01903/v1.1.1#" Id="IHESignedProperties"'
    )


def test_the_same_order_gives_the_same_signature_to_the_byte() -> None:
    by = signer()
    assert made(by) == made(by)


def test_the_signed_properties_name_the_time_and_the_certificate() -> None:
    by = signer()
    properties = etree.fromstring(made(by)).find(".//x:SignedSignatureProperties", NS)
    assert properties is not None
    assert [etree.QName(one).localname for one in properties] == [
        "SigningTime",
        "SigningCertificate",
        "SignaturePolicyIdentifier",
    ]
    assert properties.findtext("x:SigningTime", namespaces=NS) == "2026-01-05T09:30:00Z"
    digest = hashlib.sha256(by.chain[0].public_bytes(Encoding.DER)).digest()
    assert properties.findtext(".//x:CertDigest/x:DigestValue", namespaces=NS) == base64.b64encode(digest).decode()
    assert properties.findtext(".//d:X509SerialNumber", namespaces=NS) == str(by.chain[0].serial_number)
