"""Spoiled documents, by the rule of ours that must see the fault; `tests/mutation/rule_cases.csv` holds the others."""

from __future__ import annotations

from lxml import etree

from tests.unit.validation.samples import (
    CR_BIO,
    NS,
    RESULT,
    SAMPLES,
    added,
    given,
    level_1,
    removed,
    spoiled,
    texted,
    without,
)

INS = "//cda:patientRole/cda:id[1]"
BIRTH = "//cda:patient/cda:birthTime"
CS8, CS9, CS24 = SAMPLES["cse_cs8"], SAMPLES["cse_cs9"], SAMPLES["cse_cs24"]
_WEIGHT = "//cda:observation[cda:code/@code='29463-7']/cda:value"
_SIZE = "//cda:observation[cda:code/@code='8302-2']/cda:value"
_ACT = "/*/cda:documentationOf/cda:serviceEvent"


def _nulled(element: etree._Element) -> None:
    element.clear()
    element.set("nullFlavor", "UNK")


def _self_replacing(component_of: etree._Element) -> None:
    related = etree.Element(f"{{{NS['cda']}}}relatedDocument", typeCode="RPLC")
    parent = etree.SubElement(related, f"{{{NS['cda']}}}parentDocument")
    etree.SubElement(parent, f"{{{NS['cda']}}}id", root="2.25.123456789")
    component_of.addprevious(related)


def _second_act(act: etree._Element) -> None:
    act.addnext(
        etree.fromstring(
            f'<documentationOf xmlns="{NS["cda"]}"><serviceEvent><code code="18723-7" displayName="Hématologie" '
            f'codeSystem="2.16.840.1.113883.6.1"/><effectiveTime><low value="20250131"/><high value="20250131"/>'
            "</effectiveTime></serviceEvent></documentationOf>"
        )
    )


def _template_replaced_by_a_second_ci_sis(template: etree._Element) -> None:
    parent = template.getparent()
    assert parent is not None
    for other in parent.findall("cda:templateId", NS)[2:]:
        parent.remove(other)


_RECIPIENT = (
    '<intendedRecipient><id root="1.2.250.1.71.4.2.1" extension="899700245667"/>'
    "<informationRecipient><name><family>PETIT</family></name></informationRecipient>"
    '<receivedOrganization><id root="2.25.1" extension="1"/></receivedOrganization></intendedRecipient>'
)


def _received(custodian: etree._Element) -> None:
    recipient = etree.fromstring(f'<informationRecipient xmlns="{NS["cda"]}">{_RECIPIENT}</informationRecipient>')
    custodian.addnext(recipient)


def _performed_without_time(act: etree._Element) -> None:
    performer = etree.fromstring(
        f'<performer xmlns="{NS["cda"]}" typeCode="PRF"><templateId root="1.3.6.1.4.1.19376.1.3.3.1.7"/>'
        '<assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899700245667"/></assignedEntity></performer>'
    )
    first = act.find("cda:entryRelationship", NS)
    assert first is not None
    first.addprevious(performer)


_IMAGE = (
    '<component><observationMedia classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.12.304"/>'
    '<value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia></component>'
)

_LINE = "<streetAddressLine>10 impasse</streetAddressLine>"

