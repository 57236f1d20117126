"""Metadata of a feeding: each broken rule is told, with the code a registry gives and the place."""

# ruff: noqa: E501 - one rule a line in the tables

from __future__ import annotations

import pytest

from connectors.simulators import DmpSimulator, Pki
from tests.unit.simulators.dmp_client import Feeding, feed, spoil
from tests.unit.simulators.documents import AUTHOR, CX, INSTITUTION, PATIENT

METADATA = "XDSRegistryMetadataError"
REPOSITORY = "XDSRepositoryMetadataError"
PATIENT_MISMATCH = "XDSPatientIdDoesNotMatch"

SET = "96fdda7c-d067-4183-912e-bf5ee74998a8"
XML_CX = CX.replace("&", "&amp;")
XML_AUTHOR = AUTHOR.replace("&", "&amp;")
XML_INSTITUTION = INSTITUTION.replace("&", "&amp;")
OTHER_CX = XML_CX.replace(PATIENT, "279035121518990")


def once(old: str, new: str):
    """Spoil the first place only."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return edit


def hidden(text: str, *codes: str, first: bool = False) -> str:
    """The document's entry with codes of visibility, after its own confidentiality or before."""
    mark = text.index('nodeRepresentation="N"')
    start = text.rindex("<rim:Classification ", 0, mark)
    end = text.index("</rim:Classification>", mark) + len("</rim:Classification>")
    normal = text[start:end]
    added = "".join(
        normal.replace('id="obj', f'id="hidden{position}', 1)
        .replace('"N"', f'"{code}"')
        .replace("2.16.840.1.113883.5.25", "1.2.250.1.213.1.1.4.13")
        for position, code in enumerate(codes)
    )
    return text[:start] + (added + normal if first else normal + added) + text[end:]


