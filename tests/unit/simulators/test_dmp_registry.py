"""TD3.1b, TD3.3c and TD0.2 at the DMP simulator."""

# ruff: noqa: E501 - one rule a line in the tables

from __future__ import annotations

import pytest

from connectors.simulators import Behaviour, DmpSimulator, Kind, Pki
from tests.unit.simulators.dmp_client import EXISTS, QUERY, UPDATE, Feeding, Outcome, call, feed, spoil
from tests.unit.simulators.documents import CX, PATIENT, TEST_OID, Submission, new_oid, slot

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
QUERY_NS = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
V3 = "urn:hl7-org:v3"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
OTHER_CX = CX.replace(PATIENT, "279035121518990")


async def ask(
    dmp: DmpSimulator, pki: Pki, *slots: str, kind: str = "ObjectRef", query: str = GET_DOCUMENTS, cx: str = CX
) -> Outcome:
    payload = (
        f'<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="{RIM}">'
        f'<q:ResponseOption returnComposedObjects="true" returnType="{kind}"/><rim:AdhocQuery id="{query}">'
        f"{''.join(slots)}</rim:AdhocQuery></q:AdhocQueryRequest>"
    )
    return await call(dmp, pki, "registry", QUERY, payload, cx=cx)


def unique_ids(*values: str) -> str:
    return slot("$XDSDocumentEntryUniqueId", "(" + ",".join(f"'{value}'" for value in values) + ")")


def refs(found: Outcome) -> list[str]:
    return [e.get("id", "") for e in found.root.iter(f"{{{RIM}}}ObjectRef")]