ERRORS = {
    "typeid": given("/*/cda:typeId", "extension", "POCD_HD000099"),
    "realm": given("/*/cda:realmCode", "code", "US"),
    "template_ci_sis": removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.1']"),
    "template_hl7_france": removed("/*/cda:templateId[@root='2.16.840.1.113883.2.8.2.1']"),
    "template_document": spoiled("/*/cda:templateId", _template_replaced_by_a_second_ci_sis),
    "template_repeated": given("/*/cda:templateId[3]", "root", "1.2.250.1.213.1.1.1.1"),
    "cr_bio_template": removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.55']"),
    "cr_bio_palm": removed("/*/cda:templateId[@root='1.3.6.1.4.1.19376.1.3.3']"),
    "document_id": given("/*/cda:id", "root", "1.2.03"),
    "title": texted("/*/cda:title", " "),
    "cr_bio_title": texted("/*/cda:title", "Résultats"),
    "effective_time": given("/*/cda:effectiveTime", "value", "20250131101500"),
    "confidentiality": given("/*/cda:confidentialityCode", "code", "X"),
    "language": given("/*/cda:languageCode", "code", "fr"),
    "set_id": removed("/*/cda:setId"),
    "version_number": given("/*/cda:versionNumber", "value", "A"),
    "cr_bio_version": given("/*/cda:versionNumber", "value", "0"),
    "record_target": removed("/*/cda:recordTarget"),
    "author": removed("/*/cda:author"),
    "custodian": removed("/*/cda:custodian"),
    "legal_authenticator": removed("/*/cda:legalAuthenticator"),
    "documentation_of": removed("/*/cda:documentationOf"),
    "main_act": removed("/*/cda:documentationOf/cda:serviceEvent/cda:performer"),
    "component_of": removed("/*/cda:componentOf"),
    "body": removed("/*/cda:component"),
    "replaces_itself": spoiled("/*/cda:componentOf", _self_replacing),
    "patient_id": given("//cda:patientRole/cda:id[2]", "extension", ""),
    "patient_family": given("//cda:patient/cda:name/cda:family", "qualifier", "SP"),
    "patient_gender": given("//cda:administrativeGenderCode", "code", "U"),
    "patient_birth": removed(BIRTH),
    "ins_birth_partial": given(BIRTH, "value", "1979"),
    "ins_traits": removed("//cda:county"),
    "ins_form": given(INS, "extension", "2790351215189"),
    "ins_c": given(INS, "root", "1.2.250.1.213.1.4.2"),
    "ins_repeated": given("//cda:patientRole/cda:id[2]", "root", "1.2.250.1.213.1.4.9"),
    "person_as_structure": given("//cda:assignedAuthor/cda:id", "root", "1.2.250.1.71.4.2.2"),
    "telecom": given("//cda:assignedAuthor/cda:telecom", "value", "0123456789"),
    "addr_unknown_and_given": given("//cda:patientRole/cda:addr", "nullFlavor", "UNK"),
    "addr_lines": added("//cda:patientRole/cda:addr", f"<streetName>a</streetName>{_LINE}"),
    "id_long": given("//cda:patientRole/cda:id[2]", "extension", "9" * 65),
    "period_doubled": given(f"{_ACT}/cda:effectiveTime", "value", "20250131"),
    "recipient_structure": spoiled("/*/cda:custodian", _received),
    "cr_bio_chapter": removed("//cda:templateId[@root='1.3.6.1.4.1.19376.1.3.3.2.1']"),
    "cr_bio_copy": removed("//cda:templateId[@root='1.2.250.1.213.1.1.2.243']"),
    "second_intention": given(
        "//cda:section[1]/cda:templateId[@root='1.2.250.1.213.1.1.2.70']", "root", "1.2.250.1.213.1.1.2.60"
    ),
    "entry_performer": spoiled("//cda:entry/cda:act", _performed_without_time),
    "image": added("//cda:organizer", _IMAGE),
    "result_value": removed(f"{RESULT}/cda:value"),
    "result_value_empty": without(f"{RESULT}/cda:value", "value"),
    "result_time": removed(f"{RESULT}/cda:effectiveTime"),
    "result_status": removed(f"{RESULT}/cda:statusCode"),
    "result_code": removed(f"{RESULT}/cda:code"),
    "result_code_system": given(f"{RESULT}/cda:code", "codeSystem", "1.2.250.1.213.1.1.5.130"),
    "result_label": without(f"{RESULT}/cda:code", "displayName"),
    "result_ranges": added(
        RESULT, "<referenceRange><observationRange><text>autre</text></observationRange></referenceRange>"
    ),
    "loinc_code": given(f"{RESULT}/cda:code", "code", "14749-7"),
    "unit": given(f"{RESULT}/cda:value", "unit", "mmolles/L"),
    "range_reversed": given(f"{RESULT}/cda:referenceRange//cda:low", "value", "61"),
    "interpretation": given(f"{RESULT}/cda:interpretationCode", "code", "Z"),
    "previous_time": removed(f"{RESULT}/cda:entryRelationship/cda:observation/cda:effectiveTime"),
    "impossible_date": given("/*/cda:author/cda:time", "value", "20250230"),
    "reversed_period": given("//cda:encompassingEncounter/cda:effectiveTime/cda:low", "value", "20250201"),
    "base64": texted("//cda:observationMedia/cda:value", "JVBERi0xLjQ*"),
    "embedded_empty": texted("//cda:observationMedia/cda:value", ""),
    "embedded_kind": texted("//cda:observationMedia/cda:value", "iVBORw0KGgo="),
    "n1_templates": added("/*", '<templateId root="1.2.3"/>', level_1()),
    "n1_media": level_1('<text representation="B64">JVBERi0xLjQ=</text>'),
    "n1_empty": level_1('<text mediaType="application/pdf" representation="B64"/>'),
    "n1_elsewhere": level_1('<text mediaType="application/pdf"><reference value="http://exemple.fr/cr.pdf"/></text>'),
    "n1_binary": level_1('<text mediaType="image/jpeg">texte</text>'),
    "body_representation": level_1('<text mediaType="application/pdf">JVBERi0xLjQ=</text>'),
    "level_1": given("/*/cda:templateId[3]", "root", "1.2.3.4", level_1()),
    "snomed_code": given(f"{_ACT}/cda:code", "code", "11429007", CS9),
    "code_form": given("//cda:translation", "code", "7J", CS9),
    "apgar": given("//cda:observation[cda:code/@code='9272-6']/cda:value", "value", "11", CS8),
    "cse_lines": added("//cda:patientRole/cda:addr", _LINE, CS9),
    "cse_item_unknown": spoiled(
        "//cda:observation[cda:code/cda:qualifier/cda:value/@code='67704-7']/cda:value",
        lambda value: (value.attrib.pop("code"), value.attrib.pop("codeSystem"), value.set("nullFlavor", "UNK")),
        CS8,
    ),
    "cs8_template": removed("/*/cda:templateId[@root='1.3.6.1.4.1.19376.1.7.3.1.1.13.1']", CS8),
    "cs9_cause": spoiled(
        "//cda:observation[cda:value/@code='MED-186']",
        lambda accident: [accident.remove(cause) for cause in accident.findall("cda:entryRelationship", NS)],
        CS9,
    ),
    "cs24_cause": spoiled(
        "//cda:observation[cda:value/@code='MED-185']",
        lambda accident: [accident.remove(cause) for cause in accident.findall("cda:entryRelationship", NS)],
        CS24,
    ),
}
"""They may never leave."""

