"""INS datamatrix: what real scanners type, read back or refused, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Severity
from engine.identity.datamatrix import GS, HEAD, ins_datamatrix, written
from engine.identity.traits import StrictTraits
from engine.model.parties import INS_NIA, INS_NIR, INS_NIR_DEMO, INS_NIR_TEST, Ins
from engine.model.values import Timestamp
from engine.scan.ins_datamatrix import InsScan, ScannedIdentity, scan_ins
from engine.scan.keyboard import Layout
from tests.unit.scan.keyboards import FAULTS, appears

BLOCKS = (
    ("S1", "285039900000193"),
    ("S2", INS_NIR_TEST),
    ("S3", "HELENE ZOE-MAMA"),
    ("S4", "D'AMQZW-TEST"),
    ("S5", "F"),
    ("S6", "12-03-1985"),
    ("S7", "99000"),
)
WHOLE = HEAD + written(BLOCKS)
IDENTITY = ScannedIdentity(
    matricule="285039900000193",
    oid=INS_NIR_TEST,
    given_names="HELENE ZOE-MAMA",
    birth_name="D'AMQZW-TEST",
    gender="F",
    birth_date=Timestamp("19850312"),
    birth_cog="99000",
)


def read(text: str) -> InsScan:
    """The scan of a text, none of which may be lost on the way."""
    scan = scan_ins(text)
    assert "".join(token.raw for token in scan.tokens) == text
    assert all(token.raw for token in scan.tokens)
    return scan


def codes(scan: InsScan) -> set[str]:
    return {finding.code for finding in scan.findings}


def changed(**values: str) -> str:
    return HEAD + written(tuple((key, values.get(key, value)) for key, value in BLOCKS))


def test_a_datamatrix_is_read_field_by_field() -> None:
    scan = read(WHOLE)
    assert scan.identity == IDENTITY
    assert codes(scan) == {"scan.ins_test"}
    assert scan.layout is Layout.AS_TYPED


def test_a_scan_never_qualifies_an_identity() -> None:
    identity = read(WHOLE).identity
    assert identity is not None
    assert identity.ins == Ins("285039900000193", INS_NIR_TEST, qualified=False)


@pytest.mark.parametrize(("scanner", "post", "caps_lock"), FAULTS)
def test_another_keyboard_is_undone_and_said(scanner: str, post: str, caps_lock: bool) -> None:
    scan = read(appears(WHOLE, scanner, post, caps_lock=caps_lock))
    assert scan.identity == IDENTITY
    assert any(code.startswith("scan.keyboard_") for code in codes(scan))


@pytest.mark.parametrize(("scanner", "post", "caps_lock"), FAULTS)
def test_another_keyboard_and_lost_separators_together_are_undone(scanner: str, post: str, caps_lock: bool) -> None:
    scan = read(appears(WHOLE.replace(GS, ""), scanner, post, caps_lock=caps_lock) + "\r\n")
    assert scan.identity == IDENTITY
    assert "scan.separators_lost" in codes(scan)


@pytest.mark.parametrize("around", ["]d1{}", "\x02{}\x03", "{}\r\n", "{}\t", "\ufeff{}", "]d2\x1d{}\r", " {} "])
def test_what_a_scanner_adds_around_is_not_data(around: str) -> None:
    scan = read(around.format(WHOLE))
    assert scan.identity == IDENTITY
    assert codes(scan) == {"scan.ins_test"}


def test_a_prefix_set_in_the_scanner_is_put_aside_and_said() -> None:
    scan = read(f"DM#{WHOLE}")
    assert scan.identity == IDENTITY
    assert "scan.prefix" in codes(scan)


@pytest.mark.parametrize("sent", ["<GS>", "{GS}", "\\x1d", "\u241d", "|", "~", "\x1e", "\t", "\r\n"])
def test_a_separator_sent_as_something_else_is_one(sent: str) -> None:
    scan = read(WHOLE.replace(GS, sent))
    assert scan.identity == IDENTITY
    assert codes(scan) == {"scan.ins_test"}


def test_blocks_may_come_in_any_order_and_the_oid_be_padded() -> None:
    order = ("S4", "S7", "S1", "S6", "S5", "S3")
    blocks = dict(BLOCKS)
    text = HEAD + "S2" + INS_NIR + " " + "".join(key + blocks[key] + GS * (key in {"S3", "S4"}) for key in order)
    scan = read(text)
    assert scan.identity is not None
    assert (scan.identity.oid, scan.identity.birth_name) == (INS_NIR, "D'AMQZW-TEST")
    assert codes(scan) == {"scan.padding"}


@pytest.mark.parametrize("where", ["S5F", f"MAMA{GS}", f"TEST{GS}"])
def test_a_separator_too_many_changes_nothing(where: str) -> None:
    scan = read(WHOLE.replace(where, f"{where}{GS}"))
    assert scan.identity == IDENTITY
    assert codes(scan) == {"scan.ins_test", "scan.extra_separator"}


@pytest.mark.parametrize(
    ("text", "code", "lost"),
    [
        (changed(S1="285039900000194"), "scan.ins_key", "matricule"),
        (changed(S1="28503990000019"), "scan.ins_field", "matricule"),
        (changed(S2="1.2.250.1.213.1.4.2"), "scan.ins_old", "oid"),
        (changed(S2="1.2.250.1.213.1.4.7"), "scan.ins_oid", "oid"),
        (changed(S3="HéLENE"), "scan.ins_field", "given_names"),
        (changed(S4="TEST2"), "scan.ins_field", "birth_name"),
        (changed(S5="I"), "scan.ins_field", "gender"),
        (changed(S6="31-02-1985"), "scan.ins_field", "birth_date"),
        (changed(S6="00-03-1985"), "scan.ins_date_zero", "birth_date"),
        (changed(S6="1985-03-12"), "scan.ins_field", "birth_date"),
        (changed(S7="9900"), "scan.ins_field", "birth_cog"),
    ],
)
def test_a_wrong_field_has_no_value_and_takes_no_other_with_it(text: str, code: str, lost: str) -> None:
    scan = read(text)
    assert scan.identity is not None
    assert code in codes(scan)
    others = {"gender", "birth_name", "given_names"} - {lost}
    assert getattr(scan.identity, lost) is None
    assert all(getattr(scan.identity, name) == getattr(IDENTITY, name) for name in others)


def test_all_that_is_wrong_is_said_at_once() -> None:
    scan = read(changed(S1="285039900000194", S5="X", S6="00-00-1985") + "S5F")
    assert {"scan.ins_key", "scan.ins_repeated", "scan.ins_date_zero"} <= codes(scan)


def test_a_missing_field_is_named_and_only_the_birth_place_may_miss() -> None:
    without = HEAD + written(tuple(block for block in BLOCKS if block[0] not in {"S4", "S7"}))
    scan = read(without)
    by_code = {finding.code: finding for finding in scan.findings}
    assert by_code["scan.ins_missing"].where == "S4"
    assert by_code["scan.ins_missing"].severity is Severity.ERROR
    assert by_code["scan.ins_no_place"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "scan.empty"),
        ("A" * 3000, "scan.too_long"),
        ("bonjour", "scan.not_ins"),
        ("]d2010340093595583817260630", "scan.is_gs1"),
        ("DC04FR0000011E58", "scan.is_2ddoc"),
        (WHOLE.replace("0" * 22, "0" * 19), "scan.ins_head"),
        (WHOLE.replace("IS01", "IS02"), "scan.ins_version"),
    ],
)
def test_what_is_no_known_ins_datamatrix_gives_no_identity(text: str, code: str) -> None:
    scan = read(text)
    assert scan.identity is None
    assert code in codes(scan)
    assert scan.layout is Layout.AS_TYPED


def test_the_matricule_is_compared_with_the_traits_beside_it() -> None:
    scan = read(changed(S5="M", S6="12-04-1985", S7="75056"))
    assert {"identity.ins_sex", "identity.ins_birth", "identity.ins_birth_place"} <= codes(scan)
    assert scan.identity is not None
    assert scan.identity.gender == "M"


def test_no_finding_quotes_what_was_read() -> None:
    for text in (changed(S1="285039900000194"), changed(S3="H2L2NE", S6="99-99-9999")):
        told = " ".join(finding.message + finding.remedy + finding.where for finding in read(text).findings)
        assert "2850399" not in told
        assert "H2L2NE" not in told


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_judged_and_nothing_of_it_is_lost(text: str) -> None:
    read(text)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_datamatrix_is_judged_and_nothing_of_it_is_lost(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, len(WHOLE)))
    text = WHOLE[:start] + data.draw(st.text(max_size=5)) + WHOLE[end:]
    read(text)


NAMES = st.from_regex(r"[A-Z']([A-Z]|[A-Z][ '-]){0,40}[A-Z]", fullmatch=True)
DAYS = st.dates().map(lambda day: Timestamp(f"{day.year:04}{day.month:02}{day.day:02}"))


@settings(deadline=None)
@given(
    matricule=st.sampled_from(["285039900000193", "162079900000272"]),
    oid=st.sampled_from([INS_NIR, INS_NIA, INS_NIR_TEST, INS_NIR_DEMO]),
    names=st.lists(NAMES, min_size=1, max_size=2),
    birth_name=NAMES,
    gender=st.sampled_from("FM"),
    born=DAYS,
    cog=st.sampled_from([None, "99000", "2A004", "75056", "97105"]),
)
def test_what_is_written_is_what_is_read(
    matricule: str, oid: str, names: list[str], birth_name: str, gender: str, born: Timestamp, cog: str | None
) -> None:
    traits = StrictTraits(birth_name, names[0], tuple(names), born, gender, cog)
    made = ins_datamatrix(Ins(matricule, oid, qualified=True), traits)
    assert made.text is not None, made.findings
    expected = ScannedIdentity(matricule, oid, " ".join(names), birth_name, gender, born, cog)
    assert read(made.text).identity == expected
    assert read(made.text.replace(GS, "")).identity == expected
