"""Whether a patient's identity is qualified, and with which matricule (RNIV: INSi and a high-confidence document)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.patient import InsField, PatientView
from engine.identity.ins import ins_findings
from engine.model.directory import KnownIdentity
from engine.model.parties import INS_NIA, INS_OIDS, BirthPlace, Ins
from engine.model.values import Timestamp

_KINDS = {"INS-NIR", "INS-NIA"}


@dataclass(frozen=True, slots=True)
class Traits:
    """The strict traits of the patient, as sent or as qualified."""

    birth_name: str | None
    birth_given_names: tuple[str, ...]
    first_given_name: str | None
    birth_time: Timestamp | None
    gender: str | None
    birth_place: BirthPlace | None


def qualified(view: PatientView, traits: Traits, scope: Scope) -> tuple[Ins | None, Traits]:
    """The matricule that may be used, and the traits completed from the identity qualified here.

    A new-born sent under its mother's numbers (8.5.2) takes nothing from the identity known for those numbers.
    """
    sent = _sent(view, traits, scope)
    known = None if view.birth_rank else scope.laboratory.identities.get(view.requester_id)
    if known is None:
        if sent is not None and not sent.qualified:
            scope.remarks.add("identity.ins_not_qualified", view.segment, 12)
        return sent, traits
    if sent is not None and sent.matricule != known.ins.matricule:
        scope.remarks.add("identity.ins_differs", view.segment, 12)
        return None, traits
    differing, missing = _compared(traits, known)
    if differing:
        scope.remarks.add("identity.traits_differ", view.segment, traits=", ".join(differing))
        return None, traits
    if missing:
        scope.remarks.add("identity.traits_incomplete", view.segment, traits=", ".join(missing))
        return sent, traits
    return replace(known.ins, qualified=True), _completed(traits, known)


def _sent(view: PatientView, traits: Traits, scope: Scope) -> Ins | None:
    """8.12 of 2.5, INS-NIR or INS-NIA with its OID; qualified only by a status this sender is trusted for."""
    candidates = {one for field in view.ins if (one := _candidate(view, field, scope)) is not None}
    if len(candidates) > 1:
        scope.remarks.add("identity.several_ins", view.segment, 12)
    if len(candidates) != 1:
        return None
    (ins,) = candidates
    birth_date = traits.birth_time.date if traits.birth_time else None
    place = {"where": view.segment.where(12), "line": view.segment.line}
    findings = ins_findings(ins, gender=traits.gender, birth_date=birth_date, **place)  # type: ignore[arg-type]
    for finding in findings:
        scope.remarks.keep(finding)
    if findings:
        return None
    trusted = view.identity_status in scope.laboratory.trusted_identity_statuses and bool(view.identity_status)
    return replace(ins, qualified=trusted)


def _candidate(view: PatientView, field: InsField, scope: Scope) -> Ins | None:
    if field.kind not in _KINDS:
        kind = field.kind if field.kind in {"INS-C", "INS-A"} else "inconnu"
        scope.remarks.add("identity.ins_type_refused", view.segment, 12, kind=kind)
        return None
    if field.oid not in INS_OIDS:
        scope.remarks.add("identity.ins_oid_unknown", view.segment, 12)
        return None
    if (field.kind == "INS-NIA") != (field.oid == INS_NIA):
        scope.remarks.add("identity.ins_oid_mismatch", view.segment, 12)
        return None
    return Ins(field.value.replace(" ", "").upper(), field.oid, qualified=False)


def _compared(traits: Traits, known: KnownIdentity) -> tuple[list[str], list[str]]:
    """Names of the strict traits that differ, and of those that were not sent."""
    given = {_folded(" ".join(known.birth_given_names)), _folded(next(iter(known.birth_given_names), ""))}
    birth = None if traits.birth_time is None else traits.birth_time.date == known.birth_date.date
    names = traits.birth_given_names
    equal: dict[str, bool | None] = {
        "nom de naissance": _same(traits.birth_name, known.birth_name),
        "prénom": None if traits.first_given_name is None else _folded(traits.first_given_name) in given,
        "prénoms": not names or _folded(" ".join(names)) == _folded(" ".join(known.birth_given_names)),
        "date de naissance": birth,
        "sexe": _same(traits.gender, known.gender),
    }
    return [name for name, same in equal.items() if same is False], [n for n, same in equal.items() if same is None]


def _completed(traits: Traits, known: KnownIdentity) -> Traits:
    city = traits.birth_place.city if traits.birth_place else None
    return replace(
        traits,
        birth_name=known.birth_name,
        birth_given_names=known.birth_given_names,
        first_given_name=next(iter(known.birth_given_names), traits.first_given_name),
        birth_place=BirthPlace(known.birth_cog, city),
    )


def _same(sent: str | None, known: str) -> bool | None:
    return None if sent is None else _folded(sent) == _folded(known)


def _folded(text: str) -> str:
    """Case, accents and typographic apostrophes aside; hyphens are part of a strict trait."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "OE"))
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).upper().split())
