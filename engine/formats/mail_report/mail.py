"""A mail taken apart: the fields of its report, wherever they stand, and what names the mail it is about."""

from __future__ import annotations

import binascii
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

Fields = dict[str, str]
"""Names in lower case → unfolded value; the first of a name."""

_HEAD_BYTES = 1 << 16
_LONGEST_REPORT = 1 << 20
_REPORT = re.compile(rb"message/(?:delivery-status|disposition-notification)|multipart/report", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)")
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_DELIVERY = frozenset({"action", "final-recipient"})
_READING = "disposition"
_AUTOMATIC = re.compile(r"mailer-daemon|postmaster|undeliver|returned mail|delivery status|failure notice", re.I)
_MALFORMED = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard library raises on mails that are none."""


def looks_like_a_report(content: bytes) -> bool:
    """Cheap: only the beginning is looked at."""
    return _REPORT.search(content[:_HEAD_BYTES]) is not None


@dataclass(frozen=True, slots=True)
class Mail:
    """What a report says, field by field."""

    deliveries: tuple[Fields, ...] = ()
    """DSN: the fields of each recipient (RFC 3464, 2.3), those of the whole message (2.2) added to each."""
    dispositions: tuple[Fields, ...] = ()
    """MDN (RFC 8098, 3)."""
    about: str = ""
    """Message-ID of the mail it is about, found outside the report's own fields; empty when there is none."""
    sender: str = ""
    """Address of From."""
    subject: str = ""
    sent_at: datetime | None = None
    is_automatic: bool = False
    """It comes from a mail system, not from somebody."""

    @classmethod
    def read(cls, content: bytes) -> Mail:
        """Never raises: what cannot be read is absent."""
        try:
            parsed = email.message_from_bytes(content, policy=email.policy.compat32)
            groups = list(_groups(parsed)) or list(_scanned(content))
            return cls(
                deliveries=tuple(_deliveries(groups)),
                dispositions=tuple(one for one in groups if _READING in one),
                about=_about(parsed, content),
                sender=parseaddr(_said(parsed, "From"))[1],
                subject=_said(parsed, "Subject"),
                sent_at=instant(_said(parsed, "Date")),
                is_automatic=_is_automatic(parsed),
            )
        except _MALFORMED:
            return cls()


def instant(value: str) -> datetime | None:
    """A date of RFC 5322, aware; None when it is none."""
    try:
        found = parsedate_to_datetime(value.strip())
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def address(value: str) -> str:
    """The address of a `rfc822;…` field, without its type and its brackets."""
    kind, mark, rest = value.partition(";")
    return (rest if mark else kind).strip().strip("<>").strip()


def _groups(parsed: Message) -> Iterator[Fields]:
    """Fields of the parts that are reports, each group of lines apart."""
    for part in parsed.walk():
        if part.get_content_type() in ("message/delivery-status", "message/disposition-notification"):
            yield from _grouped(_text(part))


def _text(part: Message) -> str:
    """The lines of a report, decoded where it was encoded although it should not have been."""
    payload = part.get_payload()
    if isinstance(payload, list):
        text = "\n\n".join(_whole(one) for one in payload if isinstance(one, Message))
    else:
        text = str(payload)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            return binascii.a2b_base64(text.encode("ascii", "ignore")).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return text
    return text


def _whole(one: Message) -> str:
    inner = one.get_payload()
    lines = [f"{name}: {value}" for name, value in one.items()]
    return "\n".join([*lines, "", inner if isinstance(inner, str) else ""])


def _scanned(content: bytes) -> Iterator[Fields]:
    """Where no part is marked off as it should: every group of lines that says what a report says."""
    text = content[:_LONGEST_REPORT].decode("utf-8", "replace")
    yield from (one for one in _grouped(text) if _READING in one or one.keys() >= _DELIVERY)


def _grouped(text: str) -> Iterator[Fields]:
    fields: Fields = {}
    last = ""
    for line in (*text.splitlines(), ""):
        found = _FIELD.match(line)
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t" and last:
            fields[last] = f"{fields[last]} {line.strip()}"
        elif found is not None:
            last = found[1].lower()
            fields.setdefault(last, found[2].strip())


def _deliveries(groups: list[Fields]) -> Iterator[Fields]:
    common: Fields = {}
    for one in groups:
        if "action" in one or "final-recipient" in one:
            yield {**common, **one}
        elif "reporting-mta" in one or "original-envelope-id" in one:
            common = one


def _about(parsed: Message, content: bytes) -> str:
    """Of the mail that is given back, else of the one that is answered."""
    for part in parsed.walk():
        kind = part.get_content_type()
        inner = part.get_payload()
        if kind == "message/rfc822" and isinstance(inner, list) and inner and isinstance(inner[0], Message):
            found = _MESSAGE_ID.search(_said(inner[0], "Message-ID"))
        elif kind == "text/rfc822-headers":
            found = _in_headers(str(inner))
        else:
            continue
        if found is not None:
            return found.group()
    answered = _MESSAGE_ID.findall(_said(parsed, "In-Reply-To")) or _MESSAGE_ID.findall(_said(parsed, "References"))
    return answered[-1] if answered else ""


def _in_headers(text: str) -> re.Match[str] | None:
    return next((_MESSAGE_ID.search(one["message-id"]) for one in _grouped(text) if "message-id" in one), None)


def _is_automatic(parsed: Message) -> bool:
    words = f"{_said(parsed, 'From')} {_said(parsed, 'Subject')}"
    return _said(parsed, "Return-Path").strip() == "<>" or _AUTOMATIC.search(words) is not None


def _said(parsed: Message, name: str) -> str:
    value = str(parsed.get(name, ""))
    try:
        return str(make_header(decode_header(value)))
    except _MALFORMED:
        return value
