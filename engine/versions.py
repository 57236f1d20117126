"""Which version of a report a draft becomes, given those kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.context import stable_oid
from engine.declarations import Draft
from engine.exchange import OrderKind
from engine.findings import Disposition, Finding, Severity
from engine.model.codec import content_hash
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus, Signature
from engine.model.values import Identifier, Timestamp
from engine.records import DocumentState, History, PriorVersion

_MADE = Timestamp("0001")
"""Stands for "when this document was made" in what a content hash is taken of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make of a draft; `version` is None when there is nothing to make."""

    version: DocumentVersion | None
    previous: ClinicalDocument | None
    """The version to merge with, when this one completes it."""
    content_hash: str
    findings: tuple[Finding, ...] = ()
    position: int = 0
    """Place among all that was asked for the report; 0: the version's own number."""
    again: bool = False
    """True when a document of this very id is kept already, and could not leave."""


def plan(draft: Draft, history: History, message_id: str, instance_oid: str) -> Plan:
    """Number a draft, given what other messages made of its report.

    The content that may leave already makes no new version. A message received before the one that made the latest
    version never becomes the newest. A report that changes patient between two versions is held.
    """
    digest = content_hash(_undated(draft.document))
    latest, ready = history.latest, history.ready
    if draft.version is not None:
        return _as_numbered(draft, draft.version, history, message_id, digest)
    if latest is None:
        alone = (_alone(),) if draft.status is ReportStatus.CORRECTED else ()
        return Plan(_version(draft, 1, None, instance_oid), None, digest, alone)
    if latest.message_id > message_id:
        return Plan(None, None, digest, (newer_version_exists(),))
    if latest.content_hash == digest and latest.state is DocumentState.READY and _seen_alike(draft, latest):
        return Plan(None, None, digest, (_same(),))
    findings = _identity(draft, latest)
    if latest.state is DocumentState.HELD and draft.status is ReportStatus.CORRECTED:
        findings = (*findings, _held())
    before = ready if ready and ready.patient_key == draft.patient_key else None
    number = max(latest.position, latest.version.number) + 1
    version = _version(draft, number, before.version.id if before else None, instance_oid)
    return Plan(version, before.document if before else None, digest, findings)


def hidden_as_before(draft: Draft, history: History) -> Draft:
    """The draft, hidden from whom the version before is when it says nothing of it: a correction, or a call made again,
    never shows a hidden document. Showing it is asked for by itself (`changes_visibility`)."""
    ready, said = history.ready, draft.instructions
    if ready is None or draft.kind is not OrderKind.SEND or said.visibility or said.changes_visibility:
        return draft
    hidden = ready.instructions.visibility
    if not hidden:
        return draft
    return replace(draft, instructions=replace(said, visibility=hidden), findings=(*draft.findings, _stays_hidden()))


def _seen_alike(draft: Draft, latest: PriorVersion) -> bool:
    return set(draft.instructions.visibility) == set(latest.instructions.visibility)


def _as_numbered(draft: Draft, version: DocumentVersion, history: History, message_id: str, digest: str) -> Plan:
    """A document that came with its numbers keeps them; its place among what was asked for the report is ours."""
    latest = history.latest
    deletion = draft.kind is OrderKind.DELETE
    if latest is None:
        unknown = (_unknown_target(),) if deletion or version.replaces is not None else ()
        return Plan(version, None, digest, unknown, position=1)
    if latest.message_id > message_id:
        return Plan(None, None, digest, (newer_version_exists(),))
    same_id = latest.version.id == version.id
    if same_id and latest.kind is draft.kind and latest.state is DocumentState.READY:
        if deletion or latest.content_hash == digest:
            return Plan(None, None, digest, (_same(),))
        return Plan(None, None, digest, (_reused_id(),))
    findings = _identity(draft, latest)
    if not deletion and not same_id and version.replaces is None and latest.state is not DocumentState.REFUSED:
        findings = (*findings, _unlinked())
    if same_id and latest.state is DocumentState.HELD:
        findings = (*findings, _held())
    if deletion and not same_id:
        findings = (*findings, _not_latest())
    if not deletion and version.replaces not in (None, latest.version.id):
        findings = (*findings, _other_target())
    place = max(latest.position, latest.version.number) + 1
    return Plan(version, None, digest, findings, position=place, again=same_id and not deletion)


