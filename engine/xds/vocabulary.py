"""UUIDs and namespaces of ebRIM 3.0 and of the XDS metadata (ITI TF-3 4.2.5)."""

from __future__ import annotations

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDS = "urn:ihe:iti:xds-b:2007"
RIM_MAP: dict[str, str] = {"rim": RIM, "lcm": LCM}

EXTRINSIC_OBJECT_TYPE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"

DOCUMENT_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
DOCUMENT_PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
DOCUMENT_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
DOCUMENT_CODES = (
    ("class_code", "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"),
    ("confidentiality_codes", "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"),
    ("event_codes", "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"),
    ("format_code", "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"),
    ("healthcare_facility_type_code", "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"),
    ("practice_setting_code", "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"),
    ("type_code", "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"),
)
"""Coded attributes of a DocumentEntry and their classification schemes."""

SUBMISSION_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SUBMISSION_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SUBMISSION_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SUBMISSION_PATIENT_ID = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SUBMISSION_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SUBMISSION_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
