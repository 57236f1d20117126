"""The biologist who validated (AUTHEN): IHE PaLM 1.3.6.1.4.1.19376.1.3.3.1.5, FR-Participant."""

from __future__ import annotations

from engine.cda.codes import VALIDATION
from engine.cda.datatypes import null, pn, template_ids
from engine.cda.parties import identity
from engine.cda.xml import Element, el
from engine.model.parties import Professional
from engine.model.values import Timestamp


def validation(validator: Professional, time: Timestamp | None) -> Element:
    """participant AUTHEN; `time` when the validation itself is dated, UNK otherwise."""
    name = validator.name
    return el(
        "participant",
        template_ids(VALIDATION),
        null("time") if time is None else el("time", el("high", value=time.value)),
        el("participantRole", identity(validator), None if name is None else el("playingEntity", pn(name))),
        typeCode="AUTHEN",
    )
