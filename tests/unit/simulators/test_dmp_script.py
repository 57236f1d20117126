"""The DMP simulator told to misbehave: what the caller sees, and what was taken all the same."""

from __future__ import annotations

import httpx2
import pytest

from connectors.simulators import Behaviour, DmpSimulator, Kind, Pki, Script
from tests.unit.simulators.dmp_client import Feeding, context, feed, post


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (Kind.CUT_BEFORE_BODY, 0),
        (Kind.CUT_AFTER_BODY_NOT_TAKEN, 0),
        (Kind.CUT_AFTER_BODY, 1),
        (Kind.PARTIAL_ANSWER, 1),
    ],
)
async def test_a_cut_connection_gives_no_answer(dmp: DmpSimulator, pki: Pki, kind: Kind, taken: int) -> None:
    dmp.script.add(Behaviour(kind))
    with pytest.raises(httpx2.TransportError):
        await feed(dmp, Feeding(pki))
    assert len(dmp.entries) == taken
    assert (await feed(dmp, Feeding(pki))).taken
    assert len(dmp.entries) == taken + 1


async def test_a_refusal_says_its_code_and_takes_nothing(dmp: DmpSimulator, pki: Pki) -> None:
    dmp.script.add(Behaviour(Kind.REFUSE, code="DMPClosed", text="DMP fermé"))
    found = await feed(dmp, Feeding(pki))
    assert found.codes == {"DMPClosed"} and not found.taken
    assert dmp.entries == () and dmp.refusals == [("DMPClosed", "DMP fermé")]


@pytest.mark.parametrize(
    ("behaviour", "code", "status"),
    [
        (Behaviour(Kind.BUSY), "XDSRepositoryBusy", 200),
        (Behaviour(Kind.FAULT), "soap:Receiver", 500),
        (Behaviour(Kind.CERTIFICATE_EXPIRED), "soap:DMPInvalidCertificate", 400),
        (Behaviour(Kind.REFUSE, code="DMPInvalidCertificate", fault=True), "soap:DMPInvalidCertificate", 400),
    ],
)
async def test_scripted_answers(dmp: DmpSimulator, pki: Pki, behaviour: Behaviour, code: str, status: int) -> None:
    dmp.script.add(behaviour)
    found = await feed(dmp, Feeding(pki))
    assert (found.codes, found.status) == ({code}, status)
    assert dmp.entries == ()


@pytest.mark.parametrize(
    ("behaviour", "status", "media_type"),
    [(Behaviour(Kind.HTTP_503, seconds=3), 503, "text/plain"), (Behaviour(Kind.HTML_502), 502, "text/html")],
)
async def test_pages_of_a_proxy(
    dmp: DmpSimulator, pki: Pki, behaviour: Behaviour, status: int, media_type: str
) -> None:
    dmp.script.add(behaviour)
    response = await post(dmp, pki, "repository", *Feeding(pki).request())
    assert response.status_code == status
    assert response.headers["content-type"].startswith(media_type)
    assert response.headers.get("retry-after") == ("3" if status == 503 else None)
    assert dmp.entries == ()


async def test_an_answer_given_twice_is_one_document(dmp: DmpSimulator, pki: Pki) -> None:
    feeding = Feeding(pki)
    dmp.script.add(Behaviour(Kind.ANSWER_TWICE))
    assert (await feed(dmp, feeding)).taken
    assert dmp.submissions_count(feeding.unique_id) == 1


@pytest.mark.parametrize(("kind", "taken"), [(Kind.DELAY, 0), (Kind.LATE, 1)])
async def test_a_slow_answer_outlasts_a_short_patience(dmp: DmpSimulator, pki: Pki, kind: Kind, taken: int) -> None:
    dmp.script.add(Behaviour(kind, seconds=30))
    content_type, body = Feeding(pki).request()
    async with httpx2.AsyncClient(verify=context(pki), timeout=httpx2.Timeout(10, read=0.3)) as http:
        with pytest.raises(httpx2.ReadTimeout):
            await http.post(dmp.url + "repository", content=body, headers={"Content-Type": content_type})
    assert len(dmp.entries) == taken


async def test_down_refuses_connections_and_up_brings_the_same_port_back(dmp: DmpSimulator, pki: Pki) -> None:
    port = dmp.port
    await dmp.down()
    with pytest.raises(httpx2.ConnectError):
        await feed(dmp, Feeding(pki))
    await dmp.up()
    assert dmp.port == port
    assert (await feed(dmp, Feeding(pki))).taken


async def test_a_peer_that_is_down_stays_down_whatever_certificate_it_would_show(dmp: DmpSimulator, pki: Pki) -> None:
    await dmp.down()
    await dmp.expire_certificate(False)
    with pytest.raises(httpx2.ConnectError):
        await feed(dmp, Feeding(pki))


async def test_several_requests_share_a_connection(dmp: DmpSimulator, pki: Pki) -> None:
    async with httpx2.AsyncClient(verify=context(pki)) as http:
        for _ in range(2):
            content_type, body = Feeding(pki).request()
            response = await http.post(dmp.url + "repository", content=body, headers={"Content-Type": content_type})
            assert response.status_code == 200
    assert len(dmp.entries) == 2


async def test_a_chunked_body_is_read(dmp: DmpSimulator, pki: Pki) -> None:
    content_type, body = Feeding(pki).request()

    async def pieces():
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    async with httpx2.AsyncClient(verify=context(pki)) as http:
        response = await http.post(dmp.url + "repository", content=pieces(), headers={"Content-Type": content_type})
    assert response.status_code == 200 and len(dmp.entries) == 1


async def test_plain_answers_can_be_chosen(tmp_path, pki: Pki) -> None:
    simulator = DmpSimulator(tmp_path / "plain", pki, multipart_answers=False)
    await simulator.start()
    response = await post(simulator, pki, "repository", *Feeding(pki).request())
    await simulator.stop()
    assert response.headers["content-type"].startswith("application/soap+xml")


def test_a_behaviour_waits_for_the_request_it_is_meant_for() -> None:
    script = Script.of([Behaviour(Kind.BUSY), Behaviour(Kind.FAULT, at="registry"), Behaviour(Kind.HTML_502, at="*")])
    assert script.take("registry", main=False).kind is Kind.FAULT
    assert script.take("patients", main=False).kind is Kind.HTML_502
    assert script.take("patients", main=False).kind is Kind.OK
    assert script.take("repository", main=True).kind is Kind.BUSY
    assert script.take("repository", main=True).kind is Kind.OK


def test_the_same_seed_draws_the_same_misfortunes() -> None:
    def draws(seed: int) -> list[Kind]:
        script = Script()
        script.chance(Behaviour(Kind.BUSY), probability=0.5, seed=seed)
        return [script.take("repository", main=True).kind for _ in range(50)]

    assert draws(7) == draws(7)
    assert {Kind.OK, Kind.BUSY} == set(draws(7))
    assert draws(7) != draws(8)


def test_a_cleared_script_behaves() -> None:
    script = Script.of([Behaviour(Kind.BUSY)])
    script.chance(Behaviour(Kind.FAULT), probability=1, seed=1)
    script.clear()
    assert script.pending == 0
    assert script.take("repository", main=True).kind is Kind.OK