RULES = [
    ("no submission set", spoil("rim:RegistryPackage", "rim:Service"), METADATA, "exactement un lot"),
    ("a stranger in the list", spoil("</rim:RegistryObjectList>", "<rim:User/></rim:RegistryObjectList>"),
     METADATA, "élément User inattendu"),
    ("two objects with one id", once('id="obj2"', 'id="obj1"'), METADATA, "même id"),
    ("no mark of the set", once("a54d6aa5-d40d-43f9-88c5-b4633d873bdd", "a54d6aa5-d40d-43f9-88c5-b4633d873bde"),
     METADATA, "marque de lot"),
    ("a mark on another object", once('classifiedObject="Set01" classificationNode', 'classifiedObject="Document01" classificationNode'),
     METADATA, "marque de lot"),
    ("a code that classifies another object", once('classifiedObject="Document01" nodeRepresentation="10"', 'classifiedObject="Set01" nodeRepresentation="10"'),
     METADATA, "classifiedObject"),
    ("an identifier of another object", once('registryObject="Document01"', 'registryObject="Set01"'),
     METADATA, "registryObject"),
    ("a slot twice", once('<rim:Slot name="languageCode">', '<rim:Slot name="creationTime">'), METADATA, "répété"),
    ("a slot without value", once("<rim:Value>20260102080000</rim:Value>", ""), METADATA, "slot sans valeur"),
    ("a stranger slot", once('name="serviceStartTime"', 'name="debut"'), METADATA, "slot inattendu"),
    ("a submission time with an offset", once("20260102092000", "20260102102000+0100"), METADATA, "submissionTime"),
    ("a submission time that does not exist", once("20260102092000", "20260230092000"), METADATA, "submissionTime"),
    ("an author without node representation", once('nodeRepresentation=""', ""), METADATA, "nodeRepresentation"),
    ("an author without given name", spoil("^DURAND^ANNE^", "^DURAND^^"), METADATA, "prénom vide"),
    ("an author outside the national directory", spoil("1.2.250.1.71.4.2.1&amp;ISO^D", "1.2.3&amp;ISO^D"), METADATA, "XCN-9"),
    ("an internal number said to be national", spoil("899700000012^DURAND", "1990000002/42^DURAND"), METADATA, "XCN-13"),
    ("a malformed national number", spoil("899700000012^DURAND", "89970^DURAND"), METADATA, "mal formé"),
    ("an institution without number", spoil("^IDNST^^^1990000002", "^IDNST^^^"), METADATA, "authorInstitution"),
    ("a speciality without label", spoil("^Médecin - Biologie médicale^", "^^"), METADATA, "spécialité"),
    ("no content type", once("aa543740-bdda-424e-8c96-df4873be8500", "aa543740-bdda-424e-8c96-df4873be8501"),
     METADATA, "contentTypeCode"),
    ("a content type of no nomenclature", once("1.2.250.1.213.2.2<", "J59<"), METADATA, "nomenclature"),
    ("a source that is no OID", once("1.2.250.1.999.7", "passeur"), METADATA, "sourceId"),
    ("a set id that is no OID", lambda text: text.replace(text.split(SET)[1].split('value="')[1].split('"')[0], "lot 1"),
     METADATA, "SubmissionSet.uniqueId"),
    ("a document that is not stable", once("7edca82f-054d-47f2-a032-9b2a5b5186c1", "34268e47-fdf5-41a6-ba33-82133c465248"),
     METADATA, "objectType"),
    ("another media type", once('mimeType="text/xml"', 'mimeType="application/pdf"'), METADATA, "mimeType"),
    ("no title", once('value="Compte rendu d\'examens biologiques"', 'value=""'), METADATA, "titre"),
    ("a title of 129 characters", once('value="Compte rendu d\'examens biologiques"', f'value="{"x" * 129}"'), METADATA, "titre"),
    ("another title", once('value="Compte rendu d\'examens biologiques"', 'value="Synthèse"'), REPOSITORY, "titre"),
    ("no creation time", once("creationTime", "serviceStopTime"), METADATA, "DocumentEntry[1].creationTime"),
    ("a creation time in local time", once("20260102091500", "20260102101500"), REPOSITORY, "creationTime"),
    ("another start", once("20260102080000", "20260102090000"), REPOSITORY, "serviceStartTime"),
    ("a stop the document does not have", once('<rim:Slot name="languageCode">', '<rim:Slot name="serviceStopTime"><rim:ValueList>'
     '<rim:Value>20260102080500</rim:Value></rim:ValueList></rim:Slot><rim:Slot name="languageCode">'), REPOSITORY, "serviceStopTime"),
    ("a stop before the start", once('<rim:Slot name="languageCode">', '<rim:Slot name="serviceStopTime"><rim:ValueList>'
     '<rim:Value>20250102080500</rim:Value></rim:ValueList></rim:Slot><rim:Slot name="languageCode">'), METADATA, "avant son début"),
    ("another language", once("<rim:Value>fr-FR</rim:Value>", "<rim:Value>en-US</rim:Value>"), METADATA, "fr-FR"),
    ("another signer", once(f"<rim:ValueList><rim:Value>{XML_AUTHOR}</rim:Value></rim:ValueList></rim:Slot><rim:Slot name=\"sourcePatientId\">",
     f"<rim:ValueList><rim:Value>{XML_AUTHOR.replace('899700000012', '899700000020')}</rim:Value></rim:ValueList></rim:Slot><rim:Slot name=\"sourcePatientId\">"),
     REPOSITORY, "signataire"),
    ("a local number without type", once("IPP42^^^&amp;1.2.250.1.999.1&amp;ISO^PI", "IPP42"), METADATA, "sourcePatientId"),
    ("a local number of nobody", once("IPP42^^^", "IPP43^^^"), PATIENT_MISMATCH, "sourcePatientId"),
    ("another birth name", once("PAT-TROIS^Dominique", "PAT-QUATRE^Dominique"), PATIENT_MISMATCH, "traits"),
    ("another birth date", once("PID-7|19790315", "PID-7|19790316"), PATIENT_MISMATCH, "traits"),
    ("another sex", once("PID-8|F", "PID-8|M"), PATIENT_MISMATCH, "traits"),
    ("no sex", once("<rim:Value>PID-8|F</rim:Value>", ""), METADATA, "PID-8 manque"),
    ("no type code", once("f0306f51-975f-434e-a61c-c59651d33983", "f0306f51-975f-434e-a61c-c59651d33984"), METADATA, "typeCode"),
    ("another type code", once('nodeRepresentation="11502-2"', 'nodeRepresentation="34133-9"'), REPOSITORY, "typeCode"),
    ("a class outside the value set", once('nodeRepresentation="10"', 'nodeRepresentation="77"'), METADATA, "classCode"),
    ("a class in another nomenclature", once("1.2.250.1.213.1.1.4.1<", "1.2.250.1.213.1.1.4.2<"), METADATA, "nomenclature"),
    ("a code without label", once('value="libellé 10"', 'value=""'), METADATA, "libellé du code absent"),
    ("a PDF format for a structured document", once("urn:ihe:lab:xd-lab:2008", "urn:ihe:iti:xds-sd:pdf:2008"), REPOSITORY, "formatCode"),
    ("another facility", once('nodeRepresentation="SA25"', 'nodeRepresentation="SA01"'), REPOSITORY, "healthcareFacilityTypeCode"),
    ("another practice setting", once('nodeRepresentation="AMBULATOIRE"', 'nodeRepresentation="HAD"'), REPOSITORY, "practiceSettingCode"),
    ("no event code", once("2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "41a5887f-8865-4c09-adf7-e362475b143a"), REPOSITORY, "eventCodeList"),
    ("an unknown confidentiality", once('nodeRepresentation="N"', 'nodeRepresentation="X"'), METADATA, "N, R ou V"),
    ("a visibility outside the value set", lambda text: hidden(text, "MASQUE_PSOCIAL"), METADATA, "visibilité inconnu"),
    ("a visibility twice", lambda text: hidden(text, "MASQUE_PS", "MASQUE_PS"), METADATA, "visibilité inconnu ou répété"),
    ("hidden from everybody", lambda text: hidden(text, "MASQUE_PS", "INVISIBLE_PATIENT"), METADATA, "masqué aux professionnels et au patient"),
    ("a visibility before the document's own code", lambda text: hidden(text, "MASQUE_PS", first=True), METADATA, "d'abord"),
    ("another patient in the entry", lambda text: text.replace(f'value="{XML_CX}"', f'value="{OTHER_CX}"', 2).replace(
        f'value="{OTHER_CX}"', f'value="{XML_CX}"', 1), PATIENT_MISMATCH, "celui du lot"),
    ("another patient everywhere but in the document", spoil(XML_CX, OTHER_CX), PATIENT_MISMATCH, "celui du document"),
    ("a patient id without OID", once(f'value="{XML_CX}"', f'value="{PATIENT}"'), METADATA, "INS attendue"),
    ("a member without status", once("SubmissionSetStatus", "Statut"), METADATA, "SubmissionSetStatus"),
    ("a member left out", once('sourceObject="Set01" targetObject="Document01"', 'sourceObject="Set01" targetObject="Signature01"'),
     METADATA, "HasMember"),
    ("an addendum", once("AssociationType:signs", "AssociationType:APND"), METADATA, "type d'association"),
    ("no signs association", lambda text: text[: text.rindex("<rim:Association ")] + "</rim:RegistryObjectList></lcm:SubmitObjectsRequest>",
     METADATA, "signs attendue"),
    ("a signature entry visible to the patient", once('nodeRepresentation="INVISIBLE_PATIENT"', 'nodeRepresentation="MASQUE_PT"'),
     METADATA, "fiche de signature"),
    ("a signature entry in French", once("<rim:Value>art</rim:Value>", "<rim:Value>fr-FR</rim:Value>"), METADATA, "art attendue"),
    ("no signature entry", once("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "10"), METADATA, "signature de lot"),
]  # fmt: skip


@pytest.mark.parametrize("codes", [("MASQUE_PS",), ("INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")])
async def test_a_document_may_be_hidden_from_some(dmp: DmpSimulator, pki: Pki, codes: tuple[str, ...]) -> None:
    found = await feed(dmp, Feeding(pki, edit_metadata=lambda text: hidden(text, *codes)))
    assert found.taken, found.text


@pytest.mark.parametrize(("edit", "code", "words"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
async def test_broken_metadata_are_refused(dmp: DmpSimulator, pki: Pki, edit, code: str, words: str) -> None:
    found = await feed(dmp, Feeding(pki, edit_metadata=edit))
    assert not found.taken
    assert code in found.codes, found.text
    assert words in found.text
    assert dmp.entries == ()


async def test_every_problem_is_told_at_once(dmp: DmpSimulator, pki: Pki) -> None:
    edit = lambda text: text.replace("fr-FR", "en-US").replace("PID-8|F", "PID-8|M").replace('"SA25"', '"SA01"')  # noqa: E731
    found = await feed(dmp, Feeding(pki, edit_metadata=edit))
    assert {METADATA, REPOSITORY, PATIENT_MISMATCH} <= found.codes


async def test_no_answer_holds_patient_data(dmp: DmpSimulator, pki: Pki) -> None:
    found = await feed(dmp, Feeding(pki, edit_metadata=spoil(XML_CX, OTHER_CX)))
    for secret in (PATIENT, "279035121518990", "PAT-TROIS", "Dominique", "19790315"):
        assert secret not in found.text
        assert all(secret not in text for _, text in dmp.refusals)
        assert not dmp.ledger.exists() or secret not in dmp.ledger.read_text()
