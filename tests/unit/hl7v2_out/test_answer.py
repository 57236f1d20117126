"""The ACK a peer gives, well formed or not."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.hl7v2_out.answer import answer

OFFICIAL = Path(__file__).resolve().parents[3] / ".." / "shared" / "ans" / "hl7v2-exemples"
MSH = b"MSH|^~\\&|RIS-Y|Organisation-Y|PFI-Y|Organisation-Y|202106060932||ACK^T10^ACK|016|P|2.6|||||FRA|UNICODE UTF-8\r"


def test_an_acceptance_is_read_with_its_number() -> None:
    found = answer(MSH + b"MSA|AA|015\r")
    assert (found.accepted, found.later, found.control_id, found.number) == (True, False, "015", "016")


def test_a_refusal_for_the_content_is_read_with_its_most_precise_code() -> None:
    err = b"ERR||PID^1^3|207^Application error^messageErrorCondition|E|902^DUPONT inconnu^applicationErrorCode\r"
    found = answer(MSH + b"MSA|AE|015\r" + err)
    assert (found.accepted, found.later, found.code, found.place) == (False, False, "902", "PID-3")
    assert found.words == "Patient inconnu"
    assert "DUPONT" not in repr(found)


def test_a_refusal_for_circumstances_may_be_sent_again() -> None:
    found = answer(MSH + b"MSA|AR|015\rERR|||207^x|E\r")
    assert (found.accepted, found.later, found.code) == (False, True, "207")


def test_an_answer_without_a_reason_is_read_all_the_same() -> None:
    found = answer(MSH + b"MSA|AE|015\r")
    assert (found.code, found.words, found.place) == ("", "", "")


@pytest.mark.parametrize("content", [b"", b"hello", MSH, MSH + b"MSA|XX|015\r", MSH + b"MSA\r", b"\x00\xff" * 50])
def test_what_is_no_answer_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(DocumentError):
        answer(content)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(tail: bytes) -> None:
    for content in (tail, MSH + tail, MSH + b"MSA|AE|1\r" + tail):
        with contextlib.suppress(DocumentError):
            answer(content)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="official examples are not beside the checkout")
def test_every_official_acknowledgement_is_read() -> None:
    files = [one for one in OFFICIAL.rglob("ack*") if one.is_file()]
    assert files
    for file in files:
        found = answer(file.read_bytes())
        assert found.accepted
        assert found.control_id
