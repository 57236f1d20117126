"""What a sender asks of the sending, up to the DMP: visibility, secret connection, requester, replacement, deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from lxml import etree

from connectors.destinations.dmp import DmpDestination
from connectors.simulators import Behaviour, DmpSimulator, Kind, Pki
from engine.errors import LaneError, ParkedError, PermanentError, TransientError, UncertainError
from engine.exchange import Order, OrderKind, PriorDelivery
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Code, Identifier, PersonName
from tests.contract.test_dmp_against_simulator import SITE, Handing, dmp, opened_with, order, pki, settings
from tests.unit.dmp import orders
from tests.unit.dmp.numbering import numbered
from tests.unit.xds import documents

__all__ = ["dmp", "pki"]
"""Fixtures."""

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
SECRET = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


@pytest.fixture
async def destination(dmp: DmpSimulator, pki: Pki) -> AsyncIterator[DmpDestination]:
    opened = opened_with(settings(dmp, pki))
    yield opened
    await opened.close()


def codes(dmp: DmpSimulator) -> list[str]:
    entry = etree.fromstring(dmp.entries[-1].metadata)
    scheme = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
    found = entry.findall(f"{{{RIM}}}Classification[@classificationScheme='{scheme}']")
    return [one.get("nodeRepresentation", "") for one in found]


def said(vihf: bytes, name: str) -> list[str]:
    path = f".//{{{SAML}}}Attribute[@Name='{name}']/{{{SAML}}}AttributeValue"
    return ["".join(str(part) for part in one.itertext()) for one in etree.fromstring(vihf).findall(path)]


def name_id(vihf: bytes) -> str | None:
    return etree.fromstring(vihf).findtext(f".//{{{SAML}}}NameID")


# -- who must not see it --------------------------------------------------------------------------------------------


async def test_who_must_not_see_a_document_is_said_after_its_own_confidentiality(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    asked = Instructions(visibility=(Visibility.INVISIBLE_PATIENT, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX))
    await destination.deliver(order(pki, instructions=asked), Handing())
    assert codes(dmp) == ["N", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]
    assert said(dmp.entries[0].vihf, SECRET) == []


async def test_a_document_hidden_from_everybody_is_refused_before_it_leaves(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    handing = Handing()
    both = Instructions(visibility=(Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT))
    with pytest.raises(PermanentError):
        await destination.deliver(order(pki, instructions=both), handing)
    assert (handing.count, dmp.entries, dmp.refusals) == (0, (), [])


async def test_a_dmp_that_allows_it_takes_a_document_hidden_from_both(dmp: DmpSimulator, pki: Pki) -> None:
    dmp.masked_and_invisible = True
    destination = opened_with(settings(dmp, pki, masked_and_invisible=True))
    both = Instructions(visibility=(Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT))
    await destination.deliver(order(pki, instructions=both), Handing())
    await destination.close()
    assert codes(dmp) == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]


async def test_a_secret_connection_is_claimed_for_every_call_of_its_order(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    asked = Instructions(visibility=(Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,), secret_connection=True)
    await destination.deliver(order(pki, instructions=asked), Handing())
    assert said(dmp.entries[0].vihf, SECRET) == ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]
    await destination.deliver(deletion(pki, instructions=asked), Handing())
    assert said(dmp.deletions("2.25.9001")[0].vihf, SECRET) != []


async def test_nothing_representatives_would_see_is_filed_in_secret(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    handing = Handing()
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(order(pki, instructions=Instructions(secret_connection=True)), handing)
    assert caught.value.code == "dmp.secret_connection"
    assert (handing.count, dmp.entries) == (0, ())


async def test_a_change_of_visibility_is_a_replacement(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki, 1), Handing())
    asked = Instructions(visibility=(Visibility.INVISIBLE_PATIENT,), changes_visibility=True)
    await destination.deliver(order(pki, 2, replaces="2.25.9001", instructions=asked), Handing())
    assert [entry.approved for entry in dmp.entries] == [False, True]
    assert codes(dmp) == ["N", "INVISIBLE_PATIENT"]


# -- who asks -------------------------------------------------------------------------------------------------------


def requester(structure: str, number: str = "10101010101") -> Professional:
    organization = Organization(Identifier(STRUCTURE_OID, structure), "Service")
    specialty = Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Médecine générale (SM)")
    name = PersonName("DEMANDEUR", "Paul")
    return Professional(Identifier(PROFESSIONAL_OID, number), name, specialty, organization=organization)


async def test_who_asks_is_named_in_the_vihf_and_as_author_of_the_submission(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    asked = Instructions(requester=requester(pki.structure_id))
    await destination.deliver(order(pki, instructions=asked), Handing())
    assert name_id(dmp.entries[0].vihf) == "810101010101"
    assert said(dmp.entries[0].vihf, "urn:oasis:names:tc:xspa:1.0:subject:subject-id") == ["Paul DEMANDEUR"]
    assert said(dmp.entries[0].vihf, "Identifiant_Structure") == [pki.structure_id]


async def test_who_asks_from_another_structure_leaves_it_to_our_responsible(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    asked = Instructions(requester=requester("1300017985"))
    await destination.deliver(order(pki, instructions=asked), Handing())
    assert name_id(dmp.entries[0].vihf) == "801234534765"


# -- replacing what another way sent --------------------------------------------------------------------------------


async def test_a_document_that_another_way_sent_is_replaced(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki, 1), Handing())
    correction = order(pki, 2, replaces="2.25.9001")
    assert correction.replaced is None
    for attempt in (1, 2):
        await destination.deliver(replace(correction, attempt=attempt), Handing())
    assert [entry.approved for entry in dmp.entries] == [False, True]
    assert dmp.entries[1].replaces == dmp.entries[0].entry_uuid
    assert dmp.submissions_count("2.25.9002") == 1


async def test_a_target_that_the_dmp_does_not_know_is_told_by_the_dmp_s_code(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    handing = Handing()
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(order(pki, 2, replaces="2.25.9001"), handing)
    assert caught.value.code == "dmp.XDSReplaceFailed"
    assert (handing.count, dmp.entries) == (0, ())


async def test_a_refused_question_keeps_the_dmp_s_own_code(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    dmp.script.add(Behaviour(Kind.REFUSE, code="XDSResultNotSinglePatient", at="registry"))
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(order(pki, 2, replaces="2.25.9001"), Handing())
    assert caught.value.code == "dmp.XDSResultNotSinglePatient"


async def test_a_version_of_ours_whose_predecessor_never_left_is_a_new_document(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    version = numbered(2, SITE.instance_oid)
    assert version.replaces is not None
    related = f"""<relatedDocument typeCode="RPLC"><parentDocument><id root="{version.replaces.root}"/>
