"""Folder: documents and business acknowledgements as files, for a software or an archive that reads a directory.

Each file is written whole under a hidden name, flushed, then given its name. The same order gives the same files, of
the same names: a reader that meets one twice meets the same one. A document is whole once its `.json` is there.
"""

from connectors.destinations.folder.destination import FolderDestination
from connectors.destinations.folder.settings import FolderSettings
from engine.declarations import DestinationDeclaration
from engine.exchange import OrderKind, Package


def _recipients(package: Package, settings: FolderSettings) -> tuple[str, ...]:
    return ("",)


DESTINATION = DestinationDeclaration(
    name="folder",
    settings=FolderSettings,
    open=FolderDestination,
    needs_ins=lambda settings: False,
    recipients=_recipients,
    kinds=frozenset(OrderKind),
)
