"""The VIHF (SAML 2.0 assertion in wsse:Security) as the DMP judges it, in indirect authentication."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors.simulators import certificates
from connectors.simulators.dmp.soap import SOAP, WSSE, SoapFault
from connectors.simulators.metadata.datatypes import is_professional_id
from connectors.simulators.metadata.patient_rules import cx_problems
from connectors.simulators.xml import Element, children, local_name, parse, text

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
_NS = {"s": SAML, "d": DS, "v3": "urn:hl7-org:v3"}
_CONTEXTS = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_CONTEXT_CLASSES = frozenset(
    _CONTEXTS + name for name in ("Password", "SmartcardPKI", "TLSClient", "MobileTwoFactorUnregistered", "unspecified")
)
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_REPRESENTATIVES = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_REPRESENTATIVES_VALUE = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
_PROFESSIONS = "1.2.250.1.71.1.2.7"
_SPECIALTIES = {"10": "1.2.250.1.71.4.2.5", "21": "1.2.250.1.71.4.2.6"}
_ONE_VALUE = (
    "VIHF_Version",
    "Identifiant_Structure",
    "Secteur_Activite",
    "urn:oasis:names:tc:xspa:1.0:subject:subject-id",
    _RESOURCE,
    "Ressource_URN",
    _PURPOSE,
    "LPS_Nom",
    "LPS_Version",
    "LPS_ID_HOMOLOGATION_DMP",
)
_MODES = ("Authentification_Mode", "Authentification_mode")
_KNOWN = frozenset({*_ONE_VALUE, *_MODES, _ROLE, _REPRESENTATIVES, "LPS_ID"})
CLOCK_TOLERANCE = timedelta(minutes=10)

SIGNATURES = SignatureConfiguration(
    location="./",
    signature_methods=frozenset(
        {SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512, SignatureMethod.RSA_SHA1}
    ),
    digest_algorithms=frozenset(
        {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512, DigestAlgorithm.SHA1}
    ),
)
"""SHA-256 is what recent samples carry, SHA-1 what the older ones do; the DMP's own list is not public."""
SIGNATURE_ERRORS = (
    InvalidSignature,
    InvalidDigest,
    InvalidCertificate,
    InvalidInput,
    etree.LxmlError,
    ValueError,
    KeyError,
    TypeError,
)


@dataclass(frozen=True, slots=True)
class Vihf:
    """What the rest of a request is compared with."""

    structure_id: str
    patient_id: str
    """CX of resource-id."""
    secret_connection: bool
    """The minor's representatives are not to know."""
    xml: bytes


def vihf(header: Element, tls: x509.Certificate, authority: x509.Certificate, *, production: bool) -> Vihf:
    """Read and judge the assertion of a SOAP header. Raises SoapFault, with everything wrong in its reason."""
    assertion = _assertion(header)
    signer = _check_signature(assertion, authority)
    values = _attributes(assertion)
    problems = list(_problems(assertion, values, signer, tls, production))
    if problems:
        raise SoapFault(" ; ".join(problems), subcode=(WSSE, "InvalidSecurityToken"))
    xml = etree.tostring(assertion, method="c14n", exclusive=True)
    return Vihf(text(values["Identifiant_Structure"][0]), text(values[_RESOURCE][0]), _REPRESENTATIVES in values, xml)


def _assertion(header: Element) -> Element:
    """The assertion as a document of its own, without comments: what is read is what was signed, nothing around it."""
    securities = header.findall(f"{{{WSSE}}}Security")
    if len(securities) != 1 or [e.tag for e in children(securities[0])] != [f"{{{SAML}}}Assertion"]:
        raise SoapFault("wsse:Security avec un VIHF et un seul attendu", subcode=(WSSE, "InvalidSecurity"))
    assertion = parse(etree.tostring(children(securities[0])[0], method="c14n", exclusive=True, with_comments=False))
    parts = [local_name(e) for e in children(assertion)]
    if parts[:2] != ["Issuer", "Signature"] or parts.count("Signature") != 1:
        raise SoapFault("signature du VIHF attendue juste après Issuer", subcode=(WSSE, "FailedCheck"))
    return assertion


