"""A minimal document of an invented patient, for tests of what happens around documents."""

from __future__ import annotations

from engine.model.document import Author, ClinicalDocument, Encounter, ServiceEvent, Signature, TextBody
from engine.model.parties import INS_NIR_TEST, BirthPlace, Ins, Patient
from engine.model.values import Code, Identifier, Timestamp
from tests.unit.formats.laboratory_fixture import BIOLOGIST, FACILITY_TYPE, ORGANIZATION, PRESCRIBER

DAY = Timestamp("20250310141000+0100")
INS = Ins("285039900000193", INS_NIR_TEST, qualified=True)

PATIENT = Patient(
    ids=(Identifier("1.2.250.1.999.1.2.1", "IPP0001"),),
    ins=INS,
    birth_name="TESTNAISSANCE",
    used_name="FICTIVE",
    birth_given_names=("Hélène", "Zoé"),
    first_given_name="Hélène",
    used_given_name="Hélène",
    gender="F",
    birth_time=Timestamp("19850312"),
    birth_place=BirthPlace(cog="99000"),
)

DOCUMENT = ClinicalDocument(
    type="cr_bio_n1",
    title="Compte rendu d'examens biologiques",
    created_at=DAY,
    patient=PATIENT,
    authors=(Author(DAY, BIOLOGIST),),
    custodian=ORGANIZATION,
    legal_authenticator=Signature(DAY, BIOLOGIST),
    act=ServiceEvent(Code("18719-5", "2.16.840.1.113883.6.1", "Biochimie"), BIOLOGIST, DAY, DAY),
    encounter=Encounter(FACILITY_TYPE, DAY),
    body=TextBody(("GLYCEMIE 0,95 g/L",)),
    recipients=(PRESCRIBER,),
)
