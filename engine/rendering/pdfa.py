"""Whether a PDF may travel as a readable copy: PDF/A-1 (ISO 19005-1), nothing active, nothing outside itself.

These are the checks that can be made without a conforming validator: what the file declares, its fonts, its colours,
its actions. A file that passes them is very likely PDF/A-1; one that fails them is surely not.
"""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.rendering.pdf_objects import Survey, survey

MAX_BYTES = 20_000_000
_MAX_INFLATED_BYTES = 200_000_000
"""All compressed streams together: beyond, a small file is made to exhaust who opens it."""
_PDFA_ID = "{http://www.aiim.org/pdfa/ns/id/}"
_STREAM = re.compile(rb"stream\r?\n")
_ASK_AGAIN = "Demander au laboratoire un PDF/A-1, ou publier sans cette pièce jointe."


def pdfa_findings(pdf: bytes, *, max_bytes: int = MAX_BYTES) -> tuple[Finding, ...]:
    """Every reason why these bytes are no readable copy that may leave; none when they are one. Never raises.

    HOLD where a person may decide otherwise, REFUSE for what nobody should open: encrypted, active or unreadable.
    MSSanté operator rule ECO.2.1.1 asks for PDF/A-1.
    """
    if len(pdf) > max_bytes:
        return (_too_large(f"Le PDF dépasse {max_bytes // 1_000_000} Mo : il n'a pas été examiné."),)
    if not pdf.startswith(b"%PDF-"):
        return (_unreadable("Le fichier n'est pas un PDF : il ne commence pas par « %PDF- »."),)
    if _inflates_beyond(pdf, _MAX_INFLATED_BYTES):
        return (_too_large("Le PDF, une fois décompressé, est démesuré : il n'a pas été examiné."),)
    try:
        with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True) as opened:
            return _findings(opened)
    except pikepdf.PasswordError:
        return (_encrypted(),)
    except Exception:  # a hostile file may make the reader fail in any way; it is then unreadable, whatever the way
        return (_unreadable("Le PDF est illisible : sa structure est abîmée ou incomplète."),)


def _findings(pdf: pikepdf.Pdf) -> tuple[Finding, ...]:
    if len(pdf.pages) == 0:
        return (_unreadable("Le PDF n'a aucune page."),)
    found = survey(pdf)
    findings = [*_damage(pdf), *_safety(found)]
    if pdf.is_encrypted:
        findings.append(_encrypted())
    part, conformance = _declared(pdf)
    if part != "1":
        words = f"se déclare PDF/A-{part}{conformance.lower()}" if part else "ne se déclare pas PDF/A"
        findings.append(_not_pdfa("Metadata/pdfaid:part", f"Le PDF {words} ; un PDF/A-1 est attendu."))
    elif conformance not in ("A", "B"):
        findings.append(_not_pdfa("Metadata/pdfaid:conformance", "Le niveau PDF/A déclaré n'est ni a ni b."))
    else:
        findings.extend(_broken_promises(pdf, found))
    findings.extend(_fonts(found))
    return tuple(findings)


def _damage(pdf: pikepdf.Pdf) -> list[Finding]:
    """The reader mended the file on the way: what is shown may not be all that was written."""
    if not pdf.get_warnings():
        return []
    message = "Le PDF est abîmé ou tronqué : un lecteur doit le réparer pour l'ouvrir, des pages peuvent manquer."
    return [_held("pdf.damaged", "", message, "Vérifier le document page par page, ou le redemander au laboratoire.")]


def _safety(found: Survey) -> list[Finding]:
    findings = []
    if found.scripts:
        message = f"Le PDF contient du code ou une action exécutable ({_listed(found.scripts)})."
        findings.append(_refused("pdf.script", message, "Demander au laboratoire un PDF sans contenu actif."))
    if found.embedded_files:
        message = "Le PDF contient un fichier embarqué, interdit en PDF/A-1."
        findings.append(_held("pdf.embedded_file", "", message, _ASK_AGAIN))
    if found.external_references:
        message = f"Le PDF renvoie à un contenu extérieur ({_listed(found.external_references)})."
        findings.append(_held("pdf.external_reference", "", message, _ASK_AGAIN))
    if found.truncated:
        message = "Le PDF a trop d'objets pour être examiné en entier."
        findings.append(_held("pdf.too_complex", "", message, _ASK_AGAIN))
    return findings


