"""DSN and MDN, well formed or not: what they say of a mail of ours is never lost, and nothing they hold stops us."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import Context
from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.mail_report import FORMAT
from engine.formats.mail_report.delivery import SMTP_OF_STATUS, smtp_code
from engine.hl7v2_out.reasons import SMTP_LABELS
from engine.model.consent import MailNotice
from engine.registry import formats

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "mail"
RECEIVED = datetime(2026, 1, 6, tzinfo=UTC)
ORDER = "8c1f5d0e-4a5b-5c6d-8e7f-000000000001"
MESSAGE_ID = f"<{ORDER}@labo.mssante.example>"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def read(content: bytes) -> Conversion:
    context = Context(RECEIVED, "1.2.250.1.999.9", False, ())
    return FORMAT.convert(InboundMessage(content, "boite", "mail", RECEIVED), context)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 1, 5, hour, minute, second, tzinfo=UTC)


def test_a_mail_that_came_back_is_told_with_the_reply_of_the_server() -> None:
    found = read(sample("dsn_echec.eml"))
    mailbox = "anne.essai@medecin.mssante.example"
    assert found.notices == (MailNotice(ORDER, False, False, "550", mailbox, at(9, 31)),)
    assert (found.findings, found.drafts, found.kind) == ((), (), "Accusé de remise (DSN)")


def test_each_recipient_of_a_notice_is_told_apart_and_a_delay_is_only_said() -> None:
    found = read(sample("dsn_remis.eml"))
    assert found.notices == (
        MailNotice(MESSAGE_ID, False, True, "", "a.essai@medecin.mssante.example", at(9, 30, 59)),
        MailNotice(MESSAGE_ID, False, True, "", "b.essai@medecin.mssante.example", at(9, 31)),
    )
    assert [one.code for one in found.findings] == ["mail_report.delayed"]
    assert disposition(found.findings) is Disposition.PUBLISH


def test_a_document_that_was_integrated_is_told_as_read_by_who_integrated_it() -> None:
    found = read(sample("mdn_traite.eml"))
    assert found.notices == (MailNotice(MESSAGE_ID, True, True, "", "dpi@hopital.mssante.example", at(10, 0)),)


def test_an_error_of_integration_is_read_even_in_parts_that_are_badly_marked_off() -> None:
    found = read(sample("mdn_erreur_mal_forme.eml"))
    assert found.notices == (MailNotice(MESSAGE_ID, True, False, "902", "dpi@hopital.mssante.example", at(10, 0)),)


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_line_ends_change_nothing(name: str, end: bytes) -> None:
    content = sample(name)
    assert read(content.replace(b"\r\n", end)).notices == read(content).notices != ()
    assert FORMAT.recognises(content)


MDN = """From: a@b.example
Date: Mon, 05 Jan 2026 11:00:00 +0100
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

x
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;a@b.example
Original-Message-ID: <m@labo.example>
{fields}

--b--
"""


@pytest.mark.parametrize(
    ("fields", "positive", "code"),
    [
        ("Disposition: manual-action/MDN-sent-manually; displayed", True, ""),
        ("Disposition: manual-action/MDN-sent-manually;displayed", True, ""),
        ("Disposition: processed", True, ""),
        ("Disposition: automatic-action/MDN-sent-automatically; processed/error\nError: 904 INS", False, "904"),
        ("Disposition: automatic-action/MDN-sent-automatically; processed/Error: 905^Traits", False, "905"),
        ("Disposition: automatic-action/MDN-sent-automatically; processed/Error: 12345", False, "906"),
        ("Disposition: automatic-action/MDN-sent-automatically; failed\nFailure: disque", False, "906"),
        ("Disposition: automatic-action/MDN-sent-automatically; deleted", False, "906"),
        ("Disposition: automatic-action/MDN-sent-automatically;\n processed/error: 900^Version", False, "900"),
    ],
)
def test_what_became_of_a_mail_is_read_in_each_of_its_words(fields: str, positive: bool, code: str) -> None:
    (notice,) = read(MDN.format(fields=fields).encode()).notices
    assert (notice.positive, notice.code, notice.read, notice.message_id) == (positive, code, True, "<m@labo.example>")


@pytest.mark.parametrize("kind", ["dispatched", "denied", "unheard-of"])
def test_what_is_no_reading_is_not_told_as_one(kind: str) -> None:
    found = read(MDN.format(fields=f"Disposition: automatic-action/MDN-sent-automatically; {kind}").encode())
    assert found.notices == ()
    assert [one.code for one in found.findings] == ["mail_report.disposition"]


DSN = """From: a@b.example
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; x
{envelope}

