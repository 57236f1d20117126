"""Identities received as qualified: believed under a signed contract, only claimed otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engine.identity.status import IdentityStatus
from engine.identity.traits import StrictTraits
from engine.identity.trust import ReceivedIdentity, Reception, TrustContract, contract_of, reception
from engine.model.parties import INS_NIR, INS_NIR_TEST, Ins
from engine.model.values import Timestamp

CONTRACT = TrustContract(
    source="mllp-labo",
    site="labo-nord",
    since=date(2026, 1, 1),
    signed_by="Direction de l'établissement",
    reference="CONV-2026-07",
    until=date(2026, 12, 31),
)
RECEIVED = ReceivedIdentity(
    source="mllp-labo",
    site="labo-nord",
    status="VALI",
    ins=Ins("285039900000193", INS_NIR, qualified=True),
    traits=StrictTraits("TESTNAISSANCE", "HELENE", ("HELENE", "ZOE"), Timestamp("19850312"), "F", "99000"),
    at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    on=date(2026, 3, 1),
)


def received(identity: ReceivedIdentity = RECEIVED, *contracts: TrustContract) -> Reception:
    return reception(identity, contracts, production=True)


def test_under_a_contract_an_identity_is_qualified_and_says_by_which() -> None:
    got = received(RECEIVED, CONTRACT)
    assert got.identity.status is IdentityStatus.QUALIFIED
    assert (got.contract, got.claim, got.findings) == (CONTRACT, None, ())
    assert got.identity.insi is not None
    assert got.identity.insi.contract == "CONV-2026-07"


def test_without_a_contract_a_validated_identity_is_a_claim_to_verify() -> None:
    got = received(RECEIVED)
    assert got.identity.status is IdentityStatus.PROVISIONAL
    assert got.identity.ins is None
    assert got.claim == Ins("285039900000193", INS_NIR, qualified=False)
    assert [finding.code for finding in got.findings] == ["identity.ins_unverified"]


@pytest.mark.parametrize(
    "identity",
    [
        replace(RECEIVED, source="autre"),
        replace(RECEIVED, site="labo-sud"),
        replace(RECEIVED, status="PROV"),
        replace(RECEIVED, status=""),
        replace(RECEIVED, on=date(2025, 12, 31)),
        replace(RECEIVED, on=date(2027, 1, 1)),
    ],
)
def test_a_contract_covers_its_sender_its_site_its_statuses_and_its_days_only(identity: ReceivedIdentity) -> None:
    assert received(identity, CONTRACT).identity.status is IdentityStatus.PROVISIONAL


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_a_contract_covers_its_first_and_last_day(day: date) -> None:
    assert received(replace(RECEIVED, on=day), CONTRACT).contract is CONTRACT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"birth_name": None}, "identity.received_traits_missing"),
        ({"birth_cog": None}, "identity.received_traits_missing"),
        ({"gender": "UN"}, "identity.received_traits_missing"),
        ({"gender": "M"}, "identity.ins_sex"),
        ({"birth_date": Timestamp("19850412")}, "identity.ins_birth"),
        ({"birth_cog": "XX"}, "identity.cog_malformed"),
    ],
)
def test_even_under_a_contract_unsound_traits_wait_for_a_verification(change: dict[str, object], code: str) -> None:
    traits = replace(RECEIVED.traits, **change)
    got = received(replace(RECEIVED, traits=traits), CONTRACT)
    assert got.identity.status is IdentityStatus.PROVISIONAL
    assert got.claim is not None
    assert {code, "identity.ins_unverified"} <= {finding.code for finding in got.findings}


@pytest.mark.parametrize(
    ("ins", "code"),
    [
        (Ins("285039900000194", INS_NIR, True), "identity.received_ins_invalid"),
        (Ins("285039900000193", "1.2.250.1.213.1.4.2", True), "identity.received_ins_invalid"),
        (Ins("285039900000193", INS_NIR_TEST, True), "identity.test_in_production"),
    ],
)
def test_an_unsound_matricule_is_not_even_a_claim(ins: Ins, code: str) -> None:
    got = received(replace(RECEIVED, ins=ins), CONTRACT)
    assert (got.identity.status, got.claim) == (IdentityStatus.PROVISIONAL, None)
    assert code in {finding.code for finding in got.findings}


def test_an_identity_without_matricule_is_provisional_and_nothing_is_said() -> None:
    got = received(replace(RECEIVED, ins=None), CONTRACT)
    assert (got.identity.status, got.findings) == (IdentityStatus.PROVISIONAL, ())


def test_a_contract_may_hold_for_one_day() -> None:
    one_day = replace(CONTRACT, since=date(2026, 3, 1), until=date(2026, 3, 1))
    assert received(RECEIVED, one_day).contract is one_day
    assert received(RECEIVED, replace(CONTRACT, until=None)).contract is not None


def test_the_latest_contract_is_the_one_named() -> None:
    later = replace(CONTRACT, since=date(2026, 2, 1), reference="CONV-2026-09")
    assert contract_of(RECEIVED, [later, CONTRACT]) is later


@pytest.mark.parametrize(
    "change", [{"signed_by": " "}, {"reference": ""}, {"statuses": ()}, {"until": date(2025, 1, 1)}]
)
def test_a_contract_nobody_signed_or_that_never_held_cannot_be_written(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="contract"):
        replace(CONTRACT, **change)
