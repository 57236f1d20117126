"""A document that came already made as CDA: judged like any other, sent byte for byte as it came."""

from __future__ import annotations

from dataclasses import replace

from engine.cda.reading import read
from engine.context import Software
from engine.declarations import DocumentType, Rendered
from engine.documents.received_copy import copy
from engine.documents.same_patient import identity_findings
from engine.errors import DocumentError
from engine.findings import Finding
from engine.model.document import ClinicalDocument, DocumentVersion, ReceivedCda
from engine.rendering.pdfa import pdfa_findings
from engine.validation.document import UnreadableDocument, parsed

_SENDER = "Faire produire par le logiciel émetteur un PDF/A-1 sans mot de passe ni contenu actif, puis renvoyer."


class _Received:
    name = "received"

    def merge(
        self, previous: ClinicalDocument, current: ClinicalDocument
    ) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
        """What was received is the document; it must be about the same patient as the one before."""
        return current, identity_findings(previous.patient, current.patient)

    def render(self, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Rendered:
        """The bytes as they came, with a readable copy beside them.

        Raises DocumentError, with all findings, when the header lacks what sharing needs, or when there is no copy.
        """
        body = document.body
        if not isinstance(body, ReceivedCda):
            raise DocumentError("cda.wrong_body", "Un document reçu demande ses octets.")
        try:
            root = parsed(body.cda).cda
        except UnreadableDocument as error:
            raise DocumentError(error.finding.code, error.finding.message, findings=(error.finding,)) from None
        read(root, self.name, body)
        found = copy(root, document, version, software)
        told = tuple(replace(one, remedy=_SENDER) for one in pdfa_findings(found.pdf))
        return Rendered(body.cda, found.pdf, (), (*found.findings, *told))


DOCUMENT_TYPE: DocumentType = _Received()
