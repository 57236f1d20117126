"""The DMP destination against a strict DMP: real TLS, real sockets, counted on the receiving side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.destinations.dmp import DESTINATION, DmpDestination, DmpSettings
from connectors.simulators import Behaviour, Credential, DmpSimulator, Kind, Pki, make_pki
from engine.context import Software
from engine.declarations import Site
from engine.errors import LaneError, ParkedError, PermanentError, TransientError, UncertainError
from engine.exchange import Order
from tests.unit.dmp import orders
from tests.unit.xds import documents

SITE = Site(production=False, instance_oid="1.2.250.1.999.1", software=Software())


class Handing:
    """Counts how often the destination said that it was about to send."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
async def dmp(tmp_path: Path, pki: Pki) -> AsyncIterator[DmpSimulator]:
    simulator = DmpSimulator(tmp_path / "dmp", pki)
    await simulator.start()
    yield simulator
    await simulator.stop()


def settings(dmp: DmpSimulator, pki: Pki, **changes: object) -> DmpSettings:
    return DmpSettings.model_validate(
        {
            "url": dmp.url,
            "tls": pair(pki.client),
            "signing": pair(pki.signing),
            "ca_bundle": pki.ca,
            "structure_id": pki.structure_id,
            "structure_name": "Laboratoire de test",
            "sector": "SA25",
            "homologation_number": "NUM-HOMOLOGATION",
            "send_timeout_seconds": 20,
            **changes,
        }
    )


def pair(credential: Credential) -> dict[str, object]:
    return {"certificate": credential.certificate, "key": credential.key}


@pytest.fixture
async def destination(dmp: DmpSimulator, pki: Pki) -> AsyncIterator[DmpDestination]:
    opened = opened_with(settings(dmp, pki))
    yield opened
    await opened.close()


def opened_with(chosen: DmpSettings) -> DmpDestination:
    found = DESTINATION.open("dmp", chosen, SITE)
    assert isinstance(found, DmpDestination)
    return found


def order(pki: Pki, number: int = 1, **changes: object) -> Order:
    unique_id = f"2.25.900{number}"
    related = ""
    before = changes.get("replaced") or changes.get("replaces")
    if before:
        related = f"""<relatedDocument typeCode="RPLC"><parentDocument><id root="{before}"/>
</parentDocument></relatedDocument>"""
    content = documents.cda(unique_id=unique_id, structure=pki.structure_id, related=related)
    arguments: dict[str, object] = {"cda": content, "unique_id": unique_id, **changes}
    return orders.order(f"order-{number}", **arguments)  # type: ignore[arg-type]


