"""Header lines 1 to 8 → the patient. Sex and birth name are not in the file and are never deduced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from engine.context import stable_uuid
from engine.findings import Finding
from engine.formats.hprim.medecin.dates import four_digit_date, has_short_year
from engine.formats.hprim.medecin.header import Header
from engine.formats.hprim.policy import finding
from engine.formats.terminology.words import folded
from engine.model.directory import KnownIdentity, Laboratory
from engine.model.parties import BirthPlace, Patient
from engine.model.values import Address, Identifier, Timestamp

_PATIENT_CODE = re.compile(r"^[\w./-]{1,16}$", re.ASCII)
_CIVILITIES = {
    "M": "M", "M.": "M", "MR": "M", "MR.": "M", "MONSIEUR": "M", "MME": "MME", "MME.": "MME", "MADAME": "MME",
    "MLE": None, "MLLE": None, "MELLE": None, "MADEMOISELLE": None,
}  # fmt: skip
_OLDEST_YEAR = 1870
"""Nobody alive was born before."""
_POSTAL = re.compile(r"^(\d{5})(?:\s+(.*))?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identified:
    """The patient of a dossier."""

    patient: Patient
    key: str
    """Opaque: the same patient at the same laboratory has the same, another spelling has another."""
    findings: tuple[Finding, ...]
    known: bool
    """True when a qualified identity of the site was recognised: sex and birth name come from it."""


def identified(head: Header, laboratory: Laboratory, received: datetime) -> Identified:
    """The patient as sent, completed by the site's own qualified identity when every trait sent equals it.

    Source → target: line 1 → ids (laboratory's root) · 2 → used name (usual or birth name is not said) · 3 → used given
    name · 4–6 → address · 7 → birth time. Line 8 (NIR) goes nowhere: it may be the insured person's.
    """
    found: list[Finding] = []
    name, prefix = _without_civility(head.name)
    given, other_prefix = _without_civility(head.given_name)
    code = head.patient_code if _PATIENT_CODE.match(head.patient_code) else ""
    birth = _birth(head, laboratory, received, found)
    _check(head, laboratory, found, name=name, given=given, code=code)
    patient = Patient(
        ids=(Identifier(laboratory.patient_ids_oid, code),) if code else (),
        ins=None,
        birth_name=None,
        used_name=name or None,
        birth_given_names=(),
        first_given_name=None,
        used_given_name=given or None,
        gender=None,
        birth_time=birth,
        addresses=_addresses(head),
        prefix=prefix or other_prefix,
    )
    key = stable_uuid("patient", laboratory.oid, code, folded(name), folded(given), birth.value if birth else "")
    known = laboratory.identities.get(code) if code else None
    if known is None:
        found.append(finding("identity.birth_name_missing", "H.2", laboratory, line=head.line(2)))
        return Identified(patient, key, tuple(found), False)
    differing = _differing(patient, known)
    if differing:
        words = ", ".join(differing)
        found.append(finding("identity.traits_differ", "H.1", laboratory, line=head.line(1), traits=words))
        return Identified(patient, key, tuple(found), False)
    return Identified(_completed(patient, known), key, tuple(found), True)


def _check(head: Header, laboratory: Laboratory, found: list[Finding], *, name: str, given: str, code: str) -> None:
    missing = (
        (not name, "identity.name_missing", 2),
        (not given, "identity.given_name_missing", 3),
        ("\ufffd" in head.name + head.given_name, "identity.name_damaged", 2),
        (not code, "hprim.patient_code_missing", 1),
        (bool(head.nir.strip("0 .")), "hprim.nir_not_carried", 8),
    )
    found += [finding(rule, f"H.{line}", laboratory, line=head.line(line)) for wrong, rule, line in missing if wrong]


def _birth(head: Header, laboratory: Laboratory, received: datetime, found: list[Finding]) -> Timestamp | None:
    def remark(code: str) -> None:
        found.append(finding(code, "H.7", laboratory, line=head.line(7)))

    if not head.birth_date:
        remark("identity.birth_date_missing")
        return None
    birth = four_digit_date(head.birth_date)
    if birth is None or birth.year < _OLDEST_YEAR:
        remark("identity.birth_century_missing" if has_short_year(head.birth_date) else "identity.birth_date_invalid")
        return None
    if birth > received.date():
        remark("identity.birth_date_in_future")
    return Timestamp(f"{birth:%Y%m%d}")


def _without_civility(words: str) -> tuple[str, str | None]:
    """A name without the civility that some laboratories put before it; the civility is no sign of sex."""
    first, _, rest = words.partition(" ")
    if rest.strip() and first.upper() in _CIVILITIES:
        return rest.strip(), _CIVILITIES[first.upper()]
    return words, None


def _addresses(head: Header) -> tuple[Address, ...]:
    match = _POSTAL.match(head.city)
    postal, city = (match.group(1), (match.group(2) or "").strip()) if match else (None, head.city)
    if not (head.address or postal or city):
        return ()
    return (Address(head.address, postal, city or None, use="H"),)


def _differing(patient: Patient, known: KnownIdentity) -> tuple[str, ...]:
    """Traits that were sent and are not those of the known identity; a trait not sent differs too."""
    names = {folded(known.birth_name), folded(known.used_name or "")} - {""}
    births = known.birth_given_names
    givens = {folded(given) for given in (*births[:1], " ".join(births), known.used_given_name or "")} - {""}
    return tuple(
        trait
        for trait, same in (
            ("nom", folded(patient.used_name or "") in names),
            ("prénom", folded(patient.used_given_name or "") in givens),
            ("date de naissance", patient.birth_time == known.birth_date),
        )
        if not same
    )


def _completed(patient: Patient, known: KnownIdentity) -> Patient:
    return Patient(
        ids=patient.ids,
        ins=known.ins,
        birth_name=known.birth_name,
        used_name=known.used_name,
        birth_given_names=known.birth_given_names,
        first_given_name=known.birth_given_names[0] if known.birth_given_names else None,
        used_given_name=known.used_given_name,
        gender=known.gender,
        birth_time=known.birth_date,
        birth_place=BirthPlace(known.birth_cog),
        addresses=patient.addresses,
        prefix=patient.prefix,
    )
