"""What an MSSanté mail that carries documents must be (Référentiel socle MSSanté #2, ECO.2.x; IHE XDM)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulators.cda import CdaHeader, cda_header
from connectors.simulators.mailbox.archive import Archive, Subset, archive
from connectors.simulators.mailbox.header_rules import Envelope, header_problems, reply_problems, text_problems
from connectors.simulators.mailbox.letter import Letter, Part
from connectors.simulators.mailbox.pdf import is_pdfa1
from connectors.simulators.metadata.agreement import agreement_problems
from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.entry_rules import entry_problems
from connectors.simulators.metadata.list_rules import list_problems
from connectors.simulators.metadata.patient_rules import cx_problems
from connectors.simulators.metadata.set_rules import set_problems
from connectors.simulators.metadata.vocabulary import (
    CONFIDENTIALITY,
    HAS_MEMBER,
    PATIENT_ID,
    REPOSITORY_METADATA_ERROR,
)
from connectors.simulators.problems import Problem
from connectors.simulators.sums import size_and_hash_problems

_SUBJECT = re.compile(r"XDM/1\.0/DDM\+(.+)")
_PDF_NAME = re.compile(r"[0-9]{8}_[^_/\\][^/\\]{0,39}_[^/\\]+\.pdf")
ACTION = "urn:action:extraMetadataSlot"


@dataclass(frozen=True, slots=True)
class Document:
    """A CDA found in the archive, with its entry."""

    entry: RegistryObject
    content: bytes
    cda: CdaHeader


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything wrong, and the documents that could be read."""

    problems: tuple[Problem, ...]
    documents: tuple[Document, ...]
    archive: Archive | None


def verdict(
    mail: Letter,
    envelope: Envelope,
    *,
    domains: frozenset[str],
    patient_domains: frozenset[str],
    production: bool,
) -> Verdict:
    """Judge a mail, whole."""
    problems = [*header_problems(mail, envelope), *text_problems(mail)]
    problems += reply_problems(mail, domains, patient_domains)
    zips = [p for p in mail.attachments if p.name.upper() == "IHE_XDM.ZIP"]
    if len(zips) != 1 or zips[0].content_type != "application/zip":
        problems.append(Problem("mail.archive", "une pièce IHE_XDM.zip (application/zip) et une seule attendue"))
        return Verdict(tuple(problems), (), None)
    opened = archive(zips[0].content)
    problems += opened.problems
    documents: list[Document] = []
    for subset in opened.subsets:
        found, wrong = _subset(subset, production)
        documents += found
        problems += wrong
    cdas = [document.cda for document in documents]
    problems += _attachment_problems(mail, cdas)
    if cdas:
        problems += _document_header_problems(mail, cdas)
        problems += _subject_problems(mail.one("subject"), cdas)
        problems += _patient_problems(documents)
        problems += _action_text_problems(mail, documents)
        problems += _recipient_problems(mail, envelope, documents, patient_domains)
    return Verdict(tuple(problems), tuple(documents), opened)


def _action_text_problems(mail: Letter, documents: list[Document]) -> Iterator[Problem]:
    """Who reads the mail must learn what their software learns of the metadata."""
    said = _plain(" ".join(part.content.decode("utf-8", "replace") for part in mail.texts))
    for action, words, name in (("C", "REMPLACE", "remplacement"), ("D", "DETRUI", "suppression")):
        acts = any(document.entry.values(ACTION) == (action,) for document in documents)
        if acts and words not in said:
            yield Problem("mail.action_text", f"le texte ne dit rien du {name} que demandent les métadonnées")
    if len({document.entry.values(ACTION) for document in documents}) > 1:
        yield Problem("xdm.action", "les documents d'un courriel appellent la même action")


def _subset(subset: Subset, production: bool) -> tuple[list[Document], list[Problem]]:
    problems = list(list_problems(subset.submission, allowed=frozenset({HAS_MEMBER})))
    for the_set in subset.submission.sets:
        problems += set_problems(the_set)
    documents = []
    for entry, content in subset.documents:
        problems += entry_problems(entry, both_hidden=True)
        problems += size_and_hash_problems(entry, content)
        for name in ("hash", "size"):
            if len(entry.values(name)) != 1:
                problems.append(Problem(REPOSITORY_METADATA_ERROR, "attendu dans une archive", f"{entry.where}.{name}"))
        try:
            cda = cda_header(content)
        except ValueError as error:
            problems.append(Problem("InvalidDocumentContent", str(error), entry.where))
            continue
        problems += agreement_problems(entry, cda)
        problems += _action_problems(entry, cda)
        if cda.ins:
            problems += cx_problems(entry.identifier(PATIENT_ID), f"{entry.where}.patientId", production=production)
        documents.append(Document(entry, content, cda))
    return documents, problems


