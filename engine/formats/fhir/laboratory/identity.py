"""Patient of a laboratory report: the INS leaves only when the identity is qualified, here or by who is trusted."""

from __future__ import annotations

from dataclasses import replace

from engine.context import stable_uuid
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.patient import VALIDATED, PatientRead, patient
from engine.identity.known import compared, completed
from engine.model.directory import KnownIdentity, Laboratory
from engine.model.parties import Ins, Patient


def qualified_patient(node: Node, scope: LabScope) -> Patient:
    """An identity qualified here is found by the requester's number and its traits; else the sender's word counts where
    the laboratory is trusted for it (`trusted_identity_statuses`), with every strict trait."""
    read = patient(node, scope.laboratory.patient_ids_oid, scope.whole)
    who = read.patient
    if who.birth_name is None:
        scope.remarks.add("identity.birth_name_missing", node.at("name"))
    known = _known(who, scope.laboratory)
    if known is None:
        return _as_claimed(read, scope)
    if who.ins is not None and who.ins.matricule != known.ins.matricule:
        scope.remarks.add("identity.ins_differs", node.where)
        return replace(who, ins=None)
    comparison = compared(who, known)
    if comparison.differing:
        scope.remarks.add("identity.traits_differ", node.where, traits=", ".join(comparison.differing))
        return replace(who, ins=None)
    if comparison.missing:
        scope.remarks.add("identity.traits_incomplete", node.where, traits=", ".join(comparison.missing))
        return _as_claimed(read, scope)
    return completed(who, known)


def patient_key(who: Patient, laboratory: Laboratory) -> str:
    """An opaque key, the same as for the other messages of this laboratory about this patient; empty without any
    identifier."""
    by_root = {one.root: one.extension or "" for one in reversed(who.ids)}
    requester = by_root.get(laboratory.requester_patient_ids_oid or "")
    if requester:
        return stable_uuid("patient", laboratory.oid, "ipp", requester, "")
    own = by_root.get(laboratory.patient_ids_oid)
    if own:
        return stable_uuid("patient", laboratory.oid, "lab", own)
    return stable_uuid("patient", who.ids[0].root, who.ids[0].extension or "") if who.ids else ""


def _known(who: Patient, laboratory: Laboratory) -> KnownIdentity | None:
    """A new-born's numbers may be its mother's: it takes nothing from the identity known for them."""
    if who.multiple_birth_order is not None:
        return None
    root = laboratory.requester_patient_ids_oid
    numbers = (one.extension or "" for one in who.ids if root is not None and one.root == root)
    return next((laboratory.identities[one] for one in numbers if one in laboratory.identities), None)


def _as_claimed(read: PatientRead, scope: LabScope) -> Patient:
    who = read.patient
    if who.ins is None:
        return who
    ins: Ins = replace(who.ins, qualified=_is_trusted(read, scope))
    if not ins.qualified:
        scope.remarks.add("identity.ins_not_qualified", read.where)
    return replace(who, ins=ins)


def _is_trusted(read: PatientRead, scope: LabScope) -> bool:
    trusted = scope.laboratory.trusted_identity_statuses
    if read.statuses != {VALIDATED} or VALIDATED not in trusted:
        return False
    who = read.patient
    wanted = {
        "nom de naissance": who.birth_name,
        "premier prénom": who.first_given_name,
        "prénoms": who.birth_given_names,
        "date de naissance": who.birth_time,
        "sexe": who.gender in {"F", "M"},
        "lieu de naissance": who.birth_place and who.birth_place.cog,
    }
    missing = [name for name, sent in wanted.items() if not sent]
    if missing:
        scope.remarks.add("identity.qualified_without_traits", read.where, traits=", ".join(missing))
    return not missing
