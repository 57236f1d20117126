"""The document a message carries, against the message: same patient, same identifier, same action.

Only what a sender must be told at once is looked at here; the document itself is validated afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.cda.reading import patient
from engine.errors import DocumentError
from engine.formats.hl7v2.encapsulated import Content, content
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.mail_body import mail_body
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation.actions import Action, actions, uses_orders
from engine.formats.hl7v2.validation.content import Request
from engine.formats.hl7v2.validation.patient import patient_ids
from engine.formats.hl7v2.validation.profile import Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.validation.traits import check_traits
from engine.formats.hl7v2.values import said
from engine.model.parties import INS_OIDS, Patient
from engine.validation.document import HL7, UnreadableDocument, parsed

_HL7 = f"{{{HL7}}}"
_FIRST_VERSION = frozenset({"", "0", "1"})


@dataclass(frozen=True, slots=True)
class Id:
    """An II of the document."""

    root: str
    extension: str

    @property
    def written(self) -> str:
        """As TXA-12 of edition 2.0 has it: root, a dot and the extension."""
        return f"{self.root}.{self.extension}" if self.extension else self.root


@dataclass(frozen=True, slots=True)
class Header:
    """What the message must agree with, from the header of a CDA document."""

    id: Id
    code: str
    patient: tuple[Id, ...]
    """recordTarget/patientRole/id."""
    replaced: tuple[Id, ...]
    """relatedDocument[@typeCode='RPLC']/parentDocument/id."""
    number: str
    """versionNumber."""
    traits: Patient | None
    """recordTarget/patientRole; None when there is none, or more than one."""


def check_documents(message: Message, part: Request, profile: Profile, remarks: Remarks) -> None:
    """Each document of a request, decoded once."""
    for observation in part.documents:
        header = _read(observation, remarks)
        if header is None:
            continue
        _check_patient(message, header, observation, remarks)
        check_traits(message, header.traits, observation, remarks)
        _check_ids(message, header, remarks)
        _check_replacement(header, actions(part, profile), observation, remarks)
        if uses_orders(profile) and header.code != said(observation, "3.1"):
            remarks.add("hl7v2.other_code", observation.path("3.1"))
    for body in (*part.bodies, *part.context):
        if mail_body(message, body) is None:
            remarks.add("hl7v2.mail_body", body.path("5.5"))
        elif content(body).mended:
            remarks.add("hl7v2.base64_padding", body.path("5.5"))


def check_context(part: Request, remarks: Remarks) -> None:
    """Volet L: OBX-3.1 of the mail is its Message-ID, by which its sender is answered."""
    for mail in part.context:
        if "@" not in said(mail, "3.1"):
            remarks.add("hl7v2.message_id", mail.path("3.1"))


def header(cda: bytes) -> Header | None:
    """The header of a CDA document; None when the bytes are not one, or are refused (DOCTYPE, size, depth)."""
    try:
        root = parsed(cda).cda
    except UnreadableDocument:
        return None
    ids = _ids(root, "id")
    codes = root.findall(f"{_HL7}code")
    replaced = [one for one in root.findall(f"{_HL7}relatedDocument") if one.get("typeCode") == "RPLC"]
    roles = root.findall(f"{_HL7}recordTarget/{_HL7}patientRole")
    return Header(
        id=ids[0] if ids else Id("", ""),
        code=(codes[0].get("code") or "") if codes else "",
        patient=_ids(root, "recordTarget", "patientRole", "id"),
        replaced=tuple(found for one in replaced for found in _ids(one, "parentDocument", "id")),
        number=next((one.get("value") or "" for one in root.findall(f"{_HL7}versionNumber")), "").strip(),
        traits=patient(roles[0]) if len(roles) == 1 else None,
    )


def _ids(element: etree._Element, *steps: str) -> tuple[Id, ...]:
    found = element.findall("/".join(f"{_HL7}{one}" for one in steps))
    return tuple(Id((one.get("root") or "").strip(), (one.get("extension") or "").strip()) for one in found)


def _read(observation: Segment, remarks: Remarks) -> Header | None:
    try:
        decoded = _decoded(observation, remarks)
    except DocumentError as error:
        remarks.add(error.code, observation.path("5.5"))
        return None
    found = header(decoded.data)
    if found is None:
        remarks.add("hl7v2.not_cda", observation.path("5.5"))
    return found


def _decoded(observation: Segment, remarks: Remarks) -> Content:
    found = content(observation)
    if found.mended:
        remarks.add("hl7v2.base64_padding", observation.path("5.5"))
    return found


def _check_patient(message: Message, cda: Header, observation: Segment, remarks: Remarks) -> None:
    """The INS of both, when both have one, must be one; else an identifier must be common to both."""
    sent = patient_ids(message)
    if not sent:
        return
    told = {(one.value, one.root) for one in sent}
    written = {(one.extension, one.root) for one in cda.patient}
    national = {one for one in told if one[1] in INS_OIDS}
    national_written = {one for one in written if one[1] in INS_OIDS}
    if national and national_written and not national & national_written:
        remarks.add("hl7v2.other_patient", observation.path("5.5"))
    elif not told & written:
        remarks.add("hl7v2.no_common_id", observation.path("5.5"))
    elif told != written:
        remarks.add("hl7v2.ids_differ", path("PID-3"))


def _check_replacement(cda: Header, asked: frozenset[Action], observation: Segment, remarks: Remarks) -> None:
    """relatedDocument: there when a replacement is asked for, and never the document itself."""
    if Action.REPLACE in asked and not cda.replaced:
        remarks.add("hl7v2.no_replacement_link", observation.path("11"))
    if cda.id in cda.replaced:
        remarks.add("hl7v2.replaces_itself", observation.path("5.5"))
    elif cda.replaced and asked == {Action.SEND}:
        remarks.add("hl7v2.replacement_not_asked", observation.path("11"))
    elif not cda.replaced and asked == {Action.SEND} and cda.number not in _FIRST_VERSION:
        remarks.add("hl7v2.version_without_link", observation.path("5.5"))


def _check_ids(message: Message, cda: Header, remarks: Remarks) -> None:
    """TXA-12 is the document's id; TXA-13 the one it replaces."""
    own, parent = _told(message, "12"), _told(message, "13")
    if own is not None and own != cda.id:
        same = not own.extension and own.root == cda.id.written
        remarks.add("hl7v2.document_id_concatenated" if same else "hl7v2.other_document", path("TXA-12"))
    if parent is not None and cda.replaced and parent not in cda.replaced:
        remarks.add("hl7v2.other_parent", path("TXA-13"))


def _told(message: Message, place: str) -> Id | None:
    value, root = said(message, f"TXA-{place}.1"), said(message, f"TXA-{place}.3")
    if not value:
        return None
    return Id(root, value) if root else Id(value, "")
