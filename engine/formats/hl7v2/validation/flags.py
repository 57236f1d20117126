"""The indicators of a document: who may see it, where it is to go (table MetaDMPMSS of the volet T)."""

from __future__ import annotations

from engine.formats.hl7v2.path import Path
from engine.formats.hl7v2.rules import Grade
from engine.formats.hl7v2.validation.actions import Action, actions
from engine.formats.hl7v2.validation.content import DELIVERY_FLAGS, FLAGS, LOT, Request
from engine.formats.hl7v2.validation.matrix import Matrix, in_matrix
from engine.formats.hl7v2.validation.profile import Flow, Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said

_NAMED_SINCE = (2, 0)
"""Edition from which the indicators have their present names, and recipients are in PRT."""
_ORDERED_SINCE = (2, 1)
_NOT_IN_12 = frozenset({"ACK_RECEPTION", "ACK_LECTURE_MSS"})


def check_flags(part: Request, profile: Profile, matrix: Matrix, remarks: Remarks) -> None:
    """One request's indicators, each and together."""
    _check_present(part, profile, remarks)
    for name in FLAGS:
        _check_values(part, name, remarks)
    for flag in part.flags:
        if flag.sent != flag.name and (profile.flow is Flow.DELIVERY or profile.edition >= _NAMED_SINCE):
            remarks.add("hl7v2.flag_alias", flag.segment.path("3.1"), flag=flag.name)
    for other in part.others:
        if said(other, "3.1").upper() != LOT:
            remarks.add("hl7v2.observation_unknown", other.path("3.1"))
    if profile.flow is Flow.TRANSMISSION:
        _check_order(part, profile, remarks)
        _check_together(part, profile, remarks)
        if matrix is not Matrix.OFF and not in_matrix(part):
            remarks.add("hl7v2.mss_matrix", _at(part), grade=Grade.FATAL if matrix is Matrix.REJECT else Grade.ODD)


def _check_present(part: Request, profile: Profile, remarks: Remarks) -> None:
    wanted = DELIVERY_FLAGS if profile.flow is Flow.DELIVERY else FLAGS
    sent = {flag.name for flag in part.flags}
    for name in wanted:
        if name not in sent and not (name in _NOT_IN_12 and profile.edition < _NAMED_SINCE):
            remarks.add("hl7v2.flag_missing", Path("OBX"), flag=name)


def _check_values(part: Request, name: str, remarks: Remarks) -> None:
    same = [flag for flag in part.flags if flag.name == name]
    for flag in same:
        if flag.value not in {"Y", "N"}:
            remarks.add("hl7v2.flag_value", flag.segment.path("5.1"), flag=name)
    if len(same) > 1:
        contradicted = len({flag.value for flag in same}) > 1
        code = "hl7v2.flag_contradicted" if contradicted else "hl7v2.flag_repeated"
        remarks.add(code, same[1].segment.path("5.1"), flag=name)


def _check_order(part: Request, profile: Profile, remarks: Remarks) -> None:
    ranks = [FLAGS.index(flag.name) for flag in part.flags]
    if ranks != sorted(ranks) and profile.edition >= _ORDERED_SINCE:
        remarks.add("hl7v2.flag_order", _at(part))


def _check_together(part: Request, profile: Profile, remarks: Remarks) -> None:
    mailed, hidden = part.flag("DESTMSSANTEPAT") == "Y", part.flag("INVISIBLE_PATIENT") == "Y"
    if mailed and hidden:
        remarks.add("hl7v2.hidden_and_mailed", _at(part, "DESTMSSANTEPAT"))
    destinations = ("DESTDMP", "DESTMSSANTEPS", "DESTMSSANTEPAT")
    if part.flags and not any(part.flag(name) == "Y" for name in destinations):
        remarks.add("hl7v2.no_destination", _at(part, "DESTDMP"))
    if part.flag("MODIF_CONF_CODE") == "Y" and Action.REPLACE not in actions(part, profile):
        remarks.add("hl7v2.visibility_change", _at(part, "MODIF_CONF_CODE"))


def _at(part: Request, name: str = "") -> Path:
    named = [flag for flag in part.flags if not name or flag.name == name]
    return named[0].segment.path("5.1") if named else Path("OBX")
