"""DMP destination (`type: dmp`): documents to the Dossier Médical Partagé by TD2.1, indirect mode; TD3.3c to delete."""

from __future__ import annotations

from connectors.destinations.dmp.destination import DmpDestination
from connectors.destinations.dmp.settings import DeletionMotive, DmpSettings
from engine.declarations import DestinationDeclaration, Site
from engine.exchange import OrderKind, Package

__all__ = ["DESTINATION", "DeletionMotive", "DmpDestination", "DmpSettings"]


def _open(name: str, settings: DmpSettings, site: Site) -> DmpDestination:
    return DmpDestination(settings, site)


def _recipients(package: Package, settings: DmpSettings) -> tuple[str, ...] | None:
    return None if package.instructions.dmp is False else ("",)


DESTINATION = DestinationDeclaration(
    name="dmp",
    settings=DmpSettings,
    open=_open,
    needs_ins=lambda settings: True,
    recipients=_recipients,
    takes_partial_reports=False,
    kinds=frozenset({OrderKind.SEND, OrderKind.DELETE}),
    obeys_opposition=True,
)
