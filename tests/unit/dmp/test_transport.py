"""What each failure of the line means, against real TLS sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from connectors.destinations.dmp.transport import HttpAnswer, Transport
from engine.errors import LaneError, TransientError, UncertainError

CHUNKS = (b"<envelope>", b"x" * 200_000, b"</envelope>")
Serve = Callable[[ssl.SSLSocket], None]


class Handing:
    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self._error = error

    async def __call__(self) -> None:
        if self._error is not None:
            raise self._error
        self.count += 1


@pytest.fixture(scope="module")
def ours() -> trustme.CA:
    return trustme.CA()


@contextmanager
def peer(ca: trustme.CA, serve: Serve, *, clients: trustme.CA | None = None) -> Iterator[str]:
    """A server that serves one connection; it asks for a certificate of `clients`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)

        def run() -> None:
            try:
                raw, _ = listening.accept()
                raw.settimeout(20)
                connection = context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
                try:
                    connection.do_handshake()
                except ssl.SSLError:
                    linger(connection)
                    return
                with connection:
                    serve(connection)
            except OSError:
                pass

        thread = threading.Thread(target=run)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}/repository"
        thread.join(30)


def linger(connection: ssl.SSLSocket) -> None:
    """Close as a server does: the alert is sent, what still comes is read, nothing is reset."""
    with socket.socket(fileno=connection.detach()) as raw:
        raw.settimeout(20)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65_536):
            pass


def transport(
    ca: trustme.CA,
    *,
    known_by: trustme.CA | None = None,
    version: ssl.TLSVersion | None = None,
    connect_timeout_seconds: float = 5,
) -> Transport:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    if version is not None:
        context.maximum_version = version
    if known_by is not None:
        known_by.issue_cert("client.example").configure_cert(context)
    return Transport(context, connect_timeout_seconds=connect_timeout_seconds)


def read_all(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while not received.endswith(b"</envelope>"):
        received += connection.recv(65_536)
    return received


async def sent(found: Transport, url: str, handing: Handing | None, timeout_seconds: float = 10) -> HttpAnswer:
    try:
        return await found.post(url, CHUNKS, "application/soap+xml", timeout_seconds=timeout_seconds, sending=handing)
    finally:
        await found.close()


async def test_an_answer_comes_back_whole(ours: trustme.CA) -> None:
    requests: list[bytes] = []

    def serve(connection: ssl.SSLSocket) -> None:
        requests.append(read_all(connection))
        connection.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok")

    handing = Handing()
    with peer(ours, serve) as url:
        answer = await sent(transport(ours), url, handing)
    assert answer == HttpAnswer(503, "a/b", b"ok", 30.0)
    assert handing.count == 1
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert body == b"".join(CHUNKS)
    assert b"transfer-encoding" not in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()


async def test_sending_is_said_after_the_headers_and_before_the_body(ours: trustme.CA) -> None:
    seen: list[bytes] = []

    def serve(connection: ssl.SSLSocket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65_536)
        seen.append(received.partition(b"\r\n\r\n")[2])
        try:
            seen.append(connection.recv(65_536))
        except OSError:
            seen.append(b"")

    with peer(ours, serve) as url, pytest.raises(RuntimeError, match="lease"):
        await sent(transport(ours), url, Handing(RuntimeError("lease lost")))
    assert seen == [b"", b""]


async def test_a_failure_of_our_own_store_is_not_the_peer_s(ours: trustme.CA) -> None:
    with peer(ours, lambda connection: None) as url, pytest.raises(OSError, match="disk"):
        await sent(transport(ours), url, Handing(OSError("disk full")))


async def test_a_cut_after_the_body_is_uncertain(ours: trustme.CA) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        read_all(connection)

    with peer(ours, serve) as url, pytest.raises(UncertainError) as caught:
        await sent(transport(ours), url, Handing())
    assert caught.value.code == "dmp.no_answer"


async def test_a_cut_within_the_body_is_uncertain(ours: trustme.CA) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        connection.recv(1_000)

    with peer(ours, serve) as url, pytest.raises(UncertainError):
        await sent(transport(ours), url, Handing())


async def test_a_silence_after_the_body_is_uncertain(ours: trustme.CA) -> None:
    done = threading.Event()

    def serve(connection: ssl.SSLSocket) -> None:
        read_all(connection)
        done.wait(20)

    with peer(ours, serve) as url:
        try:
            with pytest.raises(UncertainError):
                await sent(transport(ours, connect_timeout_seconds=1), url, Handing(), timeout_seconds=0.5)
        finally:
            done.set()


async def test_an_answer_cut_short_is_uncertain(ours: trustme.CA) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        read_all(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<half")

    with peer(ours, serve) as url, pytest.raises(UncertainError):
        await sent(transport(ours), url, Handing())


async def test_a_question_without_an_answer_may_be_asked_again(ours: trustme.CA) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        read_all(connection)

    with peer(ours, serve) as url, pytest.raises(TransientError):
        await sent(transport(ours), url, None)


async def test_a_refused_connection_takes_nothing(ours: trustme.CA) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    handing = Handing()
    with pytest.raises(TransientError) as caught:
        await sent(transport(ours), f"https://localhost:{port}/", handing)
    assert caught.value.code == "dmp.unreachable"
    assert handing.count == 0


async def test_an_unknown_server_stops_the_lane(ours: trustme.CA) -> None:
    handing = Handing()
    with peer(trustme.CA(), lambda connection: None) as url, pytest.raises(LaneError) as caught:
        await sent(transport(ours), url, handing)
    assert caught.value.code == "dmp.server_certificate"
    assert handing.count == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("known", [True, False])
async def test_a_certificate_the_peer_refuses_stops_the_lane(
    ours: trustme.CA, version: ssl.TLSVersion, known: bool
) -> None:
    """In TLS 1.3 the refusal comes after our side of the handshake, as an alert in place of an answer."""
    foreign = trustme.CA() if known else None
    with peer(ours, lambda connection: None, clients=ours) as url, pytest.raises(LaneError) as caught:
        found = transport(ours, known_by=foreign, version=version)
        try:
            await found.reach(url, timeout_seconds=10)
        finally:
            await found.close()
    assert caught.value.code == "dmp.certificate_refused"


async def test_a_certificate_the_peer_takes_passes(ours: trustme.CA, tmp_path: Path) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")

    with peer(ours, serve, clients=ours) as url:
        found = transport(ours, known_by=ours)
        await found.reach(url, timeout_seconds=10)
        await found.close()
