"""The catalogue says of each document what its sources and the metadata tables say, and finds what is asked for."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.catalogue.catalogue import catalogue, doc_ids, entries, entry, entry_of
from engine.catalogue.entry import CatalogueEntry, Confidence, Level
from engine.errors import DocumentError
from engine.xds import codes

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
DIGEST = SHARED / "specs" / "document_catalogue.csv"
TYPES = SHARED / "ans" / "TestContenuCDA-3-0" / "jeuxDeValeurs" / "JDV_J07_XdsTypeCode_CISIS.xml"
UNLISTED = {"101881-1"}
"""Types that ASS_X04 (version 20240426) does not classify."""
MARKS = {"medecin": 41, "sage-femme": 19, "paramedical": 39, "pharmacien": 16}
"""Crosses of each profession's table in the sources: sent to the DMP, copied by MSSanté, in wave 1."""


def refusal(profession: str, profile: str, doc_id: str) -> tuple[str, str, str]:
    with pytest.raises(DocumentError) as caught:
        entry(profession, profile, doc_id)
    finding = caught.value.findings[0]
    return finding.code, finding.where, finding.remedy


def test_the_catalogue_has_its_72_lines_each_with_its_own_key() -> None:
    """R-DOC-01."""
    assert len(catalogue()) == 72
    assert len({one.key for one in catalogue()}) == 72
    assert all(entry_of(one.key) is one for one in catalogue())


@pytest.mark.parametrize("profession", MARKS)
def test_no_cross_of_the_sources_was_lost_or_added(profession: str) -> None:
    """R-DOC-01. The certificate of the eighth day is in no table; nobody but doctors and pharmacists has a wave 1."""
    rows = [one for one in catalogue() if one.profession == profession and one.doc_id != "cert-enfant-cs8"]
    crosses = sum(one.dmp + one.mssante_professional + bool(one.wave_1) for one in rows)
    assert crosses == MARKS[profession]


@pytest.mark.skipif(not DIGEST.is_file(), reason="the digest of the specifications is not beside this checkout")
def test_each_line_says_what_the_digest_says() -> None:
    """R-DOC-01. The digest only guessed the classes it marks with a question mark."""
    with DIGEST.open(encoding="utf-8") as stream:
        digest = list(csv.DictReader(stream, delimiter=";"))
    said = {True: "Y", False: "N", None: "-"}
    ours = [
        (
            one.profession,
            "|".join(one.profiles),
            one.doc_id,
            one.name,
            one.level.value,
            said[one.dmp],
            said[one.mssante_professional],
            said[one.wave_1],
            one.type.code,
            one.type.system,
            "|".join(one.templates),
            "|".join(code.code for code in one.formats),
            one.confidence.value,
        )
        for one in catalogue()
    ]
    columns = [
        *("profession", "profile", "doc_id", "name", "level", "auto_dmp", "mss_pro", "wave1"),
        *("type_code", "type_code_system", "cda_template", "format_code", "confidence"),
    ]
    assert ours == [tuple(row[column] for column in columns) for row in digest]
    sure = [(row, one) for row, one in zip(digest, catalogue(), strict=True) if not row["class_code"].endswith("?")]
    assert [row["class_code"] for row, _ in sure] == [one.class_code.code for _, one in sure]


@pytest.mark.skipif(not TYPES.is_file(), reason="the official value sets are not beside this checkout")
def test_each_type_has_the_system_and_the_label_of_the_official_value_set() -> None:
    """R-DOC-01, R-DOC-10 (JDV_J07-XdsTypeCode-CISIS)."""
    official = {
        one.get("code"): (one.get("codeSystem"), one.get("displayName"))
        for one in etree.parse(str(TYPES)).iter("{urn:ihe:iti:svs:2008}Concept")
    }
    for one in catalogue():
        assert official[one.type.code] == (one.type.system, one.type.display)


def test_each_type_has_the_class_that_the_metadata_will_have() -> None:
    """R-DOC-10 (ASS_X04). One type is in no official table: its class is ours until it is."""
    for one in catalogue():
        listed = codes.class_code(one.type.code)
        assert listed == one.class_code or (listed is None and one.type.code in UNLISTED)
        assert one.class_code.display


