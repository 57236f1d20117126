"""What the DMP holds: its entries in memory, everything it took on disk, a ledger that says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.simulators import durable
from connectors.simulators.metadata.vocabulary import APPROVED, DEPRECATED
from connectors.simulators.sums import sha1


@dataclass(frozen=True, slots=True)
class Entry:
    """A document it took."""

    entry_uuid: str
    unique_id: str
    submission_id: str
    """uniqueId of the submission set it came in."""
    sha1: str
    size: int
    patient: str
    """SHA-256 of the patient's CX: enough to compare, nothing to read."""
    structure_id: str
    status: str
    taken_at: datetime
    replaces: str
    """entryUUID it replaced; empty for a new document."""
    signature: bool
    directory: Path
    """Holds document.xml, metadata.xml, vihf.xml and headers.txt."""

    @property
    def approved(self) -> bool:
        return self.status == APPROVED

    @property
    def document(self) -> bytes:
        """The bytes, as received."""
        return (self.directory / "document.xml").read_bytes()

    @property
    def metadata(self) -> bytes:
        """The ExtrinsicObject, as received."""
        return (self.directory / "metadata.xml").read_bytes()

    @property
    def vihf(self) -> bytes:
        """The assertion it came with."""
        return (self.directory / "vihf.xml").read_bytes()


@dataclass(frozen=True, slots=True)
class Change:
    """A status it gave a document when asked to."""

    unique_id: str
    status: str
    comments: str
    directory: Path
    """Holds vihf.xml."""

    @property
    def vihf(self) -> bytes:
        return (self.directory / "vihf.xml").read_bytes()


@dataclass(frozen=True, slots=True)
class Taken:
    """A document about to be kept, with the files that go with it."""

    entry_uuid: str
    unique_id: str
    content: bytes
    metadata: bytes
    replaces: str = ""
    signature: bool = False


def patient_key(cx: str) -> str:
    """Opaque key of a patient; the instant a CX may end with does not count."""
    return hashlib.sha256("^".join(cx.split("^")[:5]).encode()).hexdigest()


class Registry:
    """Entries by order of arrival; what one ledger line says, happened."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        durable.make_directory(directory / "documents")
        self._ledger = durable.Ledger(directory / "ledger.jsonl")
        self._entries: dict[str, Entry] = {}
        self._submissions: set[str] = set()
        self._changes: list[Change] = []
        written = self._ledger.lines()
        whole = _whole_submissions(written)
        if whole != written:
            self._ledger.rewrite(whole)
        for line in whole:
            self._apply(line)

    @property
    def ledger(self) -> Path:
        return self._ledger.path

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    def knows_submission(self, submission_id: str) -> bool:
        return submission_id in self._submissions

    def entry(self, entry_uuid: str) -> Entry | None:
        return self._entries.get(entry_uuid)

    def by_unique_id(self, unique_id: str) -> tuple[Entry, ...]:
        return tuple(e for e in self._entries.values() if e.unique_id == unique_id)

    def take(
        self,
        submission_id: str,
        documents: tuple[Taken, ...],
        *,
        patient: str,
        structure_id: str,
        vihf: bytes,
        head: str,
    ) -> None:
        """Keep a submission: files first, then its lines, in one write."""
        now = datetime.now(UTC).isoformat()
        lines = []
        for document in documents:
            name = self._store(document, vihf, head)
            lines.append(
                {
                    "event": "taken",
                    "at": now,
                    "unique_id": document.unique_id,
                    "submission_id": submission_id,
                    "of": len(documents),
                    "entry_uuid": document.entry_uuid,
                    "sha1": sha1(document.content),
                    "size": len(document.content),
                    "patient": patient_key(patient),
                    "structure_id": structure_id,
                    "replaces": document.replaces,
                    "status": APPROVED,
                    "signature": document.signature,
                    "directory": name,
                }
            )
        self._ledger.add(lines)
        for line in lines:
            self._apply(line)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(self._changes)

    def set_status(self, submission_id: str, entry_uuid: str, status: str, *, comments: str, vihf: bytes) -> None:
        """Archive, unarchive or delete."""
        directory = self._directory / "changes" / submission_id
        durable.make_directory(directory)
        durable.write_file(directory / "vihf.xml", vihf)
        durable.flush_directory(directory)
        line = {
            "event": "status",
            "at": datetime.now(UTC).isoformat(),
            "submission_id": submission_id,
            "of": 1,
            "entry_uuid": entry_uuid,
            "unique_id": self._entries[entry_uuid].unique_id,
            "status": status,
            "comments": comments,
            "directory": directory.relative_to(self._directory).as_posix(),
        }
        self._ledger.add([line])
        self._apply(line)

    def _store(self, document: Taken, vihf: bytes, head: str) -> str:
        first = self._directory / "documents" / document.unique_id
        count = len(self.by_unique_id(document.unique_id))
        directory = first if count == 0 else first / f"again-{count + 1}"
        durable.make_directory(directory)
        files = {
            "document.xml": document.content,
            "metadata.xml": document.metadata,
            "vihf.xml": vihf,
            "headers.txt": head.encode(),
        }
        for name, content in files.items():
            durable.write_file(directory / name, content)
        durable.flush_directory(directory)
        return directory.relative_to(self._directory).as_posix()

    def _apply(self, line: dict[str, Any]) -> None:
        self._submissions.add(line["submission_id"])
        if line["event"] == "status":
            entry = self._entries[line["entry_uuid"]]
            self._entries[entry.entry_uuid] = replace(entry, status=line["status"])
            directory = self._directory / line["directory"]
            self._changes.append(Change(entry.unique_id, line["status"], line["comments"], directory))
            return
        if line["replaces"] in self._entries:
            replaced = self._entries[line["replaces"]]
            self._entries[replaced.entry_uuid] = replace(replaced, status=DEPRECATED)
        self._entries[line["entry_uuid"]] = Entry(
            entry_uuid=line["entry_uuid"],
            unique_id=line["unique_id"],
            submission_id=line["submission_id"],
            sha1=line["sha1"],
            size=line["size"],
            patient=line["patient"],
            structure_id=line["structure_id"],
            status=line["status"],
            taken_at=datetime.fromisoformat(line["at"]),
            replaces=line["replaces"],
            signature=line["signature"],
            directory=self._directory / line["directory"],
        )


def _whole_submissions(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of the submissions of which every line is there: the last one may have been cut by a kill."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line["submission_id"]] = counts.get(line["submission_id"], 0) + 1
    return [line for line in lines if counts[line["submission_id"]] == line["of"]]
