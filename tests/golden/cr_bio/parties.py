"""Invented people and places of the golden reports."""

from __future__ import annotations

from engine.model.document import (
    Author,
    ClinicalDocument,
    DocumentVersion,
    Encounter,
    Participant,
    ServiceEvent,
    Signature,
)
from engine.model.laboratory import LaboratoryReport
from engine.model.parties import (
    INS_NIR_TEST,
    PROFESSIONAL_OID,
    STRUCTURE_OID,
    BirthPlace,
    Ins,
    Organization,
    Patient,
    Professional,
)
from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

LAB_OID = "2.25.100.1"
LOCAL_CODES = "2.25.100.2"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n%%EOF\n"
"""Stands for the laboratory's own PDF: opaque to the renderer."""

PROFESSIONS = "1.2.250.1.213.1.1.4.5"
BIOLOGIST_CODE = Code("G15_10/SM03", PROFESSIONS, "Médecin - Biologie médicale (SM)")
LAB_ADDRESS = Address(("4 quai des Essais", "Bâtiment B"), "76600", "LE HAVRE", "FRANCE", "WP")
LAB_TELECOM = Telecom("tel:02 35 00 00 01", "WP")

LABORATORY = Organization(
    id=Identifier(STRUCTURE_OID, "1990000010"),
    name="Laboratoire du Quai",
    addresses=(LAB_ADDRESS,),
    telecoms=(LAB_TELECOM,),
    practice_setting=Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
    facility_type=Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale"),
    accreditation=Identifier("1.2.250.1.213.6.3.1", "8-0000"),
)
BIOLOGIST = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000011"),
    name=PersonName("DUVAL", "Hélène", "MME", "DR"),
    specialty=BIOLOGIST_CODE,
    organization=LABORATORY,
)
SECOND_BIOLOGIST = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000029"),
    name=PersonName("MOREL", "Paul", "M", "DR"),
    specialty=BIOLOGIST_CODE,
    organization=LABORATORY,
)
PRESCRIBER = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000037"),
    name=PersonName("PETIT", "Anne", "DR"),
    specialty=Code("G15_10/SM26", PROFESSIONS, "Médecin - Qualifié en Médecine Générale (SM)"),
    addresses=(Address(("2 rue Neuve",), "76600", "LE HAVRE"),),
    telecoms=(Telecom("mailto:anne.petit@medecin.exemple.mssante.fr"),),
)
NURSE = Professional(id=Identifier("2.25.100.9", "IDE12"), name=PersonName("ROY", "Luc"))

PATIENT = Patient(
    ids=(Identifier(LAB_OID, "P-1001"),),
    ins=None,
    birth_name="ESSAI",
    used_name="EXEMPLE",
    birth_given_names=("JEANNE", "MARIE"),
    first_given_name="JEANNE",
    used_given_name="JEANNE",
    gender="F",
    birth_time=Timestamp("19610415"),
    addresses=(Address(("10 impasse du Test",), "76600", "LE HAVRE", "FRANCE", "H"),),
    telecoms=(Telecom("tel:0600000000", "MC"),),
)
QUALIFIED_PATIENT = Patient(
    ids=(Identifier(LAB_OID, "P-1002"),),
    ins=Ins("279067635199112", INS_NIR_TEST, qualified=True),
    birth_name="ESSAI",
    used_name=None,
    birth_given_names=("CLAIRE", "ANNE"),
    first_given_name="CLAIRE",
    used_given_name=None,
    gender="F",
    birth_time=Timestamp("19790612"),
    birth_place=BirthPlace("76351", "LE HAVRE"),
)
NEWBORN = Patient(
    ids=(Identifier(LAB_OID, "P-1003"),),
    ins=None,
    birth_name="ESSAI",
    used_name=None,
    birth_given_names=("CAMILLE",),
    first_given_name="CAMILLE",
    used_given_name=None,
    gender="UN",
    birth_time=Timestamp("20240310"),
    multiple_birth_order=2,
)

SIGNED = Timestamp("20240312153000+0100")
RECEIVED = Timestamp("20240312081500+0100")
COLLECTED = Timestamp("202403120740+0100")

VERSION = DocumentVersion(Identifier("2.25.4001"), Identifier("2.25.4000"), 1)
SECOND_VERSION = DocumentVersion(Identifier("2.25.4002"), Identifier("2.25.4000"), 2, Identifier("2.25.4001"))


def document(report: LaboratoryReport, patient: Patient = PATIENT) -> ClinicalDocument:
    return ClinicalDocument(
        type="cr_bio",
        title="Compte rendu d'examens biologiques",
        created_at=SIGNED,
        patient=patient,
        authors=(Author(SIGNED, BIOLOGIST),),
        custodian=LABORATORY,
        legal_authenticator=Signature(SIGNED, BIOLOGIST),
        act=ServiceEvent(
            code=None,
            performer=BIOLOGIST,
            start=RECEIVED,
            stop=SIGNED,
            id=Identifier(LAB_OID, "24-0312-001"),
        ),
        encounter=Encounter(
            facility_type=Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale"),
            start=RECEIVED,
            code=Code("AMB", "2.16.840.1.113883.5.4", "ambulatoire"),
            responsible=BIOLOGIST,
            location_name="Laboratoire du Quai",
        ),
        body=report,
        authenticators=(Signature(SIGNED, SECOND_BIOLOGIST),),
        participants=(
            Participant("REF", PRESCRIBER, Timestamp("20240311")),
            Participant("PRF", NURSE, None, Code("PRELV", "1.2.250.1.213.1.1.4.2.280", "Préleveur")),
        ),
        recipients=(PRESCRIBER,),
        orders=(Identifier(LAB_OID, "ORD-77"),),
        attached_pdf=PDF,
    )
