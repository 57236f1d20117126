"""DocumentReference → a level 1 document."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from engine.formats.fhir.labels import RECIPIENT, SENDING
from engine.formats.fhir.patient import RELIABILITY
from engine.model.document import PdfBody, ReportStatus, TextBody
from engine.model.instructions import Visibility
from engine.model.values import Identifier
from tests.unit.fhir.bundles import (
    DOCTOR,
    Bundle,
    changed,
    codes,
    context,
    converted,
    document,
    draft,
    faults,
    letter,
    resource,
)
from tests.unit.request import requests as rest

AT = "Bundle.entry[0].resource"
PDF = b"%PDF-1.4\n%%EOF\n"
V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def reference(**values: Any) -> Bundle:
    return changed(letter(), lambda whole: resource(whole, "DocumentReference").update(values))


def attachment(**values: Any) -> Bundle:
    return reference(content=[{"attachment": values}])


def test_a_letter_is_the_same_document_as_the_one_asked_for_in_one_call() -> None:
    made = draft(letter())
    by_call = rest.converted(rest.request()).drafts[0]
    assert made.set_id == by_call.set_id
    assert made.patient_key == by_call.patient_key
    assert made.status is by_call.status is ReportStatus.FINAL
    assert made.document.catalogue == by_call.document.catalogue == "medecin/general/lettre-adressage"
    assert made.document.type == by_call.document.type
    assert isinstance(made.document.body, TextBody)


def test_each_element_goes_where_it_belongs() -> None:
    made = draft(letter())
    one = made.document
    assert one.title == "Lettre d'adressage"
    assert one.created_at.value == "20260314095500+0100"
    assert (one.act.start.value, one.act.stop and one.act.stop.value) == ("20260314093000+0100", "20260314095000+0100")
    assert one.act.id == Identifier("1.2.250.1.999.3.1", "A-7")
    assert [author.professional for author in one.authors] == [DOCTOR]
    assert one.legal_authenticator.professional == DOCTOR
    assert one.patient.birth_name == "EXEMPLE"
    assert one.patient.used_name == "ESSAI"
    assert one.patient.birth_given_names == ("JEANNE", "MARIE")
    assert one.patient.birth_place is not None
    assert one.patient.birth_place.cog == "99000"
    assert [person.name and person.name.family for person in one.recipients] == ["CARDIOTEST"]
    assert made.instructions.mailboxes == ("paul.cardiotest@medecin.mssante.example",)
    assert made.findings == ()


def test_an_identity_said_qualified_counts_under_the_structures_contract_only() -> None:
    assert document(letter()).patient.ins is not None
    assert document(letter()).patient.ins.qualified is True  # type: ignore[union-attr]
    without = context(None)
    assert document(letter(), without).patient.ins.qualified is False  # type: ignore[union-attr]
    assert "identity.ins_not_qualified" in codes(letter(), without)
    unsaid = letter()
    held = resource(unsaid, "Patient")
    held["extension"] = [one for one in held["extension"] if one["url"] != RELIABILITY]
    assert document(unsaid).patient.ins.qualified is False  # type: ignore[union-attr]


def test_a_matricule_with_a_wrong_key_holds_and_is_left_out() -> None:
    whole = letter()
    resource(whole, "Patient")["identifier"][0]["value"] = "285039900000194"
    assert document(whole).patient.ins is None
    assert "identity.ins_invalid" in codes(whole)


def test_an_old_number_and_a_passport_are_no_number_of_the_patient() -> None:
    whole = letter()
    passport = {"type": {"coding": [{"code": "PPN"}]}, "system": "urn:oid:1.2.3", "value": "X"}
    resource(whole, "Patient")["identifier"] += [passport, {"use": "old", "system": "urn:oid:1.2.4", "value": "Y"}]
    assert document(whole).patient.ids == (Identifier("1.2.250.1.999.3.1.1", "P-1"),)


def test_the_usual_name_is_never_taken_for_the_birth_name() -> None:
    whole = letter()
    resource(whole, "Patient")["name"] = [{"use": "usual", "family": "ESSAI", "given": ["JEANNE"]}]
    assert ("Bundle.entry[1].resource.name", "fhir.patient_incomplete") in faults(whole)


@pytest.mark.parametrize(
    ("values", "place", "code"),
    [
        ({"status": "entered-in-error"}, "status", "fhir.entered_in_error"),
        ({"docStatus": "entered-in-error"}, "status", "fhir.entered_in_error"),
        ({"status": "superseded"}, "status", "fhir.superseded"),
        ({"docStatus": "preliminary"}, "docStatus", "fhir.preliminary"),
        ({"relatesTo": [{"code": "appends", "target": {"display": "x"}}]}, "relatesTo[0].code", "fhir.relation"),
        ({"author": []}, "author", "fhir.empty"),
        ({"author": [{"display": "Dr X"}]}, "author[0]", "fhir.author_unknown"),
        ({"category": [{"coding": [{"system": "urn:passeur:catalogue", "code": "lettre"}]}]},
         "category[0].coding[0]", "catalogue.unknown_document"),
        ({"type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]}},
         "type", "fhir.decided_by_catalogue"),
        ({"securityLabel": [{"coding": [{"system": "urn:x", "code": "SECRET"}]}]},
         "securityLabel[0].coding[0]", "fhir.label_unknown"),
        ({"securityLabel": [{"text": "secret"}]}, "securityLabel[0]", "fhir.label_unknown"),
        ({"content": []}, "content", "fhir.empty"),
    ],
)  # fmt: skip
def test_what_forbids_or_lacks_is_a_fault(values: dict[str, Any], place: str, code: str) -> None:
    assert (f"{AT}.{place}", code) in faults(reference(**values))


def test_the_number_common_to_its_versions_makes_the_replacement() -> None:
    first = draft(letter())
    target = {"identifier": {"value": "urn:oid:1.2.250.1.999.3.1.7.1"}}
    second = reference(
        masterIdentifier={"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.999.3.1.7.2"},
        relatesTo=[{"code": "replaces", "target": target}],
    )
    assert draft(second).set_id == first.set_id
    del resource(second, "DocumentReference")["identifier"]
    assert faults(second) == {(f"{AT}.relatesTo[0]", "fhir.replaces_without_number")}


def test_a_document_is_found_by_its_type_alone_when_that_type_is_of_one_document() -> None:
    whole = letter()
    del resource(whole, "DocumentReference")["category"]
    assert document(whole).catalogue == "medecin/general/lettre-adressage"
    resource(whole, "DocumentReference")["type"] = {"coding": [{"system": "http://loinc.org", "code": "1-8"}]}
    assert faults(whole) == {(f"{AT}.type", "fhir.type_unknown")}


def test_the_hosts_own_kind_names_a_document() -> None:
    whole = reference(category=[{"coding": [{"system": "urn:passeur:kind", "code": "COURRIER"}]}])
    assert document(whole).catalogue == "medecin/general/lettre-adressage"


def test_a_pdf_is_kept_byte_for_byte() -> None:
    whole = attachment(contentType="application/pdf", data=base64.b64encode(PDF).decode())
    assert document(whole).body == PdfBody(PDF)


@pytest.mark.parametrize(
    ("values", "place", "code"),
    [
        ({"contentType": "application/pdf", "data": base64.b64encode(b"GIF89a").decode()}, "", "fhir.not_a_pdf"),
        ({"contentType": "application/pdf", "data": "###"}, ".data", "fhir.base64"),
        ({"contentType": "image/png", "data": base64.b64encode(PDF).decode()}, "", "fhir.media_type"),
        ({"contentType": "application/pdf"}, "", "fhir.file_missing"),
        ({"contentType": "application/pdf", "url": "https://elsewhere.example/1.pdf"}, ".url", "fhir.file_elsewhere"),
        ({"contentType": "application/pdf", "data": base64.b64encode(PDF).decode(), "size": 3}, ".size",
         "fhir.file_differs"),
        ({"contentType": "application/pdf", "data": base64.b64encode(PDF).decode(), "hash": "AAAA"}, ".hash",
         "fhir.file_differs"),
        ({"contentType": "text/plain", "data": base64.b64encode(b" \n").decode()}, "", "fhir.file_empty"),
        ({"contentType": "text/plain", "data": base64.b64encode(b"\xe9").decode()}, "", "fhir.charset"),
        ({"contentType": "text/html", "data": base64.b64encode(b"<p style='color:white'>a</p>").decode()}, "",
         "n1.html_attribute"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_and_readable_is_refused(values: dict[str, Any], place: str, code: str) -> None:
    assert (f"{AT}.content[0].attachment{place}", code) in faults(attachment(**values))


def test_security_labels_give_confidentiality_and_who_must_not_see() -> None:
    masked = {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_A07", "code": "MASQUE_PS"}]}
    made = draft(reference(securityLabel=[{"coding": [{"system": V3, "code": "R"}]}, masked]))
    assert made.document.confidentiality.code == "R"
    assert made.instructions.visibility == (Visibility.MASQUE_PS,)


def test_a_sending_is_told_by_an_extension() -> None:
    said = [{"url": "dmp", "valueBoolean": False}, {"url": "deferralMinutes", "valueInteger": 30}]
    asked = draft(reference(extension=[{"url": SENDING, "extension": said}])).instructions
    assert (asked.dmp, asked.deferral_minutes, asked.mailboxes) == (False, 30, ())
    wrong = reference(extension=[{"url": SENDING, "extension": [{"url": "dmpp", "valueBoolean": False}]}])
    assert faults(wrong) == {(f"{AT}.extension[0].extension[0]", "fhir.sending_unknown")}


def test_recipients_come_by_the_submission_set_too_and_the_patient_may_be_one() -> None:
    whole = reference(extension=[{"url": RECIPIENT, "valueReference": {"reference": letter()["entry"][1]["fullUrl"]}}])
    whole["entry"].append(
        {
            "fullUrl": "urn:uuid:lot",
            "resource": {
                "resourceType": "List",
                "extension": [{"url": RECIPIENT, "valueReference": {"reference": whole["entry"][3]["fullUrl"]}}],
                "status": "current",
                "mode": "working",
                "entry": [{"item": {"reference": whole["entry"][0]["fullUrl"]}}],
            },
            "request": {"method": "POST", "url": "List"},
        }
    )
    asked = draft(whole).instructions
    assert asked.patient is True
    assert asked.mailboxes == ("paul.cardiotest@medecin.mssante.example",)
    whole["entry"][-1]["resource"]["entry"][0]["item"]["reference"] = whole["entry"][1]["fullUrl"]
    assert faults(whole) == {("Bundle.entry[5].resource.entry[0]", "fhir.list_of_others")}


def test_an_author_nobody_declared_is_described_whole() -> None:
    whole = letter()
    resource(whole, "Practitioner")["identifier"][0]["value"] = "99900000045"
    assert faults(whole) == {("Bundle.entry[2].resource.qualification", "fhir.author_incomplete")}
    nos = "https://mos.esante.gouv.fr/NOS/"
    profession = {"system": f"{nos}TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante", "code": "10"}
    skill = {"system": f"{nos}TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale", "code": "SM26"}
    resource(whole, "Practitioner")["qualification"] = [{"code": {"coding": [one]}} for one in (profession, skill)]
    (author,) = document(whole).authors
    assert author.professional.specialty is not None
    assert author.professional.specialty.code == "G15_10/SM26"
    assert author.professional.organization == DOCTOR.organization


def test_a_number_of_somebody_else_is_refused() -> None:
    whole = letter()
    resource(whole, "Practitioner")["name"][0]["family"] = "AUTRE"
    assert faults(whole) == {("Bundle.entry[2].resource", "fhir.professional_differs")}


def test_a_role_in_another_structure_does_not_sign_here() -> None:
    whole = letter()
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": whole["entry"][2]["fullUrl"]},
        "organization": {"reference": "urn:uuid:org"},
    }
    clinic = {
        "resourceType": "Organization",
        "name": "AUTRE",
        "identifier": [{"system": "https://finess.esante.gouv.fr", "value": "990000099"}],
    }
    for url, one in (("urn:uuid:role", role), ("urn:uuid:org", clinic)):
        request = {"method": "POST", "url": one["resourceType"]}
        whole["entry"].append({"fullUrl": url, "resource": one, "request": request})
    resource(whole, "DocumentReference")["author"] = [{"reference": "urn:uuid:role"}]
    assert faults(whole) == {("Bundle.entry[6].resource", "fhir.other_structure")}


def test_an_inactive_or_replaced_record_is_refused() -> None:
    whole = letter()
    resource(whole, "Patient").update(active=False, link=[{"other": {"display": "x"}, "type": "replaced-by"}])
    assert faults(whole) == {
        ("Bundle.entry[1].resource.active", "fhir.patient_inactive"),
        ("Bundle.entry[1].resource.link[0]", "fhir.patient_replaced"),
    }


def test_a_key_of_no_structure_is_refused() -> None:
    made = converted(letter(), sender="nowhere")
    assert "fhir.unknown_structure" in {one.code for one in made.findings}
