"""Whether a patient's identity is qualified, and with which matricule (RNIV: INSi and a high-confidence document).

PID-32 saying VALI is the sender's word: it counts only for a laboratory trusted for it (`trusted_identity_statuses`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.patient import PatientNumber, PatientView
from engine.identity.ins import ins_findings
from engine.model.directory import KnownIdentity
from engine.model.parties import INS_NIA, INS_OIDS, BirthPlace, Ins
from engine.model.values import Timestamp

VALIDATED = "VALI"
"""PID-32 (table 0445 of PAM France): identity validated."""
_UNFINISHED = frozenset({"PROV", "VIDE"})
"""The sender has not validated the identity; one qualified here may still be it."""
_DOUBTFUL = frozenset(
    {"DOUT", "DOUTE", "DOUA", "FICTI", "FICT", "USUR", "DOUB", "DPOT", "ANOM", "CACH", "COLP", "COLV", "DESA", "INVA"}
)
"""Doubtful, fictitious, usurped, doubled, anonymous, hidden, in collision, deactivated, invalid: nobody's report leaves
under such an identity unseen. Codes of PAM France and their spellings in FR Core."""


@dataclass(frozen=True, slots=True)
class Traits:
    """The strict traits of the patient, as sent or as qualified."""

    birth_name: str | None
    birth_given_names: tuple[str, ...]
    first_given_name: str | None
    birth_time: Timestamp | None
    gender: str | None
    birth_place: BirthPlace | None


def qualified(
    view: PatientView, traits: Traits, known_numbers: tuple[str, ...], scope: Scope
) -> tuple[Ins | None, Traits]:
    """The matricule that may be used, and the traits completed from the identity qualified here.

    `known_numbers` are the local numbers under which an identity may have been qualified here, the surest first.
    """
    if _DOUBTFUL.intersection(view.reliabilities):
        scope.remarks.add("identity.doubtful", view.segment, "32")
    sent = _sent(view, traits, scope)
    identities = scope.laboratory.identities
    known = next((identities[one] for one in known_numbers if one in identities), None)
    if known is None:
        if sent is not None and not sent.qualified:
            scope.remarks.add("identity.ins_not_qualified", view.segment, "3")
        return sent, traits
    if sent is not None and sent.matricule != known.ins.matricule:
        scope.remarks.add("identity.ins_differs", view.segment, "3")
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
    """The INS of PID-3; qualified only by a PID-32 this sender is trusted for, alone, with every strict trait."""
    candidates = {one for number in view.numbers if (one := _candidate(view, number, scope)) is not None}
    if len(candidates) > 1:
        scope.remarks.add("identity.several_ins", view.segment, "3")
    if len(candidates) != 1:
        return None
    (ins,) = candidates
    birth_date = traits.birth_time.date if traits.birth_time else None
    findings = ins_findings(ins, gender=traits.gender, birth_date=birth_date, where=str(view.segment.path("3")))
    for finding in findings:
        scope.remarks.keep(finding)
    return None if findings else replace(ins, qualified=_is_trusted(view, traits, scope))


def _candidate(view: PatientView, number: PatientNumber, scope: Scope) -> Ins | None:
    place = view.segment, number.place
    if number.is_old_ins:
        scope.remarks.add("identity.ins_type_refused", *place, kind=number.kind or "INS-C")
        return None
    if not number.is_ins:
        return None
    if number.oid not in INS_OIDS:
        scope.remarks.add("identity.ins_oid_unknown", *place)
        return None
    if number.kind in {"INS-NIR", "INS-NIA"} and (number.kind == "INS-NIA") != (number.oid == INS_NIA):
        scope.remarks.add("identity.ins_oid_mismatch", *place)
        return None
    return Ins(number.value.replace(" ", "").upper(), number.oid, qualified=False)


def _is_trusted(view: PatientView, traits: Traits, scope: Scope) -> bool:
    contrary = (_UNFINISHED | _DOUBTFUL).intersection(view.reliabilities)
    if VALIDATED not in view.reliabilities or contrary or VALIDATED not in scope.laboratory.trusted_identity_statuses:
        return False
    wanted = {
        "nom de naissance": traits.birth_name,
        "premier prénom": traits.first_given_name,
        "prénoms": traits.birth_given_names,
        "date de naissance": traits.birth_time,
        "sexe": traits.gender in {"F", "M"},
        "lieu de naissance": traits.birth_place and traits.birth_place.cog,
    }
    missing = [name for name, sent in wanted.items() if not sent]
    if missing:
        scope.remarks.add("identity.qualified_without_traits", view.segment, traits=", ".join(missing))
    return not missing


def _compared(traits: Traits, known: KnownIdentity) -> tuple[list[str], list[str]]:
    """Names of the strict traits that differ, and of those that were not sent."""
    given = {_folded(" ".join(known.birth_given_names)), _folded(next(iter(known.birth_given_names), ""))}
    birth = None if traits.birth_time is None else traits.birth_time.date == known.birth_date.date
    names = traits.birth_given_names
    cog = traits.birth_place.cog if traits.birth_place else None
    equal: dict[str, bool | None] = {
        "nom de naissance": _same(traits.birth_name, known.birth_name),
        "prénom": None if traits.first_given_name is None else _folded(traits.first_given_name) in given,
        "prénoms": not names or _folded(" ".join(names)) == _folded(" ".join(known.birth_given_names)),
        "date de naissance": birth,
        "sexe": _same(traits.gender, known.gender),
        "lieu de naissance": cog is None or cog == known.birth_cog,
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


def _folded(words: str) -> str:
    """Case, accents and typographic apostrophes aside; hyphens are part of a strict trait."""
    plain = unicodedata.normalize("NFKD", words.replace("’", "'").replace("œ", "oe").replace("Œ", "OE"))
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).upper().split())


def same_words(one: str, other: str) -> bool:
    """Two names that differ at most by case and accents."""
    return _folded(one) == _folded(other)
