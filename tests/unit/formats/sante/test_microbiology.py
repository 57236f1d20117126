"""Germs and drugs: a drug goes to one germ that is surely meant, or stays a plain result and holds."""

from __future__ import annotations

import pytest

from engine.declarations import Draft
from engine.findings import Disposition, disposition
from engine.model.laboratory import Isolate
from tests.unit.formats.sante.messages import (
    codes,
    content,
    finding,
    header,
    only_draft,
    patient,
    report,
    request,
    result,
    results,
    simple,
)

NOTHING = {7: "", 8: "", 9: ""}


def germ(code: str, name: str, sub: str = "", key: str = "") -> str:
    place = f"BACT~60~ECBU~10~5~{key}"
    return result({**NOTHING, 3: "CE", 4: "GERME~Germe identifié~L", 5: sub, 6: f"{code}~{name}~L", 16: place})


def drug(code: str, effect: str, sub: str = "", key: str = "", sector: str = "BACT") -> str:
    place = f"{sector}~60~ATB~20~1~{key}"
    return result({**NOTHING, 3: "CE", 4: f"{code}~{code}~L", 5: sub, 6: f"{effect}~x~L", 9: effect, 16: place})


def isolates(draft: Draft) -> dict[str, list[str]]:
    return {
        item.organism.text: [one.concept.local[0].code for one in item.antibiogram]
        for chapter in report(draft).chapters
        for act in chapter.acts
        for item in act.items
        if isinstance(item, Isolate)
    }


ECO, EFA = germ("ECO", "E. coli", "1"), germ("EFA", "E. faecalis", "2")


def test_drugs_follow_their_key() -> None:
    draft = only_draft(
        simple(
            germ("ECO", "E. coli", key="G1"), germ("EFA", "E. faecalis", key="G2"),
            drug("AMX", "R", key="G2"), drug("CTX", "S", key="G1"),
        )
    )  # fmt: skip
    assert isolates(draft) == {"E. coli": ["CTX"], "E. faecalis": ["AMX"]}


def test_drugs_follow_their_number_when_there_is_no_key() -> None:
    draft = only_draft(simple(ECO, EFA, drug("AMX", "R", sub="2"), drug("CTX", "S", sub="1")))
    assert isolates(draft) == {"E. coli": ["CTX"], "E. faecalis": ["AMX"]}
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_a_drug_of_the_only_germ_is_its_own_and_that_is_said() -> None:
    draft = only_draft(simple(germ("ECO", "E. coli"), drug("AMX", "R"), drug("CTX", "S")))
    assert isolates(draft) == {"E. coli": ["AMX", "CTX"]}
    assert "hprim.isolate_by_order" in codes(draft.findings)


@pytest.mark.parametrize("sub", ["", "3"])
def test_a_drug_that_may_be_of_either_germ_is_of_none_and_holds(sub: str) -> None:
    draft = only_draft(simple(ECO, EFA, drug("AMX", "R", sub=sub)))
    assert isolates(draft)["E. coli"] == []
    assert isolates(draft)["E. faecalis"] == []
    assert finding(draft.findings, "hprim.isolate_ambiguous").disposition is Disposition.HOLD
    assert "AMX" in [one.concept.local[0].code for one in results(draft)]


def test_a_key_that_no_germ_has_ties_to_none_whatever_the_number() -> None:
    first = germ("ECO", "E. coli", sub="1", key="G1")
    draft = only_draft(simple(first, drug("AMX", "R", sub="1", key="G3")))
    assert isolates(draft)["E. coli"] == []
    assert disposition(draft.findings) is Disposition.HOLD


def test_drugs_without_any_germ_hold() -> None:
    draft = only_draft(simple(drug("AMX", "R", key="G1")))
    assert disposition(draft.findings) is Disposition.HOLD
    assert len(results(draft)) == 1


def test_an_antibiogram_in_its_own_request_and_sector_joins_its_germ() -> None:
    second = request({2: "2", 5: "ATB~Antibiogramme~L", 25: "BACT~BACTERIOLOGIE"})
    message = content(
        header(), patient(), request({5: "ECBU~ECBU~L"}), germ("ECO", "E. coli", key="G1"),
        second, drug("AMX", "R", key="G1", sector="ATB"),
    )  # fmt: skip
    draft = only_draft(message)
    assert isolates(draft) == {"E. coli": ["AMX"]}
    assert len(results(draft)) == 2


def test_a_free_key_outside_microbiology_makes_no_germ() -> None:
    draft = only_draft(simple(result({16: "BIOCH~80~TGO1~388~0~P"}), result({4: "K~K~L", 16: "BIOCH~80~TGO1~388~1~P"})))
    assert isolates(draft) == {}
    assert len(results(draft)) == 2


def test_a_mechanism_of_resistance_is_a_result_of_its_germ() -> None:
    blse = result({**NOTHING, 3: "CE", 4: "BLSE~BLSE~L", 5: "1", 6: "NEG~Absence~L", 16: "BACT~60~ECBU~10~6~"})
    draft = only_draft(simple(ECO, blse, drug("AMX", "R", sub="1")))
    (isolate,) = [i for c in report(draft).chapters for a in c.acts for i in a.items if isinstance(i, Isolate)]
    assert [one.concept.local[0].code for one in isolate.results] == ["GERME", "BLSE"]


def test_every_result_is_shown_once() -> None:
    sent = (ECO, EFA, drug("AMX", "R", "1"), drug("AMX", "S", "2"), result({16: "BIOCH~10"}))
    found = [one.origin for one in results(only_draft(simple(*sent)))]
    assert sorted(found) == [f"OBX[{n}]" for n in range(1, 6)]
