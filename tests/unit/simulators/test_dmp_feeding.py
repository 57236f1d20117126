"""TD2.1 at the DMP simulator: envelope, MIME, documents, versions, what is kept."""

# ruff: noqa: E501 - one rule a line in the tables

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from connectors.simulators import DmpSimulator, Pki
from tests.unit.simulators.dmp_client import Feeding, feed, spoil
from tests.unit.simulators.documents import PATIENT, cda, new_oid, slot


async def test_a_valid_feeding_is_taken(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    found = await feed(dmp, feeding)
    assert found.text.strip(" |") == ""
    assert found.taken and found.status == 200
    assert found.relates_to == feeding.message_id
    [entry] = dmp.entries
    assert (entry.unique_id, entry.document, entry.approved) == (feeding.unique_id, feeding.content, True)
    assert dmp.submissions_count(feeding.unique_id) == 1


async def test_what_was_taken_is_on_disk_and_survives_a_restart(tmp_path: Path, dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    await feed(dmp, feeding)
    await dmp.stop()
    directory = tmp_path / "dmp" / "documents" / feeding.unique_id
    assert sorted(p.name for p in directory.iterdir()) == ["document.xml", "headers.txt", "metadata.xml", "vihf.xml"]
    first, _ = [json.loads(line) for line in dmp.ledger.read_text().splitlines()]
    assert first["unique_id"] == feeding.unique_id and first["submission_id"] == feeding.set_id
    assert first["sha1"] == hashlib.sha1(feeding.content).hexdigest()
    assert PATIENT not in dmp.ledger.read_text()
    again = DmpSimulator(tmp_path / "dmp", pki)
    assert again.entries == dmp.entries
    await again.start()
    assert (await feed(again, feeding)).codes == {"XDSDuplicateUniqueIdInRegistry"}
    await again.stop()


async def test_a_submission_half_written_was_not_taken(tmp_path: Path, dmp: DmpSimulator, pki: Pki) -> None:
    first, second = Feeding(pki), Feeding(pki)
    await feed(dmp, first)
    await feed(dmp, second)
    await dmp.stop()
    lines = dmp.ledger.read_bytes().splitlines(keepends=True)
    dmp.ledger.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    again = DmpSimulator(tmp_path / "dmp", pki)
    assert [e.unique_id for e in again.entries] == [first.unique_id]
    await again.start()
    assert (await feed(again, second)).taken
    await again.stop()
    third = DmpSimulator(tmp_path / "dmp", pki)
    assert [e.unique_id for e in third.entries] == [first.unique_id, second.unique_id]


ENVELOPES = [
    ("no action", {"edit_envelope": lambda t: _without(t, "wsa:Action")}, "wsa:MessageAddressingHeaderRequired",
     "required header representing a Message Addressing Property is not present"),
    ("no message id", {"edit_envelope": lambda t: _without(t, "wsa:MessageID")}, "wsa:MessageAddressingHeaderRequired", "MessageID"),
    ("no to", {"edit_envelope": spoil("<wsa:To/>", "")}, "wsa:MessageAddressingHeaderRequired", "To"),
    ("no reply-to", {"edit_envelope": lambda t: _without(t, "wsa:ReplyTo")}, "wsa:MessageAddressingHeaderRequired", "ReplyTo"),
    ("a message id that is no URN", {"message_id": "1234"}, "wsa:InvalidAddressingHeader", "urn:uuid"),
    ("another action", {"edit_envelope": spoil("ProvideAndRegisterDocumentSet-b<", "RegistryStoredQuery<")},
     "wsa:ActionNotSupported", "action"),
    ("SOAP 1.1", {"edit_envelope": spoil("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")},
     "soap:Sender", "SOAP 1.2"),
    ("a DOCTYPE", {"edit_envelope": lambda t: "<!DOCTYPE a>" + t}, "soap:Sender", "DOCTYPE"),
    ("no security header", {"edit_envelope": lambda t: _without(t, "wsse:Security")}, "wsse:InvalidSecurity", "VIHF"),
    ("two bodies", {"edit_envelope": spoil("</soap:Envelope>", "<soap:Body/></soap:Envelope>")}, "soap:Sender", "Body"),
    ("a plain content type", {"edit_content_type": lambda t: "text/xml"}, "soap:Sender", "type de contenu"),
    ("no start-info", {"edit_content_type": lambda t: t.replace("start-info=", "debut=")}, "soap:Sender", "start-info"),
    ("another boundary", {"edit_content_type": spoil("boundary=frontier", "boundary=limit")}, "soap:Sender", "multipart"),
    ("no closing boundary", {"edit_body": spoil("--frontier--", "")}, "soap:Sender", "tronqué"),
    ("a start that is not there", {"edit_content_type": spoil("root@passeur", "racine@passeur")}, "soap:Sender", "start"),
    ("a part in base64", {"edit_body": spoil("Content-Transfer-Encoding: binary\r\nContent-ID: <Document01",
     "Content-Transfer-Encoding: base64\r\nContent-ID: <Document01")}, "soap:Sender", "binary"),
    ("a part that nothing names", {"edit_body": spoil("Content-ID: <Document01@passeur>", "Content-ID: <autre@passeur>")},
     "soap:Sender", "partie MIME"),
    ("a root part of another type", {"edit_body": spoil("application/xop+xml; charset", "application/soap+xml; charset")},
     "soap:Sender", "partie racine"),
    ("a document inline", {"edit_envelope": lambda t: _inline(t)}, "soap:Sender", "MTOM"),
    ("an entry without document", {"edit_envelope": spoil('<xds:Document id="Document01">', '<xds:Document id="document01">')},
     "XDSMissingDocument", "sans document"),
    ("a document without entry", {"edit_envelope": spoil('<xds:Document id="Document01">', '<xds:Document id="document01">')},
     "XDSMissingDocumentMetadata", "sans fiche"),
]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "code", "words"), [r[1:] for r in ENVELOPES], ids=[r[0] for r in ENVELOPES])
async def test_a_broken_envelope_is_refused(dmp: DmpSimulator, pki: Pki, spoilt, code: str, words: str) -> None:
    found = await feed(dmp, Feeding(pki, **spoilt))
    assert code in found.codes, found.text
    assert words in found.text
    assert dmp.entries == ()


