"""Germs and drugs: a drug goes to the one germ that is surely meant, or stays a plain result and holds."""

from __future__ import annotations

import pytest

from engine.declarations import Draft
from engine.findings import Disposition, disposition
from engine.model.laboratory import CodedValue, Interval, Isolate
from tests.unit.formats.hl7v2.results.messages import (
    NOTHING,
    acts,
    codes,
    content,
    convert,
    finding,
    items,
    msh,
    note,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    results,
    sample,
)

ECBU = {4: "ECBU^ECBU^L", 24: "MB", 15: "UR&Urine&HL70487"}
ATB = {4: "ATB^Antibiogramme^L", 24: "MB", 15: ""}
GERM = "GERME&Germe identifié&L"


def germ(code: str, name: str, sub: str = "") -> str:
    return obx({**NOTHING, 2: "CE", 3: "GERME^Germe identifié^L", 4: sub, 5: f"{code}^{name}^L"})


def drug(code: str, effect: str, sub: str = "") -> str:
    return obx({**NOTHING, 2: "CE", 3: f"{code}^{code}^L", 4: sub, 5: f"{effect}^x^L", 8: effect})


def culture(*entries: str) -> list[str]:
    return [msh(), pid(), orc({3: "N1"}), obr({**ECBU, 3: "N1"}), *entries]


def follower(number: str, parent: str, result: str, *entries: str) -> list[str]:
    return [orc({3: number}), obr({**ATB, 3: number, 26: result, 29: parent}), *entries]


def isolates(draft: Draft) -> dict[str, list[str]]:
    return {
        item.organism.text: [one.concept.local[0].code for one in item.antibiogram]
        for item in items(draft)
        if isinstance(item, Isolate)
    }


ECO, EFA = germ("ECO", "E. coli", "1"), germ("EFA", "E. faecalis", "2")


def test_two_germs_of_a_sample_keep_their_own_drugs() -> None:
    draft = sample("R02_ecbu_antibiogrammes").drafts[0]
    assert isolates(draft) == {"Escherichia coli": ["AMX", "CTX", "CMIAMC"], "Enterococcus faecalis": ["AMX", "NIT"]}
    found = [item for item in items(draft) if isinstance(item, Isolate)]
    assert [one.organism.code.code for one in found if one.organism.code] == ["112283007", "78065002"]
    assert [one.text for one in found[0].antibiogram[-1].comments] == ["Antibiogramme selon le CA-SFM."]
    mic = found[0].antibiogram[-1]
    assert isinstance(mic.value, Interval) and mic.value_as_sent == "<=8"
    assert mic.interpretations[0].as_sent == "S"


def test_an_antibiogram_is_part_of_the_act_of_its_germ() -> None:
    (one,) = acts(sample("R02_ecbu_antibiogrammes").drafts[0])
    assert one.title == "Examen cytobactériologique des urines, Antibiogramme"
    assert [type(item).__name__ for item in one.items] == ["Result", "Result", "Isolate", "Isolate"]
    assert len(one.specimens) == 1


def test_the_comments_of_an_antibiogram_go_with_its_germ() -> None:
    message = content(*culture(ECO), orc({3: "N2"}), obr({**ATB, 3: "N2", 26: f"{GERM}^1", 29: "^N1"}),
                      note("CA-SFM 2025"), drug("AMX", "R"))  # fmt: skip
    (one,) = [item for item in items(only_draft(message)) if isinstance(item, Isolate)]
    assert [comment.text for comment in one.comments] == ["CA-SFM 2025"]


@pytest.mark.parametrize("result", [f"{GERM}^1", f"{GERM}^^E. coli", "^1", f"{GERM}^1^E. coli"])
def test_a_parent_result_is_told_by_what_is_sent_of_it(result: str) -> None:
    draft = only_draft(content(*culture(ECO, EFA), *follower("N2", "^N1", result, drug("AMX", "R"))))
    assert isolates(draft) == {"E. coli": ["AMX"], "E. faecalis": []}
    assert disposition(draft.findings) is Disposition.PUBLISH


