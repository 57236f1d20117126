"""A small CDA and its metadata, written by hand: nothing here comes from the engine."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass, field

PATIENT = "279035121518989"
TEST_OID = "1.2.250.1.213.1.4.10"
CX = f"{PATIENT}^^^&{TEST_OID}&ISO^NH"
STRUCTURE = "1990000002"
AUTHOR = "899700000012^DURAND^ANNE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
INSTITUTION = f"LABORATOIRE DE DÉMONSTRATION^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{STRUCTURE}"


def new_oid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def cda(
    unique_id: str,
    *,
    replaced: str | None = None,
    pdf: bytes | None = None,
    patient: str = PATIENT,
    comment: str = "",
) -> bytes:
    """A structured laboratory report, or a level 1 one when a PDF is given."""
    related = (
        f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{replaced}"/></parentDocument></relatedDocument>'
        if replaced
        else ""
    )
    body = (
        '<nonXMLBody><text mediaType="application/pdf" representation="B64">'
        f"{base64.b64encode(pdf).decode()}</text></nonXMLBody>"
        if pdf
        else "<structuredBody><component><section><text>Glycémie</text></section></component></structuredBody>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="cda.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><!-- {comment} -->
<templateId root="1.2.250.1.213.1.1.1.55"/><id root="{unique_id}"/>
<code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'examens biologiques"/>
<title>Compte rendu d'examens biologiques</title>
<effectiveTime value="20260102101500+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<recordTarget><patientRole>
<id root="{TEST_OID}" extension="{patient}"/><id root="1.2.250.1.999.1" extension="IPP42"/>
<patient><name><given>Dominique</given><family qualifier="BR">PAT-TROIS</family></name>
<administrativeGenderCode code="F"/><birthTime value="19790315"/></patient></patientRole></recordTarget>
<author><time value="20260102101500+0100"/><assignedAuthor>
<id root="1.2.250.1.71.4.2.1" extension="899700000012"/>
<assignedPerson><name><family>DURAND</family><given>ANNE</given></name></assignedPerson></assignedAuthor></author>
<legalAuthenticator><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899700000012"/></assignedEntity>
</legalAuthenticator>
<documentationOf><serviceEvent><code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime><low value="202601020900+0100"/></effectiveTime>
<performer><assignedEntity><representedOrganization>
<standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"/>
</representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>{related}
<componentOf><encompassingEncounter><location><healthCareFacility>
<code code="SA25" codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location></encompassingEncounter>
</componentOf><component>{body}</component></ClinicalDocument>""".encode()


