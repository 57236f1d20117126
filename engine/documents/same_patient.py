"""Whether two versions of one report speak of the same patient: no merge otherwise."""

from __future__ import annotations

import unicodedata

from engine.findings import Disposition, Finding, Severity
from engine.model.parties import Patient


def identity_findings(previous: Patient, current: Patient) -> tuple[Finding, ...]:
    """One finding that holds the document, as soon as one trait known on both sides differs."""
    differing = [words for words, before, now in _traits(previous, current) if before and now and before != now]
    if not differing and _identifiers_agree(previous, current):
        return ()
    what = ", ".join(differing) or "identifiant"
    return (
        Finding(
            "identity.differs_from_previous_version",
            Severity.ERROR,
            "patient",
            f"L'identité du patient n'est pas celle de la version précédente du compte rendu ({what}).",
            "Vérifier l'identité auprès du laboratoire avant de laisser partir cette version.",
            layer="identity",
            disposition=Disposition.HOLD,
        ),
    )


def _traits(previous: Patient, current: Patient) -> tuple[tuple[str, str | None, str | None], ...]:
    return (
        ("nom de naissance", _plain(previous.birth_name), _plain(current.birth_name)),
        ("nom", _plain(_any_name(previous)), _plain(_any_name(current))),
        ("prénom", _plain(_any_given_name(previous)), _plain(_any_given_name(current))),
        ("date de naissance", _birth_day(previous), _birth_day(current)),
        ("sexe", previous.gender, current.gender),
        ("matricule INS", _matricule(previous), _matricule(current)),
    )


def _any_name(patient: Patient) -> str | None:
    return patient.birth_name or patient.used_name


def _any_given_name(patient: Patient) -> str | None:
    first = patient.birth_given_names[0] if patient.birth_given_names else None
    return patient.first_given_name or first or patient.used_given_name


def _birth_day(patient: Patient) -> str | None:
    return None if patient.birth_time is None else patient.birth_time.digits[:8]


def _matricule(patient: Patient) -> str | None:
    return None if patient.ins is None else patient.ins.matricule


def _identifiers_agree(previous: Patient, current: Patient) -> bool:
    """Identifiers of one authority: at least one is the same on both sides."""
    roots = {identifier.root for identifier in previous.ids} & {identifier.root for identifier in current.ids}
    return all(
        {identifier for identifier in previous.ids if identifier.root == root}
        & {identifier for identifier in current.ids if identifier.root == root}
        for root in roots
    )


def _plain(name: str | None) -> str | None:
    """Letters and digits only, without accents or case: how a name is typed is not who it names."""
    if name is None:
        return None
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in decomposed if sign.isalnum()).casefold() or None
