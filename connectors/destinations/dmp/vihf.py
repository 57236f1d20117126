"""VIHF (Vecteur d'Identification et d'Habilitation Formelles): the SAML assertion of who asks, for which patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from connectors.destinations.dmp.credentials import Signer
from connectors.destinations.dmp.responsible import ResponsiblePerson
from connectors.destinations.dmp.xmldsig import (
    ENVELOPED,
    EXCLUSIVE,
    Reference,
    base64_text,
    canonical,
    digest,
    ds,
    key_info,
    signed_info,
)
from engine.model.values import Code
from engine.xds.xml import Builder, Content

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSPA = "urn:oasis:names:tc:xspa:1.0:"
_XACML = "urn:oasis:names:tc:xacml:2.0:"
_SECTOR_SYSTEM = "1.2.250.1.71.4.2.4"
_HIDDEN_FROM_REPRESENTATIVES = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
_NORMAL_ACCESS = Code("normal", "1.2.250.1.213.1.1.4.248", "Accès normal", "mode acces VIHF 2.0")

_saml = Builder(SAML, {"saml2": SAML})


@dataclass(frozen=True, slots=True)
class Product:
    """The sending software, as homologated."""

    name: str
    version: str
    homologation_number: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one VIHF asserts; indirect mode, normal access."""

    version: str
    mode_attribute: str
    structure_id: str
    sector: str
    person: ResponsiblePerson
    patient_id: str
    """CX of the INS: the resource-id."""
    product: Product
    authn_context: str
    secret_connection: bool = False
    """A minor who does not want their legal representatives to know ("connexion secrète"); says nothing of the
    confidentiality of a document (SEL-MP-037, EX_0.1-1100)."""


def assertion(claim: Claim, signer: Signer, *, assertion_id: str, issued_at: datetime) -> etree._Element:
    """A signed assertion, for one call; the signature right after Issuer, as SAML's schema wants it.

    AuthnInstant is `issued_at`: the gateway authenticates itself by its certificate at each call.
    """
    instant = issued_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{issued_at.microsecond // 1000:03}Z"
    element = _saml(
        "Assertion",
        {"ID": assertion_id, "IssueInstant": instant, "Version": "2.0"},
        _saml(
            "Issuer",
            {"Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"},
            signer.chain[0].subject.rfc4514_string(),
        ),
        _saml("Subject", None, _saml("NameID", None, claim.person.id)),
        _saml(
            "AuthnStatement",
            {"AuthnInstant": instant},
            _saml("AuthnContext", None, _saml("AuthnContextClassRef", None, claim.authn_context)),
        ),
        _attributes(claim),
    )
    element.insert(1, _signature(element, assertion_id, signer))
    return element


def _signature(element: etree._Element, assertion_id: str, signer: Signer) -> etree._Element:
    """Enveloped: the digest is that of the assertion without it."""
    value = digest(canonical(element, EXCLUSIVE), signer.algorithm)
    references = (Reference(f"#{assertion_id}", value, (ENVELOPED, EXCLUSIVE)),)
    info = signed_info(references, EXCLUSIVE, signer.algorithm)
    signed = signer.sign(canonical(info, EXCLUSIVE))
    return ds(
        "Signature", None, info, ds("SignatureValue", None, base64_text(signed)), key_info(signer, whole_chain=False)
    )


def _attributes(claim: Claim) -> etree._Element:
    person = claim.person
    secret = (
        (_attribute(f"{_XSPA}resource:patient:hl7:confidentiality-code", _HIDDEN_FROM_REPRESENTATIVES),)
        if claim.secret_connection
        else ()
    )
    return _saml(
        "AttributeStatement",
        None,
        _attribute("VIHF_Version", claim.version),
        _attribute(claim.mode_attribute, "INDIRECTE"),
        _attribute("Identifiant_Structure", claim.structure_id),
        _attribute("Secteur_Activite", f"{claim.sector}^{_SECTOR_SYSTEM}"),
        _attribute(f"{_XSPA}subject:subject-id", f"{person.given} {person.family}"),
        _attribute(f"{_XACML}subject:role", *(_coded("Role", code) for code in person.roles)),
        _attribute(f"{_XACML}resource:resource-id", claim.patient_id),
        _attribute("Ressource_URN", "urn:dmp"),
        _attribute(f"{_XSPA}subject:purposeofuse", _coded("PurposeOfUse", _NORMAL_ACCESS)),
        *secret,
        _attribute("LPS_Nom", claim.product.name),
        _attribute("LPS_Version", claim.product.version),
        _attribute("LPS_ID_HOMOLOGATION_DMP", claim.product.homologation_number),
    )


def _attribute(name: str, *values: Content) -> etree._Element:
    return _saml("Attribute", {"Name": name}, *(_saml("AttributeValue", None, value) for value in values))


def _coded(tag: str, code: Code) -> etree._Element:
    """An HL7 v3 CE, in its own default namespace so that `xsi:type="CE"` names HL7's type."""
    attributes = {f"{{{XSI}}}type": "CE", "code": code.code, "codeSystem": code.system}
    if code.system_name is not None:
        attributes["codeSystemName"] = code.system_name
    if code.display is not None:
        attributes["displayName"] = code.display
    return Builder(HL7, {None: HL7, "xsi": XSI})(tag, attributes)
