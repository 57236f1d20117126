"""MSSanté: one secure mail per document and recipient, with IHE_XDM.zip and the readable copy.

A document taken back makes a mail of its own, that asks its recipient to destroy it.
"""

from connectors.destinations.mssante.destination import MssanteDestination
from connectors.destinations.mssante.recipients import PATIENT, recipients
from connectors.destinations.mssante.settings import MssanteSettings
from engine.declarations import DestinationDeclaration
from engine.exchange import OrderKind

DESTINATION = DestinationDeclaration(
    name="mssante",
    settings=MssanteSettings,
    open=MssanteDestination,
    needs_ins=lambda settings: settings.to == PATIENT,
    recipients=recipients,
    kinds=frozenset({OrderKind.SEND, OrderKind.DELETE}),
)
