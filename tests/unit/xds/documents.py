"""CDA documents written by hand for these tests: an N3 laboratory report and an N1 letter of fictitious people."""

from __future__ import annotations

INS = "279035121518989"
INS_TEST_OID = "1.2.250.1.213.1.4.10"
STRUCTURE = "1120459876"
REPORT_ID = "2.25.123456789012345678901234567890"

_N3 = """<component><structuredBody><component><section><title>Biochimie</title>
<text>Sodium 140 mmol/l</text></section></component></structuredBody></component>"""
N1 = """<component><nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0xLjQK</text></nonXMLBody>
</component>"""
LAB_TEMPLATES = """<templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="1.3.6.1.4.1.19376.1.3.3"/>
<templateId root="1.2.250.1.213.1.1.1.55" extension="2024.01"/>"""
PERSON = """<assignedPerson><name><given>Anne</given><family>BIOLOGISTE</family></name></assignedPerson>"""
SPECIALTY = """<code code="G15_10/SM03" displayName="Médecin - Biologie médicale (SM)"
codeSystem="1.2.250.1.213.1.1.4.5"/>"""
PATIENT_IDS = f"""<id extension="{INS}" root="{INS_TEST_OID}"/><id extension="IPP42" root="1.2.3.4.5"/>
<id extension="IPP43" root="1.2.3.4.6"/>"""
NAMES = """<family qualifier="BR">PAT-TROIS</family><family qualifier="CL">DURAND</family>
<given>DOMINIQUE MARIE-LOUISE</given><given qualifier="BR">DOMINIQUE</given><given qualifier="CL">MARIE</given>"""
EVENT = """<documentationOf><serviceEvent>
<code code="18719-5" displayName="Biochimie" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime><low value="20260104082200+0100"/><high value="20260104150500+0100"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="801234534765"/>
<representedOrganization><standardIndustryClassCode code="AMBULATOIRE" displayName="Ambulatoire"
codeSystem="1.2.250.1.213.1.1.4.9"/></representedOrganization></assignedEntity></performer>
</serviceEvent></documentationOf>
<documentationOf><serviceEvent><code code="18723-7" displayName="Hématologie" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime><low value="20260105"/><high value="20260106"/></effectiveTime></serviceEvent></documentationOf>"""
CODE = """<code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'examens biologiques"/>"""
CONFIDENTIALITY = """<confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>"""


def cda(
    *,
    unique_id: str = REPORT_ID,
    body: str = _N3,
    templates: str = LAB_TEMPLATES,
    effective_time: str = "20260105103000+0100",
    patient_ids: str = PATIENT_IDS,
    names: str = NAMES,
    event: str = EVENT,
    code: str = CODE,
    confidentiality: str = CONFIDENTIALITY,
    person: str = PERSON,
    specialty: str = SPECIALTY,
    author_specialty: str = SPECIALTY,
    organization: str = "Laboratoire &amp; Cie",
    structure: str = STRUCTURE,
    related: str = "",
    version: str = "1",
) -> bytes:
    """A document; each argument is the XML of one part of it."""
    represented = f"""<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="{structure}"/>
<name>{organization}</name></representedOrganization>"""
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="cda.xsl"?>
<!-- rendu -->
<ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="FR"/>
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/>{templates}
<id root="{unique_id}"/>{code}<title>Compte rendu d'examens biologiques</title>
<effectiveTime value="{effective_time}"/>{confidentiality}<languageCode code="fr-FR"/>
<setId root="{unique_id}.1"/><versionNumber value="{version}"/>
<recordTarget><patientRole>{patient_ids}<patient><name>{names}</name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19790328"/>
</patient></patientRole></recordTarget>
<author><functionCode code="PCP" displayName="Biologiste" codeSystem="2.16.840.1.113883.5.88"/>
<time value="20260105103000+0100"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="801234534765"/>
{author_specialty}{person}{represented}</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2"
extension="{structure}"/><name>{organization}</name></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="20260105103000+0100"/><signatureCode code="S"/><assignedEntity>
<id root="1.2.250.1.71.4.2.1" extension="801234534765"/>{specialty}{person}{represented}</assignedEntity>
</legalAuthenticator>
<inFulfillmentOf><order><id root="1.2.3.9" extension="DEM&amp;42"/></order></inFulfillmentOf>
{event}{related}
<componentOf><encompassingEncounter><code code="AMB" codeSystem="2.16.840.1.113883.5.4"/>
<effectiveTime nullFlavor="UNK"/><location><healthCareFacility><code code="SA25"
displayName="Laboratoire de biologie médicale" codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location>
</encompassingEncounter></componentOf>{body}</ClinicalDocument>"""
    return text.encode()
