"""IHE_XDM.zip: the document on a virtual medium (IHE ITI TF-2 3.32; Référentiel MSSanté #2, ECO.2.1.1)."""

from __future__ import annotations

import html
import io
import zipfile
from dataclasses import replace
from datetime import UTC

from lxml import etree

from connectors.destinations.mssante.facts import DocumentFacts
from connectors.destinations.mssante.recipients import reply_to
from connectors.destinations.mssante.settings import MssanteSettings
from engine.context import Software, stable_oid
from engine.declarations import Site
from engine.exchange import Order, OrderKind
from engine.xds.authors import author
from engine.xds.ebrim import submit_objects_request
from engine.xds.metadata import content_type_code, document_entry, submission

NAME = "IHE_XDM.zip"
_SUBSET = "IHE_XDM/SUBSET01"
_DOCUMENT = "DOC0001.XML"
_FILE = 0o100644 << 16
"""A plain file that anyone may read: without it, unzipping on a Unix gives files nobody can open."""


def xdm(order: Order, facts: DocumentFacts, settings: MssanteSettings, site: Site) -> bytes:
    """The archive of one document; the same order gives the same bytes. Raises DocumentError on missing metadata."""
    files = (
        ("INDEX.HTM", _index(settings.sender_name, site.software).encode()),
        ("README.TXT", _readme(order, facts, settings, site.software).encode()),
        (f"{_SUBSET}/METADATA.XML", metadata(order, facts, site)),
        (f"{_SUBSET}/{_DOCUMENT}", order.package.cda),
    )
    written = io.BytesIO()
    moment = order.created_at.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files:
            file = zipfile.ZipInfo(name, moment)
            file.create_system, file.external_attr = 3, _FILE
            archive.writestr(file, content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return written.getvalue()


def metadata(order: Order, facts: DocumentFacts, site: Site) -> bytes:
    """METADATA.XML, by the rules that serve the DMP too; hash, size and URI of the file as zipped.

    A document that replaces another carries the action `C`, one to be destroyed `D`. Who must not see it is said as to
    the DMP: the recipient's software obeys it. Without an INS, the patient's own number stands for it. The author of
    the submission is who asks for the sending, else the document's.
    """
    instructions = order.package.instructions
    entry = document_entry(
        order.package.cda,
        symbolic_id="Document01",
        uri=_DOCUMENT,
        visibility=tuple(one.value for one in instructions.visibility),
        masked_and_invisible=True,
    )
    entry = replace(entry, action=_action(order, facts), patient_id=entry.patient_id or entry.source_patient_id)
    asking = author(instructions.requester) if instructions.requester is not None else None
    request = submission(
        (entry,),
        unique_id=stable_oid("xdm", order.id),
        source_id=site.instance_oid,
        submitted_at=order.created_at,
        content_type=content_type_code(order.package.cda),
        authors=(asking,) if asking is not None else (),
    )
    written: bytes = etree.tostring(
        submit_objects_request(request, with_hash=True), xml_declaration=True, encoding="UTF-8"
    )
    return written


def _action(order: Order, facts: DocumentFacts) -> str | None:
    """Extra metadata of the volet Transmission au LPS d'un document CDA-R2 reçu par MSSanté."""
    if order.kind is OrderKind.DELETE:
        return "D"
    return "C" if facts.replaces else None


def _index(sender: str, software: Software) -> str:
    """What a browser shows of the medium: who made it, and a way to everything it holds. No word on the patient."""
    who, made = html.escape(sender), html.escape(f"{software.name} {software.version}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.1//EN" "http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd">\r\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr">\r\n<head>\r\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"/>\r\n'
        "<title>IHE_XDM</title>\r\n</head>\r\n<body>\r\n<h1>Document de santé</h1>\r\n"
        f"<p>Émetteur : {who} ({made})</p>\r\n<ul>\r\n"
        f'<li><a href="{_SUBSET}/{_DOCUMENT}">Document</a></li>\r\n'
        f'<li><a href="{_SUBSET}/METADATA.XML">Métadonnées</a></li>\r\n'
        '<li><a href="README.TXT">README.TXT</a></li>\r\n</ul>\r\n</body>\r\n</html>\r\n'
    )


def _readme(order: Order, facts: DocumentFacts, settings: MssanteSettings, software: Software) -> str:
    sections = (
        (
            "Emetteur",
            ("Nom", settings.sender_name),
            ("Organisme", facts.custodian),
            ("Adresse", facts.custodian_address),
            ("Téléphone", facts.custodian_phone),
            ("Messagerie", reply_to(order, settings) or settings.sender),
        ),
        (
            "Application de l'émetteur",
            ("Nom", software.name),
            ("Version", software.version),
            ("Editeur", software.editor),
        ),
        (
            "Instructions",
            ("Lecture", "ouvrir INDEX.HTM dans un navigateur"),
            ("Intégration", "le logiciel du destinataire lit le dossier IHE_XDM"),
        ),
        (
            "Arborescence",
            ("INDEX.HTM", "page d'accueil"),
            ("README.TXT", "ce fichier"),
            (f"{_SUBSET}/METADATA.XML", "métadonnées du document"),
            (f"{_SUBSET}/{_DOCUMENT}", "document (CDA R2)"),
        ),
    )
    return "\r\n".join(line for title, *rows in sections for line in (title, *_lines(rows), ""))


def _lines(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {name} : {value}" for name, value in rows if value]
