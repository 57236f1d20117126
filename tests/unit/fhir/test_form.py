"""The form of a Bundle: everything wrong at once, each at its element, nothing quoted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.formats.fhir.rules import RULES
from tests.unit.fhir.bundles import changed, converted, draft, faults, letter, report, resource, without


def put(kind: str, own_id: str = "", **values: Any) -> Any:
    return lambda whole: resource(whole, kind, own_id).update(values)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "fhir.json_invalid"),
        (b"[]", "fhir.json_invalid"),
        (b'{"a": NaN}', "fhir.json_invalid"),
        (b'{"a": 1e999999999999999999999}', "fhir.json_invalid"),
        (b'{"a": "\\ud800"}', "fhir.json_invalid"),
        (b'{"a": 1, "a": 2}', "fhir.json_twice"),
        (b'{"a": "\xe9"}', "fhir.not_utf8"),
        (b"[" * 100_000, "fhir.json_invalid"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "fhir.json_invalid"),
        (b'{"resourceType": "Patient"}', "fhir.not_a_bundle"),
    ],
)
def test_what_is_no_bundle_is_refused(content: bytes, code: str) -> None:
    assert {one for _, one in faults(content)} == {code}


def test_every_fault_is_told_at_once_at_its_own_element() -> None:
    broken = changed(
        letter(),
        put("DocumentReference", status="nope", foo=1),
        put("Patient", birthDate="1985-02-30", gender="femme"),
        put("Practitioner", active="true"),
    )
    resource(broken, "DocumentReference")["content"][0]["attachment"]["size"] = "12"
    del resource(broken, "Binary")["contentType"]
    at = "Bundle.entry[0].resource"
    found = faults(broken)
    assert (f"{at}.foo", "fhir.unknown_element") in found
    assert ("Bundle.entry[1].resource.birthDate", "fhir.invalid_value") in found
    assert ("Bundle.entry[4].resource.contentType", "fhir.missing") in found
    closed = changed(letter(), put("DocumentReference", status="nope"), put("Patient", gender="femme"))
    resource(closed, "DocumentReference")["content"][0]["attachment"]["size"] = "12"
    assert faults(closed) == {
        (f"{at}.status", "fhir.code"),
        ("Bundle.entry[1].resource.gender", "fhir.code"),
        (f"{at}.content[0].attachment.size", "fhir.not_a_text"),
    }


def test_no_value_sent_is_ever_quoted() -> None:
    secret = "ZORGLUB"
    broken = changed(
        letter(),
        put("Patient", birthDate=secret, gender=secret, name=[{"use": secret, "family": secret, secret: 1}]),
        put("DocumentReference", status=secret, subject={"reference": f"Patient/{secret}"}),
    )
    told = " ".join(f"{one.message} {one.remedy}" for one in converted(broken).findings)
    assert secret not in told


@pytest.mark.parametrize("kind", ["collection", "batch", "message", "searchset"])
def test_another_type_of_bundle_is_refused(kind: str) -> None:
    assert ("Bundle.type", "fhir.bundle_type") in faults({**letter(), "type": kind})


def test_a_transaction_only_creates() -> None:
    whole = letter()
    whole["entry"][1]["request"]["method"] = "DELETE"
    del whole["entry"][2]["request"]
    assert faults(whole) == {
        ("Bundle.entry[1].request.method", "fhir.method"),
        ("Bundle.entry[2].request.method", "fhir.missing"),
    }


def test_a_document_bundle_has_an_identifier_a_date_and_its_composition_first() -> None:
    whole = report()
    whole["entry"] = whole["entry"][1:]
    del whole["identifier"], whole["timestamp"]
    found = faults(whole)
    assert ("Bundle.identifier", "fhir.missing") in found
    assert ("Bundle.timestamp", "fhir.missing") in found
    assert ("Bundle.entry[0].resource", "fhir.composition_first") in found


def test_a_modifier_extension_is_refused_wherever_it_stands() -> None:
    modifier = [{"url": "urn:x", "valueCode": "y"}]
    whole = report()
    resource(whole, "Observation", "glucose")["referenceRange"][0]["modifierExtension"] = modifier
    resource(whole, "Patient")["implicitRules"] = "urn:rules"
    assert faults(whole) == {
        ("Bundle.entry[9].resource.referenceRange[0].modifierExtension", "fhir.modifier_extension"),
        ("Bundle.entry[1].resource.implicitRules", "fhir.implicit_rules"),
    }


def test_a_reference_that_names_nothing_of_the_bundle_is_a_fault() -> None:
    whole = changed(letter(), put("DocumentReference", subject={"reference": "Patient/elsewhere"}))
    assert ("Bundle.entry[0].resource.subject.reference", "fhir.unresolved_reference") in faults(whole)


def test_a_reference_to_another_type_is_a_fault() -> None:
    whole = letter()
    resource(whole, "DocumentReference")["subject"]["reference"] = whole["entry"][2]["fullUrl"]
    assert ("Bundle.entry[0].resource.subject.reference", "fhir.reference_type") in faults(whole)


def test_references_are_followed_by_full_url_by_type_and_id_and_inside_the_resource() -> None:
    whole = letter()
    expected = draft(whole).document
    base = "https://cabinet.example/fhir/"
    patient, reference = resource(whole, "Patient"), resource(whole, "DocumentReference")
    patient["id"], whole["entry"][1]["fullUrl"] = "p1", f"{base}Patient/p1"
    whole["entry"][0]["fullUrl"] = f"{base}DocumentReference/courrier"
    reference["subject"]["reference"] = "Patient/p1/_history/2"
    assert draft(whole).document == expected
    doctor = resource(whole, "Practitioner")
    reference["contained"] = [{**doctor, "id": "medecin"}]
    reference["author"] = [{"reference": "#medecin"}]
    assert draft(whole).document == expected


def test_two_entries_with_one_address_are_refused() -> None:
    whole = letter()
    whole["entry"][2]["fullUrl"] = whole["entry"][1]["fullUrl"]
    assert ("Bundle.entry[2].fullUrl", "fhir.full_url_twice") in faults(whole)


def test_a_resource_that_nothing_refers_to_is_said_and_a_type_of_r4_that_r4b_lost_is_no_fault() -> None:
    whole = letter()
    whole["entry"].append(
        {
            "fullUrl": "urn:uuid:other",
            "resource": {"resourceType": "SubstanceSpecification", "anything": 1},
            "request": {"method": "POST", "url": "SubstanceSpecification"},
        }
    )
    found = {(one.where, one.code) for one in draft(whole).findings}
    assert found == {("Bundle.entry[5].resource", "fhir.not_read")}


def test_an_unknown_type_of_resource_is_a_fault_even_inside_another() -> None:
    whole = letter()
    resource(whole, "Patient")["contained"] = [{"resourceType": "Nothing", "id": "x"}]
    assert ("Bundle.entry[1].resource.contained[0].resourceType", "fhir.unknown_resource") in faults(whole)


def test_an_element_of_r5_is_refused() -> None:
    whole = changed(letter(), put("DocumentReference", modality=[{"text": "x"}]))
    assert ("Bundle.entry[0].resource.modality", "fhir.unknown_element") in faults(whole)


def test_two_documents_or_none_are_refused() -> None:
    both = letter()
    both["entry"].append({**both["entry"][0], "fullUrl": "urn:uuid:second"})
    assert ("Bundle.entry[5].resource", "fhir.several_documents") in faults(both)
    assert ("Bundle.entry", "fhir.no_document") in faults(without(letter(), "DocumentReference"))


def test_every_rule_is_in_french_and_ends_as_a_sentence() -> None:
    for code, rule in RULES.items():
        assert code.partition(".")[0] in {"fhir", "identity", "mapping"}
        for words in (rule.message, rule.remedy):
            assert not words or words.endswith("."), code


def test_a_bundle_is_recognised_by_its_head() -> None:
    from engine.formats.fhir import FORMAT

    assert FORMAT.recognises(json.dumps(letter()).encode())
    assert not FORMAT.recognises(b'{"document": "lettre-adressage"}')
    assert not FORMAT.recognises(b"MSH|^~\\&|")


def test_codes_of_required_bindings_are_judged_in_every_element_read() -> None:
    whole = report()
    resource(whole, "Observation", "crp")["valueQuantity"]["comparator"] = "ad"
    resource(whole, "Observation", "hb")["status"] = "done"
    resource(whole, "ServiceRequest")["intent"] = "wish"
    resource(whole, "Patient")["name"][0]["use"] = "birth"
    assert faults(whole) == {
        ("Bundle.entry[10].resource.valueQuantity.comparator", "fhir.code"),
        ("Bundle.entry[14].resource.status", "fhir.code"),
        ("Bundle.entry[4].resource.intent", "fhir.code"),
        ("Bundle.entry[1].resource.name[0].use", "fhir.code"),
    }
    sent = letter()
    sent["entry"][0]["request"]["method"] = "FETCH"
    assert ("Bundle.entry[0].request.method", "fhir.code") in faults(sent)


def test_a_number_sent_as_a_text_is_refused() -> None:
    whole = report()
    resource(whole, "Observation", "hb")["valueQuantity"]["value"] = "13.20"
    assert faults(whole) == {("Bundle.entry[14].resource.valueQuantity.value", "fhir.not_a_text")}


def test_two_types_of_one_value_are_refused() -> None:
    whole = changed(report(), put("Observation", "hb", valueString="13"))
    assert {code for _, code in faults(whole)} <= {"fhir.several_types", "fhir.structure"}


def test_a_name_that_is_none_of_fhirs_is_not_repeated() -> None:
    whole = changed(letter(), put("Patient", **{"Nom de la patiente": "x"}))
    assert faults(whole) == {("Bundle.entry[1].resource", "fhir.unknown_element")}


def test_whatever_is_read_and_was_entered_in_error_is_refused() -> None:
    whole = changed(
        report(), put("Specimen", status="entered-in-error"), put("ServiceRequest", status="entered-in-error")
    )
    assert {place for place, code in faults(whole) if code == "fhir.entered_in_error"} == {
        "Bundle.entry[7].resource.status",
        "Bundle.entry[4].resource.status",
    }


def test_a_contained_result_that_nothing_holds_keeps_the_document_back() -> None:
    whole = report()
    loose = {**resource(whole, "Observation", "crp"), "id": "libre"}
    resource(whole, "DiagnosticReport")["contained"] = [loose]
    assert {one.where for one in draft(whole).findings if one.code == "fhir.result_not_read"} == {
        "Bundle.entry[2].resource.contained[0]"
    }
