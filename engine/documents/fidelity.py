"""Does the document say what the report said? Its bytes are read again and every fact is compared.

Nothing here uses the functions that rendered the document: what was written wrongly is not read wrongly the same way.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.cda.xml import parse, xpath_of
from engine.documents.facts import Facts
from engine.documents.reread import Reader
from engine.documents.reread_narrative import shown_in
from engine.documents.told import told_by
from engine.documents.told_narrative import shown_by
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, PdfBody, ReceivedCda
from engine.model.laboratory import LaboratoryReport

_V3 = "{urn:hl7-org:v3}"
_WORDS = {
    "additive": "additif d'un échantillon",
    "code": "code",
    "collector": "préleveur",
    "comment": "commentaire",
    "drug": "résultat d'antibiogramme",
    "flag": "interprétation d'un résultat",
    "germ": "germe",
    "item": "élément du compte rendu",
    "label": "libellé d'un examen",
    "local": "code local",
    "method": "méthode",
    "number": "numéro d'un échantillon",
    "previous": "antériorité",
    "range": "valeurs de référence",
    "reception": "date de réception",
    "result": "résultat",
    "shown_flag": "interprétation affichée",
    "shown_range": "valeurs de référence affichées",
    "shown_unit": "unité affichée",
    "shown_value": "valeur affichée",
    "specimen": "nature d'un échantillon",
    "status": "statut",
    "time": "date",
    "title": "titre",
    "validator": "biologiste valideur",
    "value": "valeur ou unité d'un résultat",
}
_REMEDY = "Ne pas transmettre ce document ; signaler l'écart à l'éditeur avec le message reçu."


def fidelity_findings(document: ClinicalDocument, cda: bytes) -> tuple[Finding, ...]:
    """Every fact of the report that the document tells otherwise, does not tell, or makes up. Any finding refuses.

    Covers the body: values, units, ranges, flags, comments, dates, codes, samples, validators, the narrative, the PDF.
    """
    if isinstance(document.body, ReceivedCda):
        return tuple(_byte_findings(document.body.cda, cda))
    try:
        root = parse(cda)
    except ValueError:
        return (_finding("unreadable", "Le document produit est illisible.", "", ""),)
    if isinstance(document.body, LaboratoryReport):
        return (*_report_findings(document.body, root), *_pdf_findings(document.attached_pdf, root))
    sent = document.body.pdf if isinstance(document.body, PdfBody) else document.attached_pdf
    return tuple(_pdf_findings(sent, root))


def _byte_findings(received: bytes, cda: bytes) -> Iterator[Finding]:
    """A document that came as CDA is the report itself: the bytes that leave are those that came."""
    if cda != received:
        yield _finding("bytes", "Le document n'est plus, octet pour octet, celui de l'émetteur.", "", "")


def _report_findings(report: LaboratoryReport, root: etree._Element) -> Iterator[Finding]:
    reader = Reader(root)
    told, read = told_by(report), reader.read()
    for path in dict.fromkeys((*told.values, *read.values)):
        if told.values.get(path) != read.values.get(path):
            yield _difference(path, told, read)
    for node in reader.broken():
        message = "Une référence du document ne mène à aucun texte."
        yield _finding("broken_reference", message, xpath_of(node), "")
    shown, seen = shown_by(report), shown_in(root)
    for path in dict.fromkeys((*shown, *seen)):
        yield from _narrative(shown.get(path, []), seen.get(path, []), read.place_of(path), told.place_of(path))


def _difference(path: str, told: Facts, read: Facts) -> Finding:
    name = path.rpartition(".")[2].partition("[")[0]
    words = _WORDS.get(name, name)
    if path not in read.values:
        message = f"Le document ne dit pas ce que dit le compte rendu ({words})."
    elif path not in told.values:
        message = f"Le document dit ce que le compte rendu ne dit pas ({words})."
    else:
        message = f"Le document et le compte rendu diffèrent ({words})."
    return _finding(name, message, read.place_of(path), told.place_of(path))


def _narrative(shown: list[str], seen: list[str], where: str, source: str) -> Iterator[Finding]:
    """The same words in the same order: a value beside the wrong test is as wrong as a wrong value."""
    if shown == seen:
        return
    lost, added = Counter(shown) - Counter(seen), Counter(seen) - Counter(shown)
    if lost:
        message = f"Le texte lisible du document omet des éléments du compte rendu ({lost.total()})."
        yield _finding("narrative_missing", message, where, source)
    if added:
        message = f"Le texte lisible du document contient des éléments absents du compte rendu ({added.total()})."
        yield _finding("narrative_extra", message, where, source)
    if not lost and not added:
        message = "Le texte lisible du document présente les éléments du compte rendu dans un autre ordre."
        yield _finding("narrative_order", message, where, source)


def _pdf_findings(sent: bytes | None, root: etree._Element) -> Iterator[Finding]:
    """One PDF, readable, and the sender's own byte for byte when it sent one."""
    found = [
        node
        for node in root.iter(f"{_V3}value", f"{_V3}text")
        if node.get("mediaType") == "application/pdf" and node.get("representation") == "B64"
    ]
    pdf = _decoded(found[0].text or "") if len(found) == 1 else None
    if pdf is None or not pdf.startswith(b"%PDF-"):
        yield _finding("pdf", "Le document ne contient pas un PDF lisible et un seul.", "", "")
    elif sent is not None and pdf != sent:
        yield _finding("pdf", "Le PDF du document n'est pas celui de l'émetteur.", xpath_of(found[0]), "")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        return None


def _finding(code: str, message: str, where: str, source: str) -> Finding:
    return Finding(
        f"fidelity.{code}",
        Severity.ERROR,
        where,
        message,
        _REMEDY,
        layer="fidelity",
        disposition=Disposition.REFUSE,
        source=source or None,
    )
