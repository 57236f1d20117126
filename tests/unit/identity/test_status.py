"""The status machine: no identity is qualified without both proofs, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from engine.identity.events import (
    AttributeLifted,
    AttributeSet,
    DocumentChecked,
    Event,
    InsiFound,
    InsiNotFound,
    InsiVerified,
    TraitsChanged,
)
from engine.identity.ins import nir_key_is_valid
from engine.identity.status import (
    DocumentProof,
    Identity,
    IdentityAttribute,
    IdentityStatus,
    InsiProof,
)
from engine.identity.traits import StrictTraits
from engine.identity.transitions import IdentityPolicy, Transition, transition
from engine.model.parties import INS_NIR, INS_NIR_TEST, Ins
from engine.model.values import Timestamp

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TRAITS = StrictTraits("TESTNAISSANCE", "Hélène", ("Hélène", "Zoé"), Timestamp("19850312"), "F", "99000")
INSI_TRAITS = StrictTraits("TESTNAISSANCE", "HELENE", ("HELENE", "ZOE"), Timestamp("19850312"), "F", "99000")
MATRICULE = "285039900000193"
FOUND = InsiFound(MATRICULE, INS_NIR, INSI_TRAITS, AT)
CHECKED = DocumentChecked("cni", True, AT)
NEW = Identity(TRAITS)
PRODUCTION = IdentityPolicy(production=True)
TEST = IdentityPolicy(production=False)


def after(*events: Event, identity: Identity = NEW) -> Transition:
    made = Transition(identity, identity)
    for event in events:
        made = transition(made.after, event, PRODUCTION)
    return made


def codes(made: Transition) -> set[str]:
    return {finding.code for finding in made.findings}


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((), IdentityStatus.PROVISIONAL),
        ((FOUND,), IdentityStatus.RETRIEVED),
        ((CHECKED,), IdentityStatus.VALIDATED),
        ((FOUND, CHECKED), IdentityStatus.QUALIFIED),
        ((CHECKED, FOUND), IdentityStatus.QUALIFIED),
    ],
)
def test_the_status_follows_from_the_two_proofs(events: tuple[Event, ...], status: IdentityStatus) -> None:
    assert after(*events).after.status is status


def test_the_matricule_is_qualified_with_its_identity_only() -> None:
    retrieved, qualified = after(FOUND).after.ins, after(FOUND, CHECKED).after.ins
    assert NEW.ins is None
    assert retrieved is not None
    assert not retrieved.qualified
    assert qualified == replace(retrieved, qualified=True)


def test_the_traits_of_insi_take_the_place_of_ours() -> None:
    assert after(FOUND).after.traits == INSI_TRAITS


def test_what_insi_did_not_send_is_kept() -> None:
    found = replace(FOUND, traits=replace(INSI_TRAITS, given_names=()))
    assert after(found).after.traits.given_names == TRAITS.given_names


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (InsiNotFound("01"), "identity.insi_none"),
        (InsiNotFound("02"), "identity.insi_several"),
        (InsiNotFound("03"), "identity.insi_unknown_answer"),
        (replace(FOUND, matricule="285039900000194"), "identity.insi_matricule"),
        (replace(FOUND, oid="1.2.250.1.213.1.4.2"), "identity.insi_oid"),
        (replace(FOUND, oid=INS_NIR_TEST), "identity.test_in_production"),
        (replace(FOUND, traits=replace(INSI_TRAITS, birth_name=None)), "identity.insi_incomplete"),
        (replace(FOUND, traits=replace(INSI_TRAITS, birth_date=Timestamp("1985"))), "identity.insi_incomplete"),
        (replace(FOUND, traits=replace(INSI_TRAITS, birth_name="AUTRE")), "identity.insi_traits_differ"),
        (replace(CHECKED, kind="permis_de_conduire"), "identity.document_not_high_trust"),
        (replace(CHECKED, agrees=False), "identity.document_disagrees"),
    ],
)
def test_what_proves_nothing_changes_nothing(event: Event, code: str) -> None:
    made = after(event)
    assert made.after == NEW
    assert code in codes(made)


def test_a_test_matricule_is_taken_outside_production() -> None:
    made = transition(NEW, replace(FOUND, oid=INS_NIR_TEST), TEST)
    assert made.after.status is IdentityStatus.RETRIEVED


def test_a_site_may_trust_other_documents() -> None:
    policy = IdentityPolicy(production=True, high_trust_documents=frozenset({"france_identite"}))
    assert transition(NEW, replace(CHECKED, kind="france_identite"), policy).after.status is IdentityStatus.VALIDATED
    assert transition(NEW, CHECKED, policy).refused


def test_an_identity_is_not_validated_without_all_its_traits() -> None:
    made = after(CHECKED, identity=Identity(replace(TRAITS, birth_cog=None, gender="UN")))
    assert made.refused
    assert "sexe" in made.findings[0].message
    assert "lieu" in made.findings[0].message


def test_different_traits_confirmed_by_a_person_are_taken_and_the_document_is_checked_again() -> None:
    found = replace(FOUND, traits=replace(INSI_TRAITS, birth_name="AUTRE"), confirmed=True)
    made = after(CHECKED, found)
    assert made.after.status is IdentityStatus.RETRIEVED
    assert made.after.traits.birth_name == "AUTRE"
    assert codes(made) == {"identity.document_to_check_again"}


def test_locked_traits_do_not_change_by_a_message() -> None:
    made = after(FOUND, CHECKED, TraitsChanged(replace(TRAITS, birth_date=Timestamp("19850313"))))
    assert made.after.status is IdentityStatus.QUALIFIED
    assert made.after.traits == INSI_TRAITS
    assert codes(made) == {"identity.traits_locked"}


def test_a_deliberate_change_of_a_strict_trait_drops_matricule_and_status() -> None:
    changed = replace(TRAITS, birth_date=Timestamp("19850313"))
    made = after(FOUND, CHECKED, TraitsChanged(changed, deliberate=True))
    assert made.after.status is IdentityStatus.PROVISIONAL
    assert made.after.ins is None
    assert made.after.traits == changed
    assert codes(made) == {"identity.requalify"}


def test_other_accents_and_case_change_nothing_of_a_locked_identity() -> None:
    made = after(FOUND, CHECKED, TraitsChanged(TRAITS))
    assert (made.after.status, made.after.traits, made.findings) == (IdentityStatus.QUALIFIED, INSI_TRAITS, ())


def test_a_validated_identity_whose_trait_changes_is_checked_again() -> None:
    made = after(CHECKED, TraitsChanged(replace(TRAITS, birth_name="AUTRE")))
    assert made.after.status is IdentityStatus.PROVISIONAL
    assert codes(made) == {"identity.document_to_check_again"}


@pytest.mark.parametrize("attribute", [IdentityAttribute.DOUBTFUL, IdentityAttribute.FICTITIOUS])
def test_a_doubt_makes_provisional_and_keeps_from_insi(attribute: IdentityAttribute) -> None:
    made = after(FOUND, CHECKED, AttributeSet(attribute))
    assert made.after.status is IdentityStatus.PROVISIONAL
    assert made.after.ins is None
    assert not made.after.may_ask_insi
    assert "identity.insi_forbidden" in codes(after(FOUND, identity=made.after))
    assert "identity.document_forbidden" in codes(after(CHECKED, identity=made.after))


def test_lifting_a_doubt_brings_no_proof_back() -> None:
    doubt = IdentityAttribute.DOUBTFUL
    made = after(FOUND, CHECKED, AttributeSet(doubt), AttributeLifted(doubt))
    assert made.after.status is IdentityStatus.PROVISIONAL
    assert after(FOUND, CHECKED, identity=made.after).after.status is IdentityStatus.QUALIFIED


def test_a_homonym_may_be_qualified_and_only_homonym_and_doubtful_go_together() -> None:
    homonym = AttributeSet(IdentityAttribute.HOMONYM)
    assert after(FOUND, CHECKED, homonym).after.status is IdentityStatus.QUALIFIED
    assert not after(homonym, AttributeSet(IdentityAttribute.DOUBTFUL)).refused
    assert codes(after(homonym, AttributeSet(IdentityAttribute.FICTITIOUS))) == {"identity.attributes_conflict"}


def test_a_refutation_by_insi_withdraws_the_matricule_and_keeps_the_document() -> None:
    made = after(FOUND, CHECKED, InsiVerified(MATRICULE, INS_NIR, False, AT))
    assert made.after.status is IdentityStatus.VALIDATED
    assert made.after.ins is None
    assert codes(made) == {"identity.insi_refuted"}


def test_a_refutation_of_another_matricule_withdraws_nothing() -> None:
    made = after(FOUND, CHECKED, InsiVerified("162079900000272", INS_NIR, False, AT))
    assert made.after.status is IdentityStatus.QUALIFIED


def test_another_matricule_for_the_same_traits_is_taken_and_said() -> None:
    other = "285039900000292"
    assert nir_key_is_valid(other)
    for event in (replace(FOUND, matricule=other), InsiVerified(other, INS_NIR, True, AT)):
        made = after(FOUND, CHECKED, event)
        assert made.after.ins == Ins(other, INS_NIR, qualified=True)
        assert codes(made) == {"identity.matricule_changed"}


def test_a_confirmed_matricule_proves_a_received_identity() -> None:
    made = after(InsiVerified(MATRICULE, INS_NIR, True, AT))
    assert made.after.status is IdentityStatus.RETRIEVED
    assert after(InsiVerified(MATRICULE, INS_NIR, True, AT), identity=Identity(StrictTraits())).refused


def test_an_impossible_identity_cannot_be_built() -> None:
    proof = InsiProof(MATRICULE, INS_NIR, AT)
    with pytest.raises(ValueError, match="no proof"):
        Identity(TRAITS, proof, attributes=frozenset({IdentityAttribute.DOUBTFUL}))
    with pytest.raises(ValueError, match="exclude"):
        Identity(TRAITS, attributes=frozenset({IdentityAttribute.DOUBTFUL, IdentityAttribute.FICTITIOUS}))
    with pytest.raises(ValueError, match="naive"):
        Identity(TRAITS, document=DocumentProof("cni", AT.replace(tzinfo=None)))


TRAITS_DRAWN = st.builds(
    StrictTraits,
    birth_name=st.sampled_from([None, "TESTNAISSANCE", "AUTRE"]),
    first_given_name=st.sampled_from([None, "HELENE", "Hélène"]),
    given_names=st.sampled_from([(), ("HELENE",), ("HELENE", "ZOE")]),
    birth_date=st.sampled_from([None, Timestamp("1985"), Timestamp("19850312"), Timestamp("19850313")]),
    gender=st.sampled_from([None, "F", "M", "UN"]),
    birth_cog=st.sampled_from([None, "99000", "75056"]),
)
MATRICULES = st.sampled_from([MATRICULE, "162079900000272", "285039900000194"])
OIDS = st.sampled_from([INS_NIR, INS_NIR_TEST, "1.2.250.1.213.1.4.2"])
EVENTS: SearchStrategy[Event] = st.one_of(
    st.builds(InsiFound, MATRICULES, OIDS, TRAITS_DRAWN, st.just(AT), st.booleans()),
    st.builds(InsiNotFound, st.sampled_from(["01", "02", "09"])),
    st.builds(InsiVerified, MATRICULES, OIDS, st.booleans(), st.just(AT)),
    st.builds(DocumentChecked, st.sampled_from(["cni", "autre"]), st.booleans(), st.just(AT)),
    st.builds(TraitsChanged, TRAITS_DRAWN, st.booleans()),
    st.builds(AttributeSet, st.sampled_from(IdentityAttribute)),
    st.builds(AttributeLifted, st.sampled_from(IdentityAttribute)),
)


@settings(deadline=None)
@given(TRAITS_DRAWN, st.lists(EVENTS, max_size=12), st.booleans())
def test_no_sequence_of_events_qualifies_without_both_proofs(
    traits: StrictTraits, events: list[Event], production: bool
) -> None:
    identity, answered, shown = Identity(traits), False, False
    for event in events:
        made = transition(identity, event, IdentityPolicy(production))
        said = isinstance(event, InsiFound) or (isinstance(event, InsiVerified) and event.agrees)
        answered = answered or (said and not made.refused)
        shown = shown or (isinstance(event, DocumentChecked) and event.agrees and not made.refused)
        if isinstance(event, AttributeSet) and not made.refused and event.attribute is not IdentityAttribute.HOMONYM:
            answered = shown = False
        identity = made.after
        assert identity.status is not IdentityStatus.QUALIFIED or (answered and shown)
        assert identity.status is not IdentityStatus.QUALIFIED or not identity.traits.missing


@settings(deadline=None)
@given(TRAITS_DRAWN, st.lists(EVENTS, max_size=12))
def test_a_refused_event_changes_nothing_and_no_finding_holds_a_trait(
    traits: StrictTraits, events: list[Event]
) -> None:
    identity = Identity(traits)
    for event in events:
        made = transition(identity, event, PRODUCTION)
        assert not made.refused or made.after == identity
        told = " ".join(finding.message + finding.remedy for finding in made.findings)
        assert not any(value in told for value in ("TESTNAISSANCE", "HELENE", "AUTRE", "1985", MATRICULE))
        identity = made.after