async def test_right_hash_and_size_are_taken(dmp: DmpSimulator, pki: Pki) -> None:
    unique_id = new_oid()
    content = cda(unique_id)
    slots = (slot("hash", hashlib.sha1(content).hexdigest()), slot("size", str(len(content))))
    assert (await feed(dmp, Feeding(pki, unique_id=unique_id, content=content, slots=slots))).taken


@pytest.mark.parametrize("wrong", [slot("hash", "0" * 40), slot("size", "12")])
async def test_a_wrong_hash_or_size_is_refused(dmp: DmpSimulator, pki: Pki, wrong: str) -> None:
    assert (await feed(dmp, Feeding(pki, slots=(wrong,)))).codes == {"XDSRepositoryMetadataError"}


async def test_a_document_that_is_no_cda_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    assert (await feed(dmp, Feeding(pki, content=b"<a/>"))).codes == {"InvalidDocumentContent"}


async def test_a_document_of_another_patient_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    unique_id = new_oid()
    content = cda(unique_id, patient="279035121518990")
    assert (await feed(dmp, Feeding(pki, unique_id=unique_id, content=content))).codes == {"XDSPatientIdDoesNotMatch"}


async def test_a_document_of_another_id_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    found = await feed(dmp, Feeding(pki, content=cda(new_oid())))
    assert found.codes == {"XDSRepositoryMetadataError"} and "uniqueId" in found.text