def _check_signature(assertion: Element, authority: x509.Certificate) -> x509.Certificate:
    signature = children(assertion)[1]
    certificate = signing_certificate(signature, authority)
    reference = signature.findall("d:SignedInfo/d:Reference", _NS)
    transforms = [
        t.get("Algorithm") for t in signature.findall("d:SignedInfo/d:Reference/d:Transforms/d:Transform", _NS)
    ]
    if len(reference) != 1 or reference[0].get("URI") != f"#{assertion.get('ID')}":
        raise SoapFault("la signature ne porte pas sur le VIHF", subcode=(WSSE, "FailedCheck"))
    if transforms != [ENVELOPED, EXCLUSIVE]:
        raise SoapFault("transformations de signature inattendues", subcode=(WSSE, "FailedCheck"))
    method = signature.find("d:SignedInfo/d:CanonicalizationMethod", _NS)
    if method is None or method.get("Algorithm") != EXCLUSIVE:
        raise SoapFault("forme canonique exclusive attendue", subcode=(WSSE, "FailedCheck"))
    try:
        result = XMLVerifier().verify(assertion, x509_cert=certificate, id_attribute="ID", expect_config=SIGNATURES)
    except SIGNATURE_ERRORS as error:
        raise SoapFault("signature du VIHF fausse", subcode=(WSSE, "FailedCheck")) from error
    if isinstance(result, list) or result.signed_xml is None or result.signed_xml.get("ID") != assertion.get("ID"):
        raise SoapFault("la signature ne porte pas sur le VIHF", subcode=(WSSE, "FailedCheck"))
    return certificate


def signing_certificate(signature: Element, authority: x509.Certificate) -> x509.Certificate:
    """The certificate a signature carries. Raises SoapFault DMPInvalidCertificate when it is not one to sign with."""
    found = signature.findall("d:KeyInfo/d:X509Data/d:X509Certificate", _NS)
    try:
        der = base64.b64decode("".join(text(found[0]).split()), validate=True) if found else b""
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, binascii.Error) as error:
        raise SoapFault("certificat de signature illisible", subcode=(SOAP, "DMPInvalidCertificate")) from error
    if not certificates.is_signing(certificate):
        raise SoapFault("Not a valid signature certificate", subcode=(SOAP, "DMPInvalidCertificate"))
    if reason := certificates.fault(certificate, authority):
        raise SoapFault(f"signature : {reason}", subcode=(SOAP, "DMPInvalidCertificate"))
    return certificate


def _attributes(assertion: Element) -> dict[str, list[Element]]:
    values: dict[str, list[Element]] = {}
    for attribute in assertion.findall("s:AttributeStatement/s:Attribute", _NS):
        values.setdefault(attribute.get("Name", ""), []).extend(attribute.findall("s:AttributeValue", _NS))
    return values


def _problems(
    assertion: Element,
    values: dict[str, list[Element]],
    signer: x509.Certificate,
    tls: x509.Certificate,
    production: bool,
) -> Iterator[str]:
    yield from _envelope_problems(assertion, signer)
    for name in _ONE_VALUE:
        if len(values.get(name, [])) != 1:
            yield f"attribut {name} absent ou répété"
        elif name != _PURPOSE and not text(values[name][0]):
            yield f"attribut {name} vide"
    unknown = set(values) - _KNOWN
    if unknown:
        yield f"attribut inconnu : {', '.join(sorted(unknown))}"
    modes = [text(value) for name in _MODES for value in values.get(name, [])]
    if modes != ["INDIRECTE"]:
        yield "Authentification_Mode INDIRECTE attendu"
    yield from _constant_problems(values)
    structure = _value(values, "Identifiant_Structure")
    if structure and {certificates.structure_id(signer), certificates.structure_id(tls)} != {structure}:
        yield "Structure introuvable ou Inactive : Identifiant_Structure n'est pas celui des certificats"
    yield from _role_problems(values.get(_ROLE, []))
    for problem in cx_problems(_value(values, _RESOURCE), "resource-id", production=production):
        yield str(problem)


