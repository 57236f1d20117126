"""VIHF and submission-set signature, signed by hand with lxml and cryptography alone."""

from __future__ import annotations

import base64
import functools
import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from connectors.simulators import Credential
from tests.unit.simulators.documents import CX, STRUCTURE

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
WITH_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
XADES = "http://uri.etsi.org/01903/v1.1.1#"

Edit = Callable[[str], str]


def same(text: str) -> str:
    return text


def b64_digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def certificate(credential: Credential) -> x509.Certificate:
    return x509.load_pem_x509_certificate(credential.certificate.read_bytes())


def der(credential: Credential) -> bytes:
    return certificate(credential).public_bytes(serialization.Encoding.DER)


@functools.cache
def _key(path: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def sign(credential: Credential, content: bytes) -> str:
    return base64.b64encode(_key(credential.key).sign(content, padding.PKCS1v15(), hashes.SHA256())).decode()


def vihf(signing: Credential, *, cx: str = CX, before: Edit = same, after: Edit = same) -> str:
    """A signed assertion; `before` edits what is signed, `after` what was."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    identifier = f"_{uuid.uuid4()}"
    issuer = certificate(signing).subject.rfc4514_string()
    attributes = {
        "VIHF_Version": "3.0",
        "Authentification_Mode": "INDIRECTE",
        "Identifiant_Structure": STRUCTURE,
        "Secteur_Activite": "SA25^1.2.250.1.71.4.2.4",
        "urn:oasis:names:tc:xspa:1.0:subject:subject-id": "ANNE DURAND",
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id": cx.replace("&", "&amp;"),
        "Ressource_URN": "urn:dmp",
        "LPS_Nom": "PASSEUR",
        "LPS_Version": "1.0",
        "LPS_ID_HOMOLOGATION_DMP": "TEST-0001",
    }
    values = "".join(attribute(name, value) for name, value in attributes.items())
    roles = role("10", "1.2.250.1.71.1.2.7"), role("SM03", "1.2.250.1.71.4.2.5")
    values += attribute("urn:oasis:names:tc:xacml:2.0:subject:role", *roles)
    purpose = coded("PurposeOfUse", "normal", "1.2.250.1.213.1.1.4.248")
    values += attribute("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", purpose)
    text = before(
        f'<s:Assertion xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="{identifier}" '
        f'IssueInstant="{now}">'
        f'<s:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">{issuer}</s:Issuer>'
        "<!--signature-->"
        "<s:Subject><s:NameID>899700000012</s:NameID></s:Subject>"
        f'<s:AuthnStatement AuthnInstant="{now}"><s:AuthnContext><s:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        "</s:AuthnContextClassRef></s:AuthnContext></s:AuthnStatement>"
        f"<s:AttributeStatement>{values}</s:AttributeStatement></s:Assertion>"
    )
    signed = canonical(text.replace("<!--signature-->", ""), exclusive=True)
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/><ds:Reference URI="#{identifier}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{EXCLUSIVE}"/>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{b64_digest(signed)}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    return after(text.replace("<!--signature-->", signature(signing, info, canonical(info, exclusive=True))))


def signature(signing: Credential, info: str, signed: bytes, objects: str = "", identifier: str = "") -> str:
    return (
        f'<ds:Signature xmlns:ds="{DS}"{identifier}>{info}<ds:SignatureValue>{sign(signing, signed)}'
        "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{base64.b64encode(der(signing)).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f"{objects}</ds:Signature>"
    )


def attribute(name: str, *values: str) -> str:
    inner = "".join(f"<s:AttributeValue>{value}</s:AttributeValue>" for value in values)
    return f'<s:Attribute Name="{name}">{inner}</s:Attribute>'


def role(code: str, system: str) -> str:
    return coded("Role", code, system)


def coded(tag: str, code: str, system: str) -> str:
    return (
        f'<{tag} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CE" '
        f'code="{code}" codeSystem="{system}"/>'
    )


def canonical(text: str, *, exclusive: bool, comments: bool = False) -> bytes:
    return etree.tostring(etree.fromstring(text), method="c14n", exclusive=exclusive, with_comments=comments)


def document_digest(content: bytes) -> str:
    tree = etree.fromstring(content).getroottree()
    return b64_digest(etree.tostring(tree, method="c14n", with_comments=True))


def dsg(
    signing: Credential, set_id: str, documents: dict[str, bytes], *, before: Edit = same, after: Edit = same
) -> bytes:
    """The signature of a submission set; `before` edits manifest and properties, `after` the signed whole."""
    references = f'<ds:Reference URI="urn:oid:{set_id}">{digest("AA==")}</ds:Reference>' + "".join(
        f'<ds:Reference URI="urn:oid:{unique_id}"><ds:Transforms><ds:Transform Algorithm="{WITH_COMMENTS}"/>'
        f"</ds:Transforms>{digest(document_digest(content))}</ds:Reference>"
        for unique_id, content in documents.items()
    )
    manifest = before(f'<ds:Manifest xmlns:ds="{DS}" Id="IHEManifest">{references}</ds:Manifest>')
    properties = before(
        f'<x:SignedProperties xmlns:x="{XADES}" xmlns:ds="{DS}" Id="Properties"><x:SignedSignatureProperties>'
        "<x:SigningTime>2026-01-02T09:20:00Z</x:SigningTime><x:SigningCertificate><x:Cert><x:CertDigest>"
        f'<x:DigestMethod Algorithm="{SHA256}"/><x:DigestValue>{b64_digest(der(signing))}</x:DigestValue>'
        "</x:CertDigest></x:Cert></x:SigningCertificate>"
        "<x:SignaturePolicyIdentifier><x:SignaturePolicyImplied/></x:SignaturePolicyIdentifier>"
        "</x:SignedSignatureProperties></x:SignedProperties>"
    )
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{WITH_COMMENTS}"/>'
        f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/>'
        + reference("#IHEManifest", f"{DS}Manifest", in_place(manifest))
        + reference("#Properties", f"{XADES}SignedProperties", in_place(properties, qualified=True))
        + "</ds:SignedInfo>"
    )
    objects = (
        f"<ds:Object>{manifest}</ds:Object>"
        f'<ds:Object><x:QualifyingProperties xmlns:x="{XADES}" Target="#Signature1">{properties}'
        "</x:QualifyingProperties></ds:Object>"
        '<ds:Object><ds:SignatureProperties><ds:SignatureProperty Id="purposeOfSignature" Target="#Signature1">'
        "1.2.840.10065.1.12.1.14</ds:SignatureProperty></ds:SignatureProperties></ds:Object>"
    )
    signed = canonical(info, exclusive=False, comments=True)
    return after(signature(signing, info, signed, objects, ' Id="Signature1"')).encode()


def in_place(inner: str, *, qualified: bool = False) -> bytes:
    """Canonical form where it stands: the namespaces of its ancestors are in scope."""
    extra = f' xmlns:x="{XADES}"' if qualified else ""
    root = etree.fromstring(f'<ds:Signature xmlns:ds="{DS}"{extra}>{inner}</ds:Signature>')
    return etree.tostring(root[0], method="c14n", with_comments=True)


def reference(uri: str, kind: str, content: bytes) -> str:
    return (
        f'<ds:Reference URI="{uri}" Type="{kind}"><ds:Transforms><ds:Transform Algorithm="{WITH_COMMENTS}"/>'
        f"</ds:Transforms>{digest(b64_digest(content))}</ds:Reference>"
    )


def digest(value: str) -> str:
    return f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{value}</ds:DigestValue>'
