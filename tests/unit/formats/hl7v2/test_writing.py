"""ER7 out: what is written is read back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import NULL, Message, Separators, build
from engine.formats.hl7v2.path import path

MSH = ["MSH", "A", "B", "C", "D", "20250101", "", ("ORU", "R01"), "1", "P", "2.5", *[""] * 5, "UNICODE UTF-8"]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))


def test_a_message_is_written_as_the_standard_has_it():
    written = build([MSH, ["PID", "", "", [("1", "", "", ("X", "1.2", "ISO")), ("2",)], None, NULL, "", ""]])
    assert written == b'MSH|^~\\&|A|B|C|D|20250101||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|||1^^^X&1.2&ISO~2||""\r'


@given(TEXT, TEXT, TEXT)
def test_any_text_comes_back_unchanged(first, second, third):
    message = Message.parse(build([MSH, ["NTE", "1", (first, (second, third)), ["a", "b"], "end"]]))
    assert message.text("NTE-2.1") == first
    assert message.text("NTE-2.2.1") == second
    assert message.text("NTE-2.2.2") == third
    assert message.text("NTE-4") == "end"


@given(TEXT)
def test_other_separators_serve_as_well(value):
    signs = Separators("§", "$", "*", "!", "%")
    written = build([MSH, ["NTE", "1", (value, value)]], separators=signs)
    assert Message.parse(written).text("NTE-2.2") == value


def test_line_ends_never_cut_a_segment():
    written = build([MSH, ["NTE", "1", "un\ndeux\rtrois"]])
    assert written.count(b"\r") == 2
    assert b"\n" not in written
    assert Message.parse(written).text("NTE-2") == "un\ndeux\rtrois"
    with pytest.raises(ValueError, match="line end"):
        build([MSH, ["OBX", b"QUJD\r\nREVG"]])


def test_typographic_signs_are_written_plainly_where_the_set_lacks_them():
    written = build([MSH, ["NTE", "1", "l’œil – 37 °C"]], charset="iso8859-15")
    assert "l'œil - 37 °C".encode("iso8859-15") in written


def test_a_sign_the_set_lacks_is_never_dropped():
    with pytest.raises(DocumentError) as caught:
        build([MSH, ["NTE", "1", "≥ 5 µg"]], charset="iso8859-15")
    assert caught.value.code == "hl7v2.unencodable"


@pytest.mark.parametrize("text", ["PID", "PID-3", "OBX[3]-5.1", "PID-3[2].4.2"])
def test_a_path_is_written_as_it_is_read(text):
    assert str(path(text)) == text


@pytest.mark.parametrize(
    ("text", "erl"),
    [("PID", "PID^1"), ("MSH-12", "MSH^1^12"), ("OBX[3]-5.1", "OBX^3^5^1^1"), ("PID-3[2].4.2", "PID^1^3^2^4^2")],
)
def test_a_path_becomes_an_erl(text, erl):
    assert "^".join(path(text).erl) == erl