@pytest.mark.parametrize("result", ["", GERM, f"{GERM}^3", f"{GERM}^^Autre germe"])
def test_an_antibiogram_of_no_germ_in_particular_is_of_none_and_holds(result: str) -> None:
    draft = only_draft(content(*culture(ECO, EFA), *follower("N2", "DEM1&X^N1&X", result, drug("AMX", "R"))))
    assert isolates(draft) == {"E. coli": [], "E. faecalis": []}
    found = finding(draft.findings, "hl7v2.isolate_ambiguous")
    assert (found.where, found.disposition) == ("OBX[3]", Disposition.HOLD)
    assert "AMX" in [one.concept.local[0].code for one in results(draft)]


def test_the_only_germ_of_the_parent_needs_no_parent_result() -> None:
    draft = only_draft(content(*culture(ECO), *follower("N2", "^N1", "", drug("AMX", "R"), drug("CTX", "S"))))
    assert isolates(draft) == {"E. coli": ["AMX", "CTX"]}
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_an_antibiogram_never_goes_to_the_germ_of_another_request() -> None:
    other = [orc({3: "N9"}), obr({**ECBU, 3: "N9"}), germ("EFA", "E. faecalis", "1")]
    mine = [*culture(ECO), *follower("N2", "^N1", f"{GERM}^1", drug("AMX", "R"))]
    first, second = convert(content(*mine, *other)).drafts
    assert isolates(first) == {"E. coli": ["AMX"]}
    assert isolates(second) == {"E. faecalis": []}


def test_drugs_of_one_request_follow_the_number_of_their_germ() -> None:
    draft = only_draft(content(*culture(ECO, EFA, drug("AMX", "R", "2"), drug("CTX", "S", "1.1"))))
    assert isolates(draft) == {"E. coli": ["CTX"], "E. faecalis": ["AMX"]}
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_drugs_of_the_only_germ_are_its_own_and_that_is_said() -> None:
    draft = only_draft(content(*culture(germ("ECO", "E. coli"), drug("AMX", "R"), drug("CTX", "S"))))
    assert isolates(draft) == {"E. coli": ["AMX", "CTX"]}
    assert "hl7v2.isolate_by_order" in codes(draft.findings)


@pytest.mark.parametrize("sub", ["", "3", "12"])
def test_a_drug_that_may_be_of_either_germ_is_of_none_and_holds(sub: str) -> None:
    draft = only_draft(content(*culture(ECO, EFA, drug("AMX", "R", sub))))
    assert isolates(draft) == {"E. coli": [], "E. faecalis": []}
    assert finding(draft.findings, "hl7v2.isolate_ambiguous").disposition is Disposition.HOLD


def test_a_count_with_the_number_of_the_germ_goes_with_it_and_leucocytes_before_it_do_not() -> None:
    leucocytes = obx({**NOTHING, 3: "LEUU^Leucocytes^L", 4: "1", 5: "100", 6: "/mL"})
    count = obx({**NOTHING, 3: "NUMU^Numération^L", 4: "1", 5: "100000", 6: "UFC/mL"})
    draft = only_draft(content(*culture(leucocytes, ECO, count, drug("AMX", "R", "1"))))
    (one,) = [item for item in items(draft) if isinstance(item, Isolate)]
    assert [result.concept.local[0].code for result in one.results] == ["GERME", "NUMU"]
    assert [type(item).__name__ for item in items(draft)] == ["Result", "Isolate"]


def test_the_effect_of_a_drug_is_its_value_and_its_flag() -> None:
    draft = only_draft(content(*culture(ECO, drug("AMX", "R", "1"))))
    amoxicillin = next(one for one in results(draft) if one.concept.local[0].code == "AMX")
    assert isinstance(amoxicillin.value, CodedValue)
    assert [one.code.code for one in amoxicillin.interpretations if one.code] == ["R"]


def test_a_pending_antibiogram_makes_the_act_partial() -> None:
    pending = obx({**NOTHING, 2: "CE", 3: "AMX^AMX^L", 5: "", 11: "I"})
    draft = only_draft(content(*culture(ECO), orc({3: "N2"}), obr({**ATB, 3: "N2", 25: "I", 29: "^N1"}), pending))
    assert acts(draft)[0].status == "active"
    assert "hl7v2.not_validated" in codes(draft.findings)
