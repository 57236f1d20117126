"""An MSSanté sender in one file: message, archive, SMTP with a client certificate; every part can be spoilt."""

from __future__ import annotations

import asyncio
import contextlib
import io
import smtplib
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

import pikepdf

from connectors.simulators import Credential, MailSimulator, Pki
from tests.unit.simulators.dmp_client import context
from tests.unit.simulators.documents import CX, PATIENT, Entry, Submission, cda, new_oid, sha1, slot
from tests.unit.simulators.signatures import Edit, same

SENDER = "labo@labo.mssante.example"
DOCTOR = "anne.durand@medecin.mssante.example"
PATIENT_BOX = f"{PATIENT}@patient.mssante.example"
PDF_NAME = "20260102_CR-BIO_PATTROIS_Dominique.pdf"


def pdfa(text: str = "", part: str = "1") -> bytes:
    """A PDF that declares PDF/A-1b."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"] = part
            metadata["pdfaid:conformance"] = "B"
            metadata["dc:title"] = f"Compte rendu {text}"
        pdf.save(out)
    return out.getvalue()


@dataclass
class Letter:
    """A valid mail, to be spoilt through its edits."""

    recipient: str = DOCTOR
    unique_id: str = field(default_factory=new_oid)
    pdf: bytes = field(default_factory=pdfa)
    level1: bool = True
    replaced: str | None = None
    action: str | None = None
    cx: str = CX
    content: bytes = b""
    message_id: str = field(default_factory=lambda: f"<{uuid.uuid4()}@labo.mssante.example>")
    attached: bytes | None = None
    """The PDF beside the archive; the document's own when None."""
    edit_metadata: Edit = same
    edit_files: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files
    edit_message: Callable[[EmailMessage], None] = lambda message: None
    edit_bytes: Callable[[bytes], bytes] = lambda content: content
    text: str = "Veuillez trouver ci-joint un compte rendu accentué."
    sender: str = SENDER
    recipients: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        pdf = self.pdf if self.level1 else None
        self.content = self.content or cda(self.unique_id, pdf=pdf, replaced=self.replaced)

    def files(self) -> dict[str, bytes]:
        slots = [slot("URI", "DOC0001.XML"), slot("hash", sha1(self.content)), slot("size", str(len(self.content)))]
        if self.action is not None:
            slots.append(slot("urn:action:extraMetadataSlot", self.action))
        kind = "urn:ihe:iti:xds-sd:pdf:2008" if self.level1 else "urn:ihe:lab:xd-lab:2008"
        entry = Entry(self.unique_id, self.content, format=kind, slots=tuple(slots))
        metadata = self.edit_metadata(Submission(new_oid(), [entry], cx=self.cx).xml())
        return self.edit_files(
            {
                "INDEX.HTM": b'<html><body><a href="README.TXT">README</a></body></html>',
                "README.TXT": b"Emetteur\r\nLaboratoire\r\n",
                "IHE_XDM/SUBSET01/METADATA.XML": metadata.encode(),
                "IHE_XDM/SUBSET01/DOC0001.XML": self.content,
            }
        )

    def message(self) -> bytes:
        message = EmailMessage()
        message["From"] = f"Laboratoire <{self.sender}>"
        message["To"] = self.recipient
        message["Date"] = "Fri, 02 Jan 2026 10:20:00 +0100"
        message["Subject"] = "XDM/1.0/DDM+CR d'examens biologiques PAT-TROIS Dominique 15/03/1979"
        message["Message-ID"] = self.message_id
        message["X-MSS-CODECDA"] = "11502-2"
        message["X-MSS-INS"] = "O"
        message["X-MSS-NIL"] = "123456"
        message["Disposition-Notification-To"] = self.sender
        message.set_content(f"{self.text}\n", charset="utf-8")
        message.add_attachment(archive(self.files()), maintype="application", subtype="zip", filename="IHE_XDM.zip")
        attached = self.pdf if self.attached is None else self.attached
        message.add_attachment(attached, maintype="application", subtype="pdf", filename=PDF_NAME)
        self.edit_message(message)
        return self.edit_bytes(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return out.getvalue()


def set_header(name: str, value: str | None) -> Callable[[EmailMessage], None]:
    def edit(message: EmailMessage) -> None:
        assert name in message or value is not None
        del message[name]
        if value is not None:
            message[name] = value

    return edit


async def send(
    mail: MailSimulator, pki: Pki, letter: Letter, *, client: Credential | None = None, options: tuple[str, ...] = ()
) -> tuple[int, str]:
    """The last reply: (code, text)."""
    content = letter.message()
    recipients = letter.recipients or (letter.recipient,)
    trust = context(pki, client)

    def talk() -> tuple[int, bytes]:
        with contextlib.closing(smtplib.SMTP(mail.host, mail.port, timeout=10)) as smtp:
            smtp.starttls(context=trust)
            smtp.ehlo()
            reply = smtp.mail(letter.sender, [o for o in options if o.startswith(("ENVID", "RET", "SIZE"))])
            for recipient in recipients:
                if reply[0] == 250:
                    reply = smtp.rcpt(recipient, [o for o in options if o.startswith(("NOTIFY", "ORCPT"))])
            return smtp.data(content) if reply[0] == 250 else reply

    code, text = await asyncio.to_thread(talk)
    return code, text.decode()