def _broken_promises(pdf: pikepdf.Pdf, found: Survey) -> list[Finding]:
    """A file that declares PDF/A-1 and is not: ISO 19005-1, clauses 6.1.3, 6.1.10, 6.1.13, 6.2.2 and 6.4."""
    findings = []
    if not _has_output_intent(pdf):
        message = "Le PDF se déclare PDF/A-1 sans profil de couleur de sortie."
        findings.append(_not_pdfa("OutputIntents", message))
    if "/ID" not in pdf.trailer:
        findings.append(_not_pdfa("trailer/ID", "Le PDF se déclare PDF/A-1 sans identifiant de fichier."))
    if "/OCProperties" in pdf.Root:
        findings.append(_not_pdfa("OCProperties", "Le PDF se déclare PDF/A-1 et a des calques affichables ou non."))
    if found.lzw:
        findings.append(_not_pdfa("Filter/LZWDecode", "Le PDF se déclare PDF/A-1 et emploie la compression LZW."))
    if found.transparency:
        message = f"Le PDF se déclare PDF/A-1 et emploie la transparence ({_listed(found.transparency)})."
        findings.append(_held("pdf.transparency", "", message, _ASK_AGAIN))
    return findings


def _fonts(found: Survey) -> list[Finding]:
    if not found.fonts_not_embedded:
        return []
    message = f"Le PDF n'embarque pas toutes ses polices ({_listed(found.fonts_not_embedded)})."
    remedy = "Sans elles, un signe peut s'afficher autrement (µ, ≤). " + _ASK_AGAIN
    return [_held("pdf.font_not_embedded", "Resources/Font", message, remedy)]


def _declared(pdf: pikepdf.Pdf) -> tuple[str, str]:
    """(part, conformance) of the XMP metadata; empty when they say nothing readable.

    PDF/A-1 forbids a filter on that stream (ISO 19005-1, 6.7.2), so it is read as it is.
    """
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream) or "/Filter" in metadata:
        return "", ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(metadata.read_raw_bytes().strip(b" \r\n\t\0"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return "", ""
    if root.getroottree().docinfo.internalDTD is not None:
        return "", ""
    return _property(root, "part"), _property(root, "conformance").upper()


def _property(root: etree._Element, name: str) -> str:
    """An XMP property, which may be written as an element or as an attribute."""
    for element in root.iter():
        if element.tag == _PDFA_ID + name:
            return (element.text or "").strip()
        value = element.attrib.get(_PDFA_ID + name) if isinstance(element.tag, str) else None
        if value is not None:
            return str(value).strip()
    return ""


def _has_output_intent(pdf: pikepdf.Pdf) -> bool:
    intents = pdf.Root.get("/OutputIntents")
    if not isinstance(intents, pikepdf.Array):
        return False
    return any(
        isinstance(intent, pikepdf.Dictionary)
        and intent.get("/S") == pikepdf.Name("/GTS_PDFA1")
        and isinstance(intent.get("/DestOutputProfile"), pikepdf.Stream)
        for intent in list(intents)
    )


def _inflates_beyond(pdf: bytes, limit: int) -> bool:
    left = limit
    for start in _STREAM.finditer(pdf):
        inflater = zlib.decompressobj()
        piece = pdf[start.end() : start.end() + 65_536]
        at = start.end()
        try:
            while piece and not inflater.eof:
                inflated = inflater.decompress(piece, 1_000_000)
                left -= len(inflated) + len(piece) - len(inflater.unconsumed_tail)
                if left < 0:
                    return True
                if not inflater.unconsumed_tail:
                    at += 65_536
                piece = inflater.unconsumed_tail or pdf[at : at + 65_536]
        except zlib.error:
            continue
    return False


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown}…" if len(names) > 5 else shown


def _not_pdfa(where: str, message: str) -> Finding:
    return _held("pdf.not_pdfa", where, message, _ASK_AGAIN)


def _encrypted() -> Finding:
    return _refused(
        "pdf.encrypted", "Le PDF est chiffré ou protégé.", "Demander au laboratoire un PDF sans protection."
    )


def _unreadable(message: str) -> Finding:
    return _refused("pdf.unreadable", message, "Demander au laboratoire de renvoyer le document.")


def _too_large(message: str) -> Finding:
    return _refused("pdf.too_large", message, "Demander au laboratoire un PDF plus léger.")


def _refused(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, "", message, remedy, "pdf", Disposition.REFUSE)


def _held(code: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, where, message, remedy, "pdf", Disposition.HOLD)