def _undated(document: ClinicalDocument) -> ClinicalDocument:
    """The document without the instant it was made: sent again at another hour, the same content is the same."""
    made = document.created_at
    start = _MADE if document.act.start == made else document.act.start
    stay = document.encounter
    return replace(
        document,
        created_at=_MADE,
        authors=tuple(replace(one, time=_MADE) if one.time == made else one for one in document.authors),
        legal_authenticator=_unsigned(document.legal_authenticator, made),
        authenticators=tuple(_unsigned(one, made) for one in document.authenticators),
        act=replace(document.act, start=start),
        acts=tuple(replace(one, start=_MADE) if one.start == made else one for one in document.acts),
        encounter=replace(stay, start=_MADE) if stay.start == made else stay,
    )


def _unsigned(signature: Signature, made: Timestamp) -> Signature:
    return replace(signature, time=_MADE) if signature.time == made else signature


def numbered(set_id: Identifier, number: int, replaces: Identifier | None, instance_oid: str) -> DocumentVersion:
    """A version of ours; its id is the same for the same place in the same report."""
    root = stable_oid("document", instance_oid, set_id.root, set_id.extension or "", str(number))
    return DocumentVersion(Identifier(root), set_id, number, replaces)


def _version(draft: Draft, number: int, replaces: Identifier | None, instance_oid: str) -> DocumentVersion:
    return numbered(draft.set_id, number, replaces, instance_oid)


def _identity(draft: Draft, prior: PriorVersion) -> tuple[Finding, ...]:
    if draft.patient_key == prior.patient_key:
        return ()
    return (
        Finding(
            "identity.differs_from_previous_version",
            Severity.ERROR,
            "P",
            "ce numéro de demande a déjà servi pour un autre patient",
            "Vérifiez l'identité et le numéro de demande avec le laboratoire avant toute diffusion.",
            "identity",
            Disposition.HOLD,
        ),
    )


def _alone() -> Finding:
    return Finding(
        "line.correction_without_previous",
        Severity.WARNING,
        "",
        "cette correction complète un compte rendu que Passeur n'a pas reçu",
        "Faites renvoyer le compte rendu complet : une correction peut ne porter que les résultats changés.",
        "line",
        Disposition.HOLD,
    )


def _held() -> Finding:
    return Finding(
        "line.previous_version_held",
        Severity.WARNING,
        "",
        "cette correction complète une version qui est encore retenue",
        "Libérez ou rejouez d'abord la version précédente, puis rejouez ce message.",
        "line",
        Disposition.HOLD,
    )


def newer_version_exists() -> Finding:
    return Finding(
        "line.newer_version_exists",
        Severity.WARNING,
        "",
        "une version plus récente de ce compte rendu a été reçue depuis",
        "Comparez ce message avec la version récente ; s'il y manque un résultat, faites renvoyer le compte rendu.",
        "line",
        Disposition.HOLD,
    )


def _same() -> Finding:
    words = "contenu identique à la version déjà reçue : aucune nouvelle version, aucun nouvel envoi"
    return Finding("line.unchanged", Severity.INFO, "", words, layer="line")


def _stays_hidden() -> Finding:
    words = "la version précédente est masquée dans le DMP : celle-ci l'est de la même façon"
    return Finding("line.visibility_kept", Severity.INFO, "", words, layer="line")


def _unknown_target() -> Finding:
    return Finding(
        "line.unknown_target",
        Severity.WARNING,
        "",
        "le document remplacé ou supprimé n'est pas passé par Passeur : la destination dira si elle le connaît",
        layer="line",
    )


def _other_target() -> Finding:
    return Finding(
        "line.replaces_other",
        Severity.WARNING,
        "relatedDocument",
        "le document remplacé n'est pas la dernière version connue de ce document",
        "Vérifiez l'identifiant du document remplacé chez l'émetteur, puis faites renvoyer le message.",
        "line",
        Disposition.HOLD,
    )


def _unlinked() -> Finding:
    return Finding(
        "line.version_without_link",
        Severity.WARNING,
        "relatedDocument",
        "ce document porte le numéro d'un ensemble déjà connu sans dire quel document il remplace",
        "L'émetteur doit l'envoyer en remplacement (relatedDocument RPLC), ou sous un autre setId.",
        "line",
        Disposition.HOLD,
    )


def _not_latest() -> Finding:
    return Finding(
        "line.deletes_other",
        Severity.WARNING,
        "",
        "la suppression demandée vise une version qui n'est pas la dernière connue de ce document",
        "Vérifiez l'identifiant du document à supprimer chez l'émetteur, puis faites renvoyer le message.",
        "line",
        Disposition.HOLD,
    )


def _reused_id() -> Finding:
    return Finding(
        "line.id_reused",
        Severity.ERROR,
        "",
        "cet identifiant de document a déjà servi pour un autre contenu",
        "L'émetteur doit donner un nouvel identifiant à chaque version d'un document.",
        "line",
        Disposition.REFUSE,
    )