def test_each_model_has_the_format_that_the_metadata_will_have() -> None:
    """R-DOC-10 (ASS_A11, ASS_A12)."""
    for one in catalogue():
        for model in one.models:
            key = "application/pdf" if one.level is Level.N1 else model.template
            assert model.format == codes.format_code(key)


def test_a_document_is_the_same_document_for_every_profession() -> None:
    """R-DOC-01. Only where it goes by default may differ."""
    for doc_id in doc_ids():
        assert len({(one.level, one.type, one.class_code, one.models) for one in entries(doc_id)}) == 1


def test_a_document_of_level_1_has_one_model_and_one_document_type() -> None:
    for one in catalogue():
        assert (one.document_types == ("n1",)) == (one.level is Level.N1)
    assert Counter(one.level for one in catalogue()) == {Level.N1: 58, Level.N3: 12, Level.N3_WITH_PDF: 2}


def test_a_doubtful_line_says_why() -> None:
    """Whoever relies on it must know."""
    low = [one for one in catalogue() if one.confidence is Confidence.LOW]
    assert low and all(one.note for one in low)


def test_the_same_document_may_go_elsewhere_for_another_profession() -> None:
    assert entry("medecin", "general", "certificat-declaration").dmp
    assert not entry("sage-femme", "all", "certificat-declaration").dmp


def test_a_general_document_is_found_from_any_profile_of_the_profession() -> None:
    general = entry("medecin", "general", "cr-consultation")
    assert entry("medecin", "medecin-traitant-suivi-enfant", "cr-consultation") is general


def test_a_line_for_two_profiles_is_found_from_either_and_from_both() -> None:
    both = entry("paramedical", "ide|ipa", "bilan-ps")
    assert both.profiles == ("ide", "ipa")
    assert entry("paramedical", "ide", "bilan-ps") is both is entry("paramedical", "ipa", "bilan-ps")
    assert refusal("paramedical", "ide", "presc-biologie")[0] == "catalogue.unknown_document"


def test_a_name_badly_written_gets_the_nearest_ones() -> None:
    """R-DOC-01."""
    assert refusal("medecin", "general", "cr-consultaton") == (
        "catalogue.unknown_document",
        "doc_id",
        "Vouliez-vous dire « cr-consultation » ?",
    )
    assert refusal("medcin", "general", "pai")[::2] == (
        "catalogue.unknown_profession",
        "Vouliez-vous dire « medecin » ?",
    )
    assert refusal("medecin", "géneral", "pai")[::2] == ("catalogue.unknown_profile", "Vouliez-vous dire « general » ?")


def test_a_document_of_somebody_else_says_whose_it_is() -> None:
    assert refusal("medecin", "general", "pai")[2] == "Profil : medecin-traitant-suivi-enfant."
    assert refusal("medecin", "general", "bilan-medicamenteux")[2] == "Professions : pharmacien."


def test_a_key_that_is_none_is_refused() -> None:
    for key in ("", "cr-consultation", "medecin/general", "medecin/general/pai/x"):
        with pytest.raises(DocumentError, match=r"catalogue\.key"):
            entry_of(key)
    with pytest.raises(DocumentError, match=r"catalogue\.unknown_document"):
        entries("rien")


NAMES = st.text("ABCDEFGHIJ0123456789", min_size=4, max_size=15)


@given(NAMES, NAMES, NAMES)
def test_what_is_not_in_the_catalogue_is_never_repeated(profession: str, profile: str, doc_id: str) -> None:
    """A caller that mixes its fields up may have put a name there."""
    for asked in ((profession, profile, doc_id), ("medecin", profile, doc_id), ("medecin", "general", doc_id)):
        with pytest.raises(DocumentError) as caught:
            entry(*asked)
        told = f"{caught.value} {caught.value.findings}"
        assert not any(word in told for word in (profession, profile, doc_id))


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_anything_asked_for_is_a_line_or_a_finding(profession: str, profile: str, doc_id: str) -> None:
    for ask in (lambda: entry(profession, profile, doc_id), lambda: entry_of(f"medecin/{profile}/{doc_id}")):
        try:
            assert isinstance(ask(), CatalogueEntry)
        except DocumentError as error:
            assert error.findings
