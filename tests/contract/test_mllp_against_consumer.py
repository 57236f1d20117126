"""The MLLP destination against a software of care that answers well, badly or not at all: real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.destinations.mllp import DESTINATION, MllpDestination, MllpSettings
from connectors.destinations.mllp.errors import REFUSALS, refusal
from connectors.simulators import Behaviour, Kind
from connectors.simulators.consumer import ConsumerSimulator
from engine.errors import PermanentError, TransientError, UncertainError
from engine.exchange import Order, OrderKind
from engine.formats.hl7v2.rules import APPLICATION_ERRORS, ERRORS
from engine.hl7v2_out.answer import answer
from engine.hl7v2_out.business_answer import Event
from engine.hl7v2_out.header import control_id
from engine.model.instructions import Instructions, Visibility
from tests.contract.destination_suite import Handing, refused
from tests.unit.hl7v2_out import told
from tests.unit.mssante import orders

DOCUMENT = orders.order(orders.LEVEL_3)
HUGE = replace(
    DOCUMENT, package=replace(DOCUMENT.package, cda=DOCUMENT.package.cda + (b"<!--" + b"x" * 2_000_000 + b"-->") * 8)
)
"""More than the buffers between two peers hold."""
REPORT = told.report(Event.DMP_RECEPTION, told.outcome())
MSH = "MSH|^~\\&|LPS|LPS|PASSEUR|PASSEUR|20260105||ACK^T02^ACK|9|P|2.6|||||FRA|UNICODE UTF-8\r"


def opened(port: int, **changes: object) -> MllpDestination:
    values = {"host": "127.0.0.1", "port": port, "mailbox": "labo@labo.mssante.example", **changes}
    found = DESTINATION.open("dpi", MllpSettings.model_validate(values), orders.SITE)
    assert isinstance(found, MllpDestination)
    return found


def numbered(number: int) -> Order:
    return replace(DOCUMENT, id=f"8c1f5d0e-4a5b-5c6d-8e7f-{number:012}")


@pytest.fixture
async def consumer(tmp_path: Path) -> AsyncIterator[ConsumerSimulator]:
    simulator = ConsumerSimulator(tmp_path / "consumer")
    await simulator.start()
    yield simulator
    await simulator.stop()


async def test_every_kind_of_order_is_taken_by_a_strict_consumer(consumer: ConsumerSimulator) -> None:
    destination = opened(consumer.port)
    made = [
        DOCUMENT,
        replace(orders.order(orders.LEVEL_3, version=orders.SECOND), id="replacement"),
        replace(DOCUMENT, kind=OrderKind.DELETE, id="deletion"),
        *(told.report(event, told.outcome(recipient="a@b.fr"), order_id=event.value) for event in Event),
    ]
    for order in made:
        await destination.deliver(order, Handing())
    await destination.close()
    assert consumer.refusals == []
    kinds = ["MDM^T02", "MDM^T10", "MDM^T04", "ZAM^Z01", "ZAM^Z02", "ZAM^Z03"]
    assert [one.kind for one in consumer.taken] == kinds
    assert [one.control_id for one in consumer.taken] == [control_id(order.id) for order in made]


async def test_a_connection_is_used_again_and_never_for_two_messages_at_once(consumer: ConsumerSimulator) -> None:
    destination = opened(consumer.port)
    for number in range(5):
        await destination.deliver(numbered(number), Handing())
    assert consumer.connections == 1
    consumer.script.add(Behaviour(Kind.LATE, seconds=0.2), times=3)
    await asyncio.gather(*(destination.deliver(numbered(number), Handing()) for number in range(10, 13)))
    await destination.close()
    assert consumer.connections == 3
    assert len(consumer.taken) == 8


async def test_a_peer_that_left_meanwhile_is_connected_to_again(consumer: ConsumerSimulator) -> None:
    destination = opened(consumer.port)
    for number in range(3):
        await destination.deliver(numbered(number), Handing())
        await consumer.down()
        await consumer.up()
    await destination.close()
    assert consumer.connections == 3
    assert len(consumer.taken) == 3


async def test_a_connection_that_rested_too_long_is_not_used(consumer: ConsumerSimulator) -> None:
    destination = opened(consumer.port, idle_timeout_seconds=0.001)
    for number in range(2):
        await destination.deliver(numbered(number), Handing())
        await asyncio.sleep(0.01)
    await destination.close()
    assert consumer.connections == 2


@pytest.mark.parametrize("kind", [Kind.HTML_502, Kind.FAULT, Kind.PARTIAL_ANSWER])
async def test_an_answer_that_is_none_leaves_a_doubt_and_its_connection(
    consumer: ConsumerSimulator, kind: Kind
) -> None:
    consumer.script.add(Behaviour(kind))
    destination = opened(consumer.port, answer_timeout_seconds=0.2)
    assert type(await refused(destination, DOCUMENT)) is UncertainError
    assert len(consumer.taken) == 1
    await destination.deliver(numbered(2), Handing())
    await destination.close()
    assert consumer.connections == 2


async def test_answers_to_others_are_left_aside(consumer: ConsumerSimulator) -> None:
    consumer.script.add(Behaviour(Kind.ANSWER_TWICE))
    destination = opened(consumer.port)
    for number in (1, 2):
        receipt = await destination.deliver(numbered(number), Handing())
        assert receipt.reference == control_id(numbered(number).id)
    await destination.close()


async def test_the_same_message_twice_is_taken_once(consumer: ConsumerSimulator) -> None:
    consumer.script.add(Behaviour(Kind.CUT_AFTER_BODY))
    destination = opened(consumer.port)
    assert type(await refused(destination, REPORT)) is UncertainError
    assert await destination.find(REPORT) is None
    await destination.deliver(REPORT, Handing())
    await destination.close()
    assert len(consumer.received) == 2
    assert len(consumer.taken) == 1


@pytest.mark.parametrize(
    ("resend", "document", "report"), [(None, False, True), (True, True, True), (False, False, False)]
)
async def test_what_is_sent_again_without_an_answer_is_a_setting(
    resend: bool | None, document: bool, report: bool
) -> None:
    destination = opened(1, resend_when_uncertain=resend)
    for order, again in ((DOCUMENT, document), (REPORT, report)):
        if again:
            assert await destination.find(order) is None
        else:
            with pytest.raises(UncertainError):
                await destination.find(order)


@pytest.mark.parametrize("code", ["900", "902", "207", "101", "777"])
async def test_a_refusal_keeps_the_code_it_was_given_by(consumer: ConsumerSimulator, code: str) -> None:
    consumer.script.add(Behaviour(Kind.REFUSE, code=code))
    destination = opened(consumer.port)
    error = await refused(destination, DOCUMENT)
    await destination.close()
    assert (type(error), error.code) == (PermanentError, f"mllp.{code}")
    assert REFUSALS.get(code, "un code que Passeur ne connaît pas") in error.message


def test_every_code_of_the_volets_has_its_words() -> None:
    assert set(REFUSALS) == (set(ERRORS) | set(APPLICATION_ERRORS)) - {"0"}


def test_a_refusal_for_circumstances_says_nothing_of_the_link() -> None:
    error = refusal(answer(f"{MSH}MSA|AR|1\rERR|||207^x|E\r".encode()))
    assert isinstance(error, TransientError)
    assert not error.link


async def test_what_cannot_be_written_is_refused_before_any_connection() -> None:
    destination, handing = opened(1, charset="8859/15"), Handing()
    odd = replace(DOCUMENT.package, patient=replace(DOCUMENT.package.patient, birth_name="ŁUKASZ"))
    for order in (orders.order(cda=b"<a>"), replace(DOCUMENT, package=odd), replace(REPORT, about=None)):
        assert type(await refused(destination, order, handing)) is PermanentError
    assert handing.count == 0


async def test_a_large_document_arrives_whole(consumer: ConsumerSimulator) -> None:
    padded = DOCUMENT.package.cda + b"<!--" + b"x" * 3_000_000 + b"-->"
    order = replace(DOCUMENT, package=replace(DOCUMENT.package, cda=padded))
    destination = opened(consumer.port)
    await destination.deliver(order, Handing())
    await destination.close()
    (taken,) = consumer.taken
    assert len(taken.content) > 4_000_000


def test_a_document_hidden_from_professionals_is_not_given_to_their_software() -> None:
    settings = MllpSettings(host="127.0.0.1", port=1)
    hidden = replace(DOCUMENT.package, instructions=Instructions(visibility=(Visibility.MASQUE_PS,)))
    assert DESTINATION.recipients(DOCUMENT.package, settings) == ("",)
    assert DESTINATION.recipients(hidden, settings) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "10.0.0.1"},
        {"certificate": "a.pem"},
        {"tls": True, "certificate": "a.pem"},
        {"ca_bundle": "a.pem"},
        {"charset": "8859/1"},
        {"application": "A|B"},
        {"port": 0},
        {"mailbox": "nobody"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MllpSettings.model_validate({"host": "127.0.0.1", "port": 2575, **wrong})


# -- peers that no simulator would dare to be ------------------------------------------------------------------------

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve, limit: int = 1 << 26) -> AsyncIterator[int]:
    """A port served by hand; cut when left."""
    running: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(accepted, "127.0.0.1", 0, limit=limit)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def ack(code: str = "AA", order: Order = DOCUMENT) -> bytes:
    return f"{MSH}MSA|{code}|{control_id(order.id)}\r".encode()


async def test_an_answer_in_pieces_and_one_without_its_final_cr_are_read() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for content, end in ((ack(), b"\x1c"), (ack(order=numbered(2)), b"\x1c\r")):
            await reader.readuntil(b"\x1c\r")
            for octet in b"\x0b" + content + end:
                writer.write(bytes([octet]))
                await writer.drain()
        await reader.read()

    async with server(serve) as port:
        destination = opened(port)
        for order in (DOCUMENT, numbered(2)):
            assert (await destination.deliver(order, Handing())).reference == control_id(order.id)
        await destination.close()


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n\x1c\r", b"\x0b\x1c\r", b"\x0bMSA|AA|x\r\x1c\r", b"\x0bMSH|^~\\&|\r\x1c\r"],
)
async def test_an_answer_of_something_else_leaves_a_doubt_at_once(said: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(said)
        await reader.read()

    async with server(serve) as port:
        error = await refused(opened(port), DOCUMENT)
        assert (type(error), error.code) == (UncertainError, "mllp.unreadable")


async def test_an_answer_without_end_is_not_held_for_ever() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        while True:
            writer.write(b"\x0bx" * 100_000)
            await writer.drain()

    async with server(serve) as port:
        assert (await refused(opened(port), DOCUMENT)).code == "mllp.unreadable"


async def test_a_peer_that_does_not_read_took_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(600)

    async with server(serve, limit=1 << 10) as port:
        handing = Handing()
        error = await refused(opened(port, send_timeout_seconds=0.3), HUGE, handing)
        assert (type(error), error.code, handing.count) == (TransientError, "mllp.silence", 0)


async def test_a_peer_that_leaves_in_the_middle_of_a_message_took_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)

    async with server(serve, limit=1 << 10) as port:
        handing = Handing()
        error = await refused(opened(port), HUGE, handing)
        assert (type(error), error.code, handing.count) == (TransientError, "mllp.cut", 0)


async def test_no_peer_ever_sees_the_end_of_a_message_that_the_engine_did_not_let_out() -> None:
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while read := await reader.read(1 << 16):
            seen.extend(read)

    async with server(serve) as port:
        lost = Handing(TransientError("engine.lease_lost", "un autre processus a repris cet ordre"))
        await refused(opened(port), DOCUMENT, lost)
        await asyncio.sleep(0.05)
    assert b"\x1c" not in seen