async def test_a_document_is_found_by_its_unique_id(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    found = await ask(dmp, pki, unique_ids(feeding.unique_id))
    assert found.taken
    assert refs(found) == [dmp.entries[0].entry_uuid]


async def test_nothing_is_found_where_nothing_was_taken(dmp: DmpSimulator, pki: Pki) -> None:
    found = await ask(dmp, pki, unique_ids(new_oid()))
    assert found.taken and refs(found) == []


async def test_a_document_of_another_patient_is_not_found(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    assert refs(await ask(dmp, pki, unique_ids(feeding.unique_id), cx=OTHER_CX)) == []


async def test_a_leaf_holds_what_the_registry_gives(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    found = await ask(dmp, pki, unique_ids(feeding.unique_id), kind="LeafClass")
    [leaf] = found.root.iter(f"{{{RIM}}}ExtrinsicObject")
    assert leaf.get("id") == dmp.entries[0].entry_uuid and leaf.get("status") == APPROVED
    slots = {s.get("name"): s.findtext(f"{{{RIM}}}ValueList/{{{RIM}}}Value") for s in leaf.findall(f"{{{RIM}}}Slot")}
    assert slots["hash"] == dmp.entries[0].sha1 and slots["size"] == str(len(feeding.content))
    owners = {e.get("classifiedObject") or e.get("registryObject") for e in leaf if e.get("id", "").startswith("obj")}
    assert owners == {dmp.entries[0].entry_uuid}


QUERIES = [
    ("another query", [unique_ids("1.2.3")], {"query": "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"}, "XDSUnknownStoredQuery"),
    ("no parameter", [], {}, "XDSStoredQueryMissingParam"),
    ("two parameters", [unique_ids("1.2.3"), slot("$XDSDocumentEntryEntryUUID", "('urn:uuid:1')")], {}, "XDSStoredQueryParamNumber"),
    ("a bare value", [slot("$XDSDocumentEntryUniqueId", "1.2.3")], {}, "XDSRegistryError"),
    ("another return type", [unique_ids("1.2.3")], {"kind": "RegistryObject"}, "XDSRegistryError"),
]  # fmt: skip


@pytest.mark.parametrize(("slots", "options", "code"), [q[1:] for q in QUERIES], ids=[q[0] for q in QUERIES])
async def test_a_broken_query_is_refused(dmp: DmpSimulator, pki: Pki, slots, options, code: str) -> None:
    assert (await ask(dmp, pki, *slots, **options)).codes == {code}


async def update(dmp: DmpSimulator, pki: Pki, target: str, old: str, new: str, *, edit=None, **options) -> Outcome:
    xml = Submission(new_oid(), [], update=(target, old, new), cx=options.get("cx", CX)).xml()
    return await call(dmp, pki, "registry", UPDATE, edit(xml) if edit else xml, **options)


async def test_a_deleted_document_is_found_as_such_unless_the_peer_hides_it(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    target = dmp.entries[0].entry_uuid
    assert (await update(dmp, pki, target, APPROVED, ARCHIVED)).taken
    found = await update(dmp, pki, target, ARCHIVED, DELETED)
    assert found.taken, found.text
    assert dmp.entries[0].status == DELETED
    told = await ask(dmp, pki, unique_ids(feeding.unique_id), kind="LeafClass")
    assert [e.get("status") for e in told.root.iter(f"{{{RIM}}}ExtrinsicObject")] == [DELETED]
    dmp.hides_deleted = True
    assert refs(await ask(dmp, pki, unique_ids(feeding.unique_id))) == []
    again = DmpSimulator(dmp.ledger.parent, pki)
    assert again.entries[0].status == DELETED
    assert again.deletions(feeding.unique_id) == dmp.deletions(feeding.unique_id) != ()


async def test_a_document_is_deleted_once(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    target = dmp.entries[0].entry_uuid
    assert (await update(dmp, pki, target, APPROVED, DELETED)).taken
    assert (await update(dmp, pki, target, DELETED, DELETED)).codes == {"XDSMetadataUpdateError"}
    assert (await update(dmp, pki, target, APPROVED, DELETED)).codes == {"XDSMetadataUpdateError"}
    assert len(dmp.deletions(feeding.unique_id)) == 1


async def test_the_motive_of_a_deletion_is_kept(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    motive = spoil("<rim:Classification", '<rim:Description><rim:LocalizedString value="Document erroné"/>'
                   "</rim:Description><rim:Classification")  # fmt: skip
    first_only = lambda xml: xml.replace("<rim:Classification", motive("<rim:Classification"), 1)  # noqa: E731
    assert (await update(dmp, pki, dmp.entries[0].entry_uuid, APPROVED, DELETED, edit=first_only)).taken
    assert [one.comments for one in dmp.deletions(feeding.unique_id)] == ["Document erroné"]


async def test_only_the_structure_of_the_author_may_delete(dmp: DmpSimulator, pki: Pki) -> None:
    await feed(dmp, Feeding(pki))
    dmp.entries[0]
    lines = dmp.ledger.read_text().replace('"structure_id": "1990000002"', '"structure_id": "1990000010"')
    await dmp.stop()
    dmp.ledger.write_text(lines)
    other = DmpSimulator(dmp.ledger.parent, pki)
    await other.start()
    found = await update(other, pki, other.entries[0].entry_uuid, APPROVED, DELETED)
    await other.stop()
    assert found.codes == {"DMPAccessDeniedByRightsService"}


UPDATES = [
    ("an unknown document", {"target": "urn:uuid:00000000-0000-4000-8000-000000000001"}, "UnresolvedReferenceException"),
    ("another status before", {"old": ARCHIVED}, "XDSMetadataUpdateError"),
    ("a status nobody may set", {"new": "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"}, "XDSMetadataUpdateError"),
    ("another patient", {"cx": OTHER_CX}, "XDSPatientIdDoesNotMatch"),
    ("no slot", {"edit": spoil("NewStatus", "Status")}, "XDSMetadataUpdateError"),
    ("another association", {"edit": spoil("UpdateAvailabilityStatus", "Update")}, "XDSMetadataUpdateError"),
    ("no author institution", {"edit": spoil("^IDNST^^^1990000002", "^IDNST^^^1990000010")}, "XDSRegistryMetadataError"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), [u[1:] for u in UPDATES], ids=[u[0] for u in UPDATES])
async def test_a_broken_deletion_is_refused(dmp: DmpSimulator, pki: Pki, change, code: str) -> None:
    await feed(dmp, Feeding(pki))
    asked = {"target": dmp.entries[0].entry_uuid, "old": APPROVED, "new": DELETED} | change
    assert (await update(dmp, pki, **asked)).codes == {code}
    assert dmp.entries[0].approved


def existence(patient: str = PATIENT) -> str:
    return (
        f'<PRPA_IN201307UV02 xmlns="{V3}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        '<id root="1.2.250.1.999.7" extension="1"/><processingCode code="D"/><processingModeCode code="T"/>'
        '<receiver typeCode="RCV"><device><id root="1.2.250.1.213.4.1.1.1"/></device></receiver>'
        '<controlActProcess><reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"/><queryByParameter>'
        '<queryId root="1.2.250.1.999.7" extension="2"/><parameterList><dataSource xsi:nil="true"/>'
        f'<patientIdentifier><value root="{TEST_OID}" extension="{patient}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>"
        "</controlActProcess></PRPA_IN201307UV02>"
    )


@pytest.mark.parametrize(
    ("status", "response", "patient"),
    [("active", "OK", "active"), ("closed", "OK", "terminated"), ("absent", "NF", None)],
)
async def test_existence_tells_the_state_of_the_dmp(
    dmp: DmpSimulator, pki: Pki, status, response: str, patient: str | None
) -> None:
    dmp.set_patient(PATIENT, status)
    found = await call(dmp, pki, "patients", EXISTS, existence())
    assert found.root.find(f".//{{{V3}}}queryResponseCode").get("code") == response
    told = found.root.find(f".//{{{V3}}}statusCode")
    assert (told.get("code") if told is not None else None) == patient


async def test_existence_of_another_patient_than_the_vihf_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    found = await call(dmp, pki, "patients", EXISTS, existence("279035121518990"))
    assert "VIHF" in found.text


@pytest.mark.parametrize("old", ['code="TEST_EXST"', 'processingCode code="D"', 'queryId root="1.2.250.1.999.7"'])
async def test_a_broken_existence_query_is_refused(dmp: DmpSimulator, pki: Pki, old: str) -> None:
    payload = existence()
    assert old in payload
    broken = payload.replace(old, old.rsplit("=", 1)[0] + '=""')
    assert (await call(dmp, pki, "patients", EXISTS, broken)).codes == {"soap:Sender"}


async def test_a_scripted_refusal_has_the_form_of_its_transaction(dmp: DmpSimulator, pki: Pki) -> None:
    dmp.script.add(Behaviour(Kind.BUSY, at="registry"))
    dmp.script.add(Behaviour(Kind.REFUSE, code="DMPClosed", text="DMP fermé", at="patients"))
    found = await ask(dmp, pki, unique_ids(new_oid()))
    assert found.codes == {"XDSRegistryBusy"}
    assert found.root.find(f".//{{{QUERY_NS}}}AdhocQueryResponse") is not None
    refused = (await call(dmp, pki, "patients", EXISTS, existence())).root
    assert refused.find(f".//{{{V3}}}acknowledgement/{{{V3}}}typeCode").get("code") == "AE"
    assert refused.find(f".//{{{V3}}}acknowledgementDetail/{{{V3}}}code").get("code") == "DMPClosed"


async def test_another_path_does_not_exist(dmp: DmpSimulator, pki: Pki) -> None:
    from tests.unit.simulators.dmp_client import post

    assert (await post(dmp, pki, "habilitations", "application/soap+xml", b"")).status_code == 404