Final-Recipient: rfc822;a@b.example
{fields}

--b--
"""


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\nStatus: 5.2.2", "552"),
        ("Diagnostic-Code: smtp;451-4.3.0 later", "451"),
        ("Diagnostic-Code: x-unix; 550 not a reply\nStatus: 5.1.1 (bad)", "550"),
        ("Status: 4.4.7", "420"),
        ("Status: 5.9.9", "554"),
        ("", "554"),
    ],
)
def test_a_failure_always_has_a_code_of_the_volet(fields: str, code: str) -> None:
    envelope = "Original-Envelope-Id: order-1"
    (notice,) = read(DSN.format(envelope=envelope, fields=f"Action: failed\n{fields}").encode()).notices
    assert (notice.code, notice.positive, notice.message_id, notice.at) == (code, False, "order-1", RECEIVED)
    assert code in SMTP_LABELS


def test_every_code_a_status_stands_for_has_its_words() -> None:
    assert set(SMTP_OF_STATUS.values()) <= set(SMTP_LABELS)
    assert smtp_code({}) in SMTP_LABELS


@pytest.mark.parametrize("fields", ["Action: what", "Status: 4.0.0"])
def test_a_notice_that_does_not_say_whether_it_arrived_waits_for_a_person(fields: str) -> None:
    found = read(DSN.format(envelope="Original-Envelope-Id: order-1", fields=fields).encode())
    assert found.notices == ()
    assert disposition(found.findings) is Disposition.HOLD


def test_a_failure_of_a_mail_it_does_not_name_waits_for_a_person() -> None:
    found = read(DSN.format(envelope="X-Nothing: 1", fields="Action: failed").encode())
    assert found.notices == ()
    assert [one.code for one in found.findings] == ["mail_report.of_no_mail"]
    assert disposition(found.findings) is Disposition.HOLD


def test_a_mail_that_came_back_in_plain_words_waits_for_a_person() -> None:
    bounce = b"From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\n\r\nSorry, no mailbox here by that name.\r\n"
    found = read(bounce)
    assert [(one.code, one.disposition) for one in found.findings] == [("mail_report.unreadable", Disposition.HOLD)]


def test_a_mail_of_somebody_is_no_notice_and_holds_nothing_up() -> None:
    found = read(b"From: a@b.example\r\nSubject: bonjour\r\n\r\nAction: failed\r\n")
    assert (found.notices, disposition(found.findings)) == ((), Disposition.PUBLISH)
    assert not FORMAT.recognises(b"From: a@b.example\r\n\r\nbonjour")


def test_a_report_sent_in_base64_is_read() -> None:
    import base64

    inner = base64.encodebytes(b"Original-Message-ID: <m@labo.example>\nDisposition: a/b; processed\n").decode()
    mail = (
        'From: a@b.example\nContent-Type: multipart/report; boundary="b"\n\n--b\n'
        f"Content-Type: message/disposition-notification\nContent-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
    )
    (notice,) = read(mail.encode()).notices
    assert (notice.positive, notice.mailbox) == (True, "a@b.example")


def test_a_report_inside_a_thousand_others_is_given_up_and_not_crashed_on() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000))
    assert read(nested).notices == ()


def test_the_format_is_declared() -> None:
    assert formats()["mail_report"] is FORMAT


@given(st.binary(max_size=300))
def test_no_bytes_raise(tail: bytes) -> None:
    for content in (
        tail,
        MDN.format(fields="Disposition: a; processed").encode() + tail,
        sample("dsn_echec.eml")[:400] + tail,
    ):
        read(content)
        FORMAT.recognises(content)


@given(st.sampled_from(sorted(path.name for path in SAMPLES.iterdir())), st.data())
def test_a_sample_cut_or_damaged_anywhere_never_raises_nor_says_the_contrary(name: str, data: st.DataObject) -> None:
    content = sample(name)
    start = data.draw(st.integers(0, len(content)))
    damage = data.draw(st.binary(max_size=6))
    known = {(one.message_id, one.positive) for one in read(content).notices}
    told = read(content[:start] + damage + content[start:]).notices
    if not damage:
        assert {(one.message_id, one.positive) for one in told} == known