</parentDocument></relatedDocument>"""
    content = documents.cda(unique_id=version.id.root, structure=pki.structure_id, related=related)
    await destination.deliver(orders.order(cda=content, version=version), Handing())
    assert dmp.submissions_count(version.id.root) == 1


@pytest.mark.parametrize("kind", [OrderKind.SEND, OrderKind.DELETE])
async def test_an_identifier_with_an_extension_never_reaches_the_dmp(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, kind: OrderKind
) -> None:
    made = order(pki, kind=kind)
    content = made.package.cda.replace(b'<id root="2.25.9001"/>', b'<id root="2.25.9001" extension="42"/>')
    version = replace(made.package.version, id=Identifier("2.25.9001", "42"))
    refused = replace(made, package=replace(made.package, cda=content, version=version))
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(refused, Handing())
    assert caught.value.code == "dmp.id_with_extension"
    assert dmp.refusals == []


async def test_nor_does_that_of_a_replaced_document(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    made = order(pki, 2, replaces="2.25.9001")
    version = replace(made.package.version, replaces=Identifier("2.25.9001", "42"))
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(replace(made, package=replace(made.package, version=version)), Handing())
    assert caught.value.code == "dmp.id_with_extension"
    assert dmp.refusals == []


# -- deleting -------------------------------------------------------------------------------------------------------


def deletion(pki: Pki, **changes: object) -> Order:
    """The deletion of document 1, which another way sent."""
    made = order(pki, kind=OrderKind.DELETE, **changes)
    return replace(made, id="deletion-1")


def status(dmp: DmpSimulator) -> str:
    return dmp.entries[0].status.rpartition(":")[2]


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "not ours"])
async def test_a_deleted_document_is_no_longer_current(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, ours: bool
) -> None:
    await destination.deliver(order(pki), Handing())
    asked, handing = deletion(pki), Handing()
    if ours:
        asked = replace(asked, replaced=PriorDelivery("2.25.9001", "2.25.9001"))
    receipt = await destination.deliver(asked, handing)
    assert (receipt.reference, receipt.detail, receipt.already_there) == ("2.25.9001", "TD3.3c", False)
    assert (handing.count, status(dmp)) == (1, "Deleted")
    assert [one.comments for one in dmp.deletions("2.25.9001")] == ["Document erroné"]


async def test_a_deletion_says_the_motive_of_its_sender(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki), Handing())
    await destination.deliver(deletion(pki, instructions=Instructions(motive="erreur de patient")), Handing())
    assert [one.comments for one in dmp.deletions("2.25.9001")] == ["Erreur de patient"]


async def test_a_motive_that_is_none_deletes_nothing(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    await destination.deliver(order(pki), Handing())
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(deletion(pki, instructions=Instructions(motive="sans suite")), Handing())
    assert caught.value.code == "dmp.deletion_motive"
    assert status(dmp) == "Approved"


async def test_the_same_deletion_twice_is_one(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    await destination.deliver(order(pki), Handing())
    handing = Handing()
    first, second = [await destination.deliver(deletion(pki, attempt=n), handing) for n in (1, 2)]
    assert (first.already_there, second.already_there) == (False, True)
    assert (handing.count, len(dmp.deletions("2.25.9001"))) == (1, 1)
    assert dmp.refusals == []


async def test_a_document_somebody_else_deleted_is_not_deleted_again(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki), Handing())
    await destination.deliver(replace(deletion(pki), id="another"), Handing())
    receipt = await destination.deliver(deletion(pki), Handing())
    assert receipt.already_there
    assert len(dmp.deletions("2.25.9001")) == 1


async def test_a_version_that_was_replaced_may_still_be_deleted(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki, 1), Handing())
    await destination.deliver(order(pki, 2, replaced="2.25.9001"), Handing())
    await destination.deliver(deletion(pki), Handing())
    assert [entry.status.rpartition(":")[2] for entry in dmp.entries] == ["Deleted", "Approved"]


async def test_a_document_that_is_not_there_is_a_matter_for_a_person(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    handing = Handing()
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(deletion(pki), handing)
    assert caught.value.code == "dmp.not_found"
    assert handing.count == 0


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize("kind", [Kind.CUT_AFTER_BODY, Kind.PARTIAL_ANSWER])
async def test_a_deletion_whose_answer_was_lost_is_asked_about(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, kind: Kind, hides: bool
) -> None:
    dmp.hides_deleted = hides
    await destination.deliver(order(pki), Handing())
    cut_the_update(dmp, kind)
    handing = Handing()
    with pytest.raises(UncertainError):
        await destination.deliver(deletion(pki), handing)
    receipt = await destination.find(deletion(pki))
    assert receipt is not None
    assert receipt.already_there
    assert (handing.count, len(dmp.deletions("2.25.9001"))) == (1, 1)


async def test_a_deletion_that_was_cut_and_not_made_is_made_again(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki), Handing())
    cut_the_update(dmp, Kind.CUT_AFTER_BODY_NOT_TAKEN)
    with pytest.raises(UncertainError):
        await destination.deliver(deletion(pki), Handing())
    assert await destination.find(deletion(pki)) is None
    await destination.deliver(deletion(pki, attempt=2), Handing())
    assert len(dmp.deletions("2.25.9001")) == 1


def cut_the_update(dmp: DmpSimulator, kind: Kind) -> None:
    """Not the question before it."""
    dmp.script.add(Behaviour(Kind.OK, at="registry"))
    dmp.script.add(Behaviour(kind, at="registry"))


async def test_a_deletion_asked_again_without_asking_the_status_is_known_by_its_number(
    dmp: DmpSimulator, pki: Pki
) -> None:
    """A peer asked for references only: the registry knows the submission set, and the document is no more."""
    destination = opened_with(settings(dmp, pki, deletion_asks_status=False))
    await destination.deliver(order(pki), Handing())
    await destination.deliver(deletion(pki), Handing())
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(deletion(pki, attempt=2), Handing())
    await destination.close()
    assert caught.value.code == "dmp.XDSDuplicateUniqueIdInRegistry"
    assert len(dmp.deletions("2.25.9001")) == 1


@pytest.mark.parametrize("fault", [True, False])
async def test_a_dmp_that_keeps_the_status_to_itself_deletes_all_the_same(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, fault: bool
) -> None:
    await destination.deliver(order(pki), Handing())
    dmp.script.add(Behaviour(Kind.REFUSE, code="DMPAccessDeniedByRightsService", fault=fault, at="registry"))
    await destination.deliver(deletion(pki), Handing())
    assert status(dmp) == "Deleted"


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Behaviour(Kind.BUSY, at="registry"), TransientError),
        (Behaviour(Kind.REFUSE, code="XDSRegistryError", at="registry"), UncertainError),
        (Behaviour(Kind.REFUSE, code="DMPAccessDeniedByRightsService", at="registry"), PermanentError),
        (Behaviour(Kind.REFUSE, code="XDSMetadataUpdateError", at="registry"), PermanentError),
        (Behaviour(Kind.REFUSE, code="DMPClosed", at="registry"), ParkedError),
        (Behaviour(Kind.CERTIFICATE_EXPIRED, at="registry"), LaneError),
        (Behaviour(Kind.HTML_502, at="registry"), UncertainError),
    ],
    ids=lambda value: f"{value.kind}-{value.code}" if isinstance(value, Behaviour) else None,
)
async def test_each_refused_deletion_says_who_must_act(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, behaviour: Behaviour, expected: type[Exception]
) -> None:
    await destination.deliver(order(pki), Handing())
    dmp.script.add(Behaviour(Kind.OK, at="registry"))
    dmp.script.add(behaviour)
    with pytest.raises(expected):
        await destination.deliver(deletion(pki), Handing())
    assert status(dmp) == "Approved"


async def test_the_document_of_another_order_is_never_deleted(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki), Handing())
    made = deletion(pki)
    version = replace(made.package.version, id=Identifier("2.25.9002"))
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(replace(made, package=replace(made.package, version=version)), Handing())
    assert caught.value.code == "dmp.document_differs"
    assert status(dmp) == "Approved"


async def test_a_deletion_needs_a_qualified_identity(destination: DmpDestination, pki: Pki) -> None:
    with pytest.raises(ParkedError) as caught:
        await destination.deliver(deletion(pki, ins=None), Handing())
    assert caught.value.cause == "identity"


async def test_a_dmp_not_to_be_asked_leaves_a_lost_deletion_to_a_person(dmp: DmpSimulator, pki: Pki) -> None:
    destination = opened_with(settings(dmp, pki, probe=False))
    with pytest.raises(UncertainError):
        await destination.find(deletion(pki))
    await destination.close()
