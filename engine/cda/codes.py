"""Codes, templates and code systems that CI-SIS documents use again and again."""

from __future__ import annotations

from engine.model.values import Code

LOINC = "2.16.840.1.113883.6.1"
SNOMED_CT = "2.16.840.1.113883.6.96"
NCBI_TAXONOMY = "2.16.840.1.113883.3.9471"
OBSERVATION_INTERPRETATION = "2.16.840.1.113883.5.83"
GENDER = "2.16.840.1.113883.5.1"
IHE_ACT_CODE = "1.3.5.1.4.1.19376.1.5.3.2"
"""OID of the reception act's code system, as CI-SIS CR-BIO 2024.01 demands it (it starts with 1.3.5)."""

SYSTEM_NAMES = {
    LOINC: "LOINC",
    SNOMED_CT: "SNOMED CT",
    NCBI_TAXONOMY: "NCBI-Taxonomy",
    IHE_ACT_CODE: "IHEActCode",
    "1.2.250.1.213.1.1.4.9": "practiceSettingCode",
    "1.2.250.1.213.1.1.4.322": "TA_ASIP",
    "1.2.250.1.213.2.7": "NABM",
    "2.16.840.1.113883.18.311": "HL7:SpecimenType",
}
"""Name of a code system where the code does not carry it."""

GENDERS = {"F": "Féminin", "M": "Masculin", "UN": "Indifférencié"}
CONFIDENTIALITIES = {"N": "Normal", "R": "Restreint", "V": "Très restreint"}
CIVILITIES = frozenset({"M", "MME"})
"""JDV_J245."""
TITLES = frozenset({"DR", "MC", "MG", "PC", "PG", "PR"})
"""JDV_J246."""

CR_BIO = Code("11502-2", LOINC, "CR d'examens biologiques")
"""Document type; the volet compares the display name."""
CR_BIO_TITLE = "Compte rendu d'examens biologiques"
NORMAL_RESULT = Code("N", OBSERVATION_INTERPRETATION, "Normal")
COMMENT = Code("48767-8", LOINC, "Commentaire")
COMMENT_SECTION = Code("55112-7", LOINC, "Commentaire")
REASON = Code("42349-1", LOINC, "Raison de la recommandation")
PROBLEM = Code("55607006", SNOMED_CT, "problème")
ANTIBIOGRAM = Code("18769-0", LOINC, "Antibiogramme")
RECEPTION = Code("SPRECEIVE", IHE_ACT_CODE, "Échantillon reçu")
PDF_COPY = Code("55108-5", LOINC, "Copie du document")
ATTACHED_DOCUMENT = Code("55107-7", LOINC, "Document attaché")
DOCUMENT_KIND = Code("69764-9", LOINC, "Type de document")

# Templates: HL7 France, CI-SIS, then the IHE parent and the CI-SIS volet or model of each part.
MINIMAL_DOCUMENT = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")
CR_BIO_DOCUMENT = "1.3.6.1.4.1.19376.1.3.3"
CR_BIO_VOLET = ("1.2.250.1.213.1.1.1.55", "2024.01")
LEVEL_1_DOCUMENT = "1.3.6.1.4.1.19376.1.2.20"
RECIPIENT = ("1.3.6.1.4.1.19376.1.3.3.1.4",)
VALIDATING_BIOLOGIST = ("1.3.6.1.4.1.19376.1.3.3.1.5",)
PRESCRIBER = ("1.3.6.1.4.1.19376.1.3.3.1.6",)
EXECUTING_LABORATORY = ("1.3.6.1.4.1.19376.1.3.3.1.7", "1.2.250.1.213.1.1.3.23")
CHAPTER = ("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70")
SUB_CHAPTER = ("1.3.6.1.4.1.19376.1.3.3.2.2", "1.2.250.1.213.1.1.2.71")
LABORATORY_ENTRY = ("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
SAMPLING = ("1.3.6.1.4.1.19376.1.3.1.2", "1.2.250.1.213.1.1.3.77")
SAMPLE_RECEPTION = ("1.3.6.1.4.1.19376.1.3.1.3", "1.2.250.1.213.1.1.3.107")
BATTERY = ("1.3.6.1.4.1.19376.1.3.1.4", "1.2.250.1.213.1.1.3.78")
ISOLATE = ("1.3.6.1.4.1.19376.1.3.1.5", "1.2.250.1.213.1.1.3.79")
RESULT = ("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80")
VALIDATION = (*VALIDATING_BIOLOGIST, "1.2.250.1.213.1.1.3.109")
COMMENT_ENTRY = ("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32")
COMMENT_TEXT_SECTION = ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", "1.2.250.1.213.1.1.2.73")
REASON_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.3.6.1.4.1.19376.1.5.3.1.3.2", "1.2.250.1.213.1.1.2.128")
SIMPLE_OBSERVATION = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48")
PROBLEM_ENTRY = ("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37")
PDF_COPY_SECTION = ("1.2.250.1.213.1.1.2.243",)
ATTACHED_DOCUMENT_ENTRY = ("1.2.250.1.213.1.1.3.18",)
ATTACHED_DOCUMENT_KIND = (*SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.18")
