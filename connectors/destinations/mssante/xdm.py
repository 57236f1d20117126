"""IHE_XDM.zip: the document on a virtual medium (ITI-32; Référentiel MSSanté #2, ECO.2.1.1)."""

from __future__ import annotations

import html
import io
import zipfile
from dataclasses import replace

from lxml import etree

from engine.context import stable_oid
from engine.declarations import Site
from engine.exchange import Order
from engine.xds.ebrim import submit_objects_request
from engine.xds.metadata import content_type_code, document_entry, submission

NAME = "IHE_XDM.zip"
_SUBSET = "IHE_XDM/SUBSET01"
_DOCUMENT = "DOC0001.XML"


def xdm(order: Order, site: Site, sender: str) -> bytes:
    """The archive of one document; the same order gives the same bytes. Raises DocumentError on missing metadata."""
    files = (
        ("INDEX.HTM", _index(site, sender)),
        ("README.TXT", _readme(site, sender)),
        (f"{_SUBSET}/METADATA.XML", metadata(order, site)),
        (f"{_SUBSET}/{_DOCUMENT}", order.package.cda),
    )
    written = io.BytesIO()
    moment = order.created_at.timetuple()[:6]
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def metadata(order: Order, site: Site) -> bytes:
    """METADATA.XML, by the rules that serve the DMP too; hash, size and URI of the file as zipped."""
    entry = document_entry(order.package.cda, symbolic_id="Document01", uri=_DOCUMENT)
    if order.package.version.replaces is not None:
        entry = replace(entry, action="C")
    if entry.patient_id is None:
        entry = replace(entry, patient_id=entry.source_patient_id)
    request = submission(
        (entry,),
        unique_id=stable_oid("xdm", order.id),
        source_id=site.instance_oid,
        submitted_at=order.created_at,
        content_type=content_type_code(order.package.cda),
    )
    element = submit_objects_request(request, with_hash=True)
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def _index(site: Site, sender: str) -> bytes:
    who, software = html.escape(sender), html.escape(f"{site.software.name} {site.software.version}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr"><head><title>IHE_XDM</title></head><body>\n'
        f"<h1>Documents de santé</h1><p>Émetteur : {who} ({software})</p>\n"
        f'<p><a href="{_SUBSET}/{_DOCUMENT}">Document</a> — <a href="{_SUBSET}/METADATA.XML">Métadonnées</a></p>\n'
        '<p><a href="README.TXT">README.TXT</a></p></body></html>\n'
    ).encode()


def _readme(site: Site, sender: str) -> bytes:
    software = site.software
    return (
        f"Emetteur\r\n  {sender}\r\n\r\n"
        f"Application de l'émetteur\r\n  Nom : {software.name}\r\n  Version : {software.version}\r\n"
        f"  Editeur : {software.editor}\r\n\r\n"
        "Instructions\r\n  Ouvrir INDEX.HTM, ou intégrer IHE_XDM/ dans le logiciel du destinataire.\r\n\r\n"
        f"Arborescence\r\n  INDEX.HTM\r\n  README.TXT\r\n  {_SUBSET}/METADATA.XML\r\n  {_SUBSET}/{_DOCUMENT}\r\n"
    ).encode()
