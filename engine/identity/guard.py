"""Same-patient guard: whoever the source, the CDA, its metadata and the mailbox speak of must be one person."""

from __future__ import annotations

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.parties import INS_OIDS, INS_TEST_OIDS, Patient

_NS = {"h": "urn:hl7-org:v3"}
_CLINICAL_DOCUMENT = "{urn:hl7-org:v3}ClinicalDocument"


def guard_findings(
    document: ClinicalDocument, version: DocumentVersion, cda: bytes, *, production: bool
) -> tuple[Finding, ...]:
    """Compare the bytes about to leave with the document they were made from. Any finding refuses.

    Read again from the bytes, by other code than wrote them: identifiers, matricule, names, birth date, sex, document
    id, and whether the environment of the matricule is the one we run in.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(cda, parser)
    except etree.XMLSyntaxError:
        return (_refusal("identity.unreadable", "le document n'est pas un XML lisible"),)
    root = _clinical_document(root)
    roles = root.findall("h:recordTarget/h:patientRole", _NS)
    if len(roles) != 1:
        return (_refusal("identity.not_one_patient", "le document ne désigne pas un patient et un seul"),)
    found = []
    if root.find("h:id", _NS).get("root") != version.id.root:  # type: ignore[union-attr] # every CDA we render has one
        found.append(_refusal("identity.document_id", "l'identifiant du document n'est pas celui qui lui a été donné"))
    found += _identifier_findings(roles[0], document.patient, production)
    found += _trait_findings(roles[0], document.patient)
    return tuple(found)


def _clinical_document(root: etree._Element) -> etree._Element:
    """The document, itself or inside the style sheet that presents it."""
    inside = [] if root.tag == _CLINICAL_DOCUMENT else root.findall(".//h:ClinicalDocument", _NS)
    return inside[0] if len(inside) == 1 else root


def _identifier_findings(role: etree._Element, patient: Patient, production: bool) -> list[Finding]:
    sent = {(one.get("root"), one.get("extension")) for one in role.findall("h:id", _NS)}
    matricules = {one for one in sent if one[0] in INS_OIDS}
    expected = {(one.root, one.extension) for one in patient.ids}
    qualified = patient.ins is not None and patient.ins.qualified
    owned = {(patient.ins.oid, patient.ins.matricule)} if patient.ins is not None and qualified else set()
    found = []
    if matricules != owned:
        words = "le matricule INS du document n'est pas celui, qualifié, du patient"
        found.append(_refusal("identity.ins_differs", words))
    if sent - matricules != expected:
        found.append(
            _refusal("identity.ids_differ", "les identifiants du patient diffèrent entre le message et le document")
        )
    if any((oid in INS_TEST_OIDS) == production for oid, _ in matricules):
        words = "une identité de test ne part pas en production, ni une identité réelle en test"
        found.append(_refusal("identity.environment", words))
    return found


def _trait_findings(role: etree._Element, patient: Patient) -> list[Finding]:
    person = role.find("h:patient", _NS)
    if person is None:
        return [_refusal("identity.no_traits", "le document ne porte aucun trait d'identité")]
    written = person.findall("h:name/h:family", _NS)
    families = {(one.get("qualifier") or "CL", one.text) for one in written if one.get("qualifier") != "SP"}
    expected = {("BR", patient.birth_name), ("CL", patient.used_name)}
    birth = person.find("h:birthTime", _NS)
    gender = person.find("h:administrativeGenderCode", _NS)
    pairs = (
        ("nom", families, {one for one in expected if one[1] is not None}),
        ("date de naissance", birth.get("value") if birth is not None else None, _value(patient)),
        ("sexe", gender.get("code") if gender is not None else None, patient.gender),
    )
    words = "le trait « {} » diffère entre le message et le document"
    return [_refusal("identity.traits_differ", words.format(name)) for name, is_, should in pairs if is_ != should]


def _value(patient: Patient) -> str | None:
    return patient.birth_time.value if patient.birth_time else None


def _refusal(code: str, message: str) -> Finding:
    remedy = "Ne forcez rien : comparez le message d'origine et l'identité du dossier, puis renvoyez le message."
    return Finding(code, Severity.ERROR, "recordTarget", message, remedy, "identity", Disposition.REFUSE)
