"""Which character set a message is read in, and what is said of it."""

from __future__ import annotations

import pytest

from engine.formats.hl7v2.charset import codec, table_0211
from engine.formats.hl7v2.er7 import Message


def message(declared: str, encoding: str, name: str = "ÉLÉONORE œuf") -> Message:
    text = f"MSH|^~\\&|A|B|C|D|20250101||ORU^R01|1|P|2.5||||||{declared}\rPID|||7||{name}"
    return Message.parse(text.encode(encoding))


def doubts(one: Message) -> list[str]:
    return [remark.code for remark in one.warnings]


@pytest.mark.parametrize(
    ("declared", "encoding", "read_in"),
    [
        ("UNICODE UTF-8", "utf-8", "utf-8"),
        ("8859/15", "iso8859-15", "iso8859-15"),
        ("8859/15~UNICODE UTF-8", "iso8859-15", "iso8859-15"),
        ("utf-8", "utf-8", "utf-8"),
    ],
)
def test_a_declared_set_that_the_bytes_bear_out_is_believed(declared, encoding, read_in):
    one = message(declared, encoding)
    assert one.text("PID-5") == "ÉLÉONORE œuf"
    assert (one.charset, doubts(one)) == (read_in, [])


@pytest.mark.parametrize(
    ("declared", "encoding", "doubt"),
    [
        ("UNICODE UTF-8", "cp1252", "hl7v2.charset_contradicted"),
        ("8859/15", "utf-8", "hl7v2.charset_contradicted"),
        ("8859/15", "cp1252", "hl7v2.charset_contradicted"),
        ("8859/1", "utf-8", "hl7v2.charset_contradicted"),
        ("ASCII", "utf-8", "hl7v2.charset_contradicted"),
        ("", "utf-8", "hl7v2.charset_guessed"),
        ("", "cp1252", "hl7v2.charset_guessed"),
        ("KLINGON", "cp1252", "hl7v2.charset_unknown"),
    ],
)
def test_a_set_that_the_bytes_contradict_never_turns_a_name_into_another(declared, encoding, doubt):
    one = message(declared, encoding)
    assert one.text("PID-5") == "ÉLÉONORE œuf"
    assert doubts(one) == [doubt]


def test_ascii_leaves_nothing_to_decide():
    assert doubts(message("", "ascii", "DURAND")) == []
    assert doubts(message("8859/1", "ascii", "DURAND")) == []


def test_one_foreign_value_does_not_spoil_the_others():
    raw = "MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|||7||Éloïse\rNTE|1||".encode()
    one = Message.parse(raw + "fièvre à 39°".encode("cp1252"))
    assert one.text("PID-5") == "Éloïse"
    assert one.text("NTE-3") == "fièvre à 39°"
    assert doubts(one) == ["hl7v2.charset_contradicted"]


def test_bytes_no_set_explains_are_seen_as_lost():
    raw = "MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|||7||Élo".encode()
    assert Message.parse(raw + b"\xe9se").text("PID-5") == "Élo\ufffdse"


def test_the_table_goes_both_ways():
    for name in ("utf-8", "iso8859-1", "iso8859-15", "ascii"):
        code = table_0211(name)
        assert code is not None
        assert codec(code) == name
    assert table_0211("cp1252") is None
