"""A software of care behind an MLLP port: takes documents (MDM) and business acknowledgements (ZAM), answers each."""

from connectors.simulators.consumer.messages import Taken
from connectors.simulators.consumer.simulator import ConsumerSimulator

__all__ = ["ConsumerSimulator", "Taken"]
