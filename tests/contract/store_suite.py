"""What any store must do, sentence by sentence of `engine.ports.Store`.

A store passes when a test class of its own inherits `StoreBehaviours` and says how it is made.
"""

from __future__ import annotations

from tests.contract.store_consents import ConsentBehaviours
from tests.contract.store_conversion import ConversionBehaviours
from tests.contract.store_decisions import DecisionBehaviours
from tests.contract.store_intake import IntakeBehaviours
from tests.contract.store_lanes import LaneBehaviours
from tests.contract.store_sending import SendingBehaviours
from tests.contract.store_versions import VersionBehaviours


class StoreBehaviours(
    IntakeBehaviours,
    ConversionBehaviours,
    SendingBehaviours,
    VersionBehaviours,
    DecisionBehaviours,
    LaneBehaviours,
    ConsentBehaviours,
):
    """All of them."""