def slot(name: str, *values: str) -> str:
    inner = "".join(f"<rim:Value>{value.replace('&', '&amp;')}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{inner}</rim:ValueList></rim:Slot>'


@dataclass
class Ids:
    """Gives each object its id."""

    count: int = 0

    def next(self) -> str:
        self.count += 1
        return f"obj{self.count}"


def code(ids: Ids, owner: str, scheme: str, value: str, system: str) -> str:
    return (
        f'<rim:Classification id="{ids.next()}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="{value}">{slot("codingScheme", system)}'
        f'<rim:Name><rim:LocalizedString value="libellé {value}"/></rim:Name></rim:Classification>'
    )


def author(ids: Ids, owner: str, scheme: str) -> str:
    return (
        f'<rim:Classification id="{ids.next()}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="">{slot("authorPerson", AUTHOR)}{slot("authorInstitution", INSTITUTION)}'
        f"{slot('authorSpecialty', 'G15_10/SM03^Médecin - Biologie médicale^1.2.250.1.213.1.1.4.5')}"
        "</rim:Classification>"
    )


def identifier(ids: Ids, owner: str, scheme: str, value: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="{ids.next()}" identificationScheme="urn:uuid:{scheme}" '
        f'registryObject="{owner}" value="{value.replace("&", "&amp;")}"/>'
    )


def name(value: str) -> str:
    return f'<rim:Name><rim:LocalizedString charset="UTF8" xml:lang="FR" value="{value}"/></rim:Name>'


@dataclass
class Entry:
    """What an entry says of its document."""

    unique_id: str
    content: bytes
    id: str = "Document01"
    format: str = "urn:ihe:lab:xd-lab:2008"
    slots: tuple[str, ...] = ()

    def xml(self, ids: Ids, cx: str) -> str:
        owner = self.id
        return (
            f'<rim:ExtrinsicObject id="{owner}" mimeType="text/xml" '
            'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
            + slot("creationTime", "20260102091500")
            + slot("serviceStartTime", "20260102080000")
            + slot("languageCode", "fr-FR")
            + slot("legalAuthenticator", AUTHOR)
            + slot("sourcePatientId", "IPP42^^^&1.2.250.1.999.1&ISO^PI")
            + slot("sourcePatientInfo", "PID-5|PAT-TROIS^Dominique^^^^^L", "PID-7|19790315", "PID-8|F")
            + "".join(self.slots)
            + name("Compte rendu d'examens biologiques")
            + author(ids, owner, "93606bcf-9494-43ec-9b4e-a7748d1a838d")
            + code(ids, owner, "41a5887f-8865-4c09-adf7-e362475b143a", "10", "1.2.250.1.213.1.1.4.1")
            + code(ids, owner, "f0306f51-975f-434e-a61c-c59651d33983", "11502-2", "2.16.840.1.113883.6.1")
            + code(ids, owner, "a09d5840-386c-46f2-b5ad-9c3699a4309d", self.format, "1.3.6.1.4.1.19376.1.2.3")
            + code(ids, owner, "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA25", "1.2.250.1.71.4.2.4")
            + code(ids, owner, "cccf5598-8b07-4b77-a05e-ae952c785ead", "AMBULATOIRE", "1.2.250.1.213.1.1.4.9")
            + code(ids, owner, "f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25")
            + code(ids, owner, "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "11502-2", "2.16.840.1.113883.6.1")
            + identifier(ids, owner, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", cx)
            + identifier(ids, owner, "2e82c1f6-a085-4c72-9da3-8640a32e42ab", self.unique_id)
            + "</rim:ExtrinsicObject>"
        )


def signature_entry(ids: Ids, unique_id: str, cx: str, owner: str = "Signature01") -> str:
    fr = "1.2.250.1.213.1.1.4.13"
    confidential = "f4f85eac-e6cb-4883-b524-f2705394840f"
    return (
        f'<rim:ExtrinsicObject id="{owner}" mimeType="text/xml" '
        'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        + slot("creationTime", "20260102092000")
        + slot("languageCode", "art")
        + slot("sourcePatientId", cx)
        + name("Source")
        + author(ids, owner, "93606bcf-9494-43ec-9b4e-a7748d1a838d")
        + code(ids, owner, "41a5887f-8865-4c09-adf7-e362475b143a", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN")
        + code(ids, owner, "f0306f51-975f-434e-a61c-c59651d33983", "E1762", "ASTM")
        + code(ids, owner, "a09d5840-386c-46f2-b5ad-9c3699a4309d", "http://www.w3.org/2000/09/xmldsig#", "URN")
        + code(ids, owner, confidential, "N", "2.16.840.1.113883.5.25")
        + code(ids, owner, confidential, "MASQUE_PS", fr)
        + code(ids, owner, confidential, "INVISIBLE_PATIENT", fr)
        + code(ids, owner, "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12")
        + identifier(ids, owner, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", cx)
        + identifier(ids, owner, "2e82c1f6-a085-4c72-9da3-8640a32e42ab", unique_id)
        + "</rim:ExtrinsicObject>"
    )


def association(ids: Ids, kind: str, source: str, target: str, *slots: str) -> str:
    return (
        f'<rim:Association id="{ids.next()}" associationType="{kind}" sourceObject="{source}" '
        f'targetObject="{target}">{"".join(slots)}</rim:Association>'
    )


HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
ORIGINAL = slot("SubmissionSetStatus", "Original")


@dataclass
class Submission:
    """A registry object list."""

    set_id: str
    entries: list[Entry]
    cx: str = CX
    signature_id: str | None = None
    """uniqueId of the signature entry; None for an archive."""
    replaced: str | None = None
    """entryUUID the first entry replaces."""
    update: tuple[str, str, str] | None = None
    """(entryUUID, OriginalStatus, NewStatus), in place of entries."""
    ids: Ids = field(default_factory=Ids)

    def xml(self) -> str:
        ids = self.ids
        parts = [self._package(), *(entry.xml(ids, self.cx) for entry in self.entries)]
        parts += [association(ids, HAS_MEMBER, "Set01", e.id, ORIGINAL) for e in self.entries]
        if self.signature_id is not None:
            parts.append(signature_entry(ids, self.signature_id, self.cx))
            parts.append(association(ids, HAS_MEMBER, "Set01", "Signature01", ORIGINAL))
            parts.append(association(ids, "urn:ihe:iti:2007:AssociationType:signs", "Signature01", "Set01"))
        if self.replaced is not None:
            kind = "urn:ihe:iti:2007:AssociationType:RPLC"
            parts.append(association(ids, kind, self.entries[0].id, self.replaced))
        if self.update is not None:
            target, old, new = self.update
            kind = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
            slots = (slot("OriginalStatus", old), slot("NewStatus", new))
            parts.append(association(ids, kind, "Set01", target, *slots))
        return (
            '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" '
            'xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><rim:RegistryObjectList>'
            + "".join(parts)
            + "</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
        )

    def _package(self) -> str:
        ids = self.ids
        return (
            '<rim:RegistryPackage id="Set01">'
            + slot("submissionTime", "20260102092000")
            + author(ids, "Set01", "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d")
            + code(ids, "Set01", "aa543740-bdda-424e-8c96-df4873be8500", "07", "1.2.250.1.213.2.2")
            + identifier(ids, "Set01", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", self.cx)
            + identifier(ids, "Set01", "554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.7")
            + identifier(ids, "Set01", "96fdda7c-d067-4183-912e-bf5ee74998a8", self.set_id)
            + "</rim:RegistryPackage>"
            + f'<rim:Classification id="{ids.next()}" classifiedObject="Set01" '
            'classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>'
        )


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