HOLDS = {
    "ins_key": given(INS, "extension", "279035121518988"),
    "ins_sex": given("//cda:administrativeGenderCode", "code", "M"),
    "ins_birth": given(BIRTH, "value", "19790428"),
    "impossible_date": given(f"{RESULT}/cda:effectiveTime", "value", "20211350"),
    "result_unit": without(f"{RESULT}/cda:value", "unit"),
    "range_unit": given(f"{RESULT}/cda:value", "unit", "g/L"),
    "weight_doubtful": given(_WEIGHT, "unit", "kg", CS9),
    "size_doubtful": given(_SIZE, "unit", "m", CS24),
    "cs8_mother_weight": given("//cda:observation[cda:code/@code='8348-5']/cda:value", "value", "6100", CS8),
}
"""A person must look before they leave."""

WARNINGS = {
    "section_title": removed("//cda:section[1]/cda:title"),
    "chapter_code_system": given("//cda:section[1]/cda:code", "codeSystem", "1.2.3"),
    "chapter_known": given("//cda:section[1]/cda:code", "code", "14749-6"),
    "broken_reference": given(f"{RESULT}/cda:code//cda:reference", "value", "#nulle-part"),
    "professional_id": given("//cda:assignedAuthor/cda:id", "extension", "99700245667"),
    "rpps_key": given("//cda:assignedAuthor/cda:id", "extension", "899700245668"),
    "structure_id": given("//cda:representedCustodianOrganization/cda:id", "extension", "750803447"),
    "structure_key": given("//cda:representedCustodianOrganization/cda:id", "extension", "1750803448"),
    "structure_as_person": given(f"{_ACT}//cda:representedOrganization/cda:id", "root", "1.2.250.1.71.4.2.1"),
    "act_of_no_duration": given("//cda:serviceEvent/cda:effectiveTime/cda:low", "value", "20250131100000+0100"),
    "further_act_of_no_duration": spoiled("/*/cda:documentationOf", _second_act),
    "born_after": given("/*/cda:effectiveTime", "value", "19781231101500+0100"),
    "ins_oid": given(INS, "root", "1.2.250.1.213.1.4.13"),
    "ins_birth_place": texted("//cda:county", "Reims"),
    "participant_named": spoiled(
        "/*/cda:participant/cda:associatedEntity", lambda entity: [entity.remove(child) for child in list(entity)], CS9
    ),
    "n1_known_media": level_1('<text mediaType="application/zip" representation="B64">JVBERi0xLjQ=</text>'),
    "result_time_unknown": spoiled(f"{RESULT}/cda:effectiveTime", _nulled),
    "short_zone": given("/*/cda:author/cda:time", "value", "20250131101500+01"),
}
"""They may leave, and should be mended."""

SOUND = {**SAMPLES, "n1": level_1()}
"""Documents that break no rule."""
assert CR_BIO in SOUND.values()
