"""An identity that a structure's software sends as qualified, believed only under the contract the structure signed
(RNIV, rule 30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.model.directory import IdentityContract
from engine.model.parties import Ins


def under_contract(claimed: Ins, contract: IdentityContract | None, *, says_qualified: bool, today: date) -> Ins:
    """The matricule, qualified when the sender says so and a contract covers that day; else a claim to verify."""
    return replace(claimed, qualified=says_qualified and contract is not None and contract.covers(today))
