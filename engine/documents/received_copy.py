"""The readable copy of a document that came already made as CDA (Référentiel MSSanté #2, ECO.2.1.5).

Level 1: the PDF it is, byte for byte. Level 3: its own copy (section FR-Document-PDF-copie), else its header and its
text laid out by us.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from engine.cda.codes import PDF_COPY, PDF_COPY_SECTION
from engine.cda.xml import V3, Element, xpath_of
from engine.context import Software
from engine.documents.received_narrative import NS, narrative
from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.rendering.heading import heading
from engine.rendering.text_lines import wrapped
from engine.rendering.typesetting import Data, pdf_a

PDF = "application/pdf"
_SENDER = "Faire corriger le document par le logiciel émetteur, puis le renvoyer."


@dataclass(frozen=True, slots=True)
class Copy:
    pdf: bytes
    made_here: bool
    """False: the sender's own PDF."""
    findings: tuple[Finding, ...] = ()


def copy(root: Element, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Copy:
    """The copy of a ClinicalDocument. Raises DocumentError when it has no body, or when its PDF cannot be decoded."""
    body = root.find("v3:component/v3:nonXMLBody/v3:text", NS)
    if body is not None:
        return _of_file(body, document, version, software)
    structured = root.find("v3:component/v3:structuredBody", NS)
    if structured is None:
        raise _refused("received.no_body", "Le document n'a pas de corps.", "component")
    own = _own_copy(structured)
    if own is not None:
        return Copy(_decoded(own), made_here=False)
    told = narrative(structured)
    kinds = ", ".join(dict.fromkeys(told.media))
    lacking = (_not_shown(kinds, Severity.WARNING, Disposition.PUBLISH),) if kinds else ()
    return Copy(_laid_out(tuple(told.lines), document, version, software), made_here=True, findings=lacking)


def _of_file(body: Element, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Copy:
    kind = (body.get("mediaType") or "text/plain").strip().lower()
    if kind == PDF:
        return Copy(_decoded(body), made_here=False)
    if kind.startswith("text/plain"):
        words = _text(body)
        return Copy(_laid_out(tuple(words.splitlines()), document, version, software), made_here=True)
    lines = (f"Le contenu de ce document ({kind}) se trouve dans le fichier CDA ; il n'est pas reproduit ici.",)
    finding = _not_shown(kind, Severity.ERROR, Disposition.HOLD)
    return Copy(_laid_out(lines, document, version, software), made_here=True, findings=(finding,))


def _own_copy(structured: Element) -> Element | None:
    """The one PDF of the section that holds the copy; none, when there is no such section or it holds several."""
    sections = [
        one
        for one in structured.iter(f"{{{V3}}}section")
        if _is_copy(one.find("v3:code", NS), one.findall("v3:templateId", NS))
    ]
    found = [
        value
        for section in sections
        for value in section.iterfind(".//v3:observationMedia/v3:value", NS)
        if (value.get("mediaType") or "").strip().lower() == PDF
    ]
    return found[0] if len(found) == 1 else None


def _is_copy(code: Element | None, templates: list[Element]) -> bool:
    coded = code is not None and (code.get("code"), code.get("codeSystem")) == (PDF_COPY.code, PDF_COPY.system)
    return coded or any(one.get("root") in PDF_COPY_SECTION for one in templates)


def _decoded(element: Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error:
        where = xpath_of(element)
        raise _refused("received.pdf_damaged", "Le PDF porté par le document est abîmé.", where) from None


def _text(element: Element) -> str:
    if (element.get("representation") or "").upper() != "B64":
        return str(element.xpath("string()"))
    content = _decoded(element)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _laid_out(
    lines: tuple[str, ...], document: ClinicalDocument, version: DocumentVersion, software: Software
) -> bytes:
    data: dict[str, Data] = {
        **heading(document, version, software),
        "software": f"Copie lisible produite à partir du document reçu ({software.name} {software.version})",
        "text": wrapped(lines),
    }
    return pdf_a("text.typ", data, document.created_at)


def _not_shown(kinds: str, severity: Severity, disposition: Disposition) -> Finding:
    return Finding(
        "received.media_not_shown",
        severity,
        "component",
        f"La copie lisible ne montre pas tout le document : {kinds} reste dans le seul fichier CDA.",
        "Demander à l'émetteur de joindre au document sa copie en PDF.",
        layer="pdf",
        disposition=disposition,
    )


def _refused(code: str, message: str, where: str) -> DocumentError:
    finding = Finding(code, Severity.ERROR, where, message, _SENDER, "pdf", Disposition.REFUSE)
    return DocumentError(code, message, where=where, findings=(finding,))
