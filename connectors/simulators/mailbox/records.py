"""Mails taken, on disk: the message, what was in its archive, and a ledger that counts them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.simulators import durable


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail it took."""

    message_id: str
    recipients: tuple[str, ...]
    unique_ids: tuple[str, ...]
    """ClinicalDocument/id of the documents in its archive."""
    sha1: str
    """Of the whole message."""
    to_patient: bool
    notify: str
    """NOTIFY asked for at RCPT, empty when none was."""
    envelope_id: str
    """ENVID decoded, empty when none was given."""
    returns: str
    """RET: HDRS or FULL."""
    original_recipients: tuple[str, ...]
    """ORCPT decoded."""
    reply_to: str
    """Reply-To, empty when answers go to the sender."""
    read_receipt: bool
    """An MDN is asked for."""
    ends_talk: bool
    """`X-MSS-MES: FIN`: the patient may not reply."""
    action: str
    """Of its documents: C, D or empty (urn:action:extraMetadataSlot)."""
    taken_at: datetime
    directory: Path
    """Holds message.eml, envelope.json and unpacked/."""

    @property
    def message(self) -> bytes:
        return (self.directory / "message.eml").read_bytes()


@dataclass(frozen=True, slots=True)
class TakenMail:
    """A mail about to be kept."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    unique_ids: tuple[str, ...]
    sha1: str
    to_patient: bool
    notify: str
    envelope_id: str
    returns: str
    original_recipients: tuple[str, ...]
    reply_to: str
    read_receipt: bool
    ends_talk: bool
    action: str
    message: bytes
    files: dict[str, bytes]
    """The archive's files by path; paths were found safe."""


class Mails:
    """Mails by order of arrival; what one ledger line says, happened."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        durable.make_directory(directory / "mails")
        self._ledger = durable.Ledger(directory / "ledger.jsonl")
        self._mails = [self._read(line) for line in self._ledger.lines()]

    @property
    def ledger(self) -> Path:
        return self._ledger.path

    @property
    def all(self) -> tuple[Mail, ...]:
        return tuple(self._mails)

    def take(self, mail: TakenMail) -> None:
        """Keep a mail: its files first, then its line."""
        digest = hashlib.sha256("\n".join(sorted(mail.recipients)).encode()).hexdigest()
        name = f"mails/{len(self._mails) + 1:04d}-{digest[:12]}"
        directory = self._directory / name
        durable.make_directory(directory / "unpacked")
        durable.write_file(directory / "message.eml", mail.message)
        envelope = {
            "sender": mail.sender,
            "recipients": mail.recipients,
            "original_recipients": mail.original_recipients,
            "reply_to": mail.reply_to,
        }
        durable.write_file(directory / "envelope.json", json.dumps(envelope).encode())
        for path, content in mail.files.items():
            target = directory / "unpacked" / path
            durable.make_directory(target.parent)
            durable.write_file(target, content)
        durable.flush_directory(directory)
        line = {
            "at": datetime.now(UTC).isoformat(),
            "message_id": mail.message_id,
            "recipients": len(mail.recipients),
            "recipients_sha256": digest,
            "unique_ids": list(mail.unique_ids),
            "sha1": mail.sha1,
            "to_patient": mail.to_patient,
            "notify": mail.notify,
            "envelope_id": mail.envelope_id,
            "returns": mail.returns,
            "read_receipt": mail.read_receipt,
            "ends_talk": mail.ends_talk,
            "action": mail.action,
            "directory": name,
        }
        self._ledger.add([line])
        self._mails.append(self._read(line))

    def _read(self, line: dict[str, Any]) -> Mail:
        directory = self._directory / line["directory"]
        envelope = json.loads((directory / "envelope.json").read_bytes())
        return Mail(
            message_id=line["message_id"],
            recipients=tuple(envelope["recipients"]),
            unique_ids=tuple(line["unique_ids"]),
            sha1=line["sha1"],
            to_patient=line["to_patient"],
            notify=line["notify"],
            envelope_id=line["envelope_id"],
            returns=line["returns"],
            original_recipients=tuple(envelope["original_recipients"]),
            reply_to=envelope["reply_to"],
            read_receipt=line["read_receipt"],
            ends_talk=line["ends_talk"],
            action=line["action"],
            taken_at=datetime.fromisoformat(line["at"]),
            directory=directory,
        )
