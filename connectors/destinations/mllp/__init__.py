"""MLLP: documents (MDM) and business acknowledgements (ZAM) to a software of care, each acknowledged by it.

MLLP cannot ask a peer what it took. The end mark of a frame is sent last, once the engine has recorded that it is about
to be: what fails before it was surely not taken; what fails after it may have been, and `resend_when_uncertain` says
whether the same message, under the same MSH-10, is then sent again.
"""

from connectors.destinations.mllp.destination import MllpDestination
from connectors.destinations.mllp.settings import MllpSettings
from engine.declarations import DestinationDeclaration
from engine.exchange import OrderKind, Package
from engine.model.instructions import Visibility


def _recipients(package: Package, settings: MllpSettings) -> tuple[str, ...] | None:
    """The software itself; nobody for a document hidden from professionals, whose software it is."""
    return None if Visibility.MASQUE_PS in package.instructions.visibility else ("",)


DESTINATION = DestinationDeclaration(
    name="mllp",
    settings=MllpSettings,
    open=MllpDestination,
    needs_ins=lambda settings: False,
    recipients=_recipients,
    kinds=frozenset(OrderKind),
)
