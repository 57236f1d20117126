"""Who must not see a document: kept from one version to the next, changed only when somebody says so."""

from __future__ import annotations

from dataclasses import replace

from engine.exchange import OrderKind
from engine.model.instructions import Instructions, Visibility
from engine.records import History
from engine.versions import hidden_as_before, plan
from tests.unit.test_versions import INSTANCE, after, draft, kept, other

HIDDEN = (Visibility.INVISIBLE_PATIENT,)
BEFORE = after(replace(kept(), instructions=Instructions(visibility=HIDDEN)))


def test_a_correction_that_says_nothing_stays_hidden_and_says_so() -> None:
    seen = hidden_as_before(draft(other("b")), BEFORE)
    assert seen.instructions.visibility == HIDDEN
    assert [one.code for one in seen.findings] == ["line.visibility_kept"]


def test_what_was_never_hidden_is_left_as_it_is() -> None:
    for history in (History(), after(kept())):
        assert hidden_as_before(draft(), history) == draft()


def test_a_sender_that_hides_from_others_or_shows_on_purpose_is_obeyed() -> None:
    for said in (
        Instructions(visibility=(Visibility.MASQUE_PS,)),
        Instructions(changes_visibility=True),
    ):
        asked = replace(draft(), instructions=said)
        assert hidden_as_before(asked, BEFORE) == asked


def test_a_deletion_hides_nothing() -> None:
    asked = replace(draft(), kind=OrderKind.DELETE)
    assert hidden_as_before(asked, BEFORE) == asked


def test_the_same_content_seen_by_others_is_a_new_version_and_seen_alike_is_none() -> None:
    again = plan(hidden_as_before(draft(), BEFORE), BEFORE, "002", INSTANCE)
    assert again.version is None
    shown = replace(draft(), instructions=Instructions(changes_visibility=True))
    planned = plan(shown, BEFORE, "002", INSTANCE)
    assert planned.version is not None
    assert planned.version.number == 2
