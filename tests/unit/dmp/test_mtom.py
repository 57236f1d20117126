"""MTOM messages, read back by another parser."""

from __future__ import annotations

import contextlib
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.destinations.dmp import mtom
from connectors.destinations.dmp.mtom import Part

PARTS = (Part("document@x", b"<a>\r\n\xe9\x00</a>"), Part("signature@x", b""))


def header(**changes: str) -> str:
    return mtom.content_type(**{"boundary": "MIME_1", "root_id": "root@x", "action": "urn:a", **changes})


def body(*parts: Part) -> bytes:
    return b"".join(mtom.message(b"<e/>", parts, boundary="MIME_1", root_id="root@x"))


def test_another_parser_reads_the_same_parts() -> None:
    raw = b"MIME-Version: 1.0\r\nContent-Type: " + header().encode() + b"\r\n\r\n" + body(*PARTS)
    found = message_from_bytes(raw, policy=policy.HTTP)
    assert found.get_content_type() == "multipart/related"
    assert found.get_param("type") == "application/xop+xml"
    assert found.get_param("start") == "<root@x>"
    assert found.get_param("start-info") == "application/soap+xml"
    root, document, signature = found.get_payload()  # type: ignore[misc]
    assert root["Content-ID"] == "<root@x>"
    assert root.get_content_type() == "application/xop+xml"
    assert root.get_payload(decode=True) == b"<e/>"
    assert document["Content-ID"] == "<document@x>"
    assert document["Content-Transfer-Encoding"] == "binary"
    assert document.get_payload(decode=True) == PARTS[0].content
    assert signature.get_payload(decode=True) == b""


@given(st.binary(max_size=300))
def test_the_envelope_of_an_answer_is_found_whatever_the_parts_hold(content: bytes) -> None:
    if b"--MIME_1" not in content:
        assert mtom.root(header(), body(Part("document@x", content))) == b"<e/>"


def test_a_plain_answer_is_its_own_envelope() -> None:
    assert mtom.root("application/soap+xml; charset=UTF-8", b"<e/>") == b"<e/>"


def test_the_start_part_need_not_be_the_first_and_its_id_may_be_escaped() -> None:
    raw = b"--b\r\nContent-ID: <x>\r\n\r\nno\r\n--b\r\nContent-ID: <root%40x>\r\n\r\nyes\r\n--b--\r\n"
    assert mtom.root('multipart/related; boundary=b; start="<root@x>"', raw) == b"yes"
    assert mtom.root("multipart/related; boundary=b", raw) == b"no"


@pytest.mark.parametrize(("kind", "raw"), [("multipart/related", b"x"), ("multipart/related; boundary=b", b"x")])
def test_a_multipart_that_is_none_is_refused(kind: str, raw: bytes) -> None:
    with pytest.raises(ValueError, match="multipart"):
        mtom.root(kind, raw)


@given(st.text(max_size=60), st.binary(max_size=200))
def test_an_arbitrary_answer_raises_nothing_but_value_error(kind: str, raw: bytes) -> None:
    with contextlib.suppress(ValueError):
        mtom.root(kind, raw)
