"""Tokens: without loss, and never anything but a parse error on arbitrary bytes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.declarations import Conversion
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hprim.sante.conversion import convert as convert_sante
from engine.formats.hprim.sante.segments import Field, Segment, escaped, plain
from engine.formats.hprim.sante.tokens import Delimiters, parse, write
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context
from tests.unit.formats.sante.messages import (
    comment,
    content,
    convert,
    header,
    only_draft,
    patient,
    request,
    result,
    simple,
)
from tests.unit.formats.sante.messages import results as results_of

SIGNS = Delimiters("|", "~", "^", "\\", "&")
NAMES = ("P", "OBR", "OBX", "C", "A", "L", "ERR", "ZLA", "NTE", "AP", "AC", "FAC")
words = st.text(st.sampled_from("abAZ09|~^\\& .-<>éÿ\t\x00\x1a"), max_size=30)
ends = st.sampled_from(["\r", "\r\n", "\n", "\r\r\n", "\r\n\x1a", "\n\t", ""])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    prefix = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\x02\r\n", b"bonjour\r\n"]))
    head = draw(st.sampled_from([header(), header(signs="|^~\\&"), "H|~^\\&", "H|\\^~|", "H#$%!?"]))
    lines = draw(st.lists(st.tuples(st.sampled_from(NAMES), words, ends), max_size=12))
    text = head + draw(ends) + "".join(f"{name}|{rest}{end}" for name, rest, end in lines)
    return prefix + text.encode(draw(st.sampled_from(["latin-1", "utf-8"])), "replace")


@given(messages())
def test_what_is_parsed_is_written_back_byte_for_byte(sent: bytes) -> None:
    try:
        tokens = parse(sent)
    except DocumentError:
        return
    assert write(tokens) == sent


@given(st.binary(max_size=400))
@example(b"H|~^\\&")
@example(b"H|~^\\&\r")
@example(b"H|~^\\&||||||ORU")
@example(b"\xff\xfeH\x00|\x00~\x00^\x00\\\x00&\x00|\x00")
@example(header().encode() + b"\rP|1\rOBR|1\rOBX|1|NM|GLU||\xe9\xff|\rL|99999999999999999999|x|\xb2")
@settings(max_examples=300)
def test_arbitrary_bytes_only_ever_give_a_parse_error(sent: bytes) -> None:
    try:
        assert write(parse(sent)) == sent
    except DocumentError as error:
        assert error.code.startswith("hprim.")
    message = InboundMessage(sent, "dossier", "x.hpr", RECEIVED_AT)
    assert isinstance(convert_sante(message, context()), Conversion)
    assert isinstance(convert(sent), Conversion)


@given(messages())
@settings(max_examples=300, deadline=None)
def test_any_message_is_converted_or_refused_and_never_raises(sent: bytes) -> None:
    conversion = convert_sante(InboundMessage(sent, "dossier", "x.hpr", RECEIVED_AT), context())
    assert isinstance(conversion, Conversion)
    if disposition(conversion.findings) is Disposition.REFUSE:
        assert conversion.drafts == ()


fields = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12)


@given(st.dictionaries(st.integers(3, 18), fields, max_size=8), st.sampled_from(["OBX", "OBR", "P"]))
@settings(max_examples=300, deadline=None)
def test_any_field_content_is_converted_and_never_raises(changes: dict[int, str], name: str) -> None:
    made = {"P": patient, "OBR": request, "OBX": result}
    segments = [made[one](changes if one == name else None) for one in ("P", "OBR", "OBX")]
    convert(content(header(), *segments, comment("x")))


@given(st.text(st.sampled_from("aé|~^\\&FSTREX0 "), max_size=40))
def test_escaped_text_reads_back_the_same(text: str) -> None:
    assert plain(escaped(text, SIGNS), SIGNS) == text


def test_a_cut_segment_is_glued_before_it_is_split() -> None:
    whole = result({4: "GLU~Glucose à jeun~L"})
    place = whole.index("cose")
    cut = f"{whole[:place]}\r\nA|{whole[place : place + 2]}\r\nA|{whole[place + 2 :]}"
    assert only_draft(simple(cut)).document == only_draft(simple(whole)).document


def test_a_cut_inside_a_character_loses_nothing() -> None:
    whole = simple(result({4: "GLU~Glucose à jeun~L"})).decode("latin-1").encode("utf-8")
    place = whole.index("à".encode()) + 1
    cut = whole[:place] + b"\r\nA|" + whole[place:]
    assert only_draft(cut).document == only_draft(whole).document


def test_a_comment_is_continued_too() -> None:
    (found,) = results_of(only_draft(simple(result(), "C|1|L|Premier\r\nA| mot.^Second\r\nA| mot.")))
    assert [one.text for one in found.comments] == ["Premier mot.\nSecond mot."]


def test_line_feeds_and_control_signs_between_segments_are_line_ends() -> None:
    regular = simple(result())
    odd = b"\x02\r\n" + regular.replace(b"\r\n", b"\n\x00\t") + b"\x1a"
    assert only_draft(odd).document == only_draft(regular).document


def test_text_before_the_header_is_left_out_and_said() -> None:
    conversion = convert(b"AT OK CONNECT 9600\r\n" + simple(result()))
    (said,) = [one for one in conversion.findings if one.code == "hprim.text_before_header"]
    assert "18 octets" in said.message
    assert len(conversion.drafts) == 1


def test_the_line_of_a_finding_is_the_line_of_the_file() -> None:
    sent = b"bonjour\r\n" + content(header(), patient(), request() + "\r\nA|", result({4: "XYZ~Inconnu~L"}))
    (draft,) = convert(sent).drafts
    (said,) = [one for one in draft.findings if one.code == "mapping.unmapped_code"]
    assert (said.where, said.line) == ("OBX[1].10.4", 6)


@pytest.mark.parametrize(("signs", "code"), [("|~^", "hprim.delimiters"), ("|~^~&", "hprim.delimiters_same")])
def test_separators_that_cannot_be_known_are_refused(signs: str, code: str) -> None:
    conversion = convert(content(header(signs=signs), patient(), request(), result()))
    assert conversion.drafts == ()
    assert code in {one.code for one in conversion.findings}


def test_a_sender_of_three_separators_is_read_with_its_profile() -> None:
    laboratory = replace(LABORATORY, delimiters="|~^\\&")
    sent = content(header(signs="|~^"), patient(), request(), result())
    conversion = convert(sent, context(laboratory))
    assert [one.code for one in conversion.findings] == ["hprim.delimiters_profile"]
    assert conversion.drafts[0].document == only_draft(simple(result())).document


@given(st.permutations("|~^\\&#!%$@*;=?").map(lambda signs: "".join(signs[:5])))
@settings(max_examples=60, deadline=None)
def test_any_five_signs_say_the_same_by_their_position(signs: str) -> None:
    sent = simple(result({6: "<5.3", 3: "ST", 9: "A^W"}), comment("Un^deux \\S\\ trois")).decode("latin-1")
    turned = sent.translate(str.maketrans("|~^\\&", signs)).encode("latin-1")
    (found,) = results_of(only_draft(turned))
    (plainly,) = results_of(only_draft(sent.encode("latin-1")))
    assert found.comments[0].text == f"Un\ndeux {signs[1]} trois"
    assert replace(found, comments=()) == replace(plainly, comments=())


def test_two_messages_in_one_file_are_refused() -> None:
    conversion = convert(simple(result()) + simple(result()))
    assert conversion.drafts == ()
    assert "hprim.several_messages" in {one.code for one in conversion.findings}


def test_a_line_that_is_no_segment_holds_the_message() -> None:
    conversion = convert(simple(result(), "suite du commentaire"))
    (said,) = [one for one in conversion.findings if one.code == "hprim.stray_line"]
    assert said.disposition is Disposition.HOLD


def test_absent_is_not_empty() -> None:
    segment = Segment("OBX", 1, 1, "OBX|1|NM||", SIGNS)
    assert segment.field(4) == Field("", SIGNS)
    assert segment.field(6) is None
    assert segment.field(3) == Field("NM", SIGNS)


def test_a_segment_with_its_trailing_separators_says_the_same() -> None:
    assert only_draft(simple(result() + "||||")).document == only_draft(simple(result())).document


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\\F\\\\S\\\\R\\\\T\\\\E\\", "|~^&\\"),
        ("\\XE9\\", "é"),
        ("\\X0D\\", "\\X0D\\"),
        ("\\.br\\", "\\.br\\"),
        ("\\H\\gras\\N\\", "\\H\\gras\\N\\"),
        ("a\\", "a\\"),
    ],
)
def test_known_escapes_are_decoded_and_others_left(raw: str, text: str) -> None:
    assert plain(raw, SIGNS) == text


def test_the_escape_sign_is_the_one_declared() -> None:
    assert plain("a!F!b\\F\\", Delimiters("|", "~", "^", "!", "&")) == "a|b\\F\\"