async def test_a_document_id_with_an_extension_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    found = await feed(dmp, Feeding(pki, unique_id="1.2.3^42", content=cda("1.2.3")))
    assert "n'admet pas d'extension" in found.text


async def test_the_same_document_in_a_new_set_is_taken_and_counts_as_a_double(dmp: DmpSimulator, pki: Pki) -> None:
    first = Feeding(pki)
    await feed(dmp, first)
    assert (await feed(dmp, Feeding(pki, unique_id=first.unique_id, content=first.content))).taken
    assert dmp.submissions_count(first.unique_id) == 2


async def test_the_same_id_with_other_bytes_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    first = Feeding(pki)
    await feed(dmp, first)
    other = Feeding(pki, unique_id=first.unique_id, content=cda(first.unique_id, comment="autre"))
    assert (await feed(dmp, other)).codes == {"XDSNonIdenticalHash"}


async def test_a_patient_without_dmp_is_unknown(dmp: DmpSimulator, pki: Pki) -> None:
    dmp.set_patient(PATIENT, "absent")
    assert (await feed(dmp, Feeding(pki))).codes == {"XDSUnknownPatientId"}


async def test_a_closed_dmp_is_closed(dmp: DmpSimulator, pki: Pki) -> None:
    dmp.set_patient(PATIENT, "closed")
    assert (await feed(dmp, Feeding(pki))).codes == {"DMPClosed"}


async def test_a_replacement_deprecates_what_it_replaces(dmp: DmpSimulator, pki: Pki) -> None:
    first = Feeding(pki)
    await feed(dmp, first)
    found = await feed(dmp, _replacement(pki, first.unique_id, dmp.entries[0].entry_uuid))
    assert found.taken, found.text
    old, new = dmp.entries
    assert not old.approved and new.approved and new.replaces == old.entry_uuid


async def test_a_replacement_of_something_unknown_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    target = "urn:uuid:00000000-0000-4000-8000-000000000001"
    assert (await feed(dmp, _replacement(pki, new_oid(), target))).codes == {"XDSReplaceFailed"}


async def test_a_replacement_of_what_was_replaced_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    first = Feeding(pki)
    await feed(dmp, first)
    target = dmp.entries[0].entry_uuid
    await feed(dmp, _replacement(pki, first.unique_id, target))
    found = await feed(dmp, _replacement(pki, first.unique_id, target))
    assert found.codes == {"XDSRegistryDeprecatedDocumentError"}


async def test_a_replacement_the_document_does_not_tell_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    await feed(dmp, Feeding(pki))
    found = await feed(dmp, _replacement(pki, new_oid(), dmp.entries[0].entry_uuid))
    assert "ne dit pas remplacer celui-là" in found.text


async def test_a_replacement_told_only_by_the_document_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    first = Feeding(pki)
    await feed(dmp, first)
    found = await feed(dmp, _replacement(pki, first.unique_id, None))
    assert "association RPLC attendue" in found.text


async def test_a_document_that_replaces_one_the_dmp_never_had_is_taken(dmp: DmpSimulator, pki: Pki) -> None:
    assert (await feed(dmp, _replacement(pki, new_oid(), None))).taken


async def test_feedings_of_one_second_are_counted(dmp: DmpSimulator, pki: Pki) -> None:
    for _ in range(3):
        await feed(dmp, Feeding(pki))
    assert 1 <= dmp.max_per_second <= 3


def _replacement(pki: Pki, old: str, target: str | None) -> Feeding:
    unique_id = new_oid()
    return Feeding(pki, unique_id=unique_id, content=cda(unique_id, replaced=old), replaced=target)


def _without(text: str, tag: str) -> str:
    end = f"</{tag}>"
    return text[: text.index(f"<{tag}")] + text[text.index(end) + len(end) :]


def _inline(text: str) -> str:
    start = text.index("<xop:Include")
    return text[:start] + "QUJD" + text[text.index("/>", start) + 2 :]
