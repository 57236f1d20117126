"""Signature of a submission set (lot de soumission): IHE DSG manifest in an XAdES envelope, and its document entry.

The manifest lists the submission set by its uniqueId (digest of one zero byte) and each document by its uniqueId, with
the digest of its canonical form. SignedInfo covers the manifest and the XAdES signed properties.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from connectors.destinations.dmp.credentials import Signer
from connectors.destinations.dmp.xmldsig import (
    DIGEST_METHODS,
    DS,
    WITH_COMMENTS,
    Reference,
    base64_text,
    canonical,
    digest,
    ds,
    key_info,
    reference,
    signed_info,
)
from engine.model.values import Code
from engine.xds.codes import IHE_FORMAT_SYSTEM, INVISIBLE_TO_PATIENT, MASKED_FROM_PROFESSIONALS
from engine.xds.values import DocumentEntry, XdsAuthor
from engine.xds.xml import Builder, parsed

_SIGNATURE_ID = "IHESignature"
_MANIFEST_ID = "IHEManifest"
_PROPERTIES_ID = "IHESignedProperties"
_PURPOSE = "1.2.840.10065.1.12.1.14"
"""ASTM purpose of signature: source."""
_URN = "URN"
_FORMATS = {
    "xmldsig": Code("http://www.w3.org/2000/09/xmldsig#", _URN, "Default signature style"),
    "dsg2014": Code("urn:ihe:iti:dsg:detached:2014", IHE_FORMAT_SYSTEM, "Signature détachée"),
}


def signature(
    submission_set_id: str,
    documents: tuple[tuple[str, bytes], ...],
    signer: Signer,
    *,
    signed_at: datetime,
    xades: str,
) -> bytes:
    """The signature document; `documents` are (uniqueId, bytes). Same arguments, same bytes."""
    manifest = ds("Manifest", {"Id": _MANIFEST_ID}, *_manifest(submission_set_id, documents, signer.algorithm))
    properties = _qualifying_properties(signer, signed_at, xades)
    purpose = ds("SignatureProperty", {"Id": "purposeOfSignature", "Target": f"#{_SIGNATURE_ID}"}, _PURPOSE)
    root = ds(
        "Signature",
        {"Id": _SIGNATURE_ID},
        key_info(signer, whole_chain=True),
        ds("Object", None, manifest),
        ds("Object", None, ds("SignatureProperties", None, purpose)),
        ds("Object", None, properties),
    )
    info = signed_info(_references(manifest, properties[0], signer.algorithm, xades), WITH_COMMENTS, signer.algorithm)
    root.insert(0, info)
    value = signer.sign(canonical(info, WITH_COMMENTS))
    root.insert(1, ds("SignatureValue", None, base64_text(value)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def signature_entry(
    document: DocumentEntry, author: XdsAuthor, *, symbolic_id: str, unique_id: str, submission_time: str, form: str
) -> DocumentEntry:
    """The signature's own record: never shown to anyone (masked, invisible), about the same patient."""
    assert document.patient_id is not None
    return DocumentEntry(
        id=symbolic_id,
        unique_id=unique_id,
        mime_type="text/xml",
        title="Source",
        creation_time=submission_time,
        service_start_time=document.service_start_time,
        service_stop_time=document.service_stop_time,
        language_code="art",
        legal_authenticator=author.person,
        source_patient_id=document.patient_id,
        source_patient_info=document.source_patient_info,
        patient_id=document.patient_id,
        authors=(author,),
        class_code=Code("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", _URN, "Digital Signature"),
        type_code=Code("E1762", "ASTM", "Full Document"),
        format_code=_FORMATS[form],
        healthcare_facility_type_code=document.healthcare_facility_type_code,
        practice_setting_code=document.practice_setting_code,
        confidentiality_codes=(
            Code("N", "2.16.840.1.113883.5.25", "Normal"),
            MASKED_FROM_PROFESSIONALS,
            INVISIBLE_TO_PATIENT,
        ),
        event_codes=(Code(_PURPOSE, "1.2.840.10065.1.12", "Source"),),
    )


def document_canonical(content: bytes) -> bytes:
    """Canonical form, comments kept, of a whole document: what stands outside its root too."""
    return etree.tostring(parsed(content).getroottree(), method="c14n", exclusive=False, with_comments=True)


def _manifest(
    submission_set_id: str, documents: tuple[tuple[str, bytes], ...], algorithm: str
) -> tuple[etree._Element, ...]:
    whole = Reference(f"urn:oid:{submission_set_id}", b"\0", ())
    parts = (
        Reference(f"urn:oid:{unique_id}", digest(document_canonical(content), algorithm), (WITH_COMMENTS,))
        for unique_id, content in documents
    )
    return tuple(reference(one, algorithm) for one in (whole, *parts))


def _references(
    manifest: etree._Element, properties: etree._Element, algorithm: str, xades: str
) -> tuple[Reference, ...]:
    transforms = (WITH_COMMENTS,)
    kind = f"{_namespace(xades)}SignedProperties" if xades == "1.1.1" else "http://uri.etsi.org/01903#SignedProperties"
    return (
        Reference(
            f"#{_MANIFEST_ID}", digest(canonical(manifest, WITH_COMMENTS), algorithm), transforms, f"{DS}Manifest"
        ),
        Reference(f"#{_PROPERTIES_ID}", digest(canonical(properties, WITH_COMMENTS), algorithm), transforms, kind),
    )


def _qualifying_properties(signer: Signer, signed_at: datetime, xades: str) -> etree._Element:
    """XAdES: SigningTime, SigningCertificate (the chain), SignaturePolicyImplied."""
    xa = Builder(_namespace(xades), {"xades": _namespace(xades)})
    signed = xa(
        "SignedSignatureProperties",
        None,
        xa("SigningTime", None, signed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        xa("SigningCertificate", None, *(_certificate(xa, one, signer.algorithm, xades) for one in signer.chain)),
        xa("SignaturePolicyIdentifier", None, xa("SignaturePolicyImplied")),
    )
    return xa(
        "QualifyingProperties", {"Target": f"#{_SIGNATURE_ID}"}, xa("SignedProperties", {"Id": _PROPERTIES_ID}, signed)
    )


def _certificate(xa: Builder, one: x509.Certificate, algorithm: str, xades: str) -> etree._Element:
    """Cert: in XAdES 1.1.1 the digest's elements are XAdES's own, since 1.2.2 they are XML Signature's."""
    digests = xa if xades == "1.1.1" else ds
    value = base64_text(digest(one.public_bytes(Encoding.DER), algorithm))
    return xa(
        "Cert",
        None,
        xa(
            "CertDigest",
            None,
            digests("DigestMethod", {"Algorithm": DIGEST_METHODS[algorithm]}),
            digests("DigestValue", None, value),
        ),
        xa(
            "IssuerSerial",
            None,
            ds("X509IssuerName", None, one.issuer.rfc4514_string()),
            ds("X509SerialNumber", None, str(one.serial_number)),
        ),
    )


def _namespace(xades: str) -> str:
    return f"http://uri.etsi.org/01903/v{xades}#"
