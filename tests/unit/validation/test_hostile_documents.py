"""Documents made to harm: each gets a finding, none an exception, and nothing is read nor called from them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Disposition
from engine.validation.document import MAX_BYTES
from engine.validation.validator import Validator
from tests.unit.validation.samples import CR_BIO, nested


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(None)


def _with_doctype(doctype: bytes, content: bytes = b"") -> bytes:
    head, rest = CR_BIO.split(b"?>", 1)
    return head + b"?>" + doctype + rest.replace(b"<title>", b"<title>" + content, 1)


_BOMB = b"<!DOCTYPE x [<!ENTITY a0 'ha'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 12)
)

HOSTILE = {
    "external_entity": (
        _with_doctype(b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>", b"&f;"),
        "xml.doctype",
    ),
    "doctype_alone": (_with_doctype(b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>"), "xml.doctype"),
    "parameter_entity": (
        _with_doctype(b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>"),
        "xml.doctype",
    ),
    "entity_bomb_in_text": (_with_doctype(_BOMB, b"&a11;"), "xml."),
    "entity_bomb_in_attribute": (_with_doctype(_BOMB, b"<x y='&a11;'/>"), "xml."),
    "deep_nesting": (nested(100_000), "xml.limits"),
    "a_hundred_megabytes": (b"<a>" + b"x" * 100_000_000 + b"</a>", "xml.too_large"),
    "a_very_long_text": (b"<a>" + b"x" * 11_000_000 + b"</a>", "xml.limits"),
    "invalid_utf8": (CR_BIO.replace(b"Laboratoire fictif", b"Laboratoire \xe9\xff", 1), "xml.encoding"),
    "control_character": (CR_BIO.replace(b"Laboratoire fictif", b"\x01", 1), "xml.encoding"),
    "unknown_encoding": (CR_BIO.replace(b"UTF-8", b"UTF-99", 1), "xml.encoding"),
    "empty": (b"", "xml.syntax"),
    "cut_short": (CR_BIO[: len(CR_BIO) // 2], "xml.syntax"),
    "another_document": (b"<html/>", "xml.not_cda"),
    "no_namespace": (b"<ClinicalDocument/>", "xml.not_cda"),
    "two_documents": (
        b"<x xmlns:c='urn:hl7-org:v3'><c:ClinicalDocument/><c:ClinicalDocument/></x>",
        "xml.not_cda",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_its_reason(validator: Validator, name: str) -> None:
    content, code = HOSTILE[name]
    report = validator.validate(content)
    assert [run.name for run in report.layers] == ["xml"]
    (finding,) = report.findings
    assert finding.code.startswith(code)
    assert finding.disposition is Disposition.REFUSE
    assert not report.may_leave
    assert finding.remedy


def test_a_document_in_another_encoding_is_read(validator: Validator) -> None:
    text = CR_BIO.decode().replace("UTF-8", "UTF-16", 1)
    assert validator.validate(text.encode("utf-16")).may_leave


def test_an_almost_empty_document_is_judged_not_broken(validator: Validator) -> None:
    report = validator.validate(b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>")
    assert len(report.findings) > 10
    assert all(not finding.code.startswith("validation.") for finding in report.findings)


def test_the_size_limit_leaves_room_for_real_documents() -> None:
    assert MAX_BYTES > 10 * 1024 * 1024


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    assert not Validator(None).validate(content).may_leave


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(CR_BIO) - 1), st.integers(0, 255))
def test_one_wrong_byte_never_raises(position: int, byte: int) -> None:
    spoilt = CR_BIO[:position] + bytes([byte]) + CR_BIO[position + 1 :]
    report = Validator(None).validate(spoilt)
    assert all(not finding.code.startswith("validation.") for finding in report.findings)
