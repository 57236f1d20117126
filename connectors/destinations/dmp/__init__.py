"""DMP destination (`type: dmp`): documents to the Dossier Médical Partagé by TD2.1, indirect mode."""

from __future__ import annotations

from connectors.destinations.dmp.destination import DeletionMotive, DmpDestination
from connectors.destinations.dmp.settings import DmpSettings
from engine.declarations import DestinationDeclaration, Site
from engine.exchange import Package

__all__ = ["DESTINATION", "DeletionMotive", "DmpDestination", "DmpSettings"]


def _open(name: str, settings: DmpSettings, site: Site) -> DmpDestination:
    return DmpDestination(settings, site)


def _recipients(package: Package, settings: DmpSettings) -> tuple[str, ...]:
    return ("",)


DESTINATION = DestinationDeclaration(
    name="dmp",
    settings=DmpSettings,
    open=_open,
    needs_ins=lambda settings: True,
    recipients=_recipients,
    takes_partial_reports=False,
)
