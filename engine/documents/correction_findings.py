"""What a person must know of a correction: how much was carried over, and what could not be told for sure."""

from __future__ import annotations

from collections.abc import Iterator

from engine.documents.corrected_act import Versions, versions
from engine.documents.report_keys import keyed_acts, organism_key
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument
from engine.model.laboratory import Isolate, LabAct, LaboratoryReport, Result

_LOOK = "Comparer les deux versions avec le laboratoire avant de laisser partir la nouvelle."


def correction_findings(
    before: LaboratoryReport, current: ClinicalDocument, now: LaboratoryReport, carried: int, moved: int
) -> tuple[Finding, ...]:
    """`carried` results come from the version before; `moved` ones were put back in the chapter they had there."""
    given = versions(before, now)
    return (
        *_put_back(moved),
        *_carried_over(current, carried),
        *_full_text(before, now),
        *_fewer_results(given),
        *_moved_results(given),
        *_confirmations(given),
        *_isolates(before, now),
    )


def _put_back(moved: int) -> Iterator[Finding]:
    if moved:
        message = f"Résultats replacés dans le chapitre qu'ils avaient à la version précédente : {moved}."
        yield Finding("merge.put_back", Severity.INFO, "", message, layer="mapping")


def _carried_over(current: ClinicalDocument, carried: int) -> Iterator[Finding]:
    if not carried:
        return
    yield Finding(
        "merge.carried_over",
        Severity.INFO,
        "",
        f"Résultats repris de la version précédente, que la correction n'a pas renvoyés : {carried}.",
        layer="mapping",
    )
    if current.attached_pdf is not None:
        yield Finding(
            "merge.attached_pdf_may_be_partial",
            Severity.WARNING,
            "PDF",
            "Le PDF joint à la correction peut ne pas contenir les résultats repris de la version précédente.",
            "Vérifier avec le laboratoire que son PDF reprend tout le compte rendu.",
            layer="mapping",
        )


def _full_text(before: LaboratoryReport, now: LaboratoryReport) -> Iterator[Finding]:
    if before.full_text is not None and now.full_text is None:
        yield Finding(
            "merge.full_text_not_carried_over",
            Severity.INFO,
            "",
            "Le texte intégral de la version précédente n'est pas repris : il contient les valeurs remplacées.",
            layer="mapping",
        )


def _fewer_results(given: Versions) -> Iterator[Finding]:
    """A test reported several times in one request, of which the correction sends only some."""
    for place, results in given.before.items():
        sent = given.now.get(place, ())
        if sent and len(sent) < len(results):
            yield _held(
                "merge.fewer_results",
                sent[0],
                "La correction renvoie moins de résultats de cet examen que la version précédente.",
            )


def _moved_results(given: Versions) -> Iterator[Finding]:
    """In HPRIM Santé the last result of a test stands for the whole request; a person makes sure it is the same."""
    for (act, key), results in given.before.items():
        if given.is_moved(act, key):
            yield _held(
                "merge.moved_result",
                results[0],
                "Un examen de la version précédente est renvoyé sous une autre demande : il y est remplacé.",
            )


def _confirmations(given: Versions) -> Iterator[Finding]:
    for place, results in given.now.items():
        before = given.before.get(place, ())
        for rank, result in enumerate(results):
            if result.status_as_sent != "U":
                continue
            if rank >= len(before):
                message = "La correction confirme un résultat que la version précédente ne contient pas."
                yield _held("merge.confirmed_result_unknown", result, message)
            elif result.value_as_sent.strip() and result.value != before[rank].value:
                message = "La correction confirme un résultat, mais avec une autre valeur que la version précédente."
                yield _held("merge.confirmed_value_differs", result, message)


def _isolates(before: LaboratoryReport, now: LaboratoryReport) -> Iterator[Finding]:
    """A germ that takes the place of another one cannot be told from a germ added."""
    earlier = {key: act for key, _, act in keyed_acts(before)}
    for key, _, act in keyed_acts(now):
        if key not in earlier:
            continue
        known, sent = _germs(earlier[key]), _germs(act)
        if known.keys() - sent.keys() and (new := [isolate for germ, isolate in sent.items() if germ not in known]):
            yield Finding(
                "merge.isolate_changed",
                Severity.WARNING,
                new[0].origin,
                "La correction nomme un autre germe : on ne sait s'il remplace celui de la version précédente.",
                _LOOK,
                layer="mapping",
                disposition=Disposition.HOLD,
            )


def _germs(act: LabAct) -> dict[str, Isolate]:
    return {organism_key(item.organism): item for item in act.items if isinstance(item, Isolate)}


def _held(code: str, result: Result, message: str) -> Finding:
    return Finding(code, Severity.WARNING, result.origin, message, _LOOK, layer="mapping", disposition=Disposition.HOLD)