def _envelope_problems(assertion: Element, signer: x509.Certificate) -> Iterator[str]:
    now = datetime.now(UTC)
    if assertion.get("Version") != "2.0":
        yield "assertion SAML 2.0 attendue"
    issued = _instant(assertion.get("IssueInstant", ""))
    if issued is None or abs(now - issued) > CLOCK_TOLERANCE:
        yield "IssueInstant absent, sans fuseau UTC ou trop loin de l'heure"
    issuer = assertion.find("s:Issuer", _NS)
    if issuer is None or issuer.get("Format") != "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName":
        yield "Issuer : format X509SubjectName attendu"
    elif text(issuer) != certificates.subject(signer):
        yield "Issuer n'est pas le sujet du certificat de signature"
    if not is_professional_id(text(assertion.find("s:Subject/s:NameID", _NS))):
        yield "NameID : identifiant national de professionnel attendu"
    if assertion.find(".//s:AudienceRestriction", _NS) is not None:
        yield "AudienceRestriction interdit"
    yield from _condition_problems(assertion.find("s:Conditions", _NS), now)
    statements = assertion.findall("s:AuthnStatement", _NS)
    if len(statements) != 1 or _instant(statements[0].get("AuthnInstant", "")) is None:
        yield "AuthnStatement avec AuthnInstant attendu"
    elif text(statements[0].find("s:AuthnContext/s:AuthnContextClassRef", _NS)) not in _CONTEXT_CLASSES:
        yield "AuthnContextClassRef inconnu"


def _condition_problems(conditions: Element | None, now: datetime) -> Iterator[str]:
    if conditions is None:
        return
    early, late = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if early is not None and ((start := _instant(early)) is None or start > now + CLOCK_TOLERANCE):
        yield "VIHF pas encore valable"
    if late is not None and ((end := _instant(late)) is None or end <= now):
        yield "VIHF périmé"


def _constant_problems(values: dict[str, list[Element]]) -> Iterator[str]:
    if _value(values, "VIHF_Version") not in ("3.0", "4.0"):
        yield "VIHF_Version inconnue"
    if _value(values, "Ressource_URN") != "urn:dmp":
        yield "Ressource_URN urn:dmp attendu"
    if [text(value) for value in values.get(_REPRESENTATIVES, [])] not in ([], [_REPRESENTATIVES_VALUE]):
        yield "connexion secrète : INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13 attendu, une fois"
    if not re.fullmatch(r"[A-Z0-9_]+\^1\.2\.250\.1\.71\.4\.2\.4", _value(values, "Secteur_Activite")):
        yield "Secteur_Activite mal formé"
    purposes = [e for value in values.get(_PURPOSE, []) for e in value.findall("v3:PurposeOfUse", _NS)]
    found = [(e.get("code"), e.get("codeSystem")) for e in purposes]
    if found != [("normal", "1.2.250.1.213.1.1.4.248")]:
        yield "purposeofuse normal attendu"


def _role_problems(values: list[Element]) -> Iterator[str]:
    roles = [[(e.get("code", ""), e.get("codeSystem", "")) for e in v.findall("v3:Role", _NS)] for v in values]
    if not roles or any(len(found) != 1 for found in roles):
        yield "rôle absent : un Role par AttributeValue"
        return
    (code, system), *others = [found[0] for found in roles]
    if system not in (_PROFESSIONS, "1.2.250.1.213.1.1.4.6") or not code:
        yield "profession inconnue"
    wanted = _SPECIALTIES.get(code) if system == _PROFESSIONS else None
    if wanted and not any(s == wanted and c for c, s in others):
        yield "Aucune spécialité dans le vihf pour ce professionnel"


def _value(values: dict[str, list[Element]], name: str) -> str:
    found = values.get(name, [])
    return text(found[0]) if found else ""


def _instant(value: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]+)?Z", value):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
