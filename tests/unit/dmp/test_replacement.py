"""Which document an order replaces at the DMP, and what its absence there means."""

from __future__ import annotations

import pytest

from connectors.destinations.dmp.replacement import numbered_by_us, replaced
from engine.model.document import DocumentVersion
from engine.model.values import Identifier
from tests.unit.dmp import orders
from tests.unit.dmp.numbering import numbered

INSTANCE = "1.2.250.1.999.1"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_engine_s_own_numbers_are_known_as_such(number: int) -> None:
    assert numbered_by_us(numbered(number, INSTANCE), INSTANCE)
    assert not numbered_by_us(numbered(number, INSTANCE), "1.2.250.1.999.2")


@pytest.mark.parametrize(
    "version",
    [
        DocumentVersion(Identifier("1.2.250.1.213.1.1.12"), Identifier("1.2.3"), 2, Identifier("1.2.250.1.213.1.1.9")),
        DocumentVersion(Identifier("1.2.3", "42"), Identifier("1.2.3"), 1),
        DocumentVersion(Identifier("2.25.42"), Identifier("2.25.41"), 1),
    ],
)
def test_a_sender_s_numbers_are_not_ours(version: DocumentVersion) -> None:
    assert not numbered_by_us(version, INSTANCE)


def test_a_new_document_replaces_none() -> None:
    assert replaced(orders.order(), INSTANCE) is None


def test_what_this_destination_took_must_still_be_there() -> None:
    found = replaced(orders.order(replaced="2.25.1", replaces="2.25.1"), INSTANCE)
    assert found is not None
    assert (found.unique_id, found.missing and found.missing.code) == ("2.25.1", "dmp.replaced_not_found")


def test_what_the_sender_says_is_there_must_be() -> None:
    found = replaced(orders.order(replaces="2.25.1"), INSTANCE)
    assert found is not None
    assert (found.unique_id, found.missing and found.missing.code) == ("2.25.1", "dmp.XDSReplaceFailed")


def test_what_we_never_sent_there_may_be_absent() -> None:
    found = replaced(orders.order(version=numbered(2, INSTANCE)), INSTANCE)
    assert found is not None
    assert (found.unique_id, found.missing) == (numbered(1, INSTANCE).id.root, None)
