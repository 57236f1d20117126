"""A message as it is shown to a person: whole, named, harmless to the terminal, findings where they belong."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from engine.commands import show
from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.names import name
from engine.formats.hl7v2.shown import ShownField, instant, octets, shown
from engine.formats.hl7v2.validation import Mode, findings
from engine.formats.hl7v2.values import said
from tests.unit.formats.hl7v2.messages import SAMPLES, needs_official, official, sample, with_value

ALL = sorted(SAMPLES.rglob("*.er7")) + sorted(SAMPLES.rglob("*.hl7"))


def detail(content: bytes) -> dict[str, Any]:
    """What the API says of a message."""
    rows = [asdict(one.finding()) for one in findings(Message.parse(content), Mode.TOLERANT)]
    return {"message": {"findings": rows}, "documents": []}


def printed(content: bytes, width: int = 140, **options: Any) -> str:
    found = show.read(content, detail(content))
    assert found is not None
    console = Console(file=io.StringIO(), width=width, **options)
    console.print(*show.rendered(found), sep="\n", highlight=False)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def field(content: bytes, path: str) -> ShownField:
    return next(one for segment in shown(content).segments for one in segment.fields if one.path == path)


def texts(one: ShownField) -> list[str]:
    return [text for parts in one.repetitions for part in parts for text in part.texts]


def assert_whole(content: bytes) -> None:
    """Every value of the message is shown, under its path; a content that is described is an encapsulated one."""
    segments = shown(content).segments
    parsed = Message.parse(content).segments
    assert [one.path for one in segments] == [str(one.path()) for one in parsed]
    for segment, sent in zip(segments, parsed, strict=True):
        fields = {one.path: one for one in segment.fields}
        for number, value in enumerate(sent.fields, start=1):
            path = str(sent.path(str(number)))
            if sent.name == "MSH" and number <= 2:
                assert texts(fields[path]) == [value.text]
            elif path in fields and fields[path].content:
                assert (sent.name, number, said(sent, "2.1").upper()) == ("OBX", 5, "ED")
            else:
                leaves = [
                    sub.text for one in value.repetitions for component in one.components for sub in component.subs
                ]
                expected = ["(valeur à effacer)" if one == '""' else one for one in leaves if one]
                assert [one for one in texts(fields[path]) if one] == expected if expected else path not in fields


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_every_value_of_our_samples_is_shown(file):
    assert_whole(file.read_bytes())


@needs_official
def test_every_value_of_the_official_examples_is_shown():
    for file in official():
        assert_whole(file.read_bytes())


def test_every_segment_of_our_samples_has_a_name():
    used = {one.name for file in ALL for one in Message.parse(file.read_bytes()).segments}
    assert [one for one in used if not name(one).title] == []


def test_a_segment_nobody_knows_is_shown_with_its_values():
    content = sample("oru_document") + b"ZXY|1|un^deux|trois\r"
    out = printed(content)
    assert "ZXY[1]  segment non décrit" in out
    assert "un · deux" in out
    assert "champ 3" in out


def test_codes_and_dates_are_said_in_french():
    out = printed(sample("mdm_envoi"))
    for words in ("F (féminin)", "15/01/1980", "VALI (validée)", "NW (nouvelle demande)", "MDM (document)", "N (non)"):
        assert words in out


def test_an_encapsulated_document_is_described_and_never_dumped():
    content = with_value(sample("mdm_envoi"), "OBX-5.5", base64.b64encode(b"<ClinicalDocument/>" + b" " * 318_000))
    one = field(content, "OBX[1]-5")
    assert (one.content, one.repetitions) == ("document XML, 318 Ko", ())
    out = printed(content)
    assert "document XML, 318 Ko" in out
    assert len(out) < 30_000


@pytest.mark.parametrize(("data", "words"), [(b"%PDF-1.7", "document PDF, 8 octets"), (b"\x00\x01", "document XML")])
def test_the_bytes_of_a_document_say_what_it_is(data, words):
    content = with_value(sample("mdm_envoi"), "OBX-5.5", base64.b64encode(data))
    assert field(content, "OBX[1]-5").content.startswith(words)


def test_a_damaged_document_is_said_to_be_so():
    content = with_value(sample("mdm_envoi"), "OBX-5.5", b"PD94*bWwg")
    assert field(content, "OBX[1]-5").content.startswith("document XML, illisible : base64 abîmé")


def test_a_large_text_shows_its_beginning_and_base64_in_a_text_nothing():
    result = sample("oru_resultats")
    long = with_value(result, "OBX-5", b"mot " * 5_000)
    shown_text = next(text for text in texts(field(long, "OBX[1]-5")))
    assert shown_text.startswith("mot mot") and shown_text.endswith("… (20 Ko en tout)")
    encoded = with_value(result, "OBX-5", base64.b64encode(bytes(range(256)) * 100))
    assert texts(field(encoded, "OBX[1]-5")) == ["contenu encodé, 34 Ko"]


def test_a_finding_stands_beside_its_field_even_when_the_field_is_absent():
    content = with_value(sample("mdm_envoi"), "PID-32", b"")
    lines = printed(content).splitlines()
    here = next(rank for rank, line in enumerate(lines) if "Fiabilité de l'identité" in line)
    assert "(absent)" in lines[here]
    assert "hl7v2.required" in "".join(lines[here : here + 3])


def test_a_finding_about_a_segment_stands_under_its_title():
    content = sample("mdm_envoi").replace(b"\rPV1|", b"\rune suite\rPV1|")
    lines = printed(content).splitlines()
    here = lines.index("PID[1]  Patient")
    assert "hl7v2.continuation" in lines[here + 1] + lines[here + 2]


def test_a_finding_about_no_place_of_the_message_troubles_nothing():
    assert shown(sample("mdm_envoi"), ["", "/ClinicalDocument", "PID[7]-3", "MSH-9.1"]).segments[0].fields[7].about == (
        3,
    )


def test_data_for_programs_has_everything_the_screen_has():
    content = with_value(sample("mdm_envoi"), "PID-32", b"")
    found = show.read(content, detail(content))
    assert found is not None
    told = json.loads(json.dumps(show.data(found)))
    assert [one["path"] for one in told["segments"]] == [one.path for one in found.message.segments]
    patient = next(one for one in told["segments"] if one["path"] == "PID[1]")
    (reliability,) = (one for one in patient["fields"] if one["path"] == "PID[1]-32")
    assert {one["code"] for one in reliability["findings"]} == {"hl7v2.required", "hl7v2.ins_not_validated"}
    (document,) = (one for one in told["segments"] if one["path"] == "OBX[1]")
    assert any(one.get("content", "").startswith("document XML") for one in document["fields"])


def test_nothing_sent_passes_for_markup_or_commands_the_terminal():
    content = with_value(sample("mdm_envoi"), "PID-5.1", "[red]x[/red]\u202eTAP\x9b31m".encode())
    out = printed(content)
    assert "[red]x[/red]‹202E›TAP‹009B›31m" in out
    assert show.raw(b"MSH|^~\\&|\x1b[2J\rPID|\xe9\r") == "MSH|^~\\&|␛[2J\nPID|é\n"


def test_colours_are_for_terminals_only():
    assert "\x1b[" not in printed(sample("mdm_envoi"))
    assert "\x1b[" in printed(sample("mdm_envoi"), force_terminal=True, color_system="standard")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_width_of_the_terminal_is_respected(width):
    for file in ALL:
        assert max(len(line) for line in printed(file.read_bytes(), width).splitlines()) <= width, file.name


def test_what_is_no_hl7v2_message_is_left_to_the_others():
    nothing = {"message": {"findings": []}, "documents": []}
    assert show.read(b"H|~^\\&|", nothing) is None
    assert show.read(b"MSH||||", nothing) is None
    with pytest.raises(DocumentError):
        shown(b"H|~^\\&|")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("1985", ""),
        ("198503", "03/1985"),
        ("19850312", "12/03/1985"),
        ("202503101430", "10/03/2025 14:30"),
        ("20250310143000.1234+0100", "10/03/2025 14:30:00 (+0100)"),
        ("20251310", ""),
        ("2025-03-10", ""),
        ("inconnue", ""),
    ],
)
def test_instants_are_read_as_far_as_they_go(sent, told):
    assert instant(sent) == told


@pytest.mark.parametrize(
    ("count", "told"), [(1, "1 octet"), (999, "999 octets"), (318_400, "318 Ko"), (1_260_000, "1,3 Mo")]
)
def test_sizes_are_said_in_units_of_a_thousand(count, told):
    assert octets(count) == told


@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_shown_or_refused_as_no_message(tail):
    content = b"MSH|^~\\&|A|B|C|D|20250101||ORU^R01|1|P|2.5\r" + tail
    try:
        found = shown(content, ["OBX[1]-5", "MSH-9"])
    except DocumentError:
        return
    for segment in found.segments:
        for one in segment.fields:
            text = show.printable("".join(texts(one)))
            assert not any(ord(sign) < 0x20 and sign != "\n" for sign in text)
