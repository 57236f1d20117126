"""FHIR Bundles posted to the engine, as far as the recipients' side."""

from __future__ import annotations

import json
from pathlib import Path

from engine.calls import Owner
from tests.routes.fhir_line import fhir_line
from tests.unit.fhir.bundles import SAMPLES, changed, letter, resource

LETTER = (SAMPLES / "lettre_adressage.json").read_bytes()
REPORT = (SAMPLES / "compte_rendu_biologie.json").read_bytes()


async def test_a_letter_sent_as_a_bundle_reaches_the_dmp_and_its_recipient(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        answer = await line.post(LETTER)
        assert answer.status_code == 202, answer.text
        assert answer.json()["number"] == 1
        await line.quiet()
        assert await line.states() == {"dmp": {"delivered": 1}, "medecins": {"delivered": 1}}
        assert len(line.dmp.entries) == 1
        again = await line.post(LETTER)
        assert again.json()["duplicate"] is True
        await line.quiet()
        assert len(line.dmp.entries) == 1


async def test_a_laboratory_report_sent_as_a_bundle_keeps_its_decimals_up_to_the_prescriber(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        answer = await line.post(REPORT)
        assert answer.status_code == 202, answer.text
        await line.quiet()
        cda = (await line.http.get(f"{answer.json()['href']}/cda")).content
        assert b'value="5.60"' in cda
        assert b'value="13.20"' in cda
        states = await line.states()
        assert states["medecins"] == {"delivered": 1}, [one.message for one in await line.findings()]
        recipients = {one for mail in line.mail.mails for one in mail.recipients}
        assert "francoise.medtest@medecin.mssante.example" in recipients


async def test_a_bundle_with_faults_is_refused_whole_and_nothing_is_kept(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        broken = changed(
            letter(),
            lambda one: resource(one, "DocumentReference")["subject"].update(reference="urn:uuid:nobody"),
            lambda one: resource(one, "Practitioner").update(modifierExtension=[{"url": "urn:x", "valueCode": "y"}]),
        )
        answer = await line.post(json.dumps(broken).encode())
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/fhir+json"
        assert answer.headers["content-language"] == "fr"
        told = answer.json()
        assert told["resourceType"] == "OperationOutcome"
        places = {one["expression"][0]: one["details"]["coding"][0]["code"] for one in told["issue"]}
        assert places["Bundle.entry[2].resource.modifierExtension"] == "fhir.modifier_extension"
        assert "urn:uuid:nobody" not in answer.text
        assert await line.messages() == ()


async def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        answer = await line.post(LETTER, "/v1/fhir?dry_run=true")
        assert answer.status_code == 200
        assert answer.json()["may_leave"] is True
        assert await line.messages() == ()


async def test_the_same_key_answers_the_same_and_does_nothing_again(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        first = await line.post(LETTER, **{"idempotency-key": "k-1"})
        second = await line.post(LETTER, **{"idempotency-key": "k-1"})
        assert second.json() == first.json()
        other = await line.post(REPORT, **{"idempotency-key": "k-1"})
        assert other.status_code == 409
        assert other.json()["issue"][0]["code"] == "conflict"


async def test_what_is_taken_is_said_by_the_capability_statement(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        answer = await line.http.get("/v1/fhir/metadata")
        assert answer.status_code == 200
        told = answer.json()
        assert (told["resourceType"], told["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
        assert told["rest"][0]["interaction"] == [{"code": "transaction"}]
        refused = await line.http.post("/v1/fhir", content=b"<a/>", headers={"content-type": "application/fhir+xml"})
        assert (refused.status_code, refused.json()["resourceType"]) == (415, "OperationOutcome")


async def test_a_document_is_its_structures_and_a_report_is_nobody_elses(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        own = (await line.post(LETTER)).json()["id"]
        lab = (await line.post(REPORT)).json()["id"]
        await line.quiet()
        assert await line.engine.store.owner(own) == Owner("cabinet-fictif")
        assert await line.engine.store.owner(lab) == Owner("")


async def test_a_corrected_report_replaces_the_one_before(tmp_path: Path) -> None:
    async with fhir_line(tmp_path) as line:
        first = (await line.post(REPORT)).json()
        await line.quiet()
        head, kind, tail = REPORT.partition(b'"DiagnosticReport"')
        tail = tail.replace(b'"status": "final"', b'"status": "corrected"', 1)
        corrected = (head + kind + tail).replace(b"5.60", b"6.50")
        second = await line.post(corrected)
        assert second.status_code == 202, second.text
        await line.quiet()
        assert second.json()["number"] == 2
        row = await line.engine.store.document(second.json()["id"])
        assert row is not None
        assert row.version.set_id == (await line.engine.store.document(first["id"])).version.set_id  # type: ignore[union-attr]
        cda = (await line.http.get(f"{second.json()['href']}/cda")).content
        assert b'value="6.50"' in cda
        assert b'value="5.60"' not in cda
