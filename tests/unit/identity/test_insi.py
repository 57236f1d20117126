"""Answers of the INSi teleservice, as events of the status machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.identity.events import InsiFound, InsiNotFound
from engine.identity.insi import InsiAnswer, insi_event
from engine.identity.status import Identity, IdentityStatus
from engine.identity.traits import StrictTraits, strict_traits
from engine.identity.transitions import IdentityPolicy, transition
from engine.model.parties import INS_NIR_TEST
from engine.model.values import Timestamp
from tests.unit.documents_fixture import PATIENT

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANSWER = InsiAnswer(
    code="00",
    number="2850399000001",
    key="93",
    oid=INS_NIR_TEST,
    birth_name="TESTNAISSANCE",
    given_name="HELENE",
    given_names="HELENE ZOE",
    sex="F",
    birth_date="1985-03-12",
    birth_place="99000",
)
POLICY = IdentityPolicy(production=False)


def test_an_answer_with_one_identity_retrieves_it() -> None:
    event = insi_event(ANSWER, AT)
    traits = StrictTraits("TESTNAISSANCE", "HELENE", ("HELENE ZOE",), Timestamp("19850312"), "F", "99000")
    assert event == InsiFound("285039900000193", INS_NIR_TEST, traits, AT)
    made = transition(Identity(strict_traits(PATIENT)), event, POLICY)
    assert made.after.status is IdentityStatus.RETRIEVED
    assert made.findings == ()


@pytest.mark.parametrize("code", ["01", "02", "09", ""])
def test_any_other_code_is_no_identity(code: str) -> None:
    assert insi_event(replace(ANSWER, code=code), AT) == InsiNotFound(code)


@pytest.mark.parametrize(
    ("change", "trait"),
    [
        ({"birth_date": "1985-00-12"}, "date de naissance"),
        ({"birth_date": "1985-03-00"}, "date de naissance"),
        ({"birth_date": "1985-02-30"}, "date de naissance"),
        ({"birth_date": "12/03/1985"}, "date de naissance"),
        ({"birth_date": ""}, "date de naissance"),
        ({"birth_name": ""}, "nom de naissance"),
        ({"given_name": "", "given_names": ""}, "prénom"),
        ({"sex": ""}, "sexe"),
        ({"birth_place": ""}, "lieu"),
    ],
)
def test_an_answer_with_an_empty_field_or_a_zero_date_is_refused(change: dict[str, str], trait: str) -> None:
    before = Identity(strict_traits(PATIENT))
    made = transition(before, insi_event(replace(ANSWER, **change), AT), POLICY)
    assert made.after == before
    (finding,) = made.findings
    assert finding.code == "identity.insi_incomplete"
    assert trait in finding.message
