"""Reading bytes as French text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.hprim.encodings import decode

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "hprim"
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))["samples"]
READABLE = [one for one in MANIFEST if one["encoding"] and one["encoding"].split()[0] != "utf-8"]

REPORT = (
    "FICTIVE\nHélène\n12 rue de l'Église\n\nProtéine élevée à contrôler ; créatinine 85 µmol/L ; 37,5 °C\n"
    "Prélèvement reçu le même jour, hémolysé. Naïf, reçu, Noël, où, île, août, âge.\n"
)


@pytest.mark.parametrize("sample", READABLE, ids=lambda one: one["file"])
def test_every_sample_reads_as_its_manifest_says(sample: dict[str, str]) -> None:
    content = (SAMPLES / sample["file"]).read_bytes()
    read = decode(content)
    expected = content.decode(sample["encoding"])
    assert read.text == expected
    assert not read.repaired
    assert not read.lossy


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp437", "mac_roman"])
def test_a_french_report_is_recognised_in_each_single_byte_encoding(encoding: str) -> None:
    text = REPORT.replace("É", "E") if encoding == "cp437" else REPORT
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_a_name_in_capitals_is_recognised(encoding: str) -> None:
    name = "ÇÉLÈNE\nFRANÇOISE HÉLÈNE\n"
    assert decode(name.encode(encoding)).text == name


@pytest.mark.parametrize("text", ["85 µmol/L", "Température 37,2 °C", "Numéro n° 12", "10 m²", "Jérôme", "HÔPITAL"])
def test_a_single_sign_in_the_nominal_encoding_is_read_as_such(text: str) -> None:
    assert decode(text.encode("cp1252")).text == text


def test_the_nominal_encoding_read_for_sure_is_no_guess() -> None:
    assert not decode(REPORT.encode("cp1252")).guessed


def test_another_encoding_than_the_nominal_one_is_said_to_be_guessed() -> None:
    assert decode(REPORT.encode("cp850")).guessed


def test_ascii_leaves_nothing_to_decide() -> None:
    read = decode(b"H|~^\\&|")
    assert (read.encoding, read.guessed, read.text) == ("ascii", False, "H|~^\\&|")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_without_its_mark_and_without_guessing(encoding: str) -> None:
    read = decode(REPORT.encode(encoding))
    assert read.text == REPORT
    assert not read.guessed


def test_utf16_without_a_mark_is_recognised() -> None:
    read = decode(REPORT.encode("utf-16-le"))
    assert read.text == REPORT
    assert read.guessed


def test_the_sender_s_setting_wins_over_what_the_bytes_look_like() -> None:
    assert decode("Hélène".encode("cp850"), "cp850").text == "Hélène"
    assert decode("Ú".encode("cp850"), "cp850").text == "Ú"
    assert decode("Hélène".encode(), "cp1252").text == "Hélène"


def test_a_mark_wins_over_the_sender_s_setting() -> None:
    assert decode("Hélène".encode("utf-8-sig"), "cp1252").text == "Hélène"


def test_a_setting_python_does_not_know_is_as_none() -> None:
    assert decode("Hélène".encode("cp1252"), "inconnu-42").text == "Hélène"


def test_latin_1_with_windows_signs_is_read_as_windows() -> None:
    assert decode(b"l\x92examen \xe9lev\xe9", "iso-8859-1").text == "l’examen élevé"


def test_bytes_the_setting_cannot_read_are_said_to_be_lost() -> None:
    read = decode(b"H\xe9l\xe8ne", "utf-8")
    assert read.lossy
    assert "\ufffd" in read.text


def test_the_damage_of_a_double_encoding_is_mended() -> None:
    content = (SAMPLES / "M11_double_encodage.hpr").read_bytes()
    read = decode(content)
    assert read.repaired
    assert "Mon cher confrère," in read.text
    assert "Votre patiente a été revue à l'hôpital" in read.text


def test_a_double_encoding_that_happens_to_be_valid_utf8_is_mended_too() -> None:
    twice = "confrère, été".encode().decode("cp1252").encode("mac_roman")
    twice.decode("utf-8")
    assert decode(twice).text == "confrère, été"


def test_utf8_encoded_twice_is_mended() -> None:
    twice = REPORT.encode().decode("latin-1").encode()
    read = decode(twice)
    assert read.repaired
    assert read.text == REPORT


def test_a_text_only_partly_damaged_is_left_as_it_is() -> None:
    mixed = "déjà élevé, puis Ã©levÃ©"
    read = decode(mixed.encode())
    assert not read.repaired
    assert read.text == mixed


def test_a_character_lost_before_it_came_here_is_said() -> None:
    assert decode("H\ufffdlène".encode()).lossy


def test_a_character_cut_at_the_end_of_the_file_does_not_change_the_encoding() -> None:
    read = decode("Hélène, née".encode()[:-1] + b"\xc3")
    assert read.encoding == "utf-8"
    assert read.text.startswith("Hélène")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_raising(content: bytes) -> None:
    assert isinstance(decode(content).text, str)


@given(st.binary(max_size=200), st.sampled_from(["cp850", "utf-8", "latin-1", "utf-16", "mac_roman", "hex", "??", ""]))
def test_any_bytes_with_any_setting_are_read_without_raising(content: bytes, declared: str) -> None:
    assert isinstance(decode(content, declared).text, str)


@given(st.text(alphabet="aeiouéèàçêmnt µ°\n", max_size=80))
def test_unicode_text_is_read_back_exactly(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode()).text == text


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_a_file_without_accents_is_never_changed(text: str) -> None:
    assert decode(text.encode("ascii")).text == text