async def test_a_document_is_taken_once_and_its_receipt_names_it(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    handing = Handing()
    receipt = await destination.deliver(order(pki), handing)
    assert receipt.reference == "2.25.9001"
    assert not receipt.already_there
    assert handing.count == 1
    assert dmp.submissions_count("2.25.9001") == 1
    assert not dmp.refusals


async def test_an_unstructured_document_is_taken(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    content = documents.cda(unique_id="2.25.9001", structure=pki.structure_id, body=documents.N1)
    await destination.deliver(order(pki, cda=content), Handing())
    assert dmp.submissions_count("2.25.9001") == 1


@pytest.mark.parametrize(
    "options",
    [
        {"gi_dmp": "2.9"},
        {"vihf_version": "4.0"},
        {"send_hash": True},
        {"content_type_code": "26"},
    ],
    ids=str,
)
async def test_each_disputed_option_is_understood(dmp: DmpSimulator, pki: Pki, options: dict[str, object]) -> None:
    destination = opened_with(settings(dmp, pki, **options))
    try:
        await destination.deliver(order(pki), Handing())
    finally:
        await destination.close()
    assert dmp.submissions_count("2.25.9001") == 1


async def test_the_same_order_sent_again_is_one_document(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    sent = order(pki)
    await destination.deliver(sent, Handing())
    receipt = await destination.deliver(replace(sent, attempt=2), Handing())
    assert receipt.already_there
    assert dmp.submissions_count("2.25.9001") == 1


@pytest.mark.parametrize("kind", [Kind.CUT_AFTER_BODY, Kind.PARTIAL_ANSWER])
async def test_a_lost_answer_is_asked_about_and_found(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, kind: Kind
) -> None:
    dmp.script.add(Behaviour(kind))
    sent = order(pki)
    with pytest.raises(UncertainError):
        await destination.deliver(sent, Handing())
    receipt = await destination.find(sent)
    assert receipt is not None
    assert receipt.already_there
    assert dmp.submissions_count("2.25.9001") == 1


async def test_a_document_cut_and_not_taken_is_not_found_then_leaves(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    dmp.script.add(Behaviour(Kind.CUT_AFTER_BODY_NOT_TAKEN))
    sent = order(pki)
    with pytest.raises(UncertainError):
        await destination.deliver(sent, Handing())
    assert await destination.find(sent) is None
    await destination.deliver(replace(sent, attempt=2), Handing())
    assert dmp.submissions_count("2.25.9001") == 1


async def test_a_correction_replaces_the_version_before(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki, 1), Handing())
    await destination.deliver(order(pki, 2, replaced="2.25.9001"), Handing())
    statuses = {entry.unique_id: entry.status for entry in dmp.entries}
    assert statuses["2.25.9001"].endswith("Deprecated")
    assert statuses["2.25.9002"].endswith("Approved")


async def test_a_correction_sent_twice_replaces_once(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    await destination.deliver(order(pki, 1), Handing())
    correction = order(pki, 2, replaced="2.25.9001")
    dmp.script.add(Behaviour(Kind.CUT_AFTER_BODY))
    with pytest.raises(UncertainError):
        await destination.deliver(correction, Handing())
    receipt = await destination.deliver(replace(correction, attempt=2), Handing())
    assert receipt.already_there
    assert dmp.submissions_count("2.25.9002") == 1


async def test_a_correction_of_a_document_that_is_not_there_waits_for_a_person(
    destination: DmpDestination, pki: Pki
) -> None:
    handing = Handing()
    with pytest.raises(PermanentError) as caught:
        await destination.deliver(order(pki, 2, replaced="2.25.9001"), handing)
    assert caught.value.code == "dmp.replaced_not_found"
    assert handing.count == 0


@pytest.mark.parametrize(("status", "cause"), [("absent", "no_dmp"), ("closed", "closed")])
async def test_without_an_open_dmp_the_order_waits_and_nothing_leaves(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki, status: str, cause: str
) -> None:
    dmp.set_patient(documents.INS, status)  # type: ignore[arg-type]
    handing = Handing()
    with pytest.raises(ParkedError) as caught:
        await destination.deliver(order(pki), handing)
    assert caught.value.cause == cause
    assert handing.count == 0
    assert not dmp.entries


@pytest.mark.parametrize(
    ("behaviour", "expected", "code"),
    [
        (Behaviour(Kind.BUSY), TransientError, "dmp.XDSRepositoryBusy"),
        (Behaviour(Kind.FAULT), TransientError, None),
        (Behaviour(Kind.REFUSE, code="XDSUnknownPatientId"), PermanentError, "dmp.XDSUnknownPatientId"),
        (Behaviour(Kind.REFUSE, code="XDSRegistryError"), UncertainError, "dmp.XDSRegistryError"),
        (Behaviour(Kind.REFUSE, code="DMPNouveau"), PermanentError, "dmp.DMPNouveau"),
        (Behaviour(Kind.REFUSE, code="DMPClosed"), ParkedError, "dmp.DMPClosed"),
        (Behaviour(Kind.REFUSE, code="DMPInvalidCertificate", fault=True), LaneError, "dmp.DMPInvalidCertificate"),
        (Behaviour(Kind.CERTIFICATE_EXPIRED), LaneError, "dmp.DMPInvalidCertificate"),
        (Behaviour(Kind.HTTP_503, seconds=30), TransientError, "dmp.http_503"),
        (Behaviour(Kind.HTML_502), UncertainError, "dmp.http_502"),
    ],
    ids=str,
)
async def test_each_refusal_says_who_must_act(
    destination: DmpDestination,
    dmp: DmpSimulator,
    pki: Pki,
    behaviour: Behaviour,
    expected: type[Exception],
    code: str | None,
) -> None:
    dmp.script.add(behaviour)
    with pytest.raises(expected) as caught:
        await destination.deliver(order(pki), Handing())
    if code is not None:
        assert getattr(caught.value, "code", "") == code
    assert not dmp.entries


async def test_maintenance_says_when_to_come_back(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    dmp.script.add(Behaviour(Kind.HTTP_503, seconds=30))
    with pytest.raises(TransientError) as caught:
        await destination.deliver(order(pki), Handing())
    assert caught.value.retry_after_seconds == 30


async def test_an_unspecified_error_is_final_after_enough_tries(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    dmp.script.add(Behaviour(Kind.REFUSE, code="XDSRegistryError"))
    with pytest.raises(PermanentError):
        await destination.deliver(order(pki, attempt=5), Handing())


async def test_a_dmp_that_is_down_takes_nothing(destination: DmpDestination, dmp: DmpSimulator, pki: Pki) -> None:
    await dmp.down()
    handing = Handing()
    with pytest.raises(TransientError) as caught:
        await destination.deliver(order(pki), handing)
    assert caught.value.code == "dmp.unreachable"
    assert handing.count == 0
    await dmp.up()
    await destination.deliver(order(pki), handing)
    assert dmp.submissions_count("2.25.9001") == 1


async def test_existence_is_not_asked_again_while_it_is_known(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await destination.deliver(order(pki, 1), Handing())
    dmp.script.add(Behaviour(Kind.HTTP_503, at="patients"))
    await destination.deliver(order(pki, 2), Handing())
    assert dmp.submissions_count("2.25.9002") == 1


async def test_a_wrong_certificate_stops_the_lane(dmp: DmpSimulator, pki: Pki) -> None:
    for options in (
        {"tls": pair(pki.expired_client)},
        {"signing": pair(pki.other_signing)},
        {"signing": pair(pki.client)},
    ):
        destination = opened_with(settings(dmp, pki, **options))
        with pytest.raises(LaneError):
            await destination.deliver(order(pki), Handing())
        await destination.close()
    assert not dmp.entries


async def test_a_certificate_of_another_authority_passes_nothing(dmp: DmpSimulator, pki: Pki) -> None:
    """A server may close without saying why: then it is only unreachable."""
    destination = opened_with(settings(dmp, pki, tls=pair(pki.foreign_client)))
    handing = Handing()
    with pytest.raises((LaneError, TransientError)):
        await destination.deliver(order(pki), handing)
    await destination.close()
    assert handing.count == 0
    assert not dmp.entries


async def test_an_expired_certificate_is_refused_before_anything_leaves(dmp: DmpSimulator, pki: Pki) -> None:
    destination = opened_with(settings(dmp, pki, tls=pair(pki.expired_client)))
    handing = Handing()
    with pytest.raises(LaneError) as caught:
        await destination.deliver(order(pki), handing)
    assert caught.value.code == "dmp.certificate_expired"
    assert handing.count == 0
    with pytest.raises(LaneError):
        await destination.check()


async def test_a_renewed_certificate_is_taken_up_without_a_restart(dmp: DmpSimulator, pki: Pki, tmp_path: Path) -> None:
    files = {"certificate": tmp_path / "tls.pem", "key": tmp_path / "tls.key"}
    put(pki.expired_client, files)
    destination = opened_with(settings(dmp, pki, tls=files))
    with pytest.raises(LaneError):
        await destination.deliver(order(pki), Handing())
    put(pki.client, files)
    await destination.deliver(order(pki), Handing())
    await destination.close()
    assert dmp.submissions_count("2.25.9001") == 1


def put(credential: Credential, files: dict[str, Path]) -> None:
    files["certificate"].write_bytes(credential.certificate.read_bytes())
    files["key"].write_bytes(credential.key.read_bytes())


async def test_two_orders_sent_together_are_two_documents(
    destination: DmpDestination, dmp: DmpSimulator, pki: Pki
) -> None:
    await asyncio.gather(*(destination.deliver(order(pki, number), Handing()) for number in (1, 2, 3, 4)))
    assert sorted(entry.unique_id for entry in dmp.entries) == [f"2.25.900{number}" for number in (1, 2, 3, 4)]


async def test_a_sound_destination_passes_its_check(destination: DmpDestination, dmp: DmpSimulator) -> None:
    await destination.check()
    assert not dmp.entries


async def test_a_peer_that_is_not_our_dmp_stops_the_lane(dmp: DmpSimulator, pki: Pki, tmp_path: Path) -> None:
    other = make_pki(tmp_path / "other")
    destination = opened_with(settings(dmp, pki, ca_bundle=other.ca))
    with pytest.raises(LaneError) as caught:
        await destination.check()
    assert caught.value.code == "dmp.server_certificate"
    await destination.close()


async def test_a_probe_that_is_not_allowed_leaves_it_to_a_person(dmp: DmpSimulator, pki: Pki) -> None:
    destination = opened_with(settings(dmp, pki, probe=False))
    with pytest.raises(UncertainError):
        await destination.find(order(pki))
    await destination.close()
