"""The common tables: every code this project emits by itself, and how words lead to it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from engine.formats.terminology import chapters, flags, specimens
from engine.formats.terminology.chapters import chapter
from engine.formats.terminology.flags import interpretation
from engine.formats.terminology.specimens import specimen_type
from engine.formats.terminology.unit_spellings import SPELLINGS
from engine.formats.terminology.units import ucum
from engine.model.directory import MappedTest
from engine.model.values import Code
from tests.unit.formats.laboratory_fixture import LABORATORY

PACK = Path(__file__).resolve().parents[4] / ".." / "shared" / "ans" / "TestContenuCDA-3-0"
needs_pack = pytest.mark.skipif(not PACK.exists(), reason="the official test pack is not beside the checkout")
SVS = "{urn:ihe:iti:svs:2008}Concept"


def read(path: Path) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.parse(str(path), parser).getroot()


def value_set(name: str) -> dict[str, str]:
    root = read(PACK / "jeuxDeValeurs" / name)
    return {one.get("code", ""): one.get("displayName", "").strip() for one in root.iter(SVS)}


@needs_pack
def test_every_unit_is_in_the_official_list_as_the_official_rule_reads_it() -> None:
    path = PACK / "schematrons" / "profils" / "terminologies" / "terminologie" / "2.16.840.1.113883.6.8.xml"
    official = {one.text for one in read(path).iter("code")}
    stripped = {code: re.sub(r"\{.[a-z]*.\}", "", code) for code in SPELLINGS}
    assert {code for code, bare in stripped.items() if bare and bare not in official} == set()


@needs_pack
def test_every_specimen_type_is_in_the_official_value_set_with_its_words() -> None:
    official = value_set("JDV_HL7_SpecimenType_CISIS.xml")
    assert {code: official.get(code) for code in specimens.DISPLAYS} == dict(specimens.DISPLAYS)


@needs_pack
def test_every_flag_is_in_the_official_value_set_with_its_words() -> None:
    official = value_set("JDV_HL7_ObservationInterpretation_CISIS.xml")
    assert {code: official.get(code) for code in flags.DISPLAYS} == dict(flags.DISPLAYS)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("g/L", "g/L"),
        ("g/l", "g/L"),
        ("G/L", "10*9/L"),
        ("Giga/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("T/L", "10*12/L"),
        ("MG/L", "mg/L"),
        ("µg/L", "ug/L"),
        ("\u03bcg/l", "ug/L"),
        ("ug/l", "ug/L"),
        ("mcg/L", "ug/L"),
        ("µmol/L", "umol/L"),
        ("umol/l", "umol/L"),
        ("UMOL/L", "umol/L"),
        ("mmol/L", "mmol/L"),
        ("mUI/L", "m[IU]/L"),
        ("µUI/mL", "u[IU]/mL"),
        ("kUI/L", "k[IU]/L"),
        ("UI/mL", "[IU]/mL"),
        ("U/L", "U/L"),
        ("/mm3", "/uL"),
        ("/ mm³", "/uL"),
        ("/mm^3", "/uL"),
        ("/µL", "/uL"),
        ("/uL", "/uL"),
        ("fl", "fL"),
        ("µ3", "fL"),
        ("µ³", "fL"),
        ("%", "%"),
        ("mL/mn", "mL/min"),
        ("UFC/mL", "[CFU]/mL"),
        ("sec", "s"),
        ("mmHg", "mm[Hg]"),
        ("g/24 h", "g/(24.h)"),
        ("mmol/24h", "mmol/(24.h)"),
        ("mm", "mm"),
        ("mm/h", "mm/h"),
        ("INR", "{ratio}"),
        ("mEq/L", "meq/L"),
    ],
)
def test_a_unit_is_rewritten_in_ucum(sent: str, expected: str) -> None:
    assert ucum(sent, LABORATORY) == expected


@pytest.mark.parametrize("sent", ["", ".", " ", "UI/L", "UI/l", "u.a.", "mL/min/1,73m²", "mM", "t/l", "inconnue"])
def test_a_unit_nobody_has_said_is_not_guessed(sent: str) -> None:
    assert ucum(sent, LABORATORY) is None


def test_the_laboratory_says_what_its_units_mean() -> None:
    laboratory = replace(LABORATORY, units={"UI/L": "U/L", "G/L": "g/L"})
    assert ucum("UI/L", laboratory) == "U/L"
    assert ucum(" UI/L ", laboratory) == "U/L"
    assert ucum("G/L", laboratory) == "g/L"


def test_what_the_laboratory_says_of_a_test_comes_before_its_units() -> None:
    laboratory = replace(LABORATORY, units={"UI/L": "U/L"})
    assert ucum("UI/L", laboratory, MappedTest("HCG", "19080-1", unit_ucum="[IU]/L")) == "[IU]/L"
    assert ucum("", laboratory, MappedTest("PH", "2746-6", unit_ucum="[pH]")) == "[pH]"


def test_grams_and_counts_of_cells_are_never_confused_by_case() -> None:
    assert ucum("g/L", LABORATORY) != ucum("G/L", LABORATORY)
    assert ucum("pg", LABORATORY) == "pg"


@pytest.mark.parametrize(
    ("word", "loinc"),
    [
        ("BIOCH", "18719-5"),
        ("B I O C H I M I E", "18719-5"),
        ("------ HEMATOCYTOLOGIE ------", "18723-7"),
        ("Hématologie", "18723-7"),
        ("NFS", "18768-2"),
        ("HEMOSTASE", "18720-3"),
        ("BACTERIOLOGIE", "18725-2"),
        ("Examen cytobactériologique des urines", "18725-2"),
        ("Antibiogramme", "18769-0"),
        ("Sérologie virale", "92893-7"),
        ("Sérologie bactérienne", "92894-5"),
        ("Sérologie parasitaire", "92892-9"),
        ("IMMUNO-HEMATOLOGIE", "18717-9"),
        ("Auto-immunité", "18727-8"),
        ("ALLERGOLOGIE", "18716-1"),
        ("HORMONOLOGIE", "92895-2"),
        ("Marqueurs tumoraux", "18719-5"),
        ("MEDICAMENTS", "18721-1"),
        ("TOXICOLOGIE", "18728-6"),
        ("URINES", "18729-4"),
        ("BIOCHIMIE URINAIRE", "18729-4"),
        ("Gaz du sang", "18767-4"),
        ("SPERMOGRAMME", "18722-9"),
    ],
)
def test_a_chapter_is_found_by_its_words(word: str, loinc: str) -> None:
    code, fallback = chapter((word,), LABORATORY)
    assert (code.code, fallback) == (loinc, False)
    assert code.display == chapters.TITLES[loinc]


@pytest.mark.parametrize("words", [(), ("",), ("DIVERS",), ("IMMUNOLOGIE",), ("CORAIL",)])
def test_words_that_name_no_chapter_fall_back_and_say_so(words: tuple[str, ...]) -> None:
    code, fallback = chapter(words, LABORATORY)
    assert (code.code, fallback) == ("26436-6", True)


def test_the_laboratory_s_words_come_before_the_common_ones() -> None:
    own = Code("18728-6", chapters.LOINC, "Toxicologie")
    laboratory = replace(LABORATORY, chapters={"Sect. 12": own})
    assert chapter(("BIOCH", "SECT 12"), laboratory) == (own, False)


def test_the_words_come_in_order_of_trust() -> None:
    assert chapter(("80", "HEMATO", "BIOCH"), LABORATORY)[0].code == "18723-7"


@pytest.mark.parametrize(
    ("code", "label", "expected"),
    [
        ("S", "Sang", "BLD"),
        ("S", "Sérum prélevé à jeûn", "SER"),
        ("", "Sang artériel", "BLDA"),
        ("", "Sang veineux", "BLDV"),
        ("U", "", "UR"),
        ("U", "Urines milieu de jet", "URINM"),
        (None, "LCR", "CSF"),
        ("BLDV", None, "BLDV"),
        (None, "Prélèvement vaginal", "GENV"),
        ("P", "Plasma citraté", "PLAS"),
    ],
)
def test_a_specimen_is_found_by_its_words_then_its_code(code: str | None, label: str | None, expected: str) -> None:
    found = specimen_type(code, label, LABORATORY)
    assert found is not None
    assert (found.code, found.system) == (expected, "2.16.840.1.113883.18.311")


@pytest.mark.parametrize(
    ("code", "label"), [("S", None), ("S", ""), (None, None), ("U", "Ponction"), ("X1", None), (None, "Pustule sang")]
)
def test_a_specimen_that_is_not_told_is_not_guessed(code: str | None, label: str | None) -> None:
    assert specimen_type(code, label, LABORATORY) is None


def test_the_laboratory_s_specimens_come_first() -> None:
    own = Code("BLDC", specimens.SPECIMEN_OID, "Sang capillaire")
    laboratory = replace(LABORATORY, specimens={"S": own})
    assert specimen_type("S", "Sang", laboratory) == own


@pytest.mark.parametrize("flag", ["L", "H", "LL", "HH", "<", ">", "N", "A", "AA", "U", "D", "B", "W", "R", "I", "S"])
def test_an_hprim_flag_has_its_official_code(flag: str) -> None:
    found = interpretation(flag, LABORATORY)
    assert found.code is not None
    assert (found.code.code, found.code.system) == (flag, "2.16.840.1.113883.5.83")
    assert found.code.display


@pytest.mark.parametrize("flag", ["MS", "VS", "Null", "*", "XYZ"])
def test_a_flag_without_official_code_stays_text(flag: str) -> None:
    found = interpretation(flag, LABORATORY)
    assert (found.as_sent, found.code) == (flag, None)


def test_the_laboratory_says_what_its_flags_mean() -> None:
    susceptible = Code("S", flags.INTERPRETATION_OID, "Sensible")
    assert interpretation("VS", replace(LABORATORY, flags={"VS": susceptible})).code == susceptible
