"""A document message → drafts: one per document, with what its sender asks of the sending."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from engine.context import Context, stable_oid
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage, OrderKind
from engine.findings import Disposition, Finding, Severity, disposition
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.results.conversion import laboratory_of
from engine.formats.hl7v2.transmission.identity import patient_key, qualified
from engine.formats.hl7v2.transmission.instructions import instructions
from engine.formats.hl7v2.transmission.reading import Reading, fatal, readings
from engine.formats.hl7v2.validation.actions import Action, actions
from engine.formats.hl7v2.validation.profile import Profile
from engine.formats.hl7v2.values import said
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus
from engine.model.instructions import Instructions
from engine.model.values import Identifier

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_LONGEST_OID = 64


def convert(
    parsed: Message, profile: Profile, message: InboundMessage, context: Context, judged: tuple[Finding, ...]
) -> Conversion:
    """The documents of a message that nothing refuses; `judged` are all the findings made on it."""
    if disposition(judged) is Disposition.REFUSE:
        return Conversion((), judged)
    found = tuple(one for one in readings(parsed, profile) if one.read is not None)
    drafts = tuple(_draft(one, _beside(one, found), parsed, profile, message, context) for one in found)
    return Conversion(_apart(drafts, found), judged)


def message_findings(parsed: Message, profile: Profile) -> tuple[Finding, ...]:
    """What refuses the message for its documents: no header to share them by, an INS that nobody vouches for, one
    document twice, or beside the one it replaces."""
    found = readings(parsed, profile)
    return (*(finding for one in found for finding in one.findings), *_together(found))


def _together(found: tuple[Reading, ...]) -> Iterator[Finding]:
    """Documents of one message are taken at once: the second of a pair would not find the first."""
    seen: set[Identifier] = set()
    own = {one.read.version.id for one in found if one.read is not None}
    for one in found:
        if one.read is None:
            continue
        version, where = one.read.version, one.observation.path("5.5")
        if version.id in seen:
            yield fatal("hl7v2.document_repeated", where)
        elif version.replaces is not None and version.replaces in own - {version.id}:
            yield fatal("hl7v2.versions_together", where)
        seen.add(version.id)


def _beside(one: Reading, found: tuple[Reading, ...]) -> tuple[ClinicalDocument, ...]:
    """All the documents of one request."""
    return tuple(other.read.document for other in found if other.read is not None and other.request is one.request)


def _draft(
    one: Reading,
    documents: tuple[ClinicalDocument, ...],
    parsed: Message,
    profile: Profile,
    message: InboundMessage,
    context: Context,
) -> Draft:
    assert one.read is not None
    document, version = one.read.document, one.read.version
    document = replace(document, patient=qualified(document.patient, parsed))
    asked = actions(one.request, profile)
    asks, left_out = instructions(parsed, one.request, documents, replacing=asked == {Action.REPLACE})
    asks, kept_from_dmp = _for_dmp(asks, version, str(one.observation.path("5.5")))
    kind = OrderKind.DELETE if asked == {Action.DELETE} else OrderKind.SEND
    laboratory = laboratory_of(parsed.segments[0], message.sender, context)
    return Draft(
        set_id=version.set_id,
        status=_status(asked, version),
        document=document,
        findings=(*left_out, *kept_from_dmp),
        patient_key=patient_key(parsed, document.patient, laboratory, message.received_at),
        test=said(parsed, "MSH-11.1").upper() in {"T", "D"},
        version=version,
        kind=kind,
        instructions=asks,
    )


def _status(asked: frozenset[Action], version: DocumentVersion) -> ReportStatus:
    """CORRECTED for whatever speaks of an earlier document, a deletion included: it waits for that one."""
    about_another = asked != {Action.SEND} and bool(asked)
    return ReportStatus.CORRECTED if about_another or version.replaces is not None else ReportStatus.FINAL


def _for_dmp(asks: Instructions, version: DocumentVersion, where: str) -> tuple[Instructions, tuple[Finding, ...]]:
    """The DMP knows a document by an OID without extension (volet T 2.1, TXA-12): another one is not sent there."""
    own = version.id
    fits = own.extension is None and len(own.root) <= _LONGEST_OID and _OID.fullmatch(own.root) is not None
    if fits or asks.dmp is False:
        return asks, ()
    finding = Finding(
        "hl7v2.dmp_needs_oid",
        Severity.ERROR,
        where,
        "Le DMP n'accepte qu'un identifiant formé d'un OID seul : le document ne lui est pas envoyé.",
        "Faites donner au document un identifiant formé d'un OID seul, puis renvoyez-le.",
        "format",
        Disposition.PUBLISH,
    )
    return replace(asks, dmp=False), (finding,)


def _apart(drafts: tuple[Draft, ...], found: tuple[Reading, ...]) -> tuple[Draft, ...]:
    """The same content as a file (level 1) and structured (level 3) may bear one set number: each has its own life, so
    each is given a set of its own, the same from one version to the next."""
    counts = Counter(one.set_id for one in drafts)
    places = Counter[tuple[Identifier, int]]()
    kept = []
    for draft, reading in zip(drafts, found, strict=True):
        if counts[draft.set_id] > 1:
            places[draft.set_id, reading.level] += 1
            shared, rank = draft.set_id, places[draft.set_id, reading.level]
            own = Identifier(stable_oid("set", shared.root, shared.extension or "", str(reading.level), str(rank)))
            assert draft.version is not None
            draft = replace(draft, set_id=own, version=replace(draft.version, set_id=own))
        kept.append(draft)
    return tuple(kept)
