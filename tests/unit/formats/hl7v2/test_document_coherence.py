"""The document a message carries must be the one it speaks of, and of the same patient."""

from __future__ import annotations

import base64

import pytest

from engine.errors import DocumentError
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.validation import findings
from tests.unit.formats.hl7v2.messages import codes, refusals, sample, with_document, with_value

MDM, REPLACEMENT = sample("mdm_envoi"), sample("mdm_remplacement")
INS, IPP = b"280017599912359", b"IPP-7"


def test_the_document_of_another_patient_is_refused():
    other = with_document(MDM, INS, b"180017599912342")
    found = {one.code: one for one in findings(Message.parse(other), Mode.TOLERANT)}
    assert found["hl7v2.other_patient"].application == "904"
    assert refusals(other) == {"hl7v2.other_patient"}


def test_an_ins_of_test_is_not_the_same_person_as_a_real_one():
    assert refusals(with_document(MDM, b"1.4.10", b"1.4.8")) == {"hl7v2.other_patient"}


def test_a_local_identifier_in_common_is_enough_when_one_has_no_ins():
    without_ins = with_document(MDM, b"1.2.250.1.213.1.4.10", b"1.2.250.1.999.8")
    assert refusals(without_ins) == set()
    assert codes(without_ins) == {"hl7v2.ids_differ"}


def test_no_identifier_in_common_is_refused():
    nothing = with_document(with_document(MDM, b"1.2.250.1.213.1.4.10", b"1.2.250.1.999.8"), IPP, b"IPP-8")
    assert refusals(nothing) == {"hl7v2.no_common_id"}


def test_another_document_than_announced_is_refused():
    assert refusals(with_value(MDM, "TXA-12", b"1.2.250.1.999.1.80")) == {"hl7v2.other_document"}


def test_an_extension_may_be_written_either_way():
    extended = with_document(MDM, b'<id root="1.2.250.1.999.1.81"/>', b'<id root="1.2.250.1.999.1" extension="A81"/>')
    assert codes(with_value(extended, "TXA-12", b"A81^^1.2.250.1.999.1^ISO")) == {"hl7v2.document_id_extension"}
    written = codes(with_value(extended, "TXA-12", b"1.2.250.1.999.1.A81"))
    assert written == {"hl7v2.document_id_concatenated", "hl7v2.document_id_form"}
    assert refusals(with_value(extended, "TXA-12", b"1.2.250.1.999.1")) == {"hl7v2.other_document"}


def test_a_replacement_names_what_it_replaces():
    assert refusals(with_document(REPLACEMENT, b'typeCode="RPLC"', b'typeCode="APND"')) == {"hl7v2.no_replacement_link"}
    assert codes(with_value(REPLACEMENT, "TXA-13", b"1.2.250.1.999.1.70")) == {"hl7v2.other_parent"}


def test_the_announced_type_is_that_of_the_document():
    assert codes(with_document(MDM, b'code="18748-4"', b'code="11488-4"')) == {"hl7v2.other_code"}


@pytest.mark.parametrize(
    "document",
    [
        b"Document medical",
        b"<ClinicalDocument/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><ClinicalDocument xmlns="urn:hl7-org:v3">&b;</ClinicalDocument>',
        b'<ClinicalDocument xmlns="urn:hl7-org:v3">',
        b"\x00\xff",
    ],
)
def test_what_is_no_cda_is_refused(document):
    assert refusals(with_value(MDM, "OBX-5.5", base64.b64encode(document))) == {"hl7v2.not_cda"}


def test_base64_without_padding_or_wrapped_is_read_and_said():
    observation = Message.parse(MDM).all("OBX")[0]
    original = content(observation)
    raw = base64.b64encode(original.data + b"  ").rstrip(b"=")
    assert len(raw) % 4
    assert codes(with_value(MDM, "OBX-5.5", raw)) == {"hl7v2.base64_padding"}
    wrapped = with_value(MDM, "OBX-5.5", raw[:76] + b"\n" + raw[76:])
    assert codes(wrapped) == {"hl7v2.base64_padding", "hl7v2.continuation"}
    assert content(Message.parse(wrapped).all("OBX")[0]).data == original.data + b"  "


def test_an_escaped_document_is_read():
    observation = Message.parse(MDM).all("OBX")[0]
    cda = content(observation).data.replace(b"\n", b"").replace(b"&", b"")
    escaped = with_value(with_value(MDM, "OBX-5.5", cda), "OBX-5.4", b"A")
    assert content(Message.parse(escaped).all("OBX")[0]).data == cda
    assert codes(escaped) == {"hl7v2.encoding_not_base64"}


def test_a_mail_body_that_cannot_be_read_never_stops_the_document():
    spoiled = with_value(MDM, "OBX[12]-5.5", b"QUJDR")
    assert codes(spoiled, Mode.STRICT) == {"hl7v2.mail_body"}
    assert refusals(spoiled, Mode.STRICT) == set()


def test_an_empty_content_is_an_error_of_the_sender():
    for raw in (b"", b"=", b"===="):
        with pytest.raises(DocumentError):
            content(Message.parse(with_value(MDM, "OBX-5.5", raw)).all("OBX")[0])
