"""Every reply and every TLS failure has one meaning, told in French, without a word of the server's own."""

from __future__ import annotations

import ssl

import aiosmtplib
import pytest

from connectors.destinations.mssante.errors import KNOWN, Step, link_failure, refusal
from connectors.simulators import Credential, Pki
from connectors.simulators.tls import server_context
from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError
from tests.unit.mssante.tls import failed_handshake

STANDARD = {
    421, 432, 450, 451, 452, 454, 455,
    500, 501, 502, 503, 504, 521, 523, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556,
}  # fmt: skip
"""Negative replies of RFC 5321 4.2.3, RFC 4954 6 and 4.7, RFC 3207 4, RFC 1870 6, RFC 7504."""
BEFORE = [step for step in Step if step is not Step.CONTENT]


def test_every_standard_code_has_words_of_its_own() -> None:
    assert STANDARD <= KNOWN
    words = [refusal(code, Step.RCPT).message for code in sorted(STANDARD)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("step", Step)
def test_every_code_of_every_class_has_one_meaning_at_every_step(step: Step) -> None:
    for code in range(-1, 1000):
        error = refusal(code, step)
        assert error.where == step.value
        assert type(error) in (TransientError, UncertainError, PermanentError, LaneError)
        assert error.message[0].islower()
        assert isinstance(error, UncertainError) == (step is Step.CONTENT and not 400 <= code < 600)
        assert (type(error) is TransientError) == (400 <= code < 500 or (step in BEFORE and not 400 <= code < 600))


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("code", [530, 534, 535, 538, 500, 502, 503, 504, 521, 555])
def test_what_every_mail_would_meet_stops_the_lane(code: int, step: Step) -> None:
    assert type(refusal(code, step)) is LaneError


@pytest.mark.parametrize("step", [Step.CONNECT, Step.HELLO, Step.TLS, Step.AUTH])
@pytest.mark.parametrize("code", [550, 554, 599])
def test_a_refusal_before_any_mail_stops_the_lane(code: int, step: Step) -> None:
    assert type(refusal(code, step)) is LaneError


@pytest.mark.parametrize(
    ("code", "step", "expected"),
    [
        (550, Step.MAIL, LaneError),
        (501, Step.MAIL, LaneError),
        (552, Step.MAIL, PermanentError),
        (523, Step.MAIL, PermanentError),
        (501, Step.RCPT, PermanentError),
        (550, Step.RCPT, PermanentError),
        (552, Step.RCPT, PermanentError),
        (556, Step.RCPT, PermanentError),
        (554, Step.DATA, PermanentError),
        (552, Step.CONTENT, PermanentError),
        (571, Step.CONTENT, PermanentError),
        (599, Step.CONTENT, PermanentError),
    ],
)
def test_a_refusal_at_a_step_judges_what_was_said_there(code: int, step: Step, expected: type[PasseurError]) -> None:
    assert type(refusal(code, step)) is expected


def test_a_link_that_fails_before_the_end_is_only_a_matter_of_time() -> None:
    failures = [
        ConnectionResetError(),
        TimeoutError(),
        aiosmtplib.SMTPReadTimeoutError("x"),
        aiosmtplib.SMTPServerDisconnected("x"),
        aiosmtplib.SMTPConnectError("x"),
        ssl.SSLError(1, "x"),
    ]
    for step in BEFORE:
        assert {type(link_failure(failure, step)) for failure in failures} == {TransientError}


def test_a_broken_link_says_where() -> None:
    assert link_failure(aiosmtplib.SMTPConnectError("x"), Step.CONNECT).code == "mssante.unreachable"
    assert link_failure(aiosmtplib.SMTPServerDisconnected("x"), Step.RCPT).code == "mssante.cut"
    assert link_failure(aiosmtplib.SMTPReadTimeoutError("x"), Step.DATA).code == "mssante.silence"


def client_context(pki: Pki, credential: Credential) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=pki.ca)
    context.load_cert_chain(credential.certificate, credential.key)
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("kind", "words"), [("foreign_client", "autorité"), ("expired_client", "expiré")])
def test_the_servers_alert_about_our_certificate_is_told(
    pki: Pki, version: ssl.TLSVersion, kind: str, words: str
) -> None:
    server = server_context(pki.server, pki.ca)
    server.minimum_version = server.maximum_version = version
    error = link_failure(failed_handshake(client_context(pki, getattr(pki, kind)), server), Step.HELLO)
    assert (type(error), error.code) == (LaneError, "mssante.client_certificate")
    assert words in error.message


def test_no_certificate_at_all_is_told(pki: Pki) -> None:
    client = ssl.create_default_context(cafile=pki.ca)
    error = link_failure(failed_handshake(client, server_context(pki.server, pki.ca)), Step.HELLO)
    assert (type(error), error.code) == (LaneError, "mssante.client_certificate")


def test_no_common_version_is_told(pki: Pki) -> None:
    client, server = client_context(pki, pki.client), server_context(pki.server, pki.ca)
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    error = link_failure(failed_handshake(client, server), Step.TLS)
    assert (type(error), error.code) == (LaneError, "mssante.tls_version")


def test_no_common_suite_stops_the_lane(pki: Pki) -> None:
    client, server = client_context(pki, pki.client), server_context(pki.server, pki.ca)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("ECDHE+AESGCM")
    server.set_ciphers("ECDHE+CHACHA20")
    assert type(link_failure(failed_handshake(client, server), Step.TLS)) is LaneError


def test_an_expired_server_is_told(pki: Pki) -> None:
    server = server_context(pki.expired_server, pki.ca)
    error = link_failure(failed_handshake(client_context(pki, pki.client), server), Step.TLS)
    assert (type(error), error.code) == (LaneError, "mssante.server_certificate")
    assert "expiré" in error.message


@pytest.mark.parametrize(
    ("code", "step", "link"),
    [(450, Step.RCPT, False), (452, Step.CONTENT, False), (421, Step.RCPT, True), (451, Step.MAIL, True)],
)
def test_one_full_mailbox_says_nothing_of_the_link(code: int, step: Step, link: bool) -> None:
    error = refusal(code, step)
    assert isinstance(error, TransientError)
    assert error.link is link
