"""Names and UUIDs of XDS metadata (IHE ITI TF-3, 4.2) and of its French profile."""

from __future__ import annotations

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"

STABLE_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"

SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SET_PATIENT_ID = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"

AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS_CODE = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
TYPE_CODE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
FORMAT_CODE = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY_TYPE = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE_SETTING = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
EVENT_CODE = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"

APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"

LOINC = "2.16.840.1.113883.6.1"
TYPES_FR = "1.2.250.1.213.1.1.4.12"
CLASSES_FR = "1.2.250.1.213.1.1.4.1"
FORMATS_IHE = "1.3.6.1.4.1.19376.1.2.3"
FORMATS_FR = "1.2.250.1.213.1.1.4.2.282"
FACILITIES_FR = "1.2.250.1.71.4.2.4"
NON_PROFESSIONALS_FR = "1.2.250.1.213.1.1.4.6"
SETTINGS_FR = "1.2.250.1.213.1.1.4.9"
CONFIDENTIALITY_HL7 = "2.16.840.1.113883.5.25"
VISIBILITY_FR = "1.2.250.1.213.1.1.4.13"

CLASS_CODES = frozenset(["10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95"])
"""JDV_J57-ClassCode-DMP, the signature's own class apart."""
SETTING_CODES = frozenset(
    [
        "AMBULATOIRE",
        "AMO",
        "DEPISTAGE",
        "ESSMS",
        "ETABLISSEMENT",
        "HAD",
        "MAD",
        "PALLIATIF",
        "SAD",
        "SAMU_SMUR",
        "EXP_PATIENT",
        "SNR",
    ]
)
"""JDV_J04."""
VISIBILITIES = frozenset(["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"])
"""JDV_J08, N, R and V apart; the nomenclature has others (MASQUE_PSOCIAL, MASQUE_PT) that no document may carry."""

SIGNATURE_CLASS = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"
SIGNATURE_TYPE = "E1762"
SIGNATURE_FORMAT = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE_PURPOSE = "1.2.840.10065.1.12.1.14"
SIGNATURE_PURPOSES = "1.2.840.10065.1.12"

INS_REAL = frozenset({"1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"})
INS_TEST = frozenset({"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"})
PROFESSIONALS = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"

METADATA_ERROR = "XDSRegistryMetadataError"
REPOSITORY_METADATA_ERROR = "XDSRepositoryMetadataError"
PATIENT_MISMATCH = "XDSPatientIdDoesNotMatch"
UNKNOWN_PATIENT = "XDSUnknownPatientId"
