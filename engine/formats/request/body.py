"""The content of a request, sent one way of four → the body of its document."""

from __future__ import annotations

from dataclasses import replace

from engine.catalogue.html_text import html_body
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.request.faults import fault
from engine.formats.request.fields import Content
from engine.formats.request.people import Sound
from engine.model.document import Body, PdfBody, TextBody

_FILE = "file"
"""Name of the file's field in a form."""


def body(content: Content, message: InboundMessage, sound: Sound) -> tuple[Body | None, tuple[Finding, ...]]:
    """The document's body, or why it has none; nothing is said of what could not be read."""
    if not sound("content", "content.pdf", "content.text", "content.html"):
        return None, ()
    files = [one.content for one in message.attachments]
    sent = [one for one in (content.pdf, content.text, content.html) if one is not None]
    if len(files) + len(sent) != 1:
        words = "envoyez le document une fois : un fichier joint, « content.pdf », « content.text » ou « content.html »"
        return None, (fault("one_content", "content", words),)
    if content.text is not None:
        return _text(content.text)
    if content.html is not None:
        return _html(content.html)
    return _pdf(*((content.pdf, "content.pdf") if content.pdf is not None else (files[0], _FILE)))


def _text(text: str) -> tuple[Body | None, tuple[Finding, ...]]:
    if not text.strip():
        return None, (fault("empty", "content.text", "le document est vide"),)
    return TextBody(tuple(text.splitlines())), ()


def _html(html: str) -> tuple[Body | None, tuple[Finding, ...]]:
    """Findings of the HTML keep the line and column they tell, under the caller's field."""
    read, findings = html_body(html)
    if read is not None and not any(line.strip() for line in read.lines):
        return None, (fault("empty", "content.html", "le document est vide"),)
    return read, tuple(replace(one, where=f"content.{one.where}") for one in findings)


def _pdf(content: bytes, where: str) -> tuple[Body | None, tuple[Finding, ...]]:
    if not content.startswith(b"%PDF-"):
        return None, (fault("not_a_pdf", where, "ce fichier n'est pas un PDF", "Produisez un PDF/A-1."),)
    return PdfBody(content), ()
