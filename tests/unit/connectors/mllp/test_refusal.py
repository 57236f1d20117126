"""What is said without the engine."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.mllp.refusal import Refusal, control_id, header, refusal
from tests.unit.connectors.mllp.peer import oru

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_refusal_names_the_message_and_swaps_its_ends() -> None:
    assert refusal(oru("M1"), Refusal.UNAVAILABLE, _NOW, "own") == (
        b"MSH|^~\\&|PASSEUR|ES|SIL|LABO|20260102030405+0000||ACK^R01^ACK|own|T|2.5|||||FRA|UNICODE UTF-8\r"
        b"MSA|AR|M1\r"
        b"ERR|||207^Application error^messageErrorCondition|E||||reception momentanement impossible, "
        b"renvoyer ce message plus tard\r"
    )


def test_a_refusal_uses_the_separators_of_the_message() -> None:
    sent = b"MSH#:~\\&#A#B#C#D#2026##ADT:A01#77#P#2.3\nPID#1\n"
    said = refusal(sent, Refusal.TOO_LONG, _NOW, "own")
    assert said is not None
    assert said.startswith(b"MSH#:~\\&#C#D#A#B#20260102030405+0000##ACK:A01:ACK#own#P#2.3#####FRA#\rMSA#AE#77\r")


def test_a_message_that_cannot_be_named_is_not_answered() -> None:
    for content in (b"", b"MSH", b"MSH|^~\\&|A|B|C|D|2026||ORU^R01||P|2.5\r", b"MSH|^~\\&|A|B", b"PID|1", b"\xff" * 50):
        assert refusal(content, Refusal.UNENDED, _NOW, "own") is None


def test_the_message_event_is_left_out_where_it_is_not_said() -> None:
    said = refusal(b"MSH|^~\\&|||||||ORU|7|P|2.5", Refusal.UNENDED, _NOW, "own")
    assert said is not None
    assert b"||ACK|own|P|2.5|" in said


def test_nothing_but_msh_is_repeated() -> None:
    said = refusal(oru("M1", 50), Refusal.UNENDED, _NOW, "own")
    assert said is not None
    assert b"ESSAI" not in said
    assert b"12345" not in said


def test_msh_10_names_a_message_even_after_a_byte_order_mark() -> None:
    assert control_id(b"\xef\xbb\xbf" + oru("M1")) == "M1"
    assert control_id(b"MSH|^~\\&|A\r") == ""


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda end: b"MSH" + end))
def test_arbitrary_octets_never_raise(content: bytes) -> None:
    assert isinstance(control_id(content), str)
    said = refusal(content, Refusal.UNAVAILABLE, _NOW, "own")
    assert (said is None) == (len(header(content)) <= 10 or not header(content)[10])
