"""The computations behind our checks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.validation.art_decor import french
from engine.validation.checks.dates import dates
from engine.validation.checks.identity import key_is_right
from engine.validation.checks.national_ids import luhn
from engine.validation.schematron.expressions import rewritten, variables
from engine.validation.schematron.privacy import may_quote

_BODIES = st.builds(
    "{}{:02}{:02}{}{:06}".format,
    st.sampled_from("1278"),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from(["01", "75", "2A", "2B", "99"]),
    st.integers(0, 999_999),
)


def _key(body: str) -> int:
    return 97 - int(body.replace("2A", "19").replace("2B", "18")) % 97


@given(_BODIES)
def test_exactly_one_key_is_right(body: str) -> None:
    right = [key for key in range(100) if key_is_right(f"{body}{key:02}")]
    assert right == [_key(body)]


@given(_BODIES, st.integers(0, 12), st.integers(1, 9))
def test_a_mistyped_digit_of_a_matricule_is_seen(body: str, position: int, shift: int) -> None:
    matricule = f"{body}{_key(body):02}"
    if not matricule[position].isdigit() or position in (5, 6):
        return
    digit = str((int(matricule[position]) + shift) % 10)
    assert not key_is_right(matricule[:position] + digit + matricule[position + 1 :])


@given(st.integers(0, 10**13 - 1))
def test_exactly_one_luhn_key_is_right(number: int) -> None:
    assert sum(luhn(f"{number}{key}") for key in range(10)) == 1


def _document(inner: str) -> etree._Element:
    return etree.fromstring(
        f"<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{inner}"
        "</ClinicalDocument>"
    )


def test_dates_are_those_of_the_calendar() -> None:
    right = ("2024", "202402", "20240229", "2024022923", "20240229235959+0100", "20240229235959.123+0100")
    wrong = ("20230229", "20241301", "2024-01-04", "2024-04", "20240229246000", "hier", "")
    for value in right:
        assert list(dates(_document(f"<effectiveTime value='{value}'/>"))) == []
    for value in wrong:
        (finding,) = dates(_document(f"<effectiveTime value='{value}'/>"))
        assert finding.code == "passeur.impossible_date"


def test_dates_inside_typed_values_and_periods_are_read_too() -> None:
    inner = (
        "<value xsi:type='TS' value='20240230'/><value xsi:type='PQ' value='20240230'/>"
        "<effectiveTime xsi:type='IVL_TS'><low value='20240230'/></effectiveTime>"
        "<value xsi:type='IVL_PQ'><low value='20240230'/></value>"
        "<effectiveTime xsi:type='PIVL_TS'><period value='6' unit='h'/></effectiveTime>"
    )
    assert len(list(dates(_document(inner)))) == 2


def test_a_period_that_goes_back_is_seen_and_no_other() -> None:
    def said(low: str, high: str) -> list[str]:
        inner = f"<effectiveTime><low value='{low}'/><high value='{high}'/></effectiveTime>"
        return [finding.code for finding in dates(_document(inner))]

    for low, high in (
        ("20240102", "20240101"),
        ("20240101090000+0100", "20240101083000+0100"),
        ("20240101083000+0000", "20240101090000+0100"),
        ("202402", "20240131"),
    ):
        assert said(low, high) == ["passeur.reversed_period"], (low, high)
    for low, high in (
        ("20240101", "20240101"),
        ("20240101090000+0100", "2024010109+0100"),
        ("20240101083000", "20240101080000+0100"),
        ("20240131", "202401"),
        ("20240101090000+0100", "20240101083000+0000"),
        ("20240101", "hier"),
    ):
        assert "passeur.reversed_period" not in said(low, high), (low, high)


def test_generated_english_is_said_in_french_and_french_is_left_alone() -> None:
    assert french("(CI-SISAuthor): element hl7:time is required [min 1x].") == (
        "Auteur : l’élément « time » est obligatoire (au moins 1)."
    )
    assert french("dtr1-2-TS: x") == "Le contenu n’a pas la forme attendue pour une date (règle 2)."
    assert french("[Entete] L'élément title doit être présent.") == "[Entete] L'élément title doit être présent."


def test_external_reads_become_look_ups_and_literals_are_left_alone() -> None:
    names = {"svs": "urn:ihe:iti:svs:2008"}
    concept = "document($p)//svs:Concept[@code=$c and @codeSystem=$s]"
    assert rewritten(concept, names) == "p:concept($p, $c, $s)"
    assert rewritten(concept, {}).startswith("p:document($p)//")
    assert rewritten("doc('a/doc(x).xml')/b", names) == "p:doc('a/doc(x).xml')/b"
    assert rewritten("my:doc(1) or $doc", names) == "my:doc(1) or $doc"


def test_variables_bound_inside_an_expression_are_not_taken_from_outside() -> None:
    assert variables("every $x in $list satisfies $x = $limit or '$none' = $y") == {"list", "limit", "y"}


def test_only_words_of_a_vocabulary_may_be_quoted() -> None:
    lets = {"a": "@code", "b": "$a", "c": "$c", "d": "cda:name"}
    for select in ("@code", "cda:id/@root", "$b", "name()", "'x'", "count(cda:id)", "../@unit"):
        assert may_quote(select, lets), select
    for select in ("@value", "@extension", ".", "cda:given", "$c", "$d", "$unknown", "string(@value)", "@displayName"):
        assert not may_quote(select, lets), select
