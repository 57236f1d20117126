"""What a mail must say of the document it carries, read from the very bytes that leave."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import DocumentError, PermanentError
from engine.exchange import Order
from engine.model.parties import INS_OIDS, INS_TEST_OIDS
from engine.model.values import Code, Identifier
from engine.xds.header import Header, content

_ROLE = "c:recordTarget/c:patientRole"
_CUSTODIAN = "c:custodian/c:assignedCustodian/c:representedCustodianOrganization"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The header of a CDA, as far as its mail needs it."""

    id: Identifier
    """ClinicalDocument/id."""
    code: Code
    """ClinicalDocument/code."""
    ins: frozenset[Identifier]
    """The matricules the document carries, 0..1 when it is sound."""
    identified: bool
    """Matricule, OID, birth name, first birth given name, birth date and sex are all there (ECO.2.4.2)."""
    replaces: bool
    """It carries a relatedDocument RPLC."""
    custodian: str
    custodian_address: str
    custodian_phone: str


def document_facts(cda: bytes) -> DocumentFacts:
    """Read a CDA. Raises DocumentError when it is no readable CDA of one patient, with a code."""
    header = Header(cda, None)
    code = header.required_code(header.code("c:code"), "xds.type_code", "c:code", "Type de document")
    if len(header.all(_ROLE)) != 1:
        header.missing("xds.patient", _ROLE, "Patient et un seul")
    header.conclude()
    ins = frozenset(one for one in header.identifiers(f"{_ROLE}/c:id") if one.root in INS_OIDS and one.extension)
    traits = (
        header.text(f"{_ROLE}/c:patient/c:name/c:family[@qualifier='BR']"),
        header.text(f"{_ROLE}/c:patient/c:name/c:given[@qualifier='BR']"),
        header.attribute(f"{_ROLE}/c:patient/c:birthTime", "value"),
        header.attribute(f"{_ROLE}/c:patient/c:administrativeGenderCode", "code"),
    )
    phones = [one.get("value", "") for one in header.all(f"{_CUSTODIAN}/c:telecom")]
    address = header.first(f"{_CUSTODIAN}/c:addr")
    return DocumentFacts(
        id=next(iter(header.identifiers("c:id")), Identifier("")),
        code=code,
        ins=ins,
        identified=bool(ins) and all(traits),
        replaces=header.first("c:relatedDocument[@typeCode='RPLC']") is not None,
        custodian=header.text(f"{_CUSTODIAN}/c:name"),
        custodian_address="" if address is None else " ".join(content(line) for line in address.iterchildren("{*}*")),
        custodian_phone=next((phone[4:] for phone in phones if phone.startswith("tel:")), ""),
    )


def refuse_other_patient(facts: DocumentFacts, order: Order, *, production: bool) -> None:
    """The last look before a mail leaves: the document is the order's, its INS the patient's, of this environment.

    Raises PermanentError.
    """
    ins = order.package.patient.ins
    owned = {Identifier(ins.oid, ins.matricule)} if ins is not None and ins.qualified else set()
    if facts.ins != owned:
        words = "le matricule INS du document n'est pas celui, qualifié, du patient de l'ordre"
        raise PermanentError("mssante.ins_differs", words, where="recordTarget")
    if facts.id != order.package.version.id:
        words = "le document n'est pas celui de l'ordre"
        raise PermanentError("mssante.document_differs", words, where="ClinicalDocument/id")
    if any((one.root in INS_TEST_OIDS) == production for one in facts.ins):
        words = "une identité de test ne part pas en production, ni une identité réelle en test"
        raise PermanentError("mssante.environment", words, where="recordTarget")


def refused(error: DocumentError) -> PermanentError:
    """The same refusal for the order: the document as it is will never leave by mail."""
    told = dict.fromkeys(finding.message for finding in error.findings)
    return PermanentError(error.code, " ".join((error.message, *told)), where=error.where)
