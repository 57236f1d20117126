"""A MIME message as bytes (RFC 5322, 2045 to 2047): ASCII only, CRLF, short lines, the same for the same values.

Everything is base64, so that no relay has a reason to touch it. Written out here because the standard library's own
composer draws boundaries at random and may lose a blank between accented words when it folds (seen with Python 3.11).
"""

from __future__ import annotations

import base64
import re
from email.header import Header

CRLF = b"\r\n"
Headers = tuple[tuple[str, str], ...]

_LINE = 76
_LONGEST_WORD = 60
_ATOM = re.compile(r"[A-Za-z0-9 -]+")


def message(headers: Headers, parts: tuple[bytes, ...], *, boundary: str) -> bytes:
    """A whole multipart/mixed message."""
    own = ("MIME-Version", "1.0"), ("Content-Type", f'multipart/mixed;\r\n boundary="{boundary}"')
    mark = b"--" + boundary.encode("ascii")
    body = b"".join(mark + CRLF + part + CRLF for part in parts) + mark + b"--" + CRLF
    return _block((*headers, *own)) + CRLF + body


def text(words: str) -> bytes:
    """A text/plain part; line ends are CRLF inside too (RFC 2046, 4.1.1)."""
    canonical = "\r\n".join(words.splitlines()) + "\r\n"
    return _part((("Content-Type", "text/plain; charset=utf-8"),), canonical.encode())


def attachment(name: str, content_type: str, content: bytes) -> bytes:
    """An attachment under an ASCII name of letters, digits, `.`, `_` and `-`: no parameter encoding is ever needed."""
    headers = (
        ("Content-Type", f'{content_type};\r\n name="{name}"'),
        ("Content-Disposition", f'attachment;\r\n filename="{name}"'),
    )
    return _part(headers, content)


def unstructured(name: str, words: str) -> str:
    """A value for a header of free text (Subject): blanks collapsed, encoded words (RFC 2047) where needed."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    longest = max(map(len, plain.split()), default=0)
    safe = plain.isascii() and "=?" not in plain and longest <= _LONGEST_WORD
    encoded = Header(plain, "us-ascii" if safe else "utf-8", maxlinelen=_LINE, header_name=name)
    return encoded.encode(linesep="\r\n", splitchars=" ")


def address(name: str, label: str, mailbox: str) -> str:
    """A value for a header of one address (From), with the label shown beside it."""
    shown = label if _ATOM.fullmatch(label) and len(label) <= _LONGEST_WORD else None
    encoded = shown or Header(label, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
    return f"{encoded}\r\n <{mailbox}>"


def _part(headers: Headers, content: bytes) -> bytes:
    encoded = base64.encodebytes(content).replace(b"\n", CRLF)
    return _block((*headers, ("Content-Transfer-Encoding", "base64"))) + CRLF + encoded


def _block(headers: Headers) -> bytes:
    return b"".join(f"{name}: {value}".encode("ascii") + CRLF for name, value in headers)
