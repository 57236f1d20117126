"""What the destination makes of each thing a server may do, at each step of the conversation."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.destinations.mssante import DESTINATION, MssanteDestination
from connectors.simulators import Pki
from connectors.simulators.tls import server_context
from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError
from engine.exchange import Order
from tests.unit.mssante import orders
from tests.unit.mssante.peer import CUT, SILENCE, Peer, peer

LARGE = b"%PDF-" + bytes(4_000_000)
"""More than socket buffers hold: a server that does not read it is noticed."""


class Handing:
    """Counts how often the destination said that it was about to hand the document over."""

    def __init__(self, fail: Exception | None = None) -> None:
        self.count = 0
        self._fail = fail

    async def __call__(self) -> None:
        self.count += 1
        if self._fail is not None:
            raise self._fail


def opened(one: Peer, pki: Pki, **changes: object) -> MssanteDestination:
    chosen = {
        "port": one.port,
        "certificate": pki.client.certificate,
        "key": pki.client.key,
        "ca_bundle": pki.ca,
        **changes,
    }
    found = DESTINATION.open("mssante", orders.settings(**chosen), orders.SITE)
    assert isinstance(found, MssanteDestination)
    return found


@asynccontextmanager
async def scripted(pki: Pki, **replies: str) -> AsyncIterator[tuple[MssanteDestination, Peer]]:
    async with peer(server_context(pki.server, pki.ca), **replies) as one:
        yield opened(one, pki), one


async def outcome(pki: Pki, order: Order | None = None, **replies: str) -> tuple[PasseurError, Peer, Handing]:
    """The error of a delivery to a server with these replies; it quotes nothing of the patient."""
    handing = Handing()
    async with scripted(pki, **replies) as (destination, one):
        with pytest.raises(PasseurError) as caught:
            await destination.deliver(order or orders.order(), handing)
    assert not [secret for secret in orders.SECRETS if secret in str(caught.value)]
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value, one, handing


async def test_the_server_reads_the_very_bytes_of_the_mail(pki: Pki) -> None:
    handing = Handing()
    async with scripted(pki) as (destination, one):
        receipt = await destination.deliver(orders.order(), handing)
        await destination.deliver(orders.order(), handing)
    assert receipt.reference == "<8c1f5d0e-4a5b-5c6d-8e7f-000000000001@labo.mssante.example>"
    assert one.taken[0] == one.taken[1]
    assert one.taken[0].endswith(b"--\r\n.\r\n")
    assert handing.count == 2


async def test_the_envelope_asks_for_delivery_reports_and_announces_the_size(pki: Pki) -> None:
    async with scripted(pki) as (destination, one):
        await destination.deliver(orders.order(), Handing())
    size = len(one.taken[0]) - len(b".\r\n")
    assert one.commands[3:6] == [
        f"MAIL FROM:<labo@labo.mssante.example> SIZE={size} RET=HDRS ENVID=8c1f5d0e-4a5b-5c6d-8e7f-000000000001",
        f"RCPT TO:<{orders.PRESCRIBER}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{orders.PRESCRIBER}",
        "DATA",
    ]


async def test_a_server_without_delivery_reports_is_not_asked_for_them(pki: Pki) -> None:
    async with scripted(pki, hello="250 essai") as (destination, one):
        await destination.deliver(orders.order(), Handing())
    assert one.commands[3:5] == ["MAIL FROM:<labo@labo.mssante.example>", f"RCPT TO:<{orders.PRESCRIBER}>"]


async def test_a_check_sends_nothing(pki: Pki) -> None:
    async with scripted(pki) as (destination, one):
        await destination.check()
    assert one.commands[3:5] == ["MAIL FROM:<labo@labo.mssante.example>", "RSET"]
    assert one.taken == []


async def test_a_check_says_that_our_mailbox_is_refused(pki: Pki) -> None:
    async with scripted(pki, mail="550 inconnu") as (destination, _):
        with pytest.raises(LaneError) as caught:
            await destination.check()
    assert caught.value.code == "mssante.smtp_550"


@pytest.mark.parametrize(
    ("step", "reply", "expected", "code"),
    [
        ("greeting", "421 plus tard", TransientError, "mssante.smtp_421"),
        ("greeting", "554 non", LaneError, "mssante.smtp_554"),
        ("greeting", "n'importe quoi", TransientError, "mssante.smtp_unreadable"),
        ("ehlo", "550 non", LaneError, "mssante.smtp_550"),
        ("ehlo", "451 plus tard", TransientError, "mssante.smtp_451"),
        ("ehlo", "250 essai", LaneError, "mssante.no_starttls"),
        ("starttls", "454 plus tard", TransientError, "mssante.smtp_454"),
        ("hello", "421 plus tard", TransientError, "mssante.smtp_421"),
        ("mail", "451 plus tard", TransientError, "mssante.smtp_451"),
        ("mail", "553 boîte inconnue", LaneError, "mssante.smtp_553"),
        ("mail", "552 trop grand", PermanentError, "mssante.smtp_552"),
        ("mail", "530 qui êtes-vous", LaneError, "mssante.smtp_530"),
        ("rcpt", "450 occupée", TransientError, "mssante.smtp_450"),
        ("rcpt", "550 inconnue", PermanentError, "mssante.smtp_550"),
        ("rcpt", "535 non", LaneError, "mssante.smtp_535"),
        ("data", "451 plus tard", TransientError, "mssante.smtp_451"),
        ("data", "554 non", PermanentError, "mssante.smtp_554"),
        ("data", "250 oui", TransientError, "mssante.smtp_unreadable"),
    ],
)
async def test_a_refusal_before_the_message_is_told_by_its_code_and_its_step(
    pki: Pki, step: str, reply: str, expected: type[PasseurError], code: str
) -> None:
    error, one, handing = await outcome(pki, **{step: reply})
    assert type(error) is expected
    assert error.code == code
    assert handing.count == 0
    assert one.taken == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("421 plus tard", TransientError),
        ("451 plus tard", TransientError),
        ("550 non", PermanentError),
        ("554 non", PermanentError),
        ("530 qui êtes-vous", LaneError),
        ("354 encore", UncertainError),
        ("999 ?", UncertainError),
        ("n'importe quoi", UncertainError),
        (CUT, UncertainError),
        ("not taken " + CUT, UncertainError),
        ("25…", UncertainError),
        ("250-pris mais…", UncertainError),
    ],
)
async def test_after_the_message_only_a_clear_answer_settles_the_order(
    pki: Pki, reply: str, expected: type[PasseurError]
) -> None:
    error, _, handing = await outcome(pki, end=reply)
    assert type(error) is expected
    assert handing.count == 1


async def test_any_positive_answer_is_a_yes(pki: Pki) -> None:
    async with scripted(pki, rcpt="251 je transmets", end="252 pris") as (destination, one):
        await destination.deliver(orders.order(), Handing())
    assert len(one.taken) == 1


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data"])
async def test_a_cut_before_the_message_is_read_leaves_no_doubt(pki: Pki, step: str) -> None:
    error, one, handing = await outcome(pki, **{step: CUT})
    assert type(error) is TransientError
    assert handing.count == 0
    assert one.taken == []


@pytest.mark.parametrize("step", ["greeting", "ehlo", "starttls", "hello", "mail", "rcpt", "data"])
async def test_silence_before_the_message_leaves_no_doubt(pki: Pki, step: str) -> None:
    handing = Handing()
    async with peer(server_context(pki.server, pki.ca), **{step: SILENCE}) as one:
        destination = opened(one, pki, connect_timeout_seconds=0.1, command_timeout_seconds=0.1)
        with pytest.raises(TransientError) as caught:
            await destination.deliver(orders.order(), handing)
    assert caught.value.code == "mssante.silence"
    assert handing.count == 0


async def test_silence_after_the_message_is_a_doubt(pki: Pki) -> None:
    handing = Handing()
    async with peer(server_context(pki.server, pki.ca), end=SILENCE) as one:
        destination = opened(one, pki, answer_timeout_seconds=0.1)
        with pytest.raises(UncertainError) as caught:
            await destination.deliver(orders.order(), handing)
    assert caught.value.code == "mssante.no_answer"
    assert handing.count == 1


@pytest.mark.parametrize(
    ("reply", "expected", "code"),
    [
        (CUT, TransientError, "mssante.cut"),
        ("421 plus tard", TransientError, "mssante.smtp_421"),
        ("552 trop grand", PermanentError, "mssante.smtp_552"),
    ],
)
async def test_a_message_half_read_is_surely_not_taken(
    pki: Pki, reply: str, expected: type[PasseurError], code: str
) -> None:
    error, one, handing = await outcome(pki, orders.order(pdf=LARGE), during=reply)
    assert (type(error), error.code) == (expected, code)
    assert handing.count == 0
    assert one.taken == []


async def test_a_server_that_stops_reading_is_given_up_before_the_end(pki: Pki) -> None:
    handing = Handing()
    async with peer(server_context(pki.server, pki.ca), during=SILENCE) as one:
        destination = opened(one, pki, send_timeout_seconds=0.2)
        with pytest.raises(TransientError) as caught:
            await destination.deliver(orders.order(pdf=LARGE), handing)
    assert caught.value.code == "mssante.silence"
    assert (handing.count, one.taken) == (0, [])


async def test_a_lease_lost_at_the_last_moment_leaves_the_message_unfinished(pki: Pki) -> None:
    lost = TransientError("engine.lease_lost", "un autre processus a repris cet ordre")
    async with scripted(pki) as (destination, one):
        with pytest.raises(TransientError) as caught:
            await destination.deliver(orders.order(), Handing(lost))
        while not one.content:
            await asyncio.sleep(0.01)
    assert caught.value is lost
    assert one.taken == []
    assert "QUIT" not in one.commands


@pytest.mark.parametrize("step", ["ehlo", "hello", "rcpt", "data", "end", "during"])
async def test_a_cancelled_delivery_leaves_no_connection_and_no_task(pki: Pki, step: str) -> None:
    order = orders.order(pdf=LARGE) if step == "during" else orders.order()
    async with scripted(pki, **{step: SILENCE}) as (destination, one):
        before = asyncio.all_tasks()
        task = asyncio.create_task(destination.deliver(order, Handing()))
        verb = {"hello": "ehlo", "during": "data", "end": "data"}.get(step, step)
        while not any(command.lower().startswith(verb) for command in one.commands[2 if step == "hello" else 0 :]):
            await asyncio.sleep(0.01)
        while step == "end" and not one.taken:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() <= before | {one for one in asyncio.all_tasks() if "served" in repr(one.get_coro())}
        assert len(one.taken) == (1 if step == "end" else 0)


async def test_a_taken_message_is_known_as_such_before_any_goodbye(pki: Pki) -> None:
    async with scripted(pki, quit=SILENCE) as (destination, one):
        await destination.deliver(orders.order(), Handing())
    assert len(one.taken) == 1


async def test_a_message_too_large_for_the_server_is_not_even_announced(pki: Pki) -> None:
    error, one, _ = await outcome(pki, hello="250-essai\r\n250 SIZE 1000")
    assert (type(error), error.code) == (PermanentError, "mssante.too_large")
    assert not any(command.startswith("MAIL") for command in one.commands)


async def test_external_authentication_is_made_when_asked_for(pki: Pki) -> None:
    async with peer(server_context(pki.server, pki.ca)) as one:
        await opened(one, pki, sasl="external").deliver(orders.order(), Handing())
    assert one.commands[3] == "AUTH EXTERNAL ="


async def test_an_authentication_refused_stops_the_lane(pki: Pki) -> None:
    async with peer(server_context(pki.server, pki.ca), auth="535 non") as one:
        with pytest.raises(LaneError) as caught:
            await opened(one, pki, sasl="external").deliver(orders.order(), Handing())
    assert (caught.value.code, caught.value.where) == ("mssante.smtp_535", "AUTH")


@pytest.mark.parametrize("step", ["starttls", "hello"])
async def test_a_server_that_goes_away_as_soon_as_the_link_is_enciphered_refuses_our_certificate(
    pki: Pki, step: str
) -> None:
    error, one, handing = await outcome(pki, **{step: CUT})
    assert (type(error), error.code) == (LaneError, "mssante.client_certificate")
    assert (one.connections, handing.count, one.taken) == (2, 0, [])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_certificate_the_server_does_not_know_stops_the_lane(pki: Pki, version: ssl.TLSVersion) -> None:
    context = server_context(pki.server, pki.ca)
    context.maximum_version = context.minimum_version = version
    foreign = pki.foreign_client
    async with peer(context) as one:
        with pytest.raises(LaneError) as caught:
            await opened(one, pki, certificate=foreign.certificate, key=foreign.key).check()
    assert caught.value.code == "mssante.client_certificate"


async def test_a_server_older_than_tls_1_2_is_told_nothing(pki: Pki) -> None:
    context = server_context(pki.server, pki.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with peer(context) as one:
        with pytest.raises(LaneError):
            await opened(one, pki).deliver(orders.order(), Handing())
    assert {command.split()[0] for command in one.commands} == {"EHLO", "STARTTLS"}


async def test_a_server_of_an_unknown_authority_stops_the_lane(pki: Pki) -> None:
    async with peer(server_context(pki.server, pki.ca)) as one:
        with pytest.raises(LaneError) as caught:
            await opened(one, pki, ca_bundle=pki.foreign_client.certificate).check()
    assert (caught.value.code, caught.value.where) == ("mssante.server_certificate", "STARTTLS")
    assert "aucune autorité reconnue" in caught.value.message


async def test_another_server_with_a_good_certificate_stops_the_lane(pki: Pki) -> None:
    async with peer(server_context(pki.server, pki.ca), "127.0.0.2") as one:
        with pytest.raises(LaneError) as caught:
            await opened(one, pki, host="127.0.0.2").check()
    assert caught.value.code == "mssante.server_certificate"
    assert "n'est pas celui du serveur" in caught.value.message
