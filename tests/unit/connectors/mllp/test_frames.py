"""Framing, on octets alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.mllp.frames import Fault, Frame, Frames
from tests.unit.connectors.mllp.peer import framed, oru

_LIMIT = 1000
_CONTENTS = st.binary(min_size=1, max_size=60).filter(
    lambda content: not content.isspace() and b"\x1c" not in content and b"\x0bMSH" not in content
)


def given_by(frames: Frames, *pieces: bytes) -> list[Frame]:
    found = []
    for piece in pieces:
        frames.feed(piece)
        while (frame := frames.next()) is not None:
            found.append(frame)
    return found


@given(st.lists(_CONTENTS, max_size=6), st.data(), st.booleans())
def test_any_messages_cut_anywhere_come_out_whole_and_in_order(
    contents: list[bytes], data: st.DataObject, final_cr: bool
) -> None:
    stream = b"".join(framed(content) for content in contents)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    frames = Frames(_LIMIT, final_cr=final_cr)
    assert given_by(frames, *pieces) == [Frame(content) for content in contents]
    assert (frames.size, frames.junk_bytes, frames.open) in {(0, 0, False), (1, 0, False)}


@given(st.lists(st.binary(max_size=40), max_size=30), st.booleans())
def test_arbitrary_octets_never_raise_and_never_pile_up(pieces: list[bytes], final_cr: bool) -> None:
    frames = Frames(20, final_cr=final_cr)
    for frame in given_by(frames, *pieces):
        assert frame.content
        assert frame.fault is not None or len(frame.content) <= 20
    assert frames.size <= 21


@given(st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"MSH", b"\x0bMSH", b"x", b"\x1c\r"]), max_size=30))
def test_the_same_octets_give_the_same_frames_however_they_arrive(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    whole, one_by_one = Frames(_LIMIT), Frames(_LIMIT)
    assert given_by(whole, stream) == given_by(one_by_one, *(stream[i : i + 1] for i in range(len(stream))))
    assert (whole.open, whole.junk_bytes) == (one_by_one.open, one_by_one.junk_bytes)


def test_octets_between_frames_are_left_out_and_counted_but_line_ends_are_not() -> None:
    frames = Frames(_LIMIT)
    assert given_by(frames, b"GET /\r\n" + framed(b"A|1\r") + b"\r\n\n" + framed(b"B|2\r") + b"??") == [
        Frame(b"A|1\r"),
        Frame(b"B|2\r"),
    ]
    assert frames.junk_bytes == len(b"GET /") + len(b"??")


def test_empty_frames_are_no_messages() -> None:
    frames = Frames(_LIMIT)
    assert given_by(frames, framed(b"") + framed(b"\r\n ") + framed(b"A|1\r")) == [Frame(b"A|1\r")]


def test_0x1c_without_cr_is_content_where_the_cr_is_required() -> None:
    assert given_by(Frames(_LIMIT), b"\x0bA\x1cB\x1c\r") == [Frame(b"A\x1cB")]


def test_0x1c_alone_ends_a_frame_where_the_cr_is_optional() -> None:
    frames = Frames(_LIMIT, final_cr=False)
    assert given_by(frames, b"\x0bA\x1c\x0bB\x1c\r\x0bC\x1c") == [Frame(b"A"), Frame(b"B"), Frame(b"C")]
    assert frames.junk_bytes == 0


def test_two_messages_are_never_taken_for_one_when_the_first_was_not_ended() -> None:
    first, second = oru("M1"), oru("M2")
    frames = Frames(_LIMIT)
    assert given_by(frames, b"\x0b" + first[:90] + framed(second)) == [Frame(first[:90], Fault.UNENDED), Frame(second)]


def test_a_vertical_tab_inside_a_text_is_content() -> None:
    content = oru("M1") + b"NTE|1||ligne 1\x0bligne 2\r"
    assert given_by(Frames(_LIMIT), framed(content)) == [Frame(content)]


@given(st.integers(0, 13))
def test_a_message_of_exactly_the_limit_passes_and_one_more_octet_does_not(cut: int) -> None:
    fits, passes_it = framed(b"x" * 10), framed(b"x" * 11)
    assert given_by(Frames(10), fits[:cut], fits[cut:]) == [Frame(b"x" * 10)]
    (refused,) = given_by(Frames(10), passes_it[:cut], passes_it[cut:])
    assert refused.fault is Fault.TOO_LONG


def test_a_message_too_long_is_not_held_and_the_next_one_passes() -> None:
    frames = Frames(100)
    frames.feed(b"\x0b" + b"y" * 150)
    for _ in range(50):
        assert frames.next() is None
        assert frames.size <= 101
        frames.feed(b"x" * 90)
    assert given_by(frames, b"\x1c", b"\r" + framed(b"A")) == [Frame(b"y" * 150, Fault.TOO_LONG), Frame(b"A")]


def test_an_open_frame_given_up_tells_its_beginning() -> None:
    frames = Frames(_LIMIT)
    assert frames.cut() is None
    assert given_by(frames, b"\x0bMSH|half") == []
    assert frames.cut() == Frame(b"MSH|half", Fault.UNENDED)
    assert given_by(frames, framed(b"A")) == [Frame(b"A")]
