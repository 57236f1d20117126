"""What the simulators read comes from strangers: any bytes give an answer, never another error than their own."""

from __future__ import annotations

import asyncio
import contextlib
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.simulators import http
from connectors.simulators.cda import agrees, cda_header
from connectors.simulators.dmp import mtom, soap
from connectors.simulators.dmp.dsg import signature_problems
from connectors.simulators.mailbox.archive import archive
from connectors.simulators.mailbox.letter import letter
from connectors.simulators.mailbox.pdf import is_pdfa1
from connectors.simulators.metadata.datatypes import (
    has_right_key,
    institution_fault,
    is_oid,
    is_utc_time,
    patient_id,
    person_fault,
    specialty_fault,
)
from connectors.simulators.metadata.ebrim import submission
from connectors.simulators.xml import parse
from tests.unit.simulators import mail_client
from tests.unit.simulators.documents import AUTHOR, CX, INSTITUTION, Entry, Submission, cda, new_oid


@given(st.binary(), st.text())
def test_any_body_is_a_packet_or_a_fault(body: bytes, content_type: str) -> None:
    for announced in (
        content_type,
        'multipart/related; type="application/xop+xml"; boundary=b; start-info="application/soap+xml"',
    ):
        with contextlib.suppress(soap.SoapFault):
            mtom.packet(announced, body)


@given(st.lists(st.binary(), min_size=1, max_size=4))
def test_any_multipart_is_a_packet_or_a_fault(blocks: list[bytes]) -> None:
    body = b"".join(b"--b\r\n" + block + b"\r\n" for block in blocks) + b"--b--"
    announced = 'multipart/related; type="application/xop+xml"; boundary=b; start-info="application/soap+xml"'
    with contextlib.suppress(soap.SoapFault):
        mtom.packet(announced, body)


def test_an_answer_in_multipart_reads_back() -> None:
    content_type, body = mtom.multipart(b"<a/>")
    assert mtom.packet(content_type.replace("multipart/related;", "multipart/related; "), body).root == b"<a/>"


@given(st.binary())
def test_any_envelope_is_a_call_or_a_fault(envelope: bytes) -> None:
    soap.message_id(envelope)
    with pytest.raises(soap.SoapFault):
        soap.call(envelope, frozenset())


@given(st.binary())
def test_any_bytes_are_a_request_or_a_bad_one(content: bytes) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(content)
        reader.feed_eof()
        with contextlib.suppress(http.BadRequest):
            await http.read_head(reader)

    asyncio.run(read())


@given(st.binary())
def test_any_document_is_a_cda_or_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        cda_header(content)


@given(st.binary())
def test_any_archive_has_its_problems_told(content: bytes) -> None:
    assert archive(content).problems


@given(st.dictionaries(st.text(min_size=1, max_size=20).filter(lambda n: "\0" not in n), st.binary(), max_size=4))
def test_any_zip_has_its_problems_told(files: dict[str, bytes]) -> None:
    try:
        content = mail_client.archive(files)
    except (UnicodeEncodeError, ValueError, zipfile.BadZipFile):
        return
    assert archive(content).problems


@given(st.binary())
def test_any_mail_is_read(content: bytes) -> None:
    assert letter(content).size == len(content)


@given(st.binary())
def test_any_signature_has_its_problems_told(content: bytes) -> None:
    problems = signature_problems(content, set_unique_id="1.2", documents={}, authority=None, structure_id="")  # type: ignore[arg-type]
    assert list(problems)


@given(st.text())
def test_any_text_is_judged(value: str) -> None:
    patient_id(value)
    has_right_key(value)
    is_utc_time(value)
    agrees("20260101000000", value)
    assert person_fault(value) and institution_fault(value) and specialty_fault(value)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"%PDF-1.4\n%%EOF", b"PK"])
def test_what_is_no_pdf_declares_nothing(content: bytes) -> None:
    assert not is_pdfa1(content)


def test_entities_and_doctypes_are_refused() -> None:
    for hostile in (
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY e "eeee"><!ENTITY f "&e;&e;">]><a>&f;</a>',
    ):
        with pytest.raises(ValueError):
            parse(hostile)


@pytest.mark.parametrize("oid", ["1.2.250.1.213", "2.25.340282366920938463463374607431768211455"])
def test_oids(oid: str) -> None:
    assert is_oid(oid)


@pytest.mark.parametrize(
    "text", ["", "1", "3.1", "1.02", "1.2.", "1.2.a", "urn:oid:1.2", "1." + "2" * 64, "1.2\n", "1.٣"]
)
def test_what_is_no_oid(text: str) -> None:
    assert not is_oid(text)


def test_french_forms_are_understood() -> None:
    assert person_fault(AUTHOR) == institution_fault(INSTITUTION) == ""
    assert person_fault("1990000002/42^DURAND^ANNE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^EI") == ""
    assert person_fault("1.2.3^Passeur^1.0^^^^^^&1.2.250.1.999&ISO^U^^^RI") == ""
    found = patient_id(CX + "^^20260101000000")
    assert found is not None and found.national
    assert has_right_key("255069910003307") == (int("2550699100033") % 97 == 97 - 7)


@pytest.mark.parametrize(
    ("told", "ts", "same"),
    [
        ("20260102091500", "20260102101500+0100", True),
        ("20260102091500", "202601021015+0100", True),
        ("20260102101500", "20260102101500+0100", False),
        ("20251231230000", "20260101", True),
        ("20260103000000", "20260101", False),
        ("20251231230000", "2026", True),
        ("20260102091500", "20260102101500", True),
        ("20260302091500", "202601", False),
        ("20260102091500", "demain", False),
    ],
)
def test_instants_agree_as_far_as_they_are_told(told: str, ts: str, same: bool) -> None:
    assert agrees(told, ts) is same


def test_metadata_are_read_as_sent() -> None:
    unique_id = new_oid()
    xml = Submission(new_oid(), [Entry(unique_id, cda(unique_id))]).xml()
    root = etree.fromstring(xml)
    found = submission(root[0])
    assert len(found.sets) == 1 and len(found.documents) == 1 and not found.signatures
    assert found.documents[0].value("creationTime") == "20260102091500"
