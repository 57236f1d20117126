"""The VIHF, verified by another library."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors.destinations.dmp import soap
from connectors.destinations.dmp.credentials import FileSigner
from connectors.destinations.dmp.responsible import ResponsiblePerson
from connectors.destinations.dmp.vihf import Claim, Product, assertion
from engine.model.values import Code
from tests.unit.dmp.certificates import signer

SAML = {"s": "urn:oasis:names:tc:SAML:2.0:assertion", "h": "urn:hl7-org:v3"}
PERSON = ResponsiblePerson(
    "801234534765",
    "BIOLOGISTE",
    "Anne",
    Code("G15_10/SM03", "1.2.250.1.213.1.1.4.5", "Médecin - Biologie médicale (SM)"),
)
CLAIM = Claim(
    version="3.0",
    mode_attribute="Authentification_Mode",
    structure_id="1120459876",
    sector="SA25",
    person=PERSON,
    patient_id="279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH",
    product=Product("Passeur", "0.1.0", "NUM"),
    authn_context="urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
)
ISSUED_AT = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)


def made(by: FileSigner, claim: Claim = CLAIM) -> etree._Element:
    return assertion(claim, by, assertion_id="_1", issued_at=ISSUED_AT)


def in_envelope(by: FileSigner) -> bytes:
    return soap.envelope("urn:action", "urn:uuid:1", made(by), etree.Element("{urn:x}Body"))


def verified(envelope: bytes, by: FileSigner) -> etree._Element:
    found = etree.fromstring(envelope).find(".//s:Assertion", SAML)
    assert found is not None
    legacy = by.algorithm == "sha1"
    configuration = SignatureConfiguration(
        signature_methods=frozenset({SignatureMethod.RSA_SHA1 if legacy else SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA1 if legacy else DigestAlgorithm.SHA256}),
        location="./",
    )
    certificate = by.chain[0].public_bytes(Encoding.PEM).decode()
    result = XMLVerifier().verify(found, x509_cert=certificate, id_attribute="ID", expect_config=configuration)
    assert isinstance(result, list) is False
    signed = result.signed_xml  # type: ignore[union-attr]
    assert signed is not None
    return signed


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_another_library_verifies_the_signature_inside_its_envelope(algorithm: str) -> None:
    by = signer(algorithm)  # type: ignore[arg-type]
    assert verified(in_envelope(by), by).get("ID") == "_1"


def test_an_altered_assertion_is_found_out() -> None:
    by = signer()
    altered = in_envelope(by).replace(b"279035121518989", b"279035121518980")
    with pytest.raises((InvalidDigest, InvalidSignature)):
        verified(altered, by)


def test_the_signature_stands_right_after_the_issuer() -> None:
    tags = [etree.QName(one).localname for one in made(signer())]
    assert tags == ["Issuer", "Signature", "Subject", "AuthnStatement", "AttributeStatement"]


def test_the_issuer_is_the_subject_of_the_signing_certificate() -> None:
    issuer = made(signer()).findtext("s:Issuer", namespaces=SAML)
    assert issuer == "CN=TEST ORG SIGN,OU=1120459876,O=STRUCTURE DE TEST,ST=Rhône (69),C=FR"


def test_there_is_no_audience_restriction() -> None:
    assert made(signer()).find(".//s:AudienceRestriction", SAML) is None


def attribute(name: str) -> list[etree._Element]:
    return made(signer()).findall(f".//s:Attribute[@Name='{name}']/s:AttributeValue", SAML)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIHF_Version", "3.0"),
        ("Authentification_Mode", "INDIRECTE"),
        ("Identifiant_Structure", "1120459876"),
        ("Secteur_Activite", "SA25^1.2.250.1.71.4.2.4"),
        ("urn:oasis:names:tc:xspa:1.0:subject:subject-id", "Anne BIOLOGISTE"),
        (
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
            "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH",
        ),
        ("Ressource_URN", "urn:dmp"),
        ("LPS_Nom", "Passeur"),
        ("LPS_Version", "0.1.0"),
        ("LPS_ID_HOMOLOGATION_DMP", "NUM"),
    ],
)
def test_each_attribute_has_its_value(name: str, value: str) -> None:
    assert [one.text for one in attribute(name)] == [value]


def test_a_secret_connection_is_said_in_the_words_of_the_directory_and_only_when_asked() -> None:
    name = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
    assert attribute(name) == []
    path = f".//s:Attribute[@Name='{name}']/s:AttributeValue"
    (value,) = made(signer(), replace(CLAIM, secret_connection=True)).findall(path, SAML)
    assert value.text == "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"


def test_a_physician_has_two_roles_profession_then_speciality() -> None:
    roles = [one.find("h:Role", SAML) for one in attribute("urn:oasis:names:tc:xacml:2.0:subject:role")]
    assert [(role.get("code"), role.get("codeSystem")) for role in roles if role is not None] == [
        ("10", "1.2.250.1.71.1.2.7"),
        ("SM03", "1.2.250.1.71.4.2.5"),
    ]


def test_a_coded_value_is_of_hl7_s_type_ce() -> None:
    role = attribute("urn:oasis:names:tc:xacml:2.0:subject:role")[0].find("h:Role", SAML)
    assert role is not None
    assert role.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "CE"
    assert role.nsmap[None] == "urn:hl7-org:v3"


def test_access_is_normal() -> None:
    found = attribute("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")[0].find("h:PurposeOfUse", SAML)
    assert found is not None
    assert (found.get("code"), found.get("codeSystem")) == ("normal", "1.2.250.1.213.1.1.4.248")


def test_instants_are_utc_with_milliseconds() -> None:
    assert made(signer()).get("IssueInstant") == "2026-01-05T09:30:00.123Z"