def _action_problems(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    action = entry.values(ACTION)
    if action not in ((), ("C",), ("D",)):
        yield Problem("xdm.action", "action C ou D attendue", entry.where)
    elif cda.replaced and not action:
        yield Problem("xdm.action", "le document en remplace un : action C attendue", entry.where)
    elif action == ("C",) and not cda.replaced:
        yield Problem("xdm.action", "action C pour un document qui n'en remplace aucun", entry.where)


def _attachment_problems(mail: Letter, cdas: list[CdaHeader]) -> Iterator[Problem]:
    beside = [p for p in mail.attachments if p.name.upper() != "IHE_XDM.ZIP"]
    pdfs = [p for p in beside if p.content_type == "application/pdf"]
    if len(pdfs) != len(beside):
        yield Problem("mail.attachment", "seuls l'archive et les PDF sont admis en pièces jointes")
    if len(pdfs) != len(cdas):
        yield Problem("mail.pdf", "un PDF par document attendu à côté de l'archive")
    for pdf in pdfs:
        yield from _pdf_problems(pdf)
    contents = [pdf.content for pdf in pdfs]
    for cda in cdas:
        if cda.embedded_pdfs and not any(content in cda.embedded_pdfs for content in contents):
            yield Problem("mail.pdf", "le PDF joint n'est pas celui du document")


def _pdf_problems(pdf: Part) -> Iterator[Problem]:
    if not _PDF_NAME.fullmatch(pdf.name):
        yield Problem("mail.pdf_name", "nom attendu : AAAAMMJJ_type_NOM_prenom.pdf (ECO.2.1.6)")
    if not is_pdfa1(pdf.content):
        yield Problem("mail.pdf", "le PDF joint n'est pas déclaré PDF/A-1")


def _document_header_problems(mail: Letter, cdas: list[CdaHeader]) -> Iterator[Problem]:
    codes = [code.strip() for code in mail.one("x-mss-codecda").split(",")]
    if sorted(codes) != sorted(cda.code.code for cda in cdas):
        yield Problem("mail.codecda", "X-MSS-CODECDA n'est pas la liste des codes des documents", "x-mss-codecda")
    wanted = "O" if all(_is_identified(cda) for cda in cdas) else "N"
    if mail.one("x-mss-ins") != wanted:
        yield Problem("mail.ins", f"X-MSS-INS {wanted} attendu", "x-mss-ins")


def _is_identified(cda: CdaHeader) -> bool:
    return bool(cda.ins and cda.birth_names and cda.given_names and cda.birth_time and cda.gender)


def _subject_problems(subject: str, cdas: list[CdaHeader]) -> Iterator[Problem]:
    match = _SUBJECT.fullmatch(subject)
    if match is None:
        yield Problem("mail.subject", "objet attendu : XDM/1.0/DDM+<libellé> <NOM> <prénom>", "subject")
        return
    first = cdas[0]
    label = first.code.display[:40].strip() if len(cdas) == 1 else f"{len(cdas)} documents"
    words = match.group(1)
    if not words.startswith(f"{label} "):
        yield Problem("mail.subject", "le libellé n'est pas celui du document (40 caractères)", "subject")
        return
    rest = words[len(label) + 1 :]
    names = [_plain(name) for name in first.names]
    name = next((n for n in sorted(names, key=len, reverse=True) if rest.startswith(f"{n} ")), None)
    if name is None:
        yield Problem("mail.subject", "le nom du patient est absent ou n'est pas en majuscules sans accents", "subject")
        return
    given, _, date = rest[len(name) + 1 :].rpartition(" ")
    if not re.fullmatch(r"[0-9][0-9]/[0-9][0-9]/[0-9]{4}", date):
        given, date = rest[len(name) + 1 :], ""
    if not any(_plain(given) in _plain(known) for known in first.given_names) or not given:
        yield Problem("mail.subject", "le prénom n'est pas celui du document", "subject")
    birth = first.birth_time[:8]
    if date and date != f"{birth[6:8]}/{birth[4:6]}/{birth[:4]}":
        yield Problem("mail.subject", "la date n'est pas la date de naissance du document", "subject")


def _plain(name: str) -> str:
    """Capitals, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", name.upper()) if not unicodedata.combining(c))


def _patient_problems(documents: list[Document]) -> Iterator[Problem]:
    patients = {(document.entry.identifier(PATIENT_ID), document.cda.ins) for document in documents}
    if len(patients) > 1:
        yield Problem("mail.patient", "un courriel ne parle que d'un patient (ECO.2.1.1)")


def _recipient_problems(
    mail: Letter, envelope: Envelope, documents: list[Document], patient_domains: frozenset[str]
) -> Iterator[Problem]:
    patients = [r for r in envelope.recipients if r.lower().rpartition("@")[2] in patient_domains]
    if "x-mss-mes" in mail.headers and not patients:
        yield Problem("mail.header", "X-MSS-MES ne concerne que la messagerie du patient", "x-mss-mes")
    if not patients:
        return
    if len(envelope.recipients) > 1:
        yield Problem("mail.patient", "le courriel au patient n'a pas d'autre destinataire")
    matricules = {matricule for document in documents for _, matricule in document.cda.ins}
    if {r.partition("@")[0] for r in patients} != matricules:
        yield Problem("mail.patient", "la boîte aux lettres n'est pas celle du patient du document")
    for document in documents:
        if "INVISIBLE_PATIENT" in {c.representation for c in document.entry.classified(CONFIDENTIALITY)}:
            yield Problem("mail.patient", "document invisible au patient envoyé au patient")
