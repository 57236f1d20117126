"""ER7 in: framing, separators, absent, empty and null."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import NULL, Message
from engine.formats.hl7v2.sniff import recognised
from tests.unit.formats.hl7v2.messages import SAMPLES, sample

HEAD = b"MSH|^~\\&|A|B|C|D|20250101||ORU^R01^ORU_R01|1|P|2.5|||||FRA|UNICODE UTF-8\r"


def read(*segments: str) -> Message:
    return Message.parse(HEAD + "\r".join(segments).encode())


def model(message: Message) -> list[tuple[str, list[str]]]:
    return [(one.name, [field.text for field in one.fields]) for one in message.segments]


@pytest.mark.parametrize(
    "framed",
    [
        lambda raw: raw.replace(b"\r", b"\n"),
        lambda raw: raw.replace(b"\r", b"\r\n"),
        lambda raw: raw.replace(b"\r", b"\n", 3),
        lambda raw: b"\x0b" + raw + b"\x1c\r",
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: b"\x0b\xef\xbb\xbf\r\n" + raw.rstrip(b"\r"),
        lambda raw: raw + b"\r\n\r\n",
        lambda raw: raw.replace(b"\r", b"\r\r"),
    ],
    ids=["LF", "CRLF", "mixed", "MLLP", "BOM", "all, no last line end", "blank lines after", "blank lines between"],
)
def test_the_frame_changes_nothing_of_what_is_read(framed):
    for name in ("mdm_envoi", "oru_resultats", "adt_consentement"):
        raw = sample(name)
        message = Message.parse(framed(raw))
        assert model(message) == model(Message.parse(raw))
        assert message.write() == framed(raw)


def test_absent_empty_and_null_are_three_things():
    message = read('PID|1||7^^""||""|')
    assert message.text("PID-6") == ""
    assert message.text("PID-7") is None
    assert message.text("PID-5") is NULL
    assert message.text("PID-3.3") is NULL
    assert message.text("PID-3.2") == ""
    assert message.text("PID-3.4") is None
    assert message.text("NK1-1") is None


def test_a_path_reaches_every_level():
    message = read("PID|||A^^^X&1.2.3&ISO~B^^^Y&4.5&ISO", "OBX|1|ST", "OBX|2|NM|c||12")
    assert message.text("PID-3[2].4.2") == "4.5"
    assert message.text("PID-3.4.2") == "1.2.3"
    assert message.text("PID-3[2]") == "B^^^Y&4.5&ISO"
    assert message.text("PID-3") == "A^^^X&1.2.3&ISO~B^^^Y&4.5&ISO"
    assert message.text("PID-3[3].1") is None
    assert message.text("OBX[2]-5.1.1") == "12"
    assert message.text("OBX[3]-5") is None
    segment = message.all("OBX")[1]
    assert (segment.number, segment.index, segment.text("2")) == (2, 3, "NM")
    with pytest.raises(ValueError, match="not a path"):
        message.text("OBX.5")


def test_msh_counts_its_separator_as_a_field():
    message = read("PID|1")
    assert message.text("MSH-1") == "|"
    assert message.text("MSH-2") == "^~\\&"
    assert message.text("MSH-3") == "A"
    assert message.text("MSH-9.2") == "R01"


def test_escapes_are_read_and_unknown_ones_are_left():
    message = read(
        r"NTE|1||a\F\b\S\c\T\d\R\e\E\f|\XC3A9\ \.br\ \X41\|\H\gras\N\ \Zx\ \C2842\ \M1A2B3C\|seul\|\X00\|\XZZ\ "
    )
    assert message.text("NTE-3") == r"a|b^c&d~e\f"
    assert message.text("NTE-4") == "é \n A"
    assert message.text("NTE-5") == r"\H\gras\N\ \Zx\ \C2842\ \M1A2B3C" + "\\"
    assert message.text("NTE-6") == "seul\\"
    assert message.text("NTE-7") == r"\X00" + "\\"
    assert message.text("NTE-8") == r"\XZZ" + "\\ "


def test_a_separator_of_several_bytes_is_honoured():
    message = Message.parse("MSH§^~\\&§A§B§C§D§20250101§§ORU^R01§1§P§2.5§§§§§§UNICODE UTF-8\rPID§1§§7~8".encode())
    assert message.separators.field == "§"
    assert message.text("PID-3[2]") == "8"
    latin = Message.parse("MSH§^~\\&§A§B§C§D§20250101§§ORU^R01§1§P§2.5§§§§§§8859/15\rPID§1§§7§§É".encode("latin-1"))
    assert (latin.text("PID-3"), latin.text("PID-5"), latin.charset) == ("7", "É", "iso8859-15")


def test_the_small_tilde_of_word_processors_is_a_repetition_separator():
    raw = HEAD.replace(b"^~", "^˜".encode()) + "PID|||A˜B".encode()
    message = Message.parse(raw)
    assert message.text("PID-3[2]") == "B"
    assert [one.code for one in message.warnings] == ["hl7v2.separators_unusual"]


def test_a_short_msh_2_splits_nothing_it_does_not_name():
    message = Message.parse(HEAD.replace(b"^~\\&", b"^~\\") + b"NTE|1||A & B")
    assert message.text("NTE-3.1.1") == "A & B"
    assert [one.code for one in message.warnings] == ["hl7v2.separators_missing"]


def test_segments_nobody_knows_are_kept():
    message = read("ZBE|1|2", "PRT||UC", "XYZ|kept")
    assert [one.name for one in message.segments] == ["MSH", "ZBE", "PRT", "XYZ"]
    assert message.text("XYZ-1") == "kept"


def test_lines_that_are_no_segment_belong_to_the_one_before():
    message = read("NTE|1||première ligne", "NFS", "TSH normale|oui", "PID|1")
    assert [one.name for one in message.segments] == ["MSH", "NTE", "PID"]
    assert message.text("NTE-3") == "première ligne\rNFS\rTSH normale"
    assert [(one.code, str(one.path)) for one in message.warnings] == [("hl7v2.continuation", "NTE[1]")]


def test_a_text_about_a_hormone_is_no_second_message():
    message = read("OBX|1|FT|c||Dosages", "MSH : 12 ng/L", "FHS: non fait")
    assert message.text("OBX-5") == "Dosages\rMSH : 12 ng/L\rFHS: non fait"


@pytest.mark.parametrize("part", [b"|" * 6_000, b"^" * 1_000_001, b"\rNTE|1" * 100_001])
def test_a_message_that_would_fill_the_memory_is_refused(part):
    with pytest.raises(DocumentError) as caught:
        Message.parse(HEAD + b"PID|1" + part)
    assert caught.value.code == "hl7v2.limits"


def test_a_known_segment_without_fields_is_a_segment():
    assert [one.name for one in read("PID|1", "PV1", "ORC|NW").segments] == ["MSH", "PID", "PV1", "ORC"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "hl7v2.empty"),
        (b"\x0b\x1c\r", "hl7v2.empty"),
        (b"PID|1", "hl7v2.no_msh"),
        (b"%PDF-1.4", "hl7v2.no_msh"),
        (b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + HEAD, "hl7v2.batch"),
        (HEAD + b"PID|1\r" + HEAD, "hl7v2.several_messages"),
        (HEAD + b"\x1c\r\x0b" + HEAD, "hl7v2.several_messages"),
        (b"MSH", "hl7v2.separators"),
        (b"MSH|", "hl7v2.separators"),
        (b"MSH|^^\\&|A", "hl7v2.separators"),
        (b"MSH|ABC|A", "hl7v2.separators"),
        (b"MSHA^~\\&A", "hl7v2.separators"),
        (b"MSH|^\x98\\&|A|B|C|D|1||A|1|P|2.5||||||UNICODE UTF-8\rPID|" + "é’".encode(), "hl7v2.separators"),
        ("MSH|^~\\&|A".encode("utf-16"), "hl7v2.charset_unsupported"),
    ],
)
def test_what_is_no_single_message_is_refused_by_its_name(content, code):
    with pytest.raises(DocumentError) as caught:
        Message.parse(content)
    assert caught.value.code == code


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_a_document_error(content):
    recognised(content)
    for candidate in (content, b"MSH" + content, HEAD + content):
        try:
            message = Message.parse(candidate)
        except DocumentError:
            continue
        assert message.write() == candidate
        model(message)


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="|"), max_size=12)
SEGMENTS = st.lists(
    st.tuples(st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True), st.lists(VALUES, min_size=1, max_size=8)), max_size=8
)


@settings(max_examples=200)
@given(SEGMENTS)
def test_every_level_rebuilds_the_message_byte_for_byte(segments):
    body = "".join(f"{name}|{'|'.join(values)}\r" for name, values in segments if name not in {"MSH", "FHS", "BHS"})
    body = body.replace("FTS", "FTX").replace("BTS", "BTX")
    message = Message.parse(HEAD + body.encode())
    assert message.charset == "utf-8"
    rebuilt = b""
    for segment in message.segments:
        for field in segment.fields:
            repetitions = [
                b"^".join(b"&".join(sub.raw for sub in component.subs) for component in repetition.components)
                for repetition in field.repetitions
            ]
            assert b"~".join(repetitions) == field.raw
        fields = [field.raw for field in segment.fields]
        fields = fields[1:] if segment.name == "MSH" else fields
        rebuilt += b"|".join([segment.name.encode(), *fields]) + b"\r"
    assert rebuilt == HEAD + body.encode()


def test_every_sample_is_recognised_whatever_its_frame():
    for file in SAMPLES.glob("*.er7"):
        assert recognised(b"\x0b" + file.read_bytes())
    assert recognised(b"\xef\xbb\xbf\r\nMSH|^~\\&")
    assert recognised(b"FHS|^~\\&")
    assert not recognised(b"H|~^\\&|")
    assert not recognised(b"MSHX")
    assert not recognised(b"")
