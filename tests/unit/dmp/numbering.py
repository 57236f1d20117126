"""Versions as the engine numbers them, by the engine's own rule."""

from __future__ import annotations

from dataclasses import replace

from engine.declarations import Draft
from engine.model.document import DocumentVersion, ReportStatus
from engine.model.values import Identifier
from engine.records import DocumentState, History, PriorVersion
from engine.versions import plan
from tests.unit.documents_fixture import DOCUMENT

SET_ID = Identifier("1.2.250.1.999.1.5", "REPORT-1")


def numbered(number: int, instance_oid: str) -> DocumentVersion:
    """The version of that number; each replaces the one before."""
    history = History()
    for position in range(1, number + 1):
        document = replace(DOCUMENT, title=f"Compte rendu {position}")
        draft = Draft(SET_ID, ReportStatus.FINAL, document)
        made = plan(draft, history, f"message-{position}", instance_oid)
        assert made.version is not None
        prior = PriorVersion(
            document_id=f"document-{position}",
            message_id=f"message-{position}",
            version=made.version,
            state=DocumentState.READY,
            status=ReportStatus.FINAL,
            patient_key="",
            content_hash=made.content_hash,
            document=document,
        )
        history = History(prior, prior)
    assert history.latest is not None
    return history.latest.version
